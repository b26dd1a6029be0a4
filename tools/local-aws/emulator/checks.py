"""What the modules on requests of single services have in common."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Request:
    action: str
    path: str
    parameters: dict[str, Any]
    region: str
    account: str
    # Where the emulator would authorize it.
    resource: str

    @property
    def operation(self) -> str:
        return self.action.split(":", 1)[1]

    def text(self, name: str) -> str:
        """A parameter; empty if it is absent."""
        value = self.parameters.get(name)
        return value if isinstance(value, str) else ""

    def arn(self, service: str, resource: str) -> str:
        return f"arn:aws:{service}:{self.region}:{self.account}:{resource}"


@dataclass(frozen=True)
class Check:
    action: str
    resource: str
    context: dict = field(default_factory=dict)
    # Whose resource policies count; None for those of the service of the request.
    service: str | None = None


def passed_role(role_arn: str, service: str) -> Check:
    """Permission to pass a role to a service."""
    return Check("iam:PassRole", role_arn, {"iam:PassedToService": service}, service="iam")
