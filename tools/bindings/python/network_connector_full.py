"""A connector with every property set, one with elastic IPs, an L1 with the same operator role, imports and grants."""

from aws_cdk import App, CfnOutput, Duration, RemovalPolicy, Stack, Tags
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from cdk_lambda_microvms import (
    NetworkConnector,
    NetworkConnectorDeletion,
    NetworkConnectorElasticIps,
    NetworkConnectorGrants,
    NetworkConnectorOperatorRole,
    NetworkProtocol,
    NetworkConnectorPlacementRemoval,
)

NAME = "integ-network-connector-full"

app = App()
stack = Stack(app, "IntegNetworkConnectorFull")
Tags.of(stack).add("cost-center", "integration-tests")

vpc = ec2.Vpc(
    stack,
    "Vpc",
    max_azs=2,
    nat_gateways=0,
    ip_protocol=ec2.IpProtocol.DUAL_STACK,
    restrict_default_security_group=False,
)
security_group = ec2.SecurityGroup(stack, "MicroVMs", vpc=vpc, description="MicroVMs", allow_all_outbound=False)
isolated = ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED)
subnets = vpc.select_subnets(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED)

operator_role = NetworkConnectorOperatorRole(
    stack,
    "OperatorRole",
    subnets=subnets.subnets,
    security_groups=[security_group],
    description="Creates the network interfaces of two connectors",
    service_principal="lambda.amazonaws.com",
    require_connector_tag=False,
    elastic_ips=NetworkConnectorElasticIps.NONE,
    deny_from_functions=True,
)

connector = NetworkConnector(
    stack,
    "Internal",
    vpc=vpc,
    vpc_subnets=isolated,
    security_groups=[security_group],
    elastic_ips=NetworkConnectorElasticIps.NONE,
    network_protocol=NetworkProtocol.DUAL_STACK,
    network_connector_name=NAME,
    operator_role=operator_role,
    deletion=NetworkConnectorDeletion.FORCE,
    placement_removal=NetworkConnectorPlacementRemoval.WAIT_UNTIL_UNUSED,
    retained_versions=2,
    removal_policy=RemovalPolicy.DESTROY,
    deployment_timeout=Duration.minutes(30),
    tags={"purpose": "integration-test"},
)
connector.connections.allow_to(ec2.Peer.ipv4(vpc.vpc_cidr_block), ec2.Port.tcp(5432))
CfnOutput(stack, "ConnectorArn", value=connector.network_connector_arn)

# Reaches the internet from fixed addresses, without a NAT gateway.
outbound = NetworkConnector(stack, "Outbound", vpc=vpc, elastic_ips=NetworkConnectorElasticIps.SERVICE_MANAGED)
outbound.connections.allow_to(ec2.Peer.any_ipv4(), ec2.Port.HTTPS)
# Sets what the library could set itself: an override reaches the service as it is.
outbound.add_request_override("Configuration.VpcEgressConfiguration.ElasticIpConfiguration.Type", "ServiceManaged")

# The operator role also works for an L1, which depends on it.
l1 = lambda_.CfnNetworkConnector(
    stack,
    "L1",
    operator_role=operator_role.role_arn,
    configuration=lambda_.CfnNetworkConnector.ConfigProperty(
        vpc_egress_configuration=lambda_.CfnNetworkConnector.VpcEgressConfigurationProperty(
            subnet_ids=subnets.subnet_ids,
            security_group_ids=[security_group.security_group_id],
            network_protocol="IPv4",
            associated_compute_resource_types=["MicroVm"],
        )
    ),
)
l1.node.add_dependency(operator_role)

# Finds the connector by name, as another app does.
found = NetworkConnector.from_network_connector_name(stack, "Found", NAME)
found.node.add_dependency(connector)
CfnOutput(stack, "FoundArn", value=found.network_connector_arn)

developer = iam.Role(stack, "Developer", assumed_by=iam.AccountRootPrincipal())
connector.grant_use(developer)
NetworkConnectorGrants.from_network_connector(l1).use(developer)
member = iam.Role(stack, "NetworkTeam", assumed_by=iam.AccountRootPrincipal())
connector.grant_manage(member)
NetworkConnectorGrants.create(
    stack,
    member,
    subnets=subnets.subnets,
    security_groups=[security_group],
    operator_roles=[operator_role],
    required_tags={"team": "network"},
)

app.synth()
