import * as path from 'node:path';
import { App, CfnOutput, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { NodejsFunction } from 'aws-cdk-lib/aws-lambda-nodejs';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import * as tasks from 'aws-cdk-lib/aws-stepfunctions-tasks';
import {
  MicrovmCode, MicrovmEgress, MicrovmImage, MicrovmIngress, MicrovmLauncher, MicrovmStateMachineFragment,
} from 'cdk-lambda-microvms';

const app = new App();
const stack = new Stack(app, 'StepFunctions');

const image = new MicrovmImage(stack, 'Sandbox', {
  code: MicrovmCode.fromInline([
    'FROM public.ecr.aws/lambda/microvms:al2023-minimal',
    'RUN dnf install -y python3 && dnf clean all',
    'WORKDIR /srv',
    'EXPOSE 8080',
    'CMD ["python3", "-m", "http.server", "8080"]',
  ].join('\n')),
});
const launcher = new MicrovmLauncher(stack, 'Launcher', {
  image,
  ingress: MicrovmIngress.http(),
  egress: MicrovmEgress.internet(),
  // If somebody stops an execution, nothing terminates its MicroVM before this time.
  maximumDuration: Duration.minutes(15),
});

const worker = new NodejsFunction(stack, 'Worker', {
  entry: path.join(__dirname, 'worker', 'handler.ts'),
  runtime: lambda.Runtime.NODEJS_24_X,
  timeout: Duration.seconds(30),
  // The SDK of the Lambda runtime does not include the client of this service, so the bundle includes it.
  bundling: { externalModules: [] },
  logGroup: new logs.LogGroup(stack, 'WorkerLogs', { retention: logs.RetentionDays.ONE_WEEK, removalPolicy: RemovalPolicy.DESTROY }),
});
launcher.grantConnect(worker);

// The fragment launches, waits until the MicroVM runs, does the work, and always terminates the MicroVM.
const sandboxed = new MicrovmStateMachineFragment(stack, 'Sandboxed', {
  launcher,
  body: new tasks.LambdaInvoke(stack, 'Work', { lambdaFunction: worker, payloadResponseOnly: true }),
});
const machine = new sfn.StateMachine(stack, 'Machine', { definitionBody: sfn.DefinitionBody.fromChainable(sandboxed) });

new CfnOutput(stack, 'StateMachineArn', { value: machine.stateMachineArn });
