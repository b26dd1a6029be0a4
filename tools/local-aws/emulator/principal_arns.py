"""`aws:PrincipalArn` is the role of a session, with its path.

AWS compares the ARN of the role, independent of the name and type of the session. The emulator compares the ARN
of the session, which lacks the path of the role. An exemption by path would never match.
"""

from ministack.core import iam_evaluator
from ministack.services import iam

from emulator.patching import wrap

ROLE_SESSION = ":assumed-role/"


def apply() -> None:
    wrap(iam_evaluator, "_resolve_condition_key", ("key", "ctx"), _with_roles_as_principals)


def role_arn_of(principal_arn: str) -> str:
    """The ARN of the role of a session. Other principals are returned unchanged."""
    if ROLE_SESSION not in principal_arn:
        return principal_arn
    account = principal_arn.split(":")[4]
    name = principal_arn.split(ROLE_SESSION, 1)[1].split("/", 1)[0]
    role = iam._roles.get_scoped(account, None, name) or {}
    return role.get("Arn") or f"arn:aws:iam::{account}:role/{name}"


def _with_roles_as_principals(resolve_condition_key):
    def resolve(key, ctx):
        # A service that assumes a role has no principal ARN.
        if key.lower() == "aws:principalarn" and ctx.principal_arn is not None:
            return role_arn_of(ctx.principal_arn)
        return resolve_condition_key(key, ctx)

    return resolve
