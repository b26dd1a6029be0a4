import * as path from 'node:path';
import { App, CfnOutput, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { NodejsFunction } from 'aws-cdk-lib/aws-lambda-nodejs';
import * as logs from 'aws-cdk-lib/aws-logs';
import { MicrovmCode, MicrovmEgress, MicrovmHooks, MicrovmImage, MicrovmIngress, MicrovmLauncher } from 'cdk-lambda-microvms';

const app = new App();
const stack = new Stack(app, 'Quickstart');

// The image: a directory with a Dockerfile and a server, which also answers the hooks of the service.
const image = new MicrovmImage(stack, 'Sandbox', {
  code: MicrovmCode.fromDirectory(path.join(__dirname, 'sandbox')),
  hooks: MicrovmHooks.withReady({ port: 8080, run: {} }),
});

// The role, network and lifetime of MicroVMs of this image.
const launcher = new MicrovmLauncher(stack, 'Launcher', {
  image,
  ingress: MicrovmIngress.http(),
  egress: MicrovmEgress.internet(),
  idlePolicy: { maxIdleDuration: Duration.minutes(15), suspendedDuration: Duration.hours(1), autoResume: true },
  maximumDuration: Duration.hours(1),
});

// The backend: a function that launches a MicroVM for each invocation.
const backend = new NodejsFunction(stack, 'Backend', {
  entry: path.join(__dirname, 'backend', 'handler.ts'),
  runtime: lambda.Runtime.NODEJS_24_X,
  timeout: Duration.minutes(1),
  // The SDK of the Lambda runtime does not include the client of this service, so the bundle includes it.
  bundling: { externalModules: [] },
  logGroup: new logs.LogGroup(stack, 'BackendLogs', { retention: logs.RetentionDays.ONE_WEEK, removalPolicy: RemovalPolicy.DESTROY }),
});
launcher.grantLaunch(backend);
launcher.grantConnect(backend);
launcher.grantManage(backend);
launcher.addToFunction(backend); // the launch request, in MICROVM_LAUNCH_REQUEST

new CfnOutput(stack, 'BackendName', { value: backend.functionName });
