"""An image with default properties."""

from pathlib import Path

from aws_cdk import App, CfnOutput, Stack
from cdk_lambda_microvms import MicrovmCode, MicrovmImage

EXAMPLES = Path(__file__).parents[3] / "examples"

app = App()
stack = Stack(app, "IntegMicrovmImage")

sandbox = EXAMPLES / "quickstart" / "typescript" / "sandbox"
image = MicrovmImage(stack, "Sandbox", code=MicrovmCode.from_directory(str(sandbox)))
CfnOutput(stack, "ImageVersion", value=image.microvm_image_version)
CfnOutput(stack, "BaseImageVersion", value=image.base_image_version)

app.synth()
