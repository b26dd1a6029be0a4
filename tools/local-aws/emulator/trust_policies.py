"""A trust policy that names the caller is enough for sts:AssumeRole within an account.

AWS treats a trust policy as the resource policy of the role. If it names the calling role itself, the caller
needs no permission for sts:AssumeRole. The emulator requires both. The function role of this library has no
permission for sts:AssumeRole; the resource roles name it in their trust policies.
"""

import json

from ministack.core import iam_evaluator
from ministack.services import iam

from emulator.patching import wrap


def apply() -> None:
    wrap(iam_evaluator, "_resource_policy", ("service", "resource_arn"), _with_trust_policies)


def _with_trust_policies(resource_policy):
    def resource_or_trust_policy(service: str, resource_arn: str):
        if service == "sts" and ":role/" in resource_arn:
            return _trust_policy_as_resource_policy(resource_arn)
        return resource_policy(service, resource_arn)

    return resource_or_trust_policy


def _trust_policy_as_resource_policy(role_arn: str) -> tuple[dict, str]:
    """The trust policy, whose statements have no resource, and the account of the role."""
    statements = [{**statement, "Resource": "*"} for statement in trust_statements(role_arn)]
    return {"Statement": statements}, role_arn.split(":")[4]


def trust_statements(role_arn: str) -> list[dict]:
    """The statements of the trust policy of a role; empty for a role that does not exist."""
    account, name = role_arn.split(":")[4], role_arn.rsplit("/", 1)[-1]
    role = iam._roles.get_scoped(account, None, name) or {}
    document = role.get("AssumeRolePolicyDocument") or {}
    if isinstance(document, str):
        document = json.loads(document)
    statements = document.get("Statement", [])
    return statements if isinstance(statements, list) else [statements]
