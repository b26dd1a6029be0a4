from pathlib import Path

from aws_cdk import App, CfnOutput, Duration, RemovalPolicy, Stack
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from cdk_lambda_microvms import (
    MicrovmCode,
    MicrovmEgress,
    MicrovmHookOptions,
    MicrovmHooks,
    MicrovmIdlePolicy,
    MicrovmImage,
    MicrovmIngress,
    MicrovmLauncher,
)

HERE = Path(__file__).resolve().parent

app = App()
stack = Stack(app, "Quickstart")

# The image: a directory with a Dockerfile and a server, which also answers the hooks of the service.
image = MicrovmImage(
    stack,
    "Sandbox",
    code=MicrovmCode.from_directory(str(HERE / "sandbox")),
    hooks=MicrovmHooks.with_ready(port=8080, run=MicrovmHookOptions()),
)

# The role, network and lifetime of MicroVMs of this image.
launcher = MicrovmLauncher(
    stack,
    "Launcher",
    image=image,
    ingress=MicrovmIngress.http(),
    egress=MicrovmEgress.internet(),
    idle_policy=MicrovmIdlePolicy(
        max_idle_duration=Duration.minutes(15), suspended_duration=Duration.hours(1), auto_resume=True
    ),
    maximum_duration=Duration.hours(1),
)

# The boto3 of the Lambda runtime does not include the client of this service, so a layer includes it. Create it with:
# pip install --requirement backend/requirements.txt --target layer/python
sdk = lambda_.LayerVersion(
    stack,
    "Sdk",
    code=lambda_.Code.from_asset(str(HERE / "layer")),
    compatible_runtimes=[lambda_.Runtime.PYTHON_3_14],
)

# The backend: a function that launches a MicroVM for each invocation.
backend = lambda_.Function(
    stack,
    "Backend",
    code=lambda_.Code.from_asset(str(HERE / "backend")),
    handler="handler.handler",
    runtime=lambda_.Runtime.PYTHON_3_14,
    timeout=Duration.minutes(1),
    layers=[sdk],
    log_group=logs.LogGroup(
        stack, "BackendLogs", retention=logs.RetentionDays.ONE_WEEK, removal_policy=RemovalPolicy.DESTROY
    ),
)
launcher.grant_launch(backend)
launcher.grant_connect(backend)
launcher.grant_manage(backend)
launcher.add_to_function(backend)  # the launch request, in MICROVM_LAUNCH_REQUEST

CfnOutput(stack, "BackendName", value=backend.function_name)

app.synth()
