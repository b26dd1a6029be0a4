import * as fs from 'fs';
import * as path from 'path';
import type { Stack } from 'aws-cdk-lib';
import { Duration } from 'aws-cdk-lib';
import { EXECUTION_ROLE, IMAGE, managed, OTHER_CONNECTOR, OTHER_IMAGE, testMicrovm } from './support';
import type { MicrovmProps } from '../../src';
import { MicrovmEgress, MicrovmIngress } from '../../src';
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
    ]);
  });

  test('permits no other action and no other resource', async () => {
    await expectAnswers(policiesWith(), false, [
      ...on(OTHER_IMAGE, 'lambda:RunMicrovm', 'lambda:GetMicrovm', 'lambda:TerminateMicrovm'),
      ...on(IMAGE, 'lambda:CreateMicrovmAuthToken', 'lambda:CreateMicrovmShellAuthToken', 'lambda:SuspendMicrovm', 'lambda:DeleteMicrovmImage'),
      ...on('*', 'lambda:ListMicrovms'),
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
