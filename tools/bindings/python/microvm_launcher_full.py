"""A launcher with every property set: execution role, connector, key, shell and Docker inside.

It also has web identity in both directions, a broker, and a state machine. It overrides a member of the request.
"""

from pathlib import Path

from aws_cdk import App, Duration, RemovalPolicy, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_stepfunctions as sfn
from aws_cdk.aws_lambda_nodejs import BundlingOptions, NodejsFunction
from cdk_lambda_microvms import (
    MicrovmCode,
    MicrovmEgress,
    MicrovmExecutionRole,
    MicrovmHookOptions,
    MicrovmHooks,
    MicrovmIdlePolicy,
    MicrovmImage,
    MicrovmImageVersion,
    MicrovmIngress,
    MicrovmLauncher,
    MicrovmLogging,
    MicrovmMemory,
    MicrovmOsCapabilities,
    MicrovmStateMachineFragment,
    NetworkConnector,
    SessionTagging,
    WebIdentityLaunchRole,
    WebIdentitySigningAlgorithm,
)

EXAMPLES = Path(__file__).parents[3] / "examples"

app = App()
stack = Stack(app, "IntegMicrovmLauncherFull")

image = MicrovmImage(
    stack,
    "DockerInside",
    code=MicrovmCode.from_directory(str(EXAMPLES / "docker-inside" / "typescript" / "image")),
    memory=MicrovmMemory.GIB_4,
    hooks=MicrovmHooks.with_ready(
        port=8080, ready=MicrovmHookOptions(timeout=Duration.minutes(5)), run=MicrovmHookOptions()
    ),
    os_capabilities=MicrovmOsCapabilities.ALL,
)
vpc = ec2.Vpc(stack, "Vpc", max_azs=2, nat_gateways=1, restrict_default_security_group=False)
connector = NetworkConnector(stack, "Connector", vpc=vpc)
connector.connections.allow_to(ec2.Peer.any_ipv4(), ec2.Port.HTTPS, "images of containers")

execution_role = MicrovmExecutionRole(
    stack,
    "ExecutionRole",
    image=image,
    role_name="integ-microvm-launcher-full",
    description="MicroVMs with Docker inside",
    launcher_name="docker-inside",
    session_tagging=SessionTagging.key_patterns("lambda:*"),
    source_arn_condition=True,
    deny_from_functions=True,
)
log_group = logs.LogGroup(stack, "Logs", retention=logs.RetentionDays.ONE_WEEK, removal_policy=RemovalPolicy.DESTROY)
key = kms.Key(stack, "Key", enable_key_rotation=True, pending_window=Duration.days(7), removal_policy=RemovalPolicy.DESTROY)
launcher = MicrovmLauncher(
    stack,
    "Launcher",
    image=image,
    image_version=MicrovmImageVersion.latest_active(),
    ingress=MicrovmIngress.http_with_shell(),
    egress=MicrovmEgress.connector(connector),
    idle_policy=MicrovmIdlePolicy(max_idle_duration=Duration.minutes(5), suspended_duration=Duration.minutes(10), auto_resume=False),
    maximum_duration=Duration.minutes(30),
    execution_role=execution_role,
    logging=MicrovmLogging.log_group(log_group),
    encryption_key=key,
    web_identity_issuer="https://issuer.example",
)
launcher.add_request_override("logging.cloudWatch.logStream", "docker-inside")
launcher.grant_web_identity(
    audiences=["https://api.partner.example"],
    maximum_lifetime=Duration.minutes(10),
    signing_algorithm=WebIdentitySigningAlgorithm.ES384,
)

# Engineers may open a shell and nothing else.
launcher.grant_shell(iam.Role(stack, "Engineers", assumed_by=iam.AccountRootPrincipal()))

# A CI system may launch with tokens of its own identity provider.
ci = WebIdentityLaunchRole(
    stack,
    "Ci",
    identity_provider=iam.OidcProviderNative(
        stack,
        "GitHub",
        url="https://token.actions.githubusercontent.com",
        client_ids=["sts.amazonaws.com"],
    ),
    issuer="token.actions.githubusercontent.com",
    audiences=["sts.amazonaws.com"],
    subjects=["repo:acme/app:ref:refs/heads/main"],
    description="The main branch of acme/app launches",
    max_session_duration=Duration.hours(1),
)
launcher.grant_launch(ci)

# The only function that creates endpoint tokens.
owners_path = "/integ-microvm-launcher-full/owners"
broker = NodejsFunction(
    stack,
    "Broker",
    entry=str(EXAMPLES / "broker" / "typescript" / "broker" / "handler.ts"),
    runtime=lambda_.Runtime.NODEJS_24_X,
    timeout=Duration.seconds(10),
    environment={"OWNERS_PATH": owners_path},
    bundling=BundlingOptions(external_modules=[]),
)
launcher.grant_connect(broker)
broker.add_to_role_policy(
    iam.PolicyStatement(
        actions=["ssm:GetParameter"],
        resources=[stack.format_arn(service="ssm", resource="parameter", resource_name=f"{owners_path[1:]}/*")],
    )
)

fragment = MicrovmStateMachineFragment(
    stack,
    "Sandboxed",
    launcher=launcher,
    body=sfn.Pass(stack, "Work"),
    launch_timeout=Duration.minutes(3),
)
sfn.StateMachine(stack, "Machine", definition_body=sfn.DefinitionBody.from_chainable(fragment))

app.synth()
