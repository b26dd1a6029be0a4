from pathlib import Path

from aws_cdk import Duration, Stack
from cdk_lambda_microvms import (
    MicrovmCode,
    MicrovmEgress,
    MicrovmHookOptions,
    MicrovmHooks,
    MicrovmIdlePolicy,
    MicrovmImage,
    MicrovmIngress,
    MicrovmLaunchCheck,
    MicrovmLauncher,
)
from constructs import Construct

HERE = Path(__file__).resolve().parent


class SandboxStack(Stack):
    def __init__(self, scope: Construct, construct_id: str, **kwargs) -> None:
        super().__init__(scope, construct_id, **kwargs)
        image = MicrovmImage(
            self,
            "Sandbox",
            # The CDK takes paths as str.
            code=MicrovmCode.from_directory(str(HERE / "sandbox")),
            hooks=MicrovmHooks.with_ready(port=8080, run=MicrovmHookOptions()),
            retained_versions=5,
        )
        launcher = MicrovmLauncher(
            self,
            "Launcher",
            image=image,
            ingress=MicrovmIngress.http(),
            egress=MicrovmEgress.internet(),
            idle_policy=MicrovmIdlePolicy(
                max_idle_duration=Duration.minutes(15), suspended_duration=Duration.hours(1), auto_resume=True
            ),
            maximum_duration=Duration.hours(4),
        )
        MicrovmLaunchCheck(self, "Check", launcher=launcher)
