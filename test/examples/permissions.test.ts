import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import { LambdaMicrovmsClient } from '@aws-sdk/client-lambda-microvms';
import { SSMClient } from '@aws-sdk/client-ssm';
import { handler as broker } from '../../examples/broker/typescript/broker/handler';
import { handler as backend } from '../../examples/quickstart/typescript/backend/handler';
import { CallLimits } from '../../src/handlers/engine/calls';
import { MicrovmClient } from '../../src/handlers/microvm/service';
import { work } from '../../src/handlers/workflow/workflow';
import type { Call } from '../../tools/permissions/principal';
import { Principal } from '../../tools/permissions/principal';
import { denialByIdentity } from '../../tools/simulator/arns';
import { VirtualBuilder } from '../../tools/simulator/builder';
import { RealClock } from '../../tools/simulator/clock';
import { InProcessHandler } from '../../tools/simulator/in-process';
import { Simulator } from '../../tools/simulator/simulator';
import { ACCOUNT } from '../support/stacks';
import { ResolvedTemplate } from '../support/template';

/**
 * The functions of the examples, and the function of a state machine fragment, with their roles from the templates of
 * the integration apps.
 */

const REGION = 'us-east-1';
const INTEG = path.join(__dirname, '..', '..', 'integ');

/** A function of an integration app: its role and its environment, and the service as it finds it. */
class Subject {
  public readonly calls: Call[] = [];
  public readonly environment: Record<string, string>;
  public readonly simulator: Simulator;
  public readonly client: LambdaMicrovmsClient;
  public readonly principal: Principal;

  public constructor(app: string, stack: string, role: string, fn: string) {
    const template = JSON.parse(readFileSync(path.join(INTEG, `${app}.snapshot`, `${stack}.template.json`), 'utf8'));
    const stackId = `arn:aws:cloudformation:${REGION}:${ACCOUNT}:stack/${stack}/uuid`;
    const deployed = ResolvedTemplate.template(template, { stackId, region: REGION, namePrefix: stack });
    const clock = new RealClock();
    this.simulator = new Simulator({
      clock,
      builder: new VirtualBuilder({ clock }),
      account: ACCOUNT,
      region: REGION,
      times: { launch: 10, termination: 10 },
      authorize: async (action, resource, context) => this.denial({ action, resource, context }),
    });
    const { id } = this.simulator.addForeignConnector('connector');
    const asDeployed = (value: any) => JSON.parse(JSON.stringify(value).replace(/\bnc-Connector\w+/g, id));
    const statements = deployed.policiesOf(role).flatMap(({ Statement: found }) => found);
    this.principal = new Principal(`arn:aws:iam::${ACCOUNT}:role/${role}`, asDeployed(statements));
    this.environment = asDeployed(deployed.resource('AWS::Lambda::Function', fn).Properties.Environment.Variables);
    this.client = new LambdaMicrovmsClient({
      region: REGION, credentials: { accessKeyId: 'key', secretAccessKey: 'secret' }, requestHandler: new InProcessHandler(this.simulator),
    });
  }

  /** The launch request in the environment, for a version that exists. */
  public launchRequest(): any {
    const request = JSON.parse(this.environment.MICROVM_LAUNCH_REQUEST);
    this.simulator.addForeignImage(request.imageIdentifier.split(':').pop());
    return { ...request, ...request.imageVersion === undefined ? {} : { imageVersion: '1.0' } };
  }

  public denial(call: Call): string | undefined {
    this.calls.push(call);
    return this.principal.may(call) ? undefined : denialByIdentity(this.principal.arn, call.action, call.resource);
  }

  public get actions(): string[] {
    return [...new Set(this.calls.map(({ action }) => action))].sort();
  }
}

function answering(subject: Subject): void {
  const send = subject.client.send.bind(subject.client);
  jest.spyOn(LambdaMicrovmsClient.prototype, 'send').mockImplementation(async command => send(command));
}

afterEach(() => jest.restoreAllMocks());

const LAUNCHING = ['iam:PassRole', 'lambda:GetMicrovm', 'lambda:PassNetworkConnector', 'lambda:RunMicrovm', 'lambda:TerminateMicrovm'];

test('the backend may make all its calls', async () => {
  const subject = new Subject('integ.microvm-launcher.ts', 'IntegMicrovmLauncher', 'TypeScriptServiceRole', 'TypeScript');
  answering(subject);
  jest.spyOn(globalThis, 'fetch').mockImplementation(async () => new Response('hello'));
  process.env.MICROVM_LAUNCH_REQUEST = JSON.stringify(subject.launchRequest());
  const context = { awsRequestId: '5e5b6a0c-7f6b-4c0e-9a86-4f6f0d7e8a11', getRemainingTimeInMillis: () => 60_000 };
  expect(await backend({}, context)).toEqual({ statusCode: 200, body: 'hello' });
  expect(subject.actions).toEqual([...LAUNCHING, 'lambda:CreateMicrovmAuthToken'].sort());
});

test('the backend in Python has the permissions of that in TypeScript', () => {
  const [typeScript, python] = ['TypeScript', 'Python'].map(name => new Subject('integ.microvm-launcher.ts', 'IntegMicrovmLauncher', `${name}ServiceRole`, name));
  expect(python.principal.statements).toEqual(typeScript.principal.statements);
});

test('the broker may read owners and create tokens, and launch nothing', async () => {
  const subject = new Subject('integ.microvm-launcher-full.ts', 'IntegMicrovmLauncherFull', 'BrokerServiceRole', 'Broker');
  const full = new Subject('integ.microvm-launcher-full.ts', 'IntegMicrovmLauncherFull', 'SandboxedRole', 'SandboxedFunction');
  answering(subject);
  jest.spyOn(SSMClient.prototype, 'send').mockImplementation(async ({ input }: any) => {
    const denied = subject.denial({ action: 'ssm:GetParameter', resource: `arn:aws:ssm:${REGION}:${ACCOUNT}:parameter${input.Name}`, context: {} });
    if (denied !== undefined) throw new Error(denied);
    return { Parameter: { Value: 'tenant-a' } };
  });
  process.env.OWNERS_PATH = subject.environment.OWNERS_PATH;
  const image = full.launchRequest().imageIdentifier.split(':').pop();
  subject.simulator.addForeignImage(image);
  const { id: microvmId } = subject.simulator.launchMicrovm(image);
  const answer = await broker({ pathParameters: { microvmId }, requestContext: { authorizer: { jwt: { claims: { sub: 'tenant-a' } } } } });
  expect(answer.statusCode).toBe(200);
  expect(subject.actions).toEqual(['lambda:CreateMicrovmAuthToken', 'ssm:GetParameter']);
  expect(subject.principal.may({ action: 'lambda:RunMicrovm', resource: full.launchRequest().imageIdentifier, context: {} })).toBe(false);
});

test('the function of a state machine fragment may make all its calls', async () => {
  const subject = new Subject('integ.microvm-launcher-full.ts', 'IntegMicrovmLauncherFull', 'SandboxedRole', 'SandboxedFunction');
  const clock = { now: () => Date.now(), sleep: async () => undefined };
  const microvms = new MicrovmClient(subject.client, new CallLimits(clock, Infinity), clock);
  const world = { clock, microvms, request: subject.launchRequest() };
  const launched = await work({ action: 'launch', microvm: { token: 'token' } } as any, world);
  await work({ action: 'describe', microvm: launched } as any, world);
  await work({ action: 'terminate', microvm: launched } as any, world);
  // The launcher of this app has a key of its own.
  const ofTheKey = ['kms:CreateGrant', 'kms:Decrypt', 'kms:DescribeKey', 'kms:GenerateDataKey'];
  expect(subject.actions).toEqual([...LAUNCHING, ...ofTheKey].sort());
});
