import * as path from 'path';
import type { App, AppProps } from 'aws-cdk-lib';
import { Stack, Validations } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { Finding } from './support/nag';
import { findingsIn, SUPPRESSIONS, unexplained, unused } from './support/nag';
import { testApp } from './support/stacks';
import { integApps } from '../tools/gate/snapshots';

jest.mock('../src/private/bundle', () => jest.requireActual('./support/no-bundle'));
// The integration apps do not export what they make.
jest.mock('aws-cdk-lib', () => {
  const cdk = jest.requireActual('aws-cdk-lib');
  class RecordedApp extends cdk.App {
    public constructor(props?: AppProps) {
      super(props);
      mockApps.push(this as unknown as App);
    }
  }
  return Object.create(cdk, { App: { value: RecordedApp } });
});

const mockApps: App[] = [];
const apps: Record<string, App> = {};
const findings: Record<string, Finding[]> = {};

beforeAll(() => {
  for (const file of integApps()) {
    jest.requireActual(path.join(__dirname, '..', 'integ', file));
    const app = mockApps.pop()!;
    // Aspects change resources at synthesis.
    app.synth();
    apps[file] = app;
    findings[file] = findingsIn(app);
  }
});

test.each(integApps())('each finding of cdk-nag in %s has a reason', file => {
  expect(unexplained(findings[file], SUPPRESSIONS)).toEqual([]);
});

test('each reason has a finding', () => {
  expect(unused(Object.values(findings).flat(), SUPPRESSIONS)).toEqual([]);
});

test.each(integApps())('the library acknowledges nothing in %s for its users', file => {
  const constructs = apps[file].node.findAll();
  const acknowledging = constructs.filter(({ node }) => node.metadata.some(({ type }) => type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY));
  expect(acknowledging.map(({ node }) => node.path)).toEqual([]);
});

test('fails on a finding without a reason, and on a reason without a finding', () => {
  const app = testApp();
  const role = new iam.Role(new Stack(app, 'Stack'), 'Role', { assumedBy: new iam.AccountRootPrincipal() });
  role.addToPolicy(new iam.PolicyStatement({ actions: ['s3:GetObject'], resources: ['*'] }));
  const found = findingsIn(app);
  const on = ['*/Role/DefaultPolicy/Resource'];
  const inline = ['HIPAA.Security', 'NIST.800.53.R5', 'PCI.DSS.321'].map(pack => `${pack}-IAMNoInlinePolicy`);

  expect(unexplained(found, [{ rules: inline, on, because: '' }])).toEqual(['Stack/Role/DefaultPolicy/Resource: AwsSolutions-IAM5[Resource::*]']);
  expect(unexplained(found, [{ rules: inline, on: ['*/DefaultPolicy/Resource'], because: '' }])).toHaveLength(4);
  expect(unused(found, [{ rules: [...inline, 'AwsSolutions-IAM5[Action::*]'], on, because: '' }])).toEqual([
    '*/Role/DefaultPolicy/Resource: AwsSolutions-IAM5[Action::*]',
  ]);
});
