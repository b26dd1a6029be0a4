"""A service control policy of the account.

AWS Organizations applies it to every principal of a member account except service-linked roles. It limits what identity
policies allow. An administrator of the management account sets it. The emulator has no such policies, so a guardrail
in this form could not be tried. There is an endpoint for it, on the loopback interface only:

    POST /_emulator/service-control-policy
    {"Version": ..., "Statement": [...]} or null, which removes it -> 204

The policy comes on top of FullAWSAccess, so it only takes effect through its denies. The root user of the local AWS plays
the administrator of the management account. No policy applies to this user.
"""

import json

from ministack import app
from ministack.core import iam_evaluator
from ministack.core.iam_evaluator import AuthError, parse_policy_document

from emulator.patching import wrap
from emulator.principal_arns import role_arn_of

PATH = "/_emulator/service-control-policy"
FULL_ACCESS = {"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}
SERVICE_LINKED = ":role/aws-service-role/"


class ServiceControlPolicy(list):
    """Statements of the policies of the account, as the evaluator expects them of a limit."""


_policies: list[ServiceControlPolicy] = []


def apply() -> None:
    wrap(iam_evaluator, "resolve_principal", ("access_key_id", "account_id", "credential"), _limited)
    wrap(app, "_handle_post_body_shortcuts", ("method", "path", "headers", "body", "query_params", "request_id"), _with_endpoint)


def limits(principal_arn: str) -> list[ServiceControlPolicy]:
    """The limits that the policy sets to a principal, given by the ARN of its role or user."""
    return [] if SERVICE_LINKED in principal_arn else list(_policies)


def _with_endpoint(handle_post_body_shortcuts):
    async def handle(method, path, headers, body, query_params, request_id):
        if method == "POST" and path == PATH:
            _set(json.loads(body))
            return 204, {}, b""
        return await handle_post_body_shortcuts(method, path, headers, body, query_params, request_id)

    return handle


def _set(document: dict | None) -> None:
    _policies[:] = [] if document is None else [ServiceControlPolicy(map(parse_policy_document, (FULL_ACCESS, document)))]


def _limited(resolve_principal):
    def resolve(access_key_id, account_id, credential=None):
        principal = resolve_principal(access_key_id, account_id, credential)
        # Only the root user has no policies.
        if not isinstance(principal, AuthError) and principal.policies is not None:
            principal.limits += limits(role_arn_of(principal.arn))
        return principal

    return resolve
