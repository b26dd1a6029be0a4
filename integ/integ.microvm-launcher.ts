/**
 * A launcher, backends in TypeScript and Python that use it, a MicroVM of the deployment, and a launch check.
 *
 * In an account, it builds for some minutes, runs one MicroVM until the stack is deleted, and two for some seconds.
 */
import * as path from 'path';
import { ExpectedResult, IntegTest, Match } from '@aws-cdk/integ-tests-alpha';
import { App, CfnOutput, Duration, Stack } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { NodejsFunction } from 'aws-cdk-lib/aws-lambda-nodejs';
import type { IMicrovmLauncher } from '../src';
import {
  Microvm, MicrovmCode, MicrovmEgress, MicrovmHooks, MicrovmImage, MicrovmImageVersion, MicrovmIngress, MicrovmLaunchCheck, MicrovmLauncher,
  MicrovmMemory,
} from '../src';

const EXAMPLES = path.join(__dirname, '..', 'examples');

const app = new App();
const stack = new Stack(app, 'IntegMicrovmLauncher');

const image = new MicrovmImage(stack, 'Sandbox', {
  code: MicrovmCode.fromDirectory(path.join(EXAMPLES, 'quickstart', 'typescript', 'sandbox')),
  memory: MicrovmMemory.MIB_512,
  hooks: MicrovmHooks.withReady({ port: 8080, run: {} }),
});
const launcher = new MicrovmLauncher(stack, 'Launcher', {
  image,
  imageVersion: MicrovmImageVersion.ofThisDeployment(),
  ingress: MicrovmIngress.http(),
  egress: MicrovmEgress.internet(),
  idlePolicy: { maxIdleDuration: Duration.minutes(15), suspendedDuration: Duration.hours(1), autoResume: true },
  maximumDuration: Duration.hours(1),
});

const check = new MicrovmLaunchCheck(stack, 'Check', { launcher });
new CfnOutput(stack, 'TimeToRunning', { value: check.timeToRunning });
new CfnOutput(stack, 'TimeToFirstResponse', { value: check.timeToFirstResponse });

const shared = new Microvm(stack, 'Shared', { launcher, healthCheck: { port: 8080, path: '/', timeout: Duration.minutes(2) }, payload: 'shared' });
shared.addRequestOverride('maximumDurationInSeconds', 1800);
new CfnOutput(stack, 'MicrovmId', { value: shared.microvmId });

const backends = {
  TypeScript: new NodejsFunction(stack, 'TypeScript', {
    entry: path.join(EXAMPLES, 'quickstart', 'typescript', 'backend', 'handler.ts'),
    runtime: lambda.Runtime.NODEJS_24_X,
    timeout: Duration.minutes(1),
    // Bundles the AWS SDK: the one in the runtime does not include the service.
    bundling: { externalModules: [] },
  }),
  // In an account, it needs a layer with a recent boto3.
  Python: new lambda.Function(stack, 'Python', {
    code: lambda.Code.fromAsset(path.join(EXAMPLES, 'quickstart', 'python', 'backend'), { exclude: ['**', '!handler.py'] }),
    handler: 'handler.handler',
    runtime: lambda.Runtime.PYTHON_3_14,
    timeout: Duration.minutes(1),
  }),
};
for (const backend of Object.values(backends)) allow(launcher, backend);

function allow(usedLauncher: IMicrovmLauncher, backend: lambda.Function): void {
  usedLauncher.grantLaunch(backend);
  usedLauncher.grantConnect(backend);
  usedLauncher.grantManage(backend);
  usedLauncher.addToFunction(backend);
  // Backends launch a new version only after the check has succeeded.
  backend.node.addDependency(check);
}

const integ = new IntegTest(app, 'IntegMicrovmLauncherTest', { testCases: [stack] });

integ.assertions.invokeFunction({
  functionName: backends.TypeScript.functionName, payload: JSON.stringify({ path: '/' }),
}).expect(ExpectedResult.objectLike({
  Payload: Match.stringLikeRegexp('"statusCode":200'),
}));
