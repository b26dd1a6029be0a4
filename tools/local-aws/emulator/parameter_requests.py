"""Requests of Parameter Store: one check for each parameter.

AWS authorizes GetParameters and DeleteParameters on each parameter. The emulator checks "*" for them. It also takes the
ARN of a parameter as a name.
"""

from typing import Iterator

from emulator.checks import Check, Request


def checks(request: Request) -> Iterator[Check]:
    names = request.parameters.get("Names")
    if isinstance(names, list) and names:
        for name in names:
            yield Check(request.action, _arn(request, str(name)))
        return
    name = request.text("Name")
    yield Check(request.action, name if name.startswith("arn:") else request.resource)


def _arn(request: Request, name: str) -> str:
    return name if name.startswith("arn:") else request.arn("ssm", f"parameter/{name.removeprefix('/')}")
