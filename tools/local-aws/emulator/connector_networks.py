"""Why a connector with elastic IPs fails after the answer to the request.

An elastic IP can be associated only if an internet gateway is attached to the VPC. It is useful only in a public
subnet. EC2 does not check the routes, so on AWS such a connector probably becomes active and reaches nothing. Here it
fails, because nobody would notice on this machine: requests of MicroVMs do not go through connectors.
"""

from ministack.services import ec2

from emulator.authorization import Request

ELASTIC = "ServiceManaged"


def failure(request: Request) -> dict | None:
    """Code and reason of the failure; None if there is none or if the subnets are unknown."""
    if request.operation.name not in ("CreateNetworkConnector", "UpdateNetworkConnector"):
        return None
    configuration = (request.body.get("Configuration") or {}).get("VpcEgressConfiguration") or {}
    if (configuration.get("ElasticIpConfiguration") or {}).get("Type") != ELASTIC:
        return None
    subnets = {subnet: ec2._subnets[subnet] for subnet in configuration.get("SubnetIds") or [] if subnet in ec2._subnets}
    for vpc in {subnet["VpcId"] for subnet in subnets.values()}:
        if not _internet_gateways(vpc):
            return {"code": "InternetGatewayNotAttached", "reason": f"No internet gateway is attached to the VPC {vpc}"}
    for subnet_id, subnet in subnets.items():
        if not _is_public(subnet_id, subnet["VpcId"]):
            return {"code": "InvalidSubnet", "reason": f"The subnet {subnet_id} has no route to an internet gateway"}
    return None


def _internet_gateways(vpc: str) -> list[str]:
    gateways = ec2._internet_gateways.values()
    return [gateway["InternetGatewayId"] for gateway in gateways if any(vpc == attachment["VpcId"] for attachment in gateway["Attachments"])]


def _is_public(subnet: str, vpc: str) -> bool:
    tables = [table for table in ec2._route_tables.values() if table["VpcId"] == vpc]
    own = [table for table in tables if any(association.get("SubnetId") == subnet for association in table["Associations"])]
    used = own or [table for table in tables if any(association.get("Main") for association in table["Associations"])]
    return any(route.get("GatewayId") in _internet_gateways(vpc) for table in used for route in table["Routes"])
