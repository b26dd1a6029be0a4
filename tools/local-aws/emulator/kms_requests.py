"""Requests of KMS: AWS authorizes them on the key, also if they name an alias. The emulator checks the alias."""

from typing import Iterator

from ministack.services import kms

from emulator.checks import Check, Request


def checks(request: Request) -> Iterator[Check]:
    key = kms._resolve_key(request.text("KeyId")) if request.text("KeyId") else None
    yield Check(request.action, key["Arn"] if key else request.resource)
