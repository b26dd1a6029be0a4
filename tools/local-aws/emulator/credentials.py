"""Credentials of a role, for tests that act as somebody.

On AWS people get a session of a role from IAM Identity Center or a federation. The trust policy of the role names that
provider, which the emulator does not have. There is an endpoint for it, on the loopback interface only:

    POST /_emulator/credentials
    {"roleArn", "sessionName"} -> 200 {"accessKeyId", "secretAccessKey", "sessionToken", "expiration"} or 404

The emulator authorizes calls of the session like those of any other role session.
"""

import json

from ministack import app
from ministack.services import iam

from emulator.patching import wrap
from emulator.service_roles import json_answer, start_session

PATH = "/_emulator/credentials"


def apply() -> None:
    wrap(app, "_handle_post_body_shortcuts", ("method", "path", "headers", "body", "query_params", "request_id"), _with_endpoint)


def _with_endpoint(handle_post_body_shortcuts):
    async def handle(method, path, headers, body, query_params, request_id):
        if method == "POST" and path == PATH:
            return _credentials(json.loads(body))
        return await handle_post_body_shortcuts(method, path, headers, body, query_params, request_id)

    return handle


def _credentials(request: dict) -> tuple[int, dict, bytes]:
    role = iam._roles.get(request["roleArn"].rsplit("/", 1)[-1])
    if role is None or role["Arn"] != request["roleArn"]:
        return json_answer(404, {"message": f"{request['roleArn']} does not exist"})
    return json_answer(200, start_session(request))
