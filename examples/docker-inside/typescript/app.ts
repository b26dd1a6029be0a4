import * as path from 'node:path';
import { App, CfnOutput, Duration, Stack } from 'aws-cdk-lib';
import {
  Microvm, MicrovmCode, MicrovmEgress, MicrovmHooks, MicrovmImage, MicrovmIngress, MicrovmLauncher, MicrovmMemory, MicrovmOsCapabilities,
} from 'cdk-lambda-microvms';

const app = new App();
const stack = new Stack(app, 'DockerInside');

const image = new MicrovmImage(stack, 'DockerInside', {
  code: MicrovmCode.fromDirectory(path.join(__dirname, 'image')),
  memory: MicrovmMemory.GIB_4,
  // The ready hook succeeds when dockerd answers and has pulled the image of the container.
  hooks: MicrovmHooks.withReady({ port: 8080, ready: { timeout: Duration.minutes(5) }, run: {} }),
  osCapabilities: MicrovmOsCapabilities.ALL,
});
const launcher = new MicrovmLauncher(stack, 'Launcher', {
  image,
  ingress: MicrovmIngress.http(),
  egress: MicrovmEgress.internet(),
  maximumDuration: Duration.hours(1),
});

// The deployment launches one MicroVM to try it with. It is terminated after an hour, or with the stack.
const microvm = new Microvm(stack, 'Microvm', { launcher });
new CfnOutput(stack, 'MicrovmId', { value: microvm.microvmId });
