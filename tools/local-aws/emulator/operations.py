"""The operations of the MicroVM and network connector API, and the resource on which AWS authorizes each."""

import re
from dataclasses import dataclass
from enum import Enum
from urllib.parse import unquote

IMAGES = "/2025-09-09/microvm-images"
MANAGED_IMAGES = "/2025-09-09/managed-microvm-images"
MICROVMS = "/2025-09-09/microvms"
CONNECTORS = "/2026-04-04/network-connectors"
TAGS = "/2017-03-31/tags"


class Resource(Enum):
    """The resource on which an operation is authorized."""

    # No resource type: the policy must use "*".
    ANY = "any"
    IMAGE = "image"
    # A MicroVM has no ARN, so the ARN of its image is used.
    IMAGE_OF_MICROVM = "image of the MicroVM"
    IMAGE_IN_BODY = "image named in the body"
    CONNECTOR = "connector"
    # The ID is not known yet.
    NEW_CONNECTOR = "new connector"
    TAGGED = "tagged resource"


@dataclass(frozen=True)
class Operation:
    name: str
    method: str
    # Braces stand for one segment. The first one is the identifier.
    template: str
    resource: Resource

    @property
    def action(self) -> str:
        return f"lambda:{self.name}"

    def match(self, method: str, raw_path: str) -> list[str] | None:
        """The decoded identifiers in the path; None if the request is not this operation."""
        if method != self.method:
            return None
        pattern = re.sub(r"{}", "([^/]+)", self.template)
        found = re.fullmatch(pattern, raw_path.rstrip("/"))
        return [unquote(segment) for segment in found.groups()] if found else None


_VERSION = f"{IMAGES}/{{}}/versions/{{}}"

OPERATIONS = (
    Operation("CreateMicrovmImage", "POST", IMAGES, Resource.ANY),
    Operation("ListMicrovmImages", "GET", IMAGES, Resource.ANY),
    Operation("GetMicrovmImage", "GET", f"{IMAGES}/{{}}", Resource.IMAGE),
    Operation("UpdateMicrovmImage", "PUT", f"{IMAGES}/{{}}", Resource.IMAGE),
    Operation("DeleteMicrovmImage", "DELETE", f"{IMAGES}/{{}}", Resource.IMAGE),
    Operation("ListMicrovmImageVersions", "GET", f"{IMAGES}/{{}}/versions", Resource.IMAGE),
    Operation("GetMicrovmImageVersion", "GET", _VERSION, Resource.IMAGE),
    Operation("UpdateMicrovmImageVersion", "PATCH", _VERSION, Resource.IMAGE),
    Operation("DeleteMicrovmImageVersion", "DELETE", _VERSION, Resource.IMAGE),
    Operation("ListMicrovmImageBuilds", "GET", f"{_VERSION}/builds", Resource.IMAGE),
    Operation("GetMicrovmImageBuild", "GET", f"{_VERSION}/builds/{{}}", Resource.IMAGE),
    Operation("ListManagedMicrovmImages", "GET", MANAGED_IMAGES, Resource.ANY),
    Operation("ListManagedMicrovmImageVersions", "GET", f"{MANAGED_IMAGES}/{{}}/versions", Resource.IMAGE),
    Operation("RunMicrovm", "POST", MICROVMS, Resource.IMAGE_IN_BODY),
    Operation("ListMicrovms", "GET", MICROVMS, Resource.ANY),
    Operation("GetMicrovm", "GET", f"{MICROVMS}/{{}}", Resource.IMAGE_OF_MICROVM),
    Operation("TerminateMicrovm", "DELETE", f"{MICROVMS}/{{}}", Resource.IMAGE_OF_MICROVM),
    Operation("SuspendMicrovm", "POST", f"{MICROVMS}/{{}}/suspend", Resource.IMAGE_OF_MICROVM),
    Operation("ResumeMicrovm", "POST", f"{MICROVMS}/{{}}/resume", Resource.IMAGE_OF_MICROVM),
    Operation("CreateMicrovmAuthToken", "POST", f"{MICROVMS}/{{}}/auth-token", Resource.IMAGE_OF_MICROVM),
    Operation("CreateMicrovmShellAuthToken", "POST", f"{MICROVMS}/{{}}/shell-auth-token", Resource.IMAGE_OF_MICROVM),
    Operation("CreateNetworkConnector", "POST", CONNECTORS, Resource.NEW_CONNECTOR),
    Operation("ListNetworkConnectors", "GET", CONNECTORS, Resource.ANY),
    Operation("GetNetworkConnector", "GET", f"{CONNECTORS}/{{}}", Resource.CONNECTOR),
    Operation("UpdateNetworkConnector", "PUT", f"{CONNECTORS}/{{}}", Resource.CONNECTOR),
    Operation("DeleteNetworkConnector", "DELETE", f"{CONNECTORS}/{{}}", Resource.CONNECTOR),
    Operation("ListNetworkConnectorVersions", "GET", f"{CONNECTORS}/{{}}/versions", Resource.CONNECTOR),
    Operation("ListTags", "GET", f"{TAGS}/{{}}", Resource.TAGGED),
    Operation("TagResource", "POST", f"{TAGS}/{{}}", Resource.TAGGED),
    Operation("UntagResource", "DELETE", f"{TAGS}/{{}}", Resource.TAGGED),
)

_OUR_PATH = re.compile(r"/2025-09-09/(microvms|(managed-)?microvm-images)(/|$)|/2026-04-04/network-connectors(/|$)")
# Lambda functions use the same tag operations.
_OUR_TAGS = re.compile(r"/2017-03-31/tags/arn:[^:]*:lambda:[^:]*:[^:]*:(microvm|microvm-image|network-connector)[:/]")


def is_ours(raw_path: str) -> bool:
    """Whether a path belongs to the simulated API, even if no operation has this path."""
    return bool(_OUR_PATH.match(raw_path) or _OUR_TAGS.match(unquote(raw_path)))


def find_operation(method: str, raw_path: str) -> tuple[Operation, list[str]] | None:
    """The operation of a request, and the identifiers in its path."""
    for operation in OPERATIONS:
        identifiers = operation.match(method, raw_path)
        if identifiers is not None:
            return operation, identifiers
    return None
