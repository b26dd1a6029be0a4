import * as iam from 'aws-cdk-lib/aws-iam';
import { testNetworkConnector } from './support';
import { NetworkConnector, NetworkConnectorGrants } from '../../src';
import { expectAnswers } from '../support/iam';
import { ACCOUNT, REGION, testConnector, testStack } from '../support/stacks';
import { ResolvedTemplate } from '../support/template';

jest.mock('../../src/private/bundle', () => jest.requireActual('../support/no-bundle'));

const CONNECTOR = `arn:aws:lambda:${REGION}:${ACCOUNT}:network-connector:nc-1`;
const ROLE = (name: string) => `arn:aws:iam::${ACCOUNT}:role/${name}`;

describe('grants on a connector', () => {
  const OTHER = `${CONNECTOR}2`;
  const LOOKS = ['lambda:GetNetworkConnector', 'lambda:ListTags'];
  const CHANGES = ['lambda:UpdateNetworkConnector', 'lambda:DeleteNetworkConnector', 'lambda:TagResource', 'lambda:UntagResource'];
  const on = (resource: string, actions: string[]) => actions.map(action => ({ action, resource }));

  function granted(grant: 'grantUse' | 'grantManage'): any[] {
    const stack = testStack();
    const developer = new iam.Role(stack, 'Developer', { assumedBy: new iam.AccountRootPrincipal() });
    NetworkConnector.fromNetworkConnectorArn(stack, 'Import', CONNECTOR)[grant](developer).assertSuccess();
    return ResolvedTemplate.stack(stack).policiesOf('Developer');
  }

  test('of use permit passing it, with and without a version, and reading it, and nothing else', async () => {
    await expectAnswers(granted('grantUse'), true, [
      ...on(CONNECTOR, ['lambda:PassNetworkConnector', ...LOOKS]), { action: 'lambda:PassNetworkConnector', resource: `${CONNECTOR}:3` },
    ]);
    await expectAnswers(granted('grantUse'), false, [
      ...on(CONNECTOR, ['lambda:CreateNetworkConnector', ...CHANGES]),
      ...on(OTHER, ['lambda:PassNetworkConnector', ...LOOKS]),
      { action: 'iam:PassRole', resource: ROLE('operator') },
    ]);
  });

  test('of management permit reading, updating, tagging and deleting it, neither creating nor passing it', async () => {
    await expectAnswers(granted('grantManage'), true, [
      ...on(CONNECTOR, [...LOOKS, ...CHANGES]), ...on('*', ['ec2:DescribeSubnets', 'ec2:DescribeSecurityGroups']),
    ]);
    await expectAnswers(granted('grantManage'), false, [
      ...on(CONNECTOR, ['lambda:PassNetworkConnector', 'lambda:CreateNetworkConnector']), ...on(OTHER, [...LOOKS, ...CHANGES]),
    ]);
  });

  test('work for an L1', () => {
    const stack = testStack();
    const developer = new iam.Role(stack, 'Developer', { assumedBy: new iam.AccountRootPrincipal() });
    NetworkConnectorGrants.fromNetworkConnector(testConnector(stack)).use(developer);
    expect(JSON.stringify(ResolvedTemplate.stack(stack).policiesOf('Developer'))).toContain('network-connector:nc-Connector:*');
  });
});

describe('the grant to create connectors', () => {
  const CREATE = 'lambda:CreateNetworkConnector';
  const created = (requiredTags?: { [key: string]: string }) => {
    const { stack, vpc, connector } = testNetworkConnector();
    const member = new iam.Role(stack, 'Member', { assumedBy: new iam.AccountRootPrincipal() });
    NetworkConnectorGrants.create(stack, member, {
      subnets: vpc.privateSubnets, securityGroups: connector.connections.securityGroups, operatorRoles: [connector.operatorRole], requiredTags,
    }).assertSuccess();
    return ResolvedTemplate.stack(stack).policiesOf('Member');
  };
  const context = { 'lambda:SubnetIds': ['subnet-0123456789abcdef1'], 'lambda:SecurityGroupIds': ['sg-0123456789abcdef1'] };
  const tags = { 'aws:RequestTag/owner': 'network', 'aws:TagKeys': ['owner'] };

  test('permits connectors in these subnets with these security groups', async () => {
    await expectAnswers(created(), true, [{ action: CREATE, resource: CONNECTOR, context }]);
    await expectAnswers(created(), false, [
      { action: CREATE, resource: CONNECTOR },
      { action: CREATE, resource: CONNECTOR, context: { 'lambda:SubnetIds': context['lambda:SubnetIds'] } },
      { action: CREATE, resource: CONNECTOR, context: { ...context, 'lambda:SecurityGroupIds': ['sg-0123456789abcdef1', 'sg-other'] } },
      { action: 'lambda:UpdateNetworkConnector', resource: CONNECTOR },
      { action: 'lambda:TagResource', resource: CONNECTOR, context: tags },
      { action: 'iam:PassRole', resource: `arn:aws:iam::${ACCOUNT}:role/other` },
    ]);
  });

  test('permits what the service may do with the permissions of its caller', async () => {
    const role = (service: string) => ({
      action: 'iam:CreateServiceLinkedRole',
      resource: `arn:aws:iam::${ACCOUNT}:role/aws-service-role/${service}/AWSServiceRoleForLambda`,
      context: { 'iam:AWSServiceName': service },
    });
    const describes = ['ec2:DescribeSubnets', 'ec2:DescribeSecurityGroups'].map(action => ({ action, resource: '*' }));
    await expectAnswers(created(), true, [...describes, role('lambda.amazonaws.com')]);
    await expectAnswers(created(), false, [
      role('other.amazonaws.com'),
      { action: 'ec2:AllocateAddress', resource: `arn:aws:ec2:${REGION}:${ACCOUNT}:elastic-ip/eipalloc-1` },
    ]);
  });

  test('permits the required tags and no others', async () => {
    await expectAnswers(created({ owner: 'network' }), true, [
      { action: CREATE, resource: CONNECTOR, context: { ...context, ...tags } },
      { action: 'lambda:TagResource', resource: CONNECTOR, context: tags },
    ]);
    await expectAnswers(created({ owner: 'network' }), false, [
      { action: CREATE, resource: CONNECTOR, context },
      { action: 'lambda:TagResource', resource: CONNECTOR, context: { ...tags, 'aws:TagKeys': ['owner', 'more'] } },
    ]);
  });

  test('takes over no resource that has one of the required tags, whoever gave it', async () => {
    const FUNCTION = `arn:aws:lambda:${REGION}:${ACCOUNT}:function:payments`;
    const requiredTags = { owner: 'network', stage: 'production' };
    const requested = { 'aws:RequestTag/owner': 'network', 'aws:RequestTag/stage': 'production', 'aws:TagKeys': ['owner', 'stage'] };
    const tag = (resource: string, found: Record<string, string>) => ({ action: 'lambda:TagResource', resource, context: { ...requested, ...found } });
    await expectAnswers(created(requiredTags), false, [FUNCTION, CONNECTOR, `arn:aws:lambda:${REGION}:${ACCOUNT}:microvm-image:app`].flatMap(resource => [
      tag(resource, { 'aws:ResourceTag/owner': 'payments' }),
      tag(resource, { 'aws:ResourceTag/stage': 'production' }),
      tag(resource, { 'aws:ResourceTag/owner': 'payments', 'aws:ResourceTag/stage': 'test' }),
    ]));
    // This is what remains, as the documentation says.
    await expectAnswers(created(requiredTags), true, [tag('*', {}), tag(FUNCTION, {}), tag(FUNCTION, { 'aws:ResourceTag/other': 'any' })]);
  });

  test.each(['subnets', 'securityGroups', 'operatorRoles'])('fails on an empty list of %s', property => {
    const { stack, vpc, connector } = testNetworkConnector();
    const { connections: { securityGroups }, operatorRole } = connector;
    const options = { subnets: vpc.privateSubnets, securityGroups, operatorRoles: [operatorRole], [property]: [] };
    expect(() => NetworkConnectorGrants.create(stack, connector.operatorRole, options))
      .toThrow(`${property}: the list is empty; pass at least one [NetworkConnectorCreationInvalid`);
  });
});
