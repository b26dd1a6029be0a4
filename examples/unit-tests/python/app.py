from aws_cdk import App
from aws_cdk import aws_logs as logs
from cdk_lambda_microvms import MicrovmProvider

from sandbox_stack import SandboxStack

app = App()
MicrovmProvider.configure(app, log_retention=logs.RetentionDays.ONE_WEEK)
SandboxStack(app, "UnitTests")

app.synth()
