import type { App, Stack } from 'aws-cdk-lib';
import { CfnOutput, PhysicalName } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { SECURITY_GROUP, SUBNETS, testNetworkConnector, testVpc } from './support';
import {
  AllowedNetworkConnectors, MicrovmCode, MicrovmEgress, MicrovmImage, MicrovmIngress, MicrovmLauncher, NetworkConnector, NetworkConnectorCatalog,
  NetworkConnectorGrants, NetworkConnectorGuardrail, NetworkConnectorOperatorRole,
} from '../../src';
import { ACCOUNT, DOCKERFILE, REGION, testApp, testConnector, testStack } from '../support/stacks';

jest.mock('../../src/private/bundle', () => jest.requireActual('../support/no-bundle'));

const FOREIGN = '111122223333';
const OTHER_REGION = 'us-east-1';
const HERE = `${ACCOUNT}/${REGION}`;

function stackIn(app: App, id: string, account: string, region: string): Stack {
  return testStack(app, id, { env: { account, region } });
}

/** Returns a stack, and one of another account. */
function twoAccounts(): { here: Stack; there: Stack } {
  const app = testApp();
  return { here: stackIn(app, 'Here', ACCOUNT, REGION), there: stackIn(app, 'There', FOREIGN, REGION) };
}

/** Returns a stack, and one of another Region. */
function twoRegions(): { here: Stack; there: Stack } {
  const app = testApp();
  return { here: stackIn(app, 'Here', ACCOUNT, REGION), there: stackIn(app, 'There', ACCOUNT, OTHER_REGION) };
}

describe('a connector', () => {
  test('fails with a VPC of another account, and names both sides', () => {
    const { here, there } = twoAccounts();
    expect(() => new NetworkConnector(here, 'Connector', { vpc: new ec2.Vpc(there, 'Vpc') })).toThrow(
      `vpc: is in ${FOREIGN}/${REGION}, and this construct in ${HERE}; VPCs of another account or Region cannot be used; `
      + 'use one of the same account and Region [NetworkConnectorCrossEnvironment at Here/Connector]');
  });

  test('fails with a VPC of another Region, also with one that was imported there', () => {
    const { here, there } = twoRegions();
    expect(() => new NetworkConnector(here, 'One', { vpc: new ec2.Vpc(there, 'Vpc') })).toThrow(`vpc: is in ${ACCOUNT}/${OTHER_REGION}`);
    const attributes = { vpcId: 'vpc-1', availabilityZones: ['a'], privateSubnetIds: ['subnet-1'], region: OTHER_REGION };
    expect(() => new NetworkConnector(here, 'Two', { vpc: ec2.Vpc.fromVpcAttributes(here, 'Import', attributes) }))
      .toThrow(`vpc: is in ${ACCOUNT}/${OTHER_REGION}`);
  });

  test('fails with a subnet, a security group or an operator role of elsewhere', () => {
    const { here, there } = twoAccounts();
    const vpc = testVpc(here);
    const subnets = [ec2.Subnet.fromSubnetId(there, 'Subnet', 'subnet-1')];
    const group = ec2.SecurityGroup.fromSecurityGroupId(there, 'Group', 'sg-1');
    const operatorRole = iam.Role.fromRoleArn(here, 'Role', `arn:aws:iam::${FOREIGN}:role/operator`);
    expect(() => new NetworkConnector(here, 'One', { vpc, vpcSubnets: { subnets } })).toThrow(`vpcSubnets: is in ${FOREIGN}/${REGION}, and this construct in ${HERE}`);
    expect(() => new NetworkConnector(here, 'Two', { vpc, securityGroups: [group] })).toThrow(`securityGroups: is in ${FOREIGN}/${REGION}`);
    expect(() => new NetworkConnector(here, 'Three', { vpc, operatorRole })).toThrow(`operatorRole: is in ${FOREIGN}, and this construct in ${HERE}`);
  });

  test('fails with an operator role whose policy is for another Region', () => {
    const { here, there } = twoRegions();
    const operatorRole = new NetworkConnectorOperatorRole(there, 'Role', {
      subnets: SUBNETS.map((id, n) => ec2.Subnet.fromSubnetId(there, `Subnet${n}`, id)),
      securityGroups: [ec2.SecurityGroup.fromSecurityGroupId(there, 'Group', SECURITY_GROUP)],
      roleName: 'operator',
    });
    expect(() => testNetworkConnector({ operatorRole }, here)).toThrow(`operatorRole: is in ${ACCOUNT}/${OTHER_REGION}, and this construct in ${HERE}`);
  });

  test('works with a role that another Region of the same account defines', () => {
    const { here, there } = twoRegions();
    const operatorRole = new iam.Role(there, 'Role', { roleName: 'operator', assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });
    expect(() => new NetworkConnector(here, 'Connector', { vpc: testVpc(here), operatorRole })).not.toThrow();
  });
});

test('an operator role, and a grant to create connectors, fail with subnets of another Region', () => {
  const { here, there } = twoRegions();
  const subnets = [ec2.Subnet.fromSubnetId(there, 'Subnet', 'subnet-1')];
  const securityGroups = [ec2.SecurityGroup.fromSecurityGroupId(here, 'Group', 'sg-1')];
  expect(() => new NetworkConnectorOperatorRole(here, 'Role', { subnets, securityGroups })).toThrow(`subnets: is in ${ACCOUNT}/${OTHER_REGION}`);
  const operatorRoles = [iam.Role.fromRoleName(here, 'Operator', 'operator')];
  const member = new iam.Role(here, 'Member', { assumedBy: new iam.AccountRootPrincipal() });
  expect(() => NetworkConnectorGrants.create(here, member, { subnets, securityGroups, operatorRoles })).toThrow('NetworkConnectorCrossEnvironment');
});

describe('what goes out through a connector of elsewhere', () => {
  const image = (stack: Stack, egress: MicrovmEgress) => () =>
    new MicrovmImage(stack, 'Image', { code: MicrovmCode.fromInline(DOCKERFILE), buildEgress: egress });

  test.each<[string, (there: Stack) => lambda.INetworkConnectorRef]>([
    ['a named connector', there => testNetworkConnector({ networkConnectorName: 'internal' }, there).connector],
    ['a connector without a name', there => testNetworkConnector({}, there).connector],
    ['an L1', there => testConnector(there)],
    ['an import by name', there => NetworkConnector.fromNetworkConnectorName(there, 'Import', 'internal')],
  ])('fails with %s', (_, create) => {
    const { here, there } = twoRegions();
    expect(image(here, MicrovmEgress.connector(create(there))))
      .toThrow(`buildEgress: is in ${ACCOUNT}/${OTHER_REGION}, and this construct in ${HERE}; network connectors of another account or Region cannot be used`);
  });

  test('fails with an ARN of another account or Region', () => {
    const { here } = twoAccounts();
    const importOf = (id: string, arn: string) => MicrovmEgress.connector(NetworkConnector.fromNetworkConnectorArn(here, id, arn));
    expect(image(here, importOf('One', `arn:aws:lambda:${REGION}:${FOREIGN}:network-connector:nc-1`))).toThrow(`buildEgress: is in ${FOREIGN}/${REGION}`);
    const egress = importOf('Two', `arn:aws:lambda:${OTHER_REGION}:${ACCOUNT}:network-connector:nc-1`);
    const launched = MicrovmImage.fromMicrovmImageName(here, 'Ref', 'sandbox');
    expect(() => new MicrovmLauncher(here, 'Launcher', { image: launched, ingress: MicrovmIngress.none(), egress }))
      .toThrow(`egress: is in ${ACCOUNT}/${OTHER_REGION}, and this construct in ${HERE}`);
  });

  test('works in a stack without account and Region, which may be deployed there', () => {
    const stack = testStack(testApp(), 'Anywhere', { env: {} });
    const connector = NetworkConnector.fromNetworkConnectorArn(stack, 'Import', `arn:aws:lambda:${REGION}:${FOREIGN}:network-connector:nc-1`);
    expect(image(stack, MicrovmEgress.connector(connector))).not.toThrow();
  });

  test('fails if only one of the stacks has an account, because the ARN cannot be passed', () => {
    const app = testApp();
    const { connector } = testNetworkConnector({ networkConnectorName: 'internal' }, testStack(app, 'Anywhere', { env: {} }));
    expect(image(stackIn(app, 'Here', ACCOUNT, REGION), MicrovmEgress.connector(connector)))
      .toThrow(/buildEgress: Anywhere\/Connector is in <account of the deployment>.*, and stack 'Here' in 123456789012.*an ID that is known only there.*NetworkConnectorCrossEnvironment/);
  });
});

describe('the ARN of a connector', () => {
  test('fails in a catalog, in a grant and in a guardrail of another account', () => {
    const { here, there } = twoAccounts();
    const { connector } = testNetworkConnector({ networkConnectorName: 'internal' }, there);
    const role = new iam.Role(here, 'Role', { assumedBy: new iam.AccountRootPrincipal() });
    expect(() => new NetworkConnectorCatalog(here, 'Catalog', { catalogName: 'c' }).add('internal', connector))
      .toThrow(`connector: is in ${FOREIGN}/${REGION}, and this construct in ${HERE}`);
    expect(() => connector.grantUse(role)).toThrow(`grantee: There/Connector is in ${FOREIGN}/${REGION}, and stack 'Here' in ${HERE}`);
    expect(() => connector.grantManage(role)).toThrow('NetworkConnectorCrossEnvironment');
    expect(() => new NetworkConnectorGuardrail(here, 'Guardrail', {
      allowed: AllowedNetworkConnectors.only(connector), networkTeamPath: '/network-team/', boundaryName: 'b',
    })).toThrow(`allowed: There/Connector is in ${FOREIGN}/${REGION}`);
  });

  test.each([['a name', 'internal'], ['no name', undefined], ['the constant of the CDK', PhysicalName.GENERATE_IF_NEEDED]])(
    'fails for whoever reads it in another account, with %s', (_, networkConnectorName) => {
      const { here, there } = twoAccounts();
      const { connector } = testNetworkConnector({ networkConnectorName }, there);
      new CfnOutput(here, 'Arn', { value: connector.networkConnectorArn });
      expect(() => Template.fromStack(here)).toThrow(new RegExp(
        `networkConnectorArn: There/Connector is in ${FOREIGN}/${REGION}, and stack 'Here' in ${HERE}; .*NetworkConnectorCrossEnvironment at Here/Arn`));
    });

  test('in text can be granted, allowed and read anywhere', () => {
    const { here } = twoAccounts();
    const arn = `arn:aws:lambda:${OTHER_REGION}:${FOREIGN}:network-connector:nc-1`;
    const connector = NetworkConnector.fromNetworkConnectorArn(here, 'Import', arn);
    connector.grantUse(new iam.Role(here, 'Role', { assumedBy: new iam.AccountRootPrincipal() }));
    new NetworkConnectorGuardrail(here, 'Guardrail', {
      allowed: AllowedNetworkConnectors.only(connector), networkTeamPath: '/network-team/', boundaryName: 'b',
    });
    expect(JSON.stringify(Template.fromStack(here).toJSON())).toContain(arn);
  });

  test('reaches another Region of the account if its stack has crossRegionReferences', () => {
    const app = testApp();
    const there = testStack(app, 'There', { env: { account: ACCOUNT, region: OTHER_REGION }, crossRegionReferences: true });
    const here = testStack(app, 'Here', { env: { account: ACCOUNT, region: REGION }, crossRegionReferences: true });
    const { connector } = testNetworkConnector({ networkConnectorName: 'internal' }, there);
    connector.grantUse(new iam.Role(here, 'Role', { assumedBy: new iam.AccountRootPrincipal() }));
    expect(JSON.stringify(Template.fromStack(here).toJSON())).toContain('/cdk/exports/Here/');
  });
});

test.each([['a given name', 'internal', 'internal'], ['the constant of the CDK', PhysicalName.GENERATE_IF_NEEDED, expect.stringMatching(/^There-Connector-\w{8}-\w{8}$/)]])(
  'the name of a connector is known in another account: %s', (_, networkConnectorName, expected) => {
    const { here, there } = twoAccounts();
    const { connector } = testNetworkConnector({ networkConnectorName }, there);
    new CfnOutput(here, 'Name', { value: connector.networkConnectorName });
    expect(Template.fromStack(here).findOutputs('Name').Name.Value).toEqual(expected);
    Template.fromStack(there).hasResourceProperties('Custom::NetworkConnector', { NameIsGenerated: networkConnectorName === 'internal' ? 'false' : 'true' });
  });
