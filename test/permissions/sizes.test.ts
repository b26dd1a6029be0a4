import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import {
  AllowedNetworkConnectors, MicrovmCode, MicrovmEgress, MicrovmImage, MicrovmIngress, MicrovmLauncher, NetworkConnector, NetworkConnectorCatalog,
  NetworkConnectorGuardrail,
} from '../../src';
import { writtenTable } from '../../tools/gate/tables';
import { resourceTable } from '../../tools/permissions/resources';
import { ACCOUNT } from '../support/stacks';

jest.mock('../../src/private/bundle', () => jest.requireActual('../support/no-bundle'));

/** The default quotas of IAM, in characters without white space, and of CloudFormation. */
const INLINE_OF_A_ROLE = 10_240;
const MANAGED_POLICY = 6_144;
const MANAGED_POLICIES_OF_A_ROLE = 10;
const TRUST_POLICY = 2_048;
const RESOURCES_OF_A_STACK = 500;
const TEMPLATE_BYTES = 1_000_000;

/** One of the longest names of Regions. */
const REGION = 'ap-southeast-1';
const IMAGES = 100;
const CONNECTORS = 50;

const WAYS: [string, Record<string, boolean>][] = [
  ['as they are', {}],
  ['if aws-cdk-lib minimizes policies', { '@aws-cdk/aws-iam:minimizePolicies': true }],
];

function stackIn(app: App, name: string): Stack {
  return new Stack(app, name, { env: { account: ACCOUNT, region: REGION } });
}

function callerIn(stack: Stack, id: string): iam.Role {
  return new iam.Role(stack, id, { assumedBy: new iam.AccountRootPrincipal() });
}

/**
 * The longest text that a template value can have: generated names have 64 characters, IDs of connectors those of the
 * service.
 */
function longest(value: any): any {
  if (Array.isArray(value)) return value.map(longest);
  if (value === null || typeof value !== 'object') return value;
  if (value['Fn::Join']) return longest(value['Fn::Join'][1]).join(value['Fn::Join'][0]);
  if (value['Fn::FindInMap']) return `${'x'.repeat(64)}.zip`;
  if (value['Fn::Select'] || value['Fn::Split']) return 'x'.repeat(36);
  if (value.Ref) {
    const known: Record<string, string> = {
      'AWS::Partition': 'aws-us-gov',
      'AWS::Region': REGION,
      'AWS::AccountId': ACCOUNT,
      'AWS::StackId': `arn:aws-us-gov:cloudformation:${REGION}:${ACCOUNT}:stack/${'x'.repeat(64)}/${'x'.repeat(36)}`,
    };
    return known[value.Ref] ?? 'x'.repeat(64);
  }
  if (value['Fn::GetAtt']) {
    const [, attribute] = value['Fn::GetAtt'] as string[];
    return attribute === 'ConnectorArn'
      ? `arn:aws-us-gov:lambda:${REGION}:${ACCOUNT}:network-connector:nc-${'x'.repeat(36)}`
      : `arn:aws-us-gov:iam::${ACCOUNT}:role/${'x'.repeat(64)}`;
  }
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, longest(member)]));
}

const lengthOf = (document: any) => JSON.stringify(longest(document)).length;

/** The policies of a template that exceed a quota. */
function tooLarge(template: any): string[] {
  const resources = Object.entries<any>(template.Resources);
  const attached = (type: string, role: string) => resources.filter(([, resource]) => resource.Type === type && JSON.stringify(resource.Properties.Roles ?? []).includes(`"${role}"`));
  const wrong = resources.filter(([, { Type: type }]) => type === 'AWS::IAM::Role').flatMap(([id, { Properties: role }]) => {
    const inline = [...role.Policies ?? [], ...attached('AWS::IAM::Policy', id).map(([, { Properties: policy }]) => policy)];
    const managed = (role.ManagedPolicyArns ?? []).length + attached('AWS::IAM::ManagedPolicy', id).length;
    const total = inline.reduce((sum, { PolicyDocument: document }) => sum + lengthOf(document), 0);
    return [
      ...total > INLINE_OF_A_ROLE ? [`${id}: inline policies of ${total} characters`] : [],
      ...managed > MANAGED_POLICIES_OF_A_ROLE ? [`${id}: ${managed} managed policies`] : [],
      ...lengthOf(role.AssumeRolePolicyDocument) > TRUST_POLICY ? [`${id}: a trust policy of ${lengthOf(role.AssumeRolePolicyDocument)} characters`] : [],
    ];
  });
  const managed = resources.filter(([, { Type: type }]) => type === 'AWS::IAM::ManagedPolicy')
    .map(([id, { Properties: policy }]) => [id, lengthOf(policy.PolicyDocument)] as const).filter(([, length]) => length > MANAGED_POLICY);
  return [
    ...wrong,
    ...managed.map(([id, length]) => `${id}: a managed policy of ${length} characters`),
    ...resources.length > RESOURCES_OF_A_STACK ? [`${resources.length} resources`] : [],
    ...JSON.stringify(template).length > TEMPLATE_BYTES ? [`${JSON.stringify(template).length} bytes`] : [],
  ];
}

/** Images in one stack, and launchers with their callers in another. */
function manyImages(context: Record<string, boolean>): { images: any; callers: any } {
  const app = new App({ analyticsReporting: false, context });
  const images = stackIn(app, 'Images');
  const callers = stackIn(app, 'Callers');
  const egress = MicrovmEgress.connector(NetworkConnector.fromNetworkConnectorArn(
    callers, 'Connector', `arn:aws:lambda:${REGION}:${ACCOUNT}:network-connector:nc-11111111-1111-4111-8111-111111111111`));
  const [launches, runs] = ['Launches', 'Runs'].map(id => callerIn(callers, id));
  for (let number = 0; number < IMAGES; number++) {
    new MicrovmImage(images, `Image${number}`, { code: MicrovmCode.fromInline(`FROM scratch\nLABEL number=${number}`) });
    const image = MicrovmImage.fromMicrovmImageName(callers, `Image${number}`, `${'an-image-with-a-name-of-sixty-characters'.padEnd(60, 'x')}-${number}`);
    const launcher = new MicrovmLauncher(callers, `Launcher${number}`, { image, ingress: MicrovmIngress.http(), egress });
    launcher.grantLaunch(launches);
    launcher.grantConnect(launches);
    launcher.grantManage(launches);
    image.grantRun(runs);
    image.grantRead(runs);
  }
  return { images: Template.fromStack(images).toJSON(), callers: Template.fromStack(callers).toJSON() };
}

function manyConnectors(context: Record<string, boolean>): any {
  const stack = stackIn(new App({ analyticsReporting: false, context }), 'Network');
  const vpc = ec2.Vpc.fromVpcAttributes(stack, 'Vpc', { vpcId: 'vpc-0123456789abcdef1', availabilityZones: ['a'], privateSubnetIds: ['subnet-0123456789abcdef1'] });
  const catalog = new NetworkConnectorCatalog(stack, 'Catalog', { catalogName: 'platform' });
  const [before, after, maintainer] = ['Before', 'After', 'Maintainer'].map(id => callerIn(stack, id));
  catalog.grantUse(before);
  for (let number = 0; number < CONNECTORS; number++) {
    const securityGroups = [ec2.SecurityGroup.fromSecurityGroupId(stack, `Group${number}`, `sg-${String(number).padStart(17, '0')}`, { allowAllOutbound: false })];
    const connector = new NetworkConnector(stack, `Connector${number}`, { vpc, securityGroups });
    catalog.add(`connector-with-a-long-name-${number}`, connector);
    connector.grantManage(maintainer);
  }
  catalog.grantUse(after);
  new NetworkConnectorGuardrail(stack, 'Guardrail', { allowed: AllowedNetworkConnectors.allInAccount(), networkTeamPath: '/network-team/', boundaryName: 'boundary' });
  return Template.fromStack(stack).toJSON();
}

describe.each(WAYS)('the policies of 100 images and 50 connectors, %s', (_, context) => {
  test('stay within the limits of IAM and CloudFormation, even for one caller of all images', () => {
    const { images, callers } = manyImages(context);
    expect({ images: tooLarge(images), callers: tooLarge(callers) }).toEqual({ images: [], callers: [] });
  });

  test('stay within the limits for one user of all connectors, and for one who manages them', () => {
    expect(tooLarge(manyConnectors(context))).toEqual([]);
  });
});

test('100 images fit into one template as the CDK writes it, with indentation and metadata, wherever it is deployed', () => {
  const context = { 'aws:cdk:enable-path-metadata': true, 'aws:cdk:enable-asset-metadata': true };
  const stack = new Stack(new App({ analyticsReporting: false, context }), 'Images');
  for (let number = 0; number < IMAGES; number++) {
    new MicrovmImage(stack, `Image${number}`, { code: MicrovmCode.fromInline(`FROM scratch\nLABEL number=${number}`) });
  }
  expect(JSON.stringify(Template.fromStack(stack).toJSON(), undefined, 1).length).toBeLessThan(780_000);
});

test('the documentation says how many resources each construct creates; run npm run generate', () => {
  expect(writtenTable('npm run permissions: resources of a stack')).toBe(resourceTable());
});

test('synthesis returns the same template each time', () => {
  expect(JSON.stringify(manyImages({}))).toBe(JSON.stringify(manyImages({})));
  expect(JSON.stringify(manyConnectors({}))).toBe(JSON.stringify(manyConnectors({})));
});
