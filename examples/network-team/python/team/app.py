from aws_cdk import App, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from cdk_lambda_microvms import (
    AllowedNetworkConnectors,
    NetworkConnector,
    NetworkConnectorCatalog,
    NetworkConnectorGuardrail,
    NetworkTeamSynthesizer,
)

TEAM_PATH = "/network-team/"
# Who deploys this app: users of this permission set of IAM Identity Center. Roles under the path always may.
TEAM_PERMISSION_SETS = ["NetworkTeam"]

app = App()
# The team deploys with a bootstrap of its own, which developers cannot use.
synthesizer = NetworkTeamSynthesizer(
    network_team_path=TEAM_PATH, qualifier="netteam", permission_sets=TEAM_PERMISSION_SETS
)
stack = Stack(app, "Network", synthesizer=synthesizer)
# The guardrail exempts the team by the path of its roles.
NetworkConnectorGuardrail.apply_network_team_path(app, TEAM_PATH)

vpc = ec2.Vpc(
    stack,
    "Vpc",
    max_azs=2,
    nat_gateways=1,
    subnet_configuration=[
        ec2.SubnetConfiguration(name="Public", subnet_type=ec2.SubnetType.PUBLIC),
        ec2.SubnetConfiguration(name="Builds", subnet_type=ec2.SubnetType.PRIVATE_WITH_EGRESS),
        ec2.SubnetConfiguration(name="Internal", subnet_type=ec2.SubnetType.PRIVATE_ISOLATED),
    ],
)

# Builds of images fetch packages through the NAT gateway.
builds = NetworkConnector(
    stack,
    "BuildsConnector",
    vpc=vpc,
    vpc_subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_WITH_EGRESS),
)
builds.connections.allow_to_any_ipv4(ec2.Port.tcp(443))
builds.connections.allow_to_any_ipv4(ec2.Port.tcp(80), "package managers")

# MicroVMs reach the VPC, and nothing else.
internal = NetworkConnector(
    stack,
    "InternalConnector",
    vpc=vpc,
    vpc_subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED),
)
internal.connections.allow_to(ec2.Peer.ipv4(vpc.vpc_cidr_block), ec2.Port.tcp(443), "services in the VPC")

catalog = NetworkConnectorCatalog(stack, "Catalog", catalog_name="platform")
catalog.add("builds", builds, description="Builds of images, through a NAT gateway")
catalog.add("internal", internal, description="HTTPS services in the VPC, no internet")

# Developers can use these two connectors. They can use no others, and create or change none.
NetworkConnectorGuardrail(
    stack,
    "Guardrail",
    allowed=AllowedNetworkConnectors.only(builds, internal),
    network_team_path=TEAM_PATH,
    boundary_name="developer-boundary",
)

# A role that people or backends of the developers use, if the context names one.
developers_role = app.node.try_get_context("developersRole")
if developers_role:
    catalog.grant_use(iam.Role.from_role_name(stack, "Developers", developers_role))

app.synth()
