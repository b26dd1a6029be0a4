"""Requests of Lambda functions: the function itself, and the role that it receives.

AWS authorizes on the ARN of the function, however the request names it: by name or by a part of the ARN.
The emulator appends what it finds to `function:`. AWS asks for iam:PassRole on the role of a function. The emulator
does not.
"""

from typing import Iterator

from emulator.checks import Check, Request, passed_role

CREATION = "CreateFunction"


def checks(request: Request) -> Iterator[Check]:
    yield Check(request.action, _function(request))
    role = request.text("Role")
    if role and request.operation in (CREATION, "UpdateFunctionConfiguration"):
        yield passed_role(role, "lambda.amazonaws.com")


def _function(request: Request) -> str:
    if request.operation == CREATION:
        return request.arn("lambda", f"function:{request.text('FunctionName')}")
    # The emulator appends <account>:function:<name>, function:<name>, <name> or <name>:<version> to the prefix.
    prefix, separator, name = request.resource.partition(":function:")
    return f"{prefix}{separator}{name.split('function:')[-1]}"
