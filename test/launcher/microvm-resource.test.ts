import * as fs from 'fs';
import * as path from 'path';
import type { Stack } from 'aws-cdk-lib';
import { Duration } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as logs from 'aws-cdk-lib/aws-logs';
import { EXECUTION_ROLE, IMAGE, managed, OTHER_CONNECTOR, OTHER_IMAGE, testMicrovm } from './support';
import type { MicrovmProps } from '../../src';
import { Microvm, MicrovmEgress, MicrovmImage, MicrovmIngress, MicrovmLauncher, MicrovmLogging } from '../../src';
import { expectAnswers } from '../support/iam';
import { ACCOUNT, REGION, testConnector, testStack } from '../support/stacks';
import { ResolvedTemplate } from '../support/template';

jest.mock('../../src/private/bundle', () => jest.requireActual('../support/no-bundle'));

describe('the resource role of a MicroVM', () => {
  const LOGICAL_ID = ResolvedTemplate.stack(testMicrovm().stack).ids('Custom::Microvm')[0];
  const LEDGER = `arn:aws:ssm:${REGION}:${ACCOUNT}:parameter/cdk-lambda-microvms/uuid/${LOGICAL_ID}`;
  const policiesWith = (props: Partial<MicrovmProps> = {}) => ResolvedTemplate.stack(testMicrovm(props).stack).policiesOf('SharedResourceRole');
  const on = (resource: string, ...actions: string[]) => actions.map(action => ({ action, resource }));

  test('permits launching and terminating MicroVMs of the launcher, and recording launches', async () => {
    await expectAnswers(policiesWith(), true, [
      ...on(IMAGE, 'lambda:RunMicrovm', 'lambda:GetMicrovm', 'lambda:TerminateMicrovm'),
      ...on(EXECUTION_ROLE, 'iam:PassRole'),
      ...['HTTP_INGRESS', 'INTERNET_EGRESS'].map(name => ({ action: 'lambda:PassNetworkConnector', resource: managed(name) })),
      ...on(LEDGER, 'ssm:GetParametersByPath'),
      ...on(`${LEDGER}/token`, 'ssm:PutParameter', 'ssm:DeleteParameter'),
      ...on('*', 'lambda:ListMicrovms'),
    ]);
  });

  test('permits no other action and no other resource', async () => {
    await expectAnswers(policiesWith(), false, [
      ...on(OTHER_IMAGE, 'lambda:RunMicrovm', 'lambda:GetMicrovm', 'lambda:TerminateMicrovm'),
      ...on(IMAGE, 'lambda:CreateMicrovmAuthToken', 'lambda:CreateMicrovmShellAuthToken', 'lambda:SuspendMicrovm', 'lambda:DeleteMicrovmImage'),
      ...on(`arn:aws:iam::${ACCOUNT}:role/other`, 'iam:PassRole'),
      ...[managed('SHELL_INGRESS'), OTHER_CONNECTOR].map(resource => ({ action: 'lambda:PassNetworkConnector', resource })),
      ...on(LEDGER.replace(LOGICAL_ID, 'Other'), 'ssm:GetParametersByPath'),
      ...on(`${LEDGER.replace('uuid', 'other')}/token`, 'ssm:PutParameter', 'ssm:DeleteParameter'),
      ...on(`${LEDGER}/token`, 'ssm:AddTagsToResource'),
    ]);
  });

  test('permits exactly the calls that the code of the handler contains', () => {
    const handler = path.join(__dirname, '..', '..', 'src', 'handlers', 'microvm');
    const code = ['service.ts', 'ledger.ts'].map(file => fs.readFileSync(path.join(handler, file), 'utf8')).join();
    const calls = new Set([...code.matchAll(/new (\w+)Command\(/g)].map(([, call]) => call));
    const statements = policiesWith({ healthCheck: {} }).flatMap(policy => policy.Statement);
    const actions: string[] = statements.flatMap(({ Action }) => Action)
      .filter(action => !['iam:PassRole', 'lambda:PassNetworkConnector'].includes(action));
    expect([...new Set(actions.map(action => action.split(':')[1]))].sort()).toEqual([...calls].sort());
  });

  describe('permits reading the log of a MicroVM that failed', () => {
    const LOGS = `arn:aws:logs:${REGION}:${ACCOUNT}:log-group:launches`;
    const READ = [{ action: 'logs:DescribeLogStreams', resource: LOGS }, ...on(`${LOGS}:log-stream:microvm-1`, 'logs:DescribeLogStreams', 'logs:GetLogEvents')];
    const policiesOf = (props: Partial<MicrovmProps>, logging: (stack: Stack) => MicrovmLogging) => {
      const stack = testStack();
      return ResolvedTemplate.stack(testMicrovm(props, { logging: logging(stack) }, stack).stack).policiesOf('SharedResourceRole');
    };
    const named = (stack: Stack) => MicrovmLogging.logGroup(logs.LogGroup.fromLogGroupName(stack, 'Logs', 'launches'));

    test('in the log group of the launcher only', async () => {
      await expectAnswers(policiesOf({}, named), true, READ);
      await expectAnswers(policiesOf({}, named), false, [
        ...on(`${LOGS}2:log-stream:microvm-1`, 'logs:DescribeLogStreams', 'logs:GetLogEvents'), ...on(`${LOGS}:log-stream:x`, 'logs:PutLogEvents'),
      ]);
    });

    test('in the log group of an imported launcher', async () => {
      const stack = testStack();
      const launcher = MicrovmLauncher.fromMicrovmLauncherAttributes(stack, 'Imported', {
        image: MicrovmImage.fromMicrovmImageName(stack, 'Image', 'sandbox'),
        ingress: MicrovmIngress.http(),
        egress: MicrovmEgress.internet(),
        executionRole: iam.Role.fromRoleName(stack, 'Role', 'execution'),
        logGroup: logs.LogGroup.fromLogGroupName(stack, 'Logs', 'launches'),
      });
      new Microvm(stack, 'Shared', { launcher });
      await expectAnswers(ResolvedTemplate.stack(stack).policiesOf('SharedResourceRole'), true, READ);
    });

    test('unless errors show no log, or there is none', async () => {
      await expectAnswers(policiesOf({ showLogInErrors: false }, named), false, READ);
      await expectAnswers(policiesOf({}, () => MicrovmLogging.disabled()), false, READ);
    });

    test('and the resource says whether errors show it', () => {
      const shown = (props: Partial<MicrovmProps>) => ResolvedTemplate.stack(testMicrovm(props).stack).resource('Custom::Microvm', 'Shared').Properties.ShowLogInErrors;
      expect([shown({}), shown({ showLogInErrors: true }), shown({ showLogInErrors: false })]).toEqual(['true', 'true', 'false']);
    });
  });

  test('permits creating endpoint tokens for a health check, and only then', async () => {
    await expectAnswers(policiesWith({ healthCheck: {} }), true, on(IMAGE, 'lambda:CreateMicrovmAuthToken'));
  });

  test('is replaced if anything that it covers changes, so that the old role can still terminate the old MicroVM', () => {
    const idOf = (stack: Stack) => ResolvedTemplate.stack(stack).ids('AWS::IAM::Role', 'SharedResourceRole')[0];
    const stack = testStack();
    const ids = [
      idOf(testMicrovm().stack),
      idOf(testMicrovm({ healthCheck: {} }).stack),
      idOf(testMicrovm({}, { ingress: MicrovmIngress.allPorts() }).stack),
      idOf(testMicrovm({}, { egress: MicrovmEgress.connector(testConnector(stack)) }, stack).stack),
    ];
    expect(new Set(ids).size).toBe(ids.length);
    expect(idOf(testMicrovm({ payload: 'other' }, { maximumDuration: Duration.hours(1) }).stack)).toBe(ids[0]);
  });
});

test('a launch fails at synth if its record would not fit into a parameter, which the payload alone does not tell', () => {
  const withOverride = (length: number) => {
    const { stack, launcher } = testMicrovm({ payload: 'p'.repeat(2_000) });
    (launcher as MicrovmLauncher).addRequestOverride('unknown', 'o'.repeat(length));
    return () => Template.fromStack(stack);
  };
  expect(withOverride(500)).not.toThrow();
  expect(withOverride(1_500)).toThrow('MicrovmPayloadTooLong');
});
