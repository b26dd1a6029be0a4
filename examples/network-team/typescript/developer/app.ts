import { App, CfnOutput, Duration, Stack } from 'aws-cdk-lib';
import {
  MicrovmCode, MicrovmEgress, MicrovmImage, MicrovmIngress, MicrovmLauncher, NetworkConnectorCatalog,
} from 'cdk-lambda-microvms';

const app = new App();
const stack = new Stack(app, 'Developer');

// The developer knows the names of the catalog and of its connectors, and nothing else of the network.
const connectors = NetworkConnectorCatalog.fromCatalogName(stack, 'Connectors', 'platform');

const image = new MicrovmImage(stack, 'Sandbox', {
  code: MicrovmCode.fromInline([
    'FROM public.ecr.aws/lambda/microvms:al2023-minimal',
    'RUN dnf install -y python3 && dnf clean all',
    'WORKDIR /srv',
    'EXPOSE 8080',
    'CMD ["python3", "-m", "http.server", "8080"]',
  ].join('\n')),
  buildEgress: MicrovmEgress.connector(connectors.connector('builds')),
});
const launcher = new MicrovmLauncher(stack, 'Launcher', {
  image,
  ingress: MicrovmIngress.http(),
  egress: MicrovmEgress.connector(connectors.connector('internal')),
  maximumDuration: Duration.hours(1),
});

new CfnOutput(stack, 'LaunchRequest', { value: launcher.launchRequest });
