"""An image with every property set. Its builds use a network connector of its own and a build role of another stack."""

from pathlib import Path

from aws_cdk import App, CfnOutput, Duration, RemovalPolicy, Stack, Tags
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from cdk_lambda_microvms import (
    DeploymentEncryption,
    MicrovmArchitecture,
    MicrovmBaseImage,
    MicrovmBuildRole,
    MicrovmCode,
    MicrovmEgress,
    MicrovmHookOptions,
    MicrovmHooks,
    MicrovmImage,
    MicrovmImageGrants,
    MicrovmLogging,
    MicrovmMemory,
    MicrovmOsCapabilities,
    MicrovmTermination,
    NetworkConnectorOperatorRole,
    SessionTagging,
)

EXAMPLES = Path(__file__).parents[3] / "examples"
IMAGE_NAME = "integ-microvm-image-full"


def connector_through_nat(scope: Stack) -> lambda_.CfnNetworkConnector:
    """Creates private subnets that reach the internet through a NAT gateway, and a connector into them."""
    vpc = ec2.Vpc(scope, "Vpc", max_azs=2, nat_gateways=1, restrict_default_security_group=False)
    security_group = ec2.SecurityGroup(scope, "Builds", vpc=vpc, description="Builds of MicroVM images")
    operator_role = NetworkConnectorOperatorRole(
        scope, "OperatorRole", subnets=vpc.private_subnets, security_groups=[security_group]
    )
    connector = lambda_.CfnNetworkConnector(
        scope,
        "Connector",
        operator_role=operator_role.role_arn,
        configuration=lambda_.CfnNetworkConnector.ConfigProperty(
            vpc_egress_configuration=lambda_.CfnNetworkConnector.VpcEgressConfigurationProperty(
                subnet_ids=[subnet.subnet_id for subnet in vpc.private_subnets],
                security_group_ids=[security_group.security_group_id],
                network_protocol="IPv4",
                associated_compute_resource_types=["MicroVm"],
            )
        ),
    )
    connector.node.add_dependency(operator_role)
    return connector


app = App()

foundation = Stack(app, "IntegMicrovmImageFullFoundation")
build_role = MicrovmBuildRole(
    foundation,
    "BuildRole",
    microvm_image_name=IMAGE_NAME,
    session_tagging=SessionTagging.any_tags(),
    source_arn_condition=True,
    deny_from_functions=True,
)

stack = Stack(app, "IntegMicrovmImageFull")
Tags.of(stack).add("cost-center", "integration-tests")
DeploymentEncryption.apply(stack)

encryption_key = kms.Key(stack, "Key", enable_key_rotation=True, removal_policy=RemovalPolicy.DESTROY)
image = MicrovmImage(
    stack,
    "Sandbox",
    code=MicrovmCode.from_directory(str(EXAMPLES / "quickstart" / "typescript" / "sandbox"), exclude=["*.md"]),
    microvm_image_name=IMAGE_NAME,
    description="An image with every property set",
    base_image=MicrovmBaseImage.AL2023.with_version("1"),
    architectures=[MicrovmArchitecture.ARM_64, MicrovmArchitecture.X86_64],
    rebuild_trigger="first",
    memory=MicrovmMemory.GIB_1,
    hooks=MicrovmHooks.with_ready(
        port=8080,
        ready=MicrovmHookOptions(timeout=Duration.minutes(2)),
        run=MicrovmHookOptions(timeout=Duration.seconds(5)),
    ),
    environment={"GREETING": "hello from the integration test"},
    os_capabilities=MicrovmOsCapabilities.ALL,
    build_egress=MicrovmEgress.connector(connector_through_nat(stack)),
    logging=MicrovmLogging.new_log_group(retention=logs.RetentionDays.ONE_WEEK, removal_policy=RemovalPolicy.DESTROY),
    build_role=build_role,
    encryption_key=encryption_key,
    show_build_log_in_errors=True,
    retained_versions=2,
    microvm_termination=MicrovmTermination.ON_DELETE_OR_RENAME,
    adopt_existing=True,
    delete_adopted=True,
    removal_policy=RemovalPolicy.DESTROY,
    deployment_timeout=Duration.minutes(55),
    tags={"purpose": "integration-test"},
)
image.add_request_override("hooks.microvmHooks.runTimeoutInSeconds", 10)
CfnOutput(stack, "ImageVersion", value=image.microvm_image_version)

user = iam.Role(stack, "User", assumed_by=iam.AccountRootPrincipal())
grants = MicrovmImageGrants.from_image(image)
grants.run(user)
grants.connect(user)
grants.shell(user)
grants.manage(user)
grants.read(user)

app.synth()
