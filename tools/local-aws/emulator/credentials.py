"""Credentials of a role, for tests that act as somebody.

On AWS people get a session of a role from IAM Identity Center or a federation. The trust policy of the role names that
provider, which the emulator does not have. There is an endpoint for it, on the loopback interface only:

    POST /_emulator/credentials
    {"roleArn", "sessionName"} -> 200 {"accessKeyId", "secretAccessKey", "sessionToken", "expiration"} or 404

The emulator authorizes calls of the session like those of any other role session.
"""

from ministack.services import iam

from emulator.endpoints import add_post_endpoint
from emulator.service_roles import json_answer, start_session

PATH = "/_emulator/credentials"


def apply() -> None:
    add_post_endpoint(PATH, _credentials)


def _credentials(request: dict) -> tuple[int, dict, bytes]:
    role = iam._roles.get(request["roleArn"].rsplit("/", 1)[-1])
    if role is None or role["Arn"] != request["roleArn"]:
        return json_answer(404, {"message": f"{request['roleArn']} does not exist"})
    return json_answer(200, start_session(request))
