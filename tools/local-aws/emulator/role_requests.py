"""Requests of STS: the keys that trust policies may name.

A trust policy is the resource policy of its role, so sts:AssumeRole is authorized with the keys of the request. The
emulator presents them to the trust policy later, but not to this first check, where a statement such as
`Null sts:ExternalId` must match too.
"""

from typing import Iterator

from emulator.checks import Check, Request

KEYS = {"sts:ExternalId": "ExternalId", "sts:RoleSessionName": "RoleSessionName"}


def checks(request: Request) -> Iterator[Check]:
    context = {key: request.text(name) for key, name in KEYS.items() if request.text(name)}
    yield Check(request.action, request.resource, context)
