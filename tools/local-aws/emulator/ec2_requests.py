"""Requests of EC2 that change a network: each resource that the service authorization reference names.

AWS authorizes such a request on every resource of it that has one of the types in `ec2_actions.json`, which a test
compares with the reference. The emulator authorizes on the first ID that it finds. Other requests of EC2 are authorized
as the emulator does.

A replaced association names the new route table or network ACL. AWS knows the subnet and the old one, too. That it
authorizes the subnet follows from the reference; whether it also authorizes the old table or ACL is not documented, so
the local AWS does not.
"""

import json
from pathlib import Path
from typing import Iterator

from ministack.services import ec2

from emulator.checks import Check, Request

ACTIONS: dict[str, list[str]] = json.loads((Path(__file__).parent / "ec2_actions.json").read_text())

TYPES = {
    "acl": "network-acl",
    "dopt": "dhcp-options",
    "eigw": "egress-only-internet-gateway",
    "eipalloc": "elastic-ip",
    "eni": "network-interface",
    "igw": "internet-gateway",
    "nat": "natgateway",
    "pcx": "vpc-peering-connection",
    "rtb": "route-table",
    "sg": "security-group",
    "sgr": "security-group-rule",
    "subnet": "subnet",
    "tgw": "transit-gateway",
    "vgw": "vpn-gateway",
    "vpc": "vpc",
    "vpce": "vpc-endpoint",
}
# Who changes tags of a resource is authorized on it, whatever its type is.
TAGGING = ("CreateTags", "DeleteTags")


def checks(request: Request) -> Iterator[Check]:
    types = list(TYPES.values()) if request.operation in TAGGING else ACTIONS.get(request.operation, [])
    named = [identifier for name, value in request.parameters.items() for identifier in _resources(request, name, value)]
    found = {identifier: TYPES.get(identifier.split("-", 1)[0]) for identifier in named}
    resources = [(kind, identifier) for kind in types for identifier, found_kind in found.items() if found_kind == kind]
    for kind, identifier in resources:
        yield Check(request.action, request.arn("ec2", f"{kind}/{identifier}"))


def _resources(request: Request, parameter: str, value) -> list[str]:
    """The resources that a parameter names. The groups that a rule refers to are not among them."""
    if not isinstance(value, str) or parameter.startswith("IpPermissions.") or "ReferencedGroup" in parameter:
        return []
    if parameter == "AssociationId":
        return [*_of_route_table(request, value), *_of_network_acl(value)]
    return [value]


def _of_route_table(request: Request, association: str) -> list[str]:
    for table in ec2._route_tables.values():
        for each in table["Associations"]:
            if each["RouteTableAssociationId"] == association:
                replaced = request.operation == "ReplaceRouteTableAssociation"
                return [*([] if replaced else [table["RouteTableId"]]), each.get("SubnetId") or ""]
    return []


def _of_network_acl(association: str) -> list[str]:
    for acl in ec2._network_acls.values():
        for each in acl["Associations"]:
            if each["NetworkAclAssociationId"] == association:
                return [each.get("SubnetId") or ""]
    return []
