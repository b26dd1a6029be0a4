import * as path from 'node:path';
import { App, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import { buildSync } from 'esbuild';
import { BACKEND, LAUNCHER_STACK } from './names';
import {
  Microvm, MicrovmCode, MicrovmEgress, MicrovmHooks, MicrovmImage, MicrovmIngress, MicrovmLaunchCheck, MicrovmLauncher, MicrovmMemory,
} from '../../src';

/**
 * An app with a backend that launches MicroVMs, and with a MicroVM that is launched by the deployment after a check.
 *
 * The context contains the greeting of the image and the path that the check requests.
 */
const app = new App();
const stack = new Stack(app, LAUNCHER_STACK);
const directory: string = app.node.getContext('directory');

const image = new MicrovmImage(stack, 'Sandbox', {
  code: MicrovmCode.fromDirectory(directory),
  memory: MicrovmMemory.MIB_512,
  hooks: MicrovmHooks.withReady({ port: 8080, run: {} }),
  environment: { GREETING: app.node.getContext('greeting') },
});
const launcher = new MicrovmLauncher(stack, 'Launcher', {
  image,
  ingress: MicrovmIngress.http(),
  egress: MicrovmEgress.internet(),
  idlePolicy: { maxIdleDuration: Duration.minutes(15), suspendedDuration: Duration.hours(1), autoResume: true },
  maximumDuration: Duration.hours(4),
});

const backend = new lambda.Function(stack, 'Backend', {
  functionName: BACKEND,
  runtime: lambda.Runtime.NODEJS_22_X,
  handler: 'index.handler',
  code: lambda.Code.fromAsset(bundle(path.join(__dirname, 'backend.ts'), `${directory}-backend`)),
  timeout: Duration.seconds(30),
  logGroup: new logs.LogGroup(stack, 'BackendLogs', { removalPolicy: RemovalPolicy.DESTROY }),
});
launcher.grantLaunch(backend);
launcher.grantConnect(backend);
launcher.grantManage(backend);
launcher.addToFunction(backend);

const check = new MicrovmLaunchCheck(stack, 'Check', {
  launcher, healthCheck: { path: app.node.getContext('path'), timeout: Duration.seconds(5) },
});
const shared = new Microvm(stack, 'Shared', { launcher, payload: 'shared', healthCheck: {} });
shared.node.addDependency(check);

function bundle(entry: string, outdir: string): string {
  buildSync({ entryPoints: { index: entry }, outdir, bundle: true, platform: 'node', target: 'node20' });
  return outdir;
}
