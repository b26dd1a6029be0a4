from aws_cdk import App, CfnOutput, Duration, Stack
from cdk_lambda_microvms import (
    MicrovmCode,
    MicrovmEgress,
    MicrovmImage,
    MicrovmIngress,
    MicrovmLauncher,
    NetworkConnectorCatalog,
)

DOCKERFILE = """\
FROM public.ecr.aws/lambda/microvms:al2023-minimal
RUN dnf install -y python3 && dnf clean all
WORKDIR /srv
EXPOSE 8080
CMD ["python3", "-m", "http.server", "8080"]"""

app = App()
stack = Stack(app, "Developer")

# The developer knows the names of the catalog and of its connectors, and nothing else of the network.
connectors = NetworkConnectorCatalog.from_catalog_name(stack, "Connectors", "platform")

image = MicrovmImage(
    stack,
    "Sandbox",
    code=MicrovmCode.from_inline(DOCKERFILE),
    build_egress=MicrovmEgress.connector(connectors.connector("builds")),
)
launcher = MicrovmLauncher(
    stack,
    "Launcher",
    image=image,
    ingress=MicrovmIngress.http(),
    egress=MicrovmEgress.connector(connectors.connector("internal")),
    maximum_duration=Duration.hours(1),
)

CfnOutput(stack, "LaunchRequest", value=launcher.launch_request)

app.synth()
