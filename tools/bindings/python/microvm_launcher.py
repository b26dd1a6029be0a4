"""A launcher, and backends in TypeScript and Python that use it.

The deployment itself launches a MicroVM and runs a launch check.
"""

from pathlib import Path

from aws_cdk import App, CfnOutput, Duration, Stack
from aws_cdk import aws_lambda as lambda_
from aws_cdk.aws_lambda_nodejs import BundlingOptions, NodejsFunction
from cdk_lambda_microvms import (
    Microvm,
    MicrovmCode,
    MicrovmEgress,
    MicrovmHealthCheck,
    MicrovmHookOptions,
    MicrovmHooks,
    MicrovmIdlePolicy,
    MicrovmImage,
    MicrovmImageVersion,
    MicrovmIngress,
    MicrovmLaunchCheck,
    MicrovmLauncher,
    MicrovmMemory,
)

EXAMPLES = Path(__file__).parents[3] / "examples"

app = App()
stack = Stack(app, "IntegMicrovmLauncher")

image = MicrovmImage(
    stack,
    "Sandbox",
    code=MicrovmCode.from_directory(str(EXAMPLES / "quickstart" / "typescript" / "sandbox")),
    memory=MicrovmMemory.MIB_512,
    hooks=MicrovmHooks.with_ready(port=8080, run=MicrovmHookOptions()),
)
launcher = MicrovmLauncher(
    stack,
    "Launcher",
    image=image,
    image_version=MicrovmImageVersion.of_this_deployment(),
    ingress=MicrovmIngress.http(),
    egress=MicrovmEgress.internet(),
    idle_policy=MicrovmIdlePolicy(max_idle_duration=Duration.minutes(15), suspended_duration=Duration.hours(1), auto_resume=True),
    maximum_duration=Duration.hours(1),
)

check = MicrovmLaunchCheck(stack, "Check", launcher=launcher)
CfnOutput(stack, "TimeToRunning", value=check.time_to_running)
CfnOutput(stack, "TimeToFirstResponse", value=check.time_to_first_response)

shared = Microvm(
    stack,
    "Shared",
    launcher=launcher,
    health_check=MicrovmHealthCheck(port=8080, path="/", timeout=Duration.minutes(2)),
    payload="shared",
)
shared.add_request_override("maximumDurationInSeconds", 1800)
CfnOutput(stack, "MicrovmId", value=shared.microvm_id)

backends = [
    NodejsFunction(
        stack,
        "TypeScript",
        entry=str(EXAMPLES / "quickstart" / "typescript" / "backend" / "handler.ts"),
        runtime=lambda_.Runtime.NODEJS_24_X,
        timeout=Duration.minutes(1),
        # Bundles the AWS SDK: the one in the runtime does not include the service.
        bundling=BundlingOptions(external_modules=[]),
    ),
    # In an account, it needs a layer with a recent boto3.
    lambda_.Function(
        stack,
        "Python",
        code=lambda_.Code.from_asset(str(EXAMPLES / "quickstart" / "python" / "backend"), exclude=["**", "!handler.py"]),
        handler="handler.handler",
        runtime=lambda_.Runtime.PYTHON_3_14,
        timeout=Duration.minutes(1),
    ),
]
for backend in backends:
    launcher.grant_launch(backend)
    launcher.grant_connect(backend)
    launcher.grant_manage(backend)
    launcher.add_to_function(backend)
    # Backends launch a new version only after the check has succeeded.
    backend.node.add_dependency(check)

app.synth()
