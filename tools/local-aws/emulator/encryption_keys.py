"""Customer managed KMS keys of images and launches.

"You must have permission to use the key", says the API, and no more. The actions are those that other services need
from a caller who encrypts with a key of their own. A key that cannot be used is rejected; the message is a guess. A key
that the emulator does not know is accepted, because it may belong to another account.
"""

from typing import Iterator

from ministack.services import kms

from emulator.patching import existing

DATA_ACTIONS = ("kms:DescribeKey", "kms:GenerateDataKey", "kms:Decrypt")


def apply() -> None:
    existing(kms, "_resolve_key", ("key_id_or_arn",))


def arn_of(identifier: str, region: str, account: str) -> str:
    """IAM authorizes on the key, also if the request names an alias."""
    key = kms._resolve_key(identifier)
    if key:
        return key["Arn"]
    if identifier.startswith("arn:"):
        return identifier
    name = identifier if identifier.startswith("alias/") else f"key/{identifier}"
    return f"arn:aws:kms:{region}:{account}:{name}"


def needs(region: str) -> Iterator[tuple[str, dict]]:
    """Action and context of each permission that the caller needs."""
    context = {"kms:viaservice": f"lambda.{region}.amazonaws.com"}
    for action in DATA_ACTIONS:
        yield action, context
    yield "kms:CreateGrant", {**context, "kms:grantisforawsresource": "true"}


def rejection(body: dict) -> str | None:
    """Why the service cannot use the key of a request; None if it can or if there is none."""
    identifier = body.get("kmsKeyIdentifier")
    key = kms._resolve_key(identifier) if isinstance(identifier, str) else None
    if not key or key["KeyState"] == "Enabled":
        return None
    return f"The service is unable to use the KMS key provided: {key['Arn']} is in the state {key['KeyState']}"
