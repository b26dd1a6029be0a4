"""Roles that an AWS service assumes, for the simulator of the MicroVM service.

AWS services assume roles as a service principal and present aws:SourceAccount and aws:SourceArn, which trust
policies use in conditions. The emulator does not support such callers: a root caller counts as every service and
presents no source. So there is an endpoint for it, on the loopback interface only:

    POST /_emulator/assume-role-as-service
    {"roleArn", "service", "sourceArn"?, "sourceAccount"?, "sessionName", "durationSeconds"?}
    -> 200 {"accessKeyId", "secretAccessKey", "sessionToken", "expiration"} or 403 {"code": "AccessDenied", "message"}

The emulator authorizes calls of the session like those of any other role session.
"""

import json
import time

from ministack.core import iam_evaluator
from ministack.services import iam, sts

from emulator.endpoints import add_post_endpoint
from emulator.patching import existing
from emulator.trust_policies import trust_statements

PATH = "/_emulator/assume-role-as-service"


def apply() -> None:
    existing(iam_evaluator, "_action_matches", ("request_action", "actions", "not_actions"))
    existing(iam_evaluator, "_conditions_met", ("conditions", "ctx"))
    existing(iam_evaluator, "_service_principal_matches", ("principal", "service"))
    existing(sts, "register_session", ("access_key", "session"))
    existing(sts, "_role_id", ("role_arn",))
    existing(iam, "_gen_session_access_key", ())
    existing(iam, "_gen_secret", ())
    existing(iam, "_gen_session_token", ())
    add_post_endpoint(PATH, assume_role)


def assume_role(request: dict) -> tuple[int, dict, bytes]:
    """Credentials of a session of the role, if its trust policy allows the service."""
    if not is_trusted(request):
        message = f"{request['service']} is not authorized to perform: sts:AssumeRole on resource: {request['roleArn']}"
        return json_answer(403, {"code": "AccessDenied", "message": message})
    return json_answer(200, start_session(request))


def is_trusted(request: dict) -> bool:
    """Whether a statement allows the request of the service, and none denies it."""
    context = _context(request)
    effects = {
        statement.get("Effect")
        for statement in trust_statements(request["roleArn"])
        if _applies(statement, request["service"], context)
    }
    return "Allow" in effects and "Deny" not in effects


def _applies(statement: dict, service: str, context: iam_evaluator.EvalContext) -> bool:
    principal = statement.get("Principal", {})
    names_service = principal == "*" or iam_evaluator._service_principal_matches(principal, service)
    actions, not_actions = _as_list(statement.get("Action")), _as_list(statement.get("NotAction"))
    return (
        names_service
        and iam_evaluator._action_matches(context.action, actions, not_actions)
        and iam_evaluator._conditions_met(statement.get("Condition", {}), context)
    )


def _context(request: dict) -> iam_evaluator.EvalContext:
    """The context keys of the service. It has no principal ARN. Keys that it does not present are absent."""
    presented = {
        "aws:sourcearn": request.get("sourceArn"),
        "aws:sourceaccount": request.get("sourceAccount"),
        "aws:principalisawsservice": "true",
        "aws:principalservicename": request["service"],
        "sts:rolesessionname": request["sessionName"],
    }
    return iam_evaluator.EvalContext(
        principal_arn=None,
        principal_type="Service",
        principal_account="",
        action="sts:AssumeRole",
        resource_arn=request["roleArn"],
        region="",
        service_context={key: value for key, value in presented.items() if value is not None},
    )


def start_session(request: dict) -> dict:
    role_arn, session_name = request["roleArn"], request["sessionName"]
    account, role_name = role_arn.split(":")[4], role_arn.rsplit("/", 1)[-1]
    expiration = time.time() + request.get("durationSeconds", 3600)
    access_key, secret, token = iam._gen_session_access_key(), iam._gen_secret(), iam._gen_session_token()
    sts.register_session(
        access_key,
        {
            "Arn": f"arn:aws:sts::{account}:assumed-role/{role_name}/{session_name}",
            "UserId": f"{sts._role_id(role_arn)}:{session_name}",
            "SecretAccessKey": secret,
            "SessionToken": token,
            "Expiration": expiration,
            "AccountId": account,
            "PrincipalType": "AssumedRole",
        },
    )
    return {
        "accessKeyId": access_key,
        "secretAccessKey": secret,
        "sessionToken": token,
        "expiration": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(expiration)),
    }


def _as_list(value) -> list:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def json_answer(status: int, body: dict) -> tuple[int, dict, bytes]:
    return status, {"Content-Type": "application/json"}, json.dumps(body).encode()
