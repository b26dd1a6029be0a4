"""Client of the simulator of the MicroVM service: passes requests on, and reads resources for authorization."""

import http.client
import json
from urllib.parse import quote, urlsplit

ANSWER_SECONDS = 60

# Headers of a single connection, which are not passed on.
HOP_BY_HOP = {"connection", "content-length", "date", "host", "keep-alive", "server", "transfer-encoding"}

Answer = tuple[int, dict[str, str], bytes]


class Simulator:
    def __init__(self, url: str) -> None:
        self._address = urlsplit(url).netloc

    def send(self, method: str, target: str, headers: dict[str, str], body: bytes) -> Answer:
        """Passes a request on unchanged."""
        connection = http.client.HTTPConnection(self._address, timeout=ANSWER_SECONDS)
        try:
            connection.request(method, target, body, _end_to_end(headers))
            response = connection.getresponse()
            return response.status, _end_to_end(dict(response.getheaders())), response.read()
        finally:
            connection.close()

    def image_of(self, microvm_id: str) -> str | None:
        """ARN of the image of a MicroVM; None if the MicroVM does not exist."""
        return self._ask(f"/_simulator/microvms/{_segment(microvm_id)}").get("imageArn")

    def connector_arn(self, identifier: str) -> str | None:
        """ARN of the connector with this ID or name."""
        for connector in self._state()["connectors"]:
            if identifier in (connector["name"], connector["arn"].rsplit(":", 1)[-1]):
                return connector["arn"]
        return None

    def tags_of(self, arn: str) -> dict[str, str]:
        """Tags of an image or connector, also if the ARN has a version. Empty if the resource does not exist."""
        state = self._state()
        for resource in [*state["images"], *state["connectors"]]:
            if arn == resource["arn"] or arn.startswith(f"{resource['arn']}:"):
                return resource["tags"]
        return {}

    def is_held(self, member: str, physical_id: str) -> bool:
        """Whether a version of a connector has network interfaces in a subnet (`subnetIds`) or with a security group.
        """
        return any(physical_id in connector[member] for connector in self._state()["connectors"])

    def latest_of(self, identifier: str) -> dict:
        """Role, subnets and security groups of the latest version of a connector; empty if the connector does not
        exist.
        """
        for connector in self._state()["connectors"]:
            arn = connector["arn"]
            if identifier in (connector["name"], arn, arn.rsplit(":", 1)[-1]) or identifier.startswith(f"{arn}:"):
                return connector["latest"]
        return {}

    def build_egress_of(self, image_arn: str, image_version: str | None) -> list[str]:
        """The egress connectors of an image version, or of the latest active version if none is given."""
        image = f"/2025-09-09/microvm-images/{_segment(image_arn)}"
        version = image_version or self._ask(image).get("latestActiveImageVersion")
        if version is None:
            return []
        return self._ask(f"{image}/versions/{_segment(version)}").get("egressNetworkConnectors") or []

    def _state(self) -> dict:
        """The current state. Unlike operations of the API, this call has no faults and does not appear in the log of
        calls.
        """
        return self._ask("/_simulator/state")

    def _ask(self, path: str) -> dict:
        status, _, body = self.send("GET", path, {}, b"")
        return json.loads(body) if status == 200 else {}


def _segment(text: str) -> str:
    return quote(text, safe="")


def _end_to_end(headers: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name.lower() not in HOP_BY_HOP}
