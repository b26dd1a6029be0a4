import { Duration } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { AwsSolutionsChecks } from 'cdk-nag';
import { runSnippet } from './guides';
import { MicrovmEgress, MicrovmIngress, MicrovmLaunchCheck, MicrovmLauncher, MicrovmProvider, NetworkConnector } from '../../src';
import { testApp, testImage, testStack } from '../support/stacks';

jest.mock('../../src/private/bundle', () => jest.requireActual('../support/no-bundle'));

const { acknowledge, PROVIDER, IMAGE, CONNECTOR, LAUNCHER, LAUNCHED } = runSnippet('security.md', 'export function acknowledge');

test('the acknowledgments of the guide cover all findings of AwsSolutionsChecks in one construct of each kind', () => {
  const app = testApp();
  const stack = testStack(app);
  const vpc = ec2.Vpc.fromVpcAttributes(stack, 'Vpc', { vpcId: 'vpc-1', availabilityZones: ['a'], privateSubnetIds: ['subnet-1'] });
  const connector = new NetworkConnector(stack, 'Connector', { vpc });
  const image = testImage({ buildEgress: MicrovmEgress.connector(connector) }, stack);
  const launcher = new MicrovmLauncher(stack, 'Launcher', {
    image, ingress: MicrovmIngress.http(), egress: MicrovmEgress.connector(connector), maximumDuration: Duration.hours(1),
  });
  const check = new MicrovmLaunchCheck(stack, 'Check', { launcher });
  const pack = new AwsSolutionsChecks();
  const findings = () => pack.validateScope(app).violations.map(({ ruleName }) => ruleName);
  const found = new Set(findings());
  expect(found.size).toBeGreaterThan(5);

  const acknowledged = new Set<string>();
  const scopes = [[stack.node.findChild('CdkLambdaMicrovms'), PROVIDER], [image, IMAGE], [connector, CONNECTOR], [launcher, LAUNCHER], [check, LAUNCHED]];
  for (const [scope, reasons] of scopes) {
    acknowledge(pack, scope, reasons);
    for (const { data } of scope.node.metadata) Object.keys(data ?? {}).forEach(rule => acknowledged.add(rule));
  }
  expect([...found].filter(rule => !acknowledged.has(rule))).toEqual([]);
});

test('active tracing leaves no finding about the tracing of the state machine', () => {
  const app = testApp();
  const stack = testStack(app);
  MicrovmProvider.configure(stack, { tracing: lambda.Tracing.ACTIVE });
  testImage({}, stack);
  app.synth();
  expect(new AwsSolutionsChecks().validateScope(app).violations.map(({ ruleName }) => ruleName)).not.toContain('AwsSolutions-SF2');
});
