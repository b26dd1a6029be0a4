"""Requests of CloudFormation: the stack that they change, and the role that they pass.

AWS authorizes them on `stack/<name>/<uuid>`, also if the request names only a change set. The emulator checks "*" for
such a request, and the name with a star otherwise. AWS asks for iam:PassRole on the role of a request, and presents the
role as `cloudformation:RoleArn`. The emulator does neither.
"""

from typing import Iterator

from ministack.services.cloudformation import changesets, handlers

from emulator.checks import Check, Request, passed_role

SERVICE = "cloudformation.amazonaws.com"


def checks(request: Request) -> Iterator[Check]:
    role = request.text("RoleARN")
    context = {"cloudformation:RoleArn": role} if role else {}
    yield Check(request.action, _stack_of(request), context)
    if role:
        yield passed_role(role, SERVICE)


def _stack_of(request: Request) -> str:
    stack = handlers._resolve_stack(request.text("StackName"))
    if stack is not None and stack.get("StackStatus") != "DELETE_COMPLETE":
        return stack["StackId"]
    _, change_set = changesets._find_change_set(request.text("ChangeSetName"))
    if not request.text("StackName") and change_set is not None:
        return change_set["StackId"]
    return request.resource
