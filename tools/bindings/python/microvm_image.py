"""An image with default properties."""

from pathlib import Path

from aws_cdk import App, CfnOutput, Stack
from cdk_lambda_microvms import MicrovmCode, MicrovmImage

INTEG = Path(__file__).parents[2]

app = App()
stack = Stack(app, "IntegMicrovmImage")

image = MicrovmImage(stack, "Sandbox", code=MicrovmCode.from_directory(str(INTEG / "sandbox")))
CfnOutput(stack, "ImageVersion", value=image.microvm_image_version)
CfnOutput(stack, "BaseImageVersion", value=image.base_image_version)

app.synth()
