import { App, CfnOutput, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import {
  MicrovmCode, MicrovmEgress, MicrovmHooks, MicrovmImage, MicrovmIngress, MicrovmLauncher, MicrovmLogging, MicrovmStateMachineFragment,
} from '../../../src';

/** A launcher without an execution role, state machines in both query languages, and a reader of the launch request. */
const app = new App();
const stack = new Stack(app, 'StateMachines');
const image = new MicrovmImage(stack, 'Image', {
  code: MicrovmCode.fromInline('FROM public.ecr.aws/lambda/microvms:al2023-minimal\nCMD ["node", "-e", "setInterval(() => {}, 1000)"]\n'),
  hooks: MicrovmHooks.withReady({ port: 8080, run: {} }),
});
const launcher = new MicrovmLauncher(stack, 'Launcher', {
  image, ingress: MicrovmIngress.http(), egress: MicrovmEgress.internet(), omitExecutionRole: true, logging: MicrovmLogging.disabled(),
});

const bodies: Record<string, [sfn.QueryLanguage, sfn.IChainable]> = {
  PathInPath: [sfn.QueryLanguage.JSON_PATH, new sfn.Pass(stack, 'PathInPathWork', { parameters: { id: sfn.JsonPath.stringAt('$.microvm.microvmId') } })],
  JsonataInPath: [sfn.QueryLanguage.JSON_PATH, sfn.Pass.jsonata(stack, 'JsonataInPathWork', { outputs: { id: '{% $states.input.microvm.microvmId %}' } })],
  JsonataInJsonata: [sfn.QueryLanguage.JSONATA, sfn.Pass.jsonata(stack, 'InJsonataWork', { outputs: { id: '{% $states.input.microvm.microvmId %}' } })],
  FailingInJsonata: [sfn.QueryLanguage.JSONATA, sfn.Fail.jsonata(stack, 'FailingWork', { error: 'NoGood', cause: '{% $states.input.microvm.state %}' })],
};
for (const [id, [queryLanguage, body]] of Object.entries(bodies)) {
  const fragment = new MicrovmStateMachineFragment(stack, `${id}Run`, { launcher, body, payloadObject: { job: '{% $states.input.job %}' } });
  const machine = new sfn.StateMachine(stack, id, { definitionBody: sfn.DefinitionBody.fromChainable(fragment), queryLanguage });
  new CfnOutput(stack, `${id}Arn`, { value: machine.stateMachineArn });
}

const backend = new lambda.Function(stack, 'Backend', {
  functionName: 'reader',
  runtime: lambda.Runtime.NODEJS_22_X,
  handler: 'index.handler',
  code: lambda.Code.fromInline(`
    const { SSMClient, GetParameterCommand } = require('@aws-sdk/client-ssm');
    exports.handler = async () => {
      const command = new GetParameterCommand({ Name: process.env.MICROVM_LAUNCH_REQUEST_PARAMETER });
      return JSON.parse((await new SSMClient({}).send(command)).Parameter.Value);
    };
  `),
  logGroup: new logs.LogGroup(stack, 'BackendLogs', { removalPolicy: RemovalPolicy.DESTROY }),
});
launcher.publish('/sandbox/launcher').addToFunction(backend);
