"""A network team's stack with connector, catalog and guardrail.

A developer's stack finds the connector by name.
"""

from pathlib import Path

from aws_cdk import App, CfnOutput, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from cdk_lambda_microvms import (
    AllowedNetworkConnectors,
    ManagedNetworkConnector,
    MicrovmCode,
    MicrovmEgress,
    MicrovmImage,
    NetworkConnector,
    NetworkConnectorCatalog,
    NetworkConnectorGuardrail,
    NetworkTeamSynthesizer,
)

EXAMPLES = Path(__file__).parents[3] / "examples"
TEAM_PATH = "/network-team/"

app = App()

synthesizer = NetworkTeamSynthesizer(network_team_path=TEAM_PATH, qualifier="integteam")
network = Stack(app, "IntegCatalogNetwork", synthesizer=synthesizer)
NetworkConnectorGuardrail.apply_network_team_path(network, TEAM_PATH)
vpc = ec2.Vpc(network, "Vpc", max_azs=2, nat_gateways=1, restrict_default_security_group=False)
builds = NetworkConnector(network, "Builds", vpc=vpc)
builds.connections.allow_to_any_ipv4(ec2.Port.tcp(443))
builds.connections.allow_to_any_ipv4(ec2.Port.tcp(80), "package managers")

catalog = NetworkConnectorCatalog(network, "Catalog", catalog_name="integ")
catalog.add("builds", builds, description="Builds of images, through a NAT gateway")

guardrail = NetworkConnectorGuardrail(
    network,
    "Guardrail",
    allowed=AllowedNetworkConnectors.only(builds),
    network_team_path=TEAM_PATH,
    boundary_name="integ-catalog-developer-boundary",
    managed_connectors=[ManagedNetworkConnector.HTTP_INGRESS, ManagedNetworkConnector.NO_INGRESS],
)
developer = iam.Role(
    network, "Developer", assumed_by=iam.AccountRootPrincipal(), permissions_boundary=guardrail.boundary
)
catalog.grant_use(developer)

developers = Stack(app, "IntegCatalogDevelopers")
developers.add_stack_dependency(network)
published = NetworkConnectorCatalog.from_catalog_name(developers, "Connectors", "integ")
image = MicrovmImage(
    developers,
    "Sandbox",
    code=MicrovmCode.from_directory(str(EXAMPLES / "quickstart" / "typescript" / "sandbox")),
    build_egress=MicrovmEgress.connector(published.connector("builds")),
)
CfnOutput(developers, "ImageVersion", value=image.microvm_image_version)

app.synth()
