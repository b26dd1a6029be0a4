import * as path from 'node:path';
import { App, CfnOutput, Duration, Stack } from 'aws-cdk-lib';
import { Microvm, MicrovmCode, MicrovmEgress, MicrovmImage, MicrovmIngress, MicrovmLauncher } from 'cdk-lambda-microvms';

const AUDIENCE = 'https://api.partner.example';

const app = new App();
const stack = new Stack(app, 'TokenCheck');

const image = new MicrovmImage(stack, 'Sandbox', {
  code: MicrovmCode.fromDirectory(path.join(__dirname, 'image')),
  environment: { AUDIENCE },
});
const launcher = new MicrovmLauncher(stack, 'Launcher', {
  image,
  ingress: MicrovmIngress.http(),
  egress: MicrovmEgress.internet(),
  maximumDuration: Duration.hours(1),
  webIdentityIssuer: app.node.getContext('issuer'),
});
launcher.grantWebIdentity({ audiences: [AUDIENCE] });

// The deployment launches one MicroVM to try it with. It is terminated after an hour, or with the stack.
const microvm = new Microvm(stack, 'Microvm', { launcher });
new CfnOutput(stack, 'MicrovmId', { value: microvm.microvmId });

// What the relying party pins.
new CfnOutput(stack, 'Issuer', { value: launcher.webIdentityClaims.issuer! });
new CfnOutput(stack, 'Audience', { value: AUDIENCE });
new CfnOutput(stack, 'Subject', { value: launcher.webIdentityClaims.subject });
