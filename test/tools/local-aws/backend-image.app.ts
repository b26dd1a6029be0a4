import { App, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import {
  Microvm, MicrovmCode, MicrovmEgress, MicrovmImage, MicrovmImageVersion, MicrovmIngress, MicrovmLauncher, MicrovmMemory,
} from '../../../src';

/**
 * MicroVMs know their backend, which launches them, and may invoke it. The build role may read the image. A MicroVM of
 * version 1.0 needs the image, although no property of it is an attribute of the image.
 */
const app = new App();
const stack = new Stack(app, 'BackendImage');
const backend = new lambda.Function(stack, 'Backend', {
  runtime: lambda.Runtime.NODEJS_22_X, handler: 'index.handler', code: lambda.Code.fromInline('exports.handler = async () => {};'),
});
const service = new iam.ServicePrincipal('lambda.amazonaws.com');
const buildRole = new iam.Role(stack, 'BuildRole', { assumedBy: new iam.SessionTagsPrincipal(service) });
const image = new MicrovmImage(stack, 'Image', {
  microvmImageName: 'backend-image',
  code: MicrovmCode.fromInline('FROM public.ecr.aws/lambda/microvms:al2023-minimal\nCMD ["node", "-e", "setInterval(() => {}, 1000)"]\n'),
  memory: MicrovmMemory.MIB_512,
  environment: { BACKEND: backend.functionArn },
  buildRole,
});
image.addEnvironment('LEVEL', 'debug');
image.grantRead(buildRole);
const launcher = new MicrovmLauncher(stack, 'Launcher', {
  image, ingress: MicrovmIngress.http(), egress: MicrovmEgress.internet(), imageVersion: MicrovmImageVersion.of('1.0'),
});
launcher.addToFunction(backend);
launcher.grantLaunch(backend);
backend.grantInvoke(launcher);
new Microvm(stack, 'Microvm', { launcher });
