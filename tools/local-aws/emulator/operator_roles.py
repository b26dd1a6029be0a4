"""Checks of the operator role, subnets and security groups when a network connector is created or updated.

Before it answers, the service assumes the role, without a source account or source ARN, and checks with EC2 whether the role
may create the network interfaces. The messages are those of the live service. The checked permissions are those
of the managed policy for operator roles: an interface in each subnet with each group, and the tags of connectors
on it. With elastic IPs, the role must also be allowed to allocate addresses and to associate them with the interfaces.
No VPC is presented (conditions on `ec2:Vpc` fail on live AWS). It is a guess that the ID of the connector
is among the tags.

Subnets and groups that do not exist are not rejected, because the message of the service is not known.
"""

from typing import Iterator

from ministack.services import ec2

from emulator.authorization import Request
from emulator.connector_networks import ELASTIC
from emulator.denials import denial
from emulator.service_roles import is_trusted
from emulator.simulator import Simulator

# In some accounts one principal is rejected, in others the other one.
SERVICES = ("lambda.amazonaws.com", "network-connectors.lambda.amazonaws.com")
SESSION = "network-connector"

UNASSUMABLE = "The service is unable to assume the provided NetworkConnectorOperatorRole. Please verify the trust policy on the role."
UNAUTHORIZED = "Encountered unauthorized operation while calling EC2 due to invalid ConnectorOperatorRole permissions"
SEVERAL_VPCS = "Subnets and Security Groups must belong to the same VPC"

INTERFACE_TAGS = {"aws:lambda:networkConnectorName": "name", "aws:lambda:networkConnectorId": "nc-0"}
TAG_CONTEXT = {
    "aws:TagKeys": list(INTERFACE_TAGS),
    **{f"aws:RequestTag/{key}": value for key, value in INTERFACE_TAGS.items()},
}
CREATION_CONTEXT = {"ec2:CreateAction": "CreateNetworkInterface", "ec2:ManagedResourceOperator": SERVICES[1]}


def rejection(request: Request, simulator: Simulator, unsupported_zones: list[str]) -> str | None:
    """Why the service rejects the role or network of a connector; None if it accepts them or does not check them."""
    if request.operation.name not in ("CreateNetworkConnector", "UpdateNetworkConnector"):
        return None
    current = simulator.latest_of(request.identifiers[0]) if request.identifiers else {}
    configuration = (request.body.get("Configuration") or {}).get("VpcEgressConfiguration") or {}
    role_arn = request.body.get("OperatorRole") or current.get("operatorRole")
    elastic = (configuration.get("ElasticIpConfiguration") or {}).get("Type", current.get("elasticIps") if not configuration else None)
    subnets = configuration.get("SubnetIds") or current.get("subnetIds") or []
    groups = configuration.get("SecurityGroupIds") or current.get("securityGroupIds") or []
    if not isinstance(role_arn, str) or not role_arn.startswith("arn:"):
        return None
    return _role_rejection(request, role_arn, subnets, groups, elastic == ELASTIC) or _network_rejection(subnets, groups, unsupported_zones)


def _role_rejection(request: Request, role_arn: str, subnets: list[str], groups: list[str], elastic: bool) -> str | None:
    if not any(is_trusted({"roleArn": role_arn, "service": service, "sessionName": SESSION}) for service in SERVICES):
        return UNASSUMABLE
    needs = [*_needs(request, subnets, groups), *(_elastic_needs(request, subnets) if elastic else [])]
    denied = (denial(role_arn, SESSION, *needed, request.region, context) for *needed, context in needs)
    return UNAUTHORIZED if any(denied) else None


def _needs(request: Request, subnets: list[str], groups: list[str]) -> Iterator[tuple[str, str, dict]]:
    """Action, resource and context of each permission that the role needs."""
    arn = f"arn:aws:ec2:{request.region}:{request.account}"
    places = [*(f"{arn}:subnet/{subnet}" for subnet in subnets), *(f"{arn}:security-group/{group}" for group in groups)]
    interfaces = f"{arn}:network-interface/*"
    for resource in (*places, interfaces):
        yield "ec2:CreateNetworkInterface", resource, TAG_CONTEXT
    yield "ec2:CreateTags", interfaces, {**TAG_CONTEXT, **CREATION_CONTEXT}


def _elastic_needs(request: Request, subnets: list[str]) -> Iterator[tuple[str, str, dict]]:
    """The documentation names the two actions. The resources and keys are those of the service authorization reference.
    """
    arn = f"arn:aws:ec2:{request.region}:{request.account}"
    addresses = f"{arn}:elastic-ip/*"
    yield "ec2:AllocateAddress", addresses, {}
    yield "ec2:AssociateAddress", addresses, {}
    for subnet in subnets:
        context = {"ec2:Subnet": f"{arn}:subnet/{subnet}", "ec2:ManagedResourceOperator": SERVICES[1]}
        yield "ec2:AssociateAddress", f"{arn}:network-interface/*", context


def _network_rejection(subnets: list[str], groups: list[str], unsupported_zones: list[str]) -> str | None:
    known = [ec2._subnets.get(subnet) for subnet in subnets] + [ec2._security_groups.get(group) for group in groups]
    if len({resource["VpcId"] for resource in known if resource}) > 1:
        return SEVERAL_VPCS
    zones = [(ec2._subnets.get(subnet) or {}).get("AvailabilityZoneId") for subnet in subnets]
    for zone in zones:
        if zone in unsupported_zones:
            return f"Availability zone {zone} is not available for compute type MicroVm"
    return None
