import type { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { SECURITY_GROUP, SUBNETS, testVpc } from './support';
import type { NetworkConnectorOperatorRoleProps } from '../../src';
import { NetworkConnectorElasticIps, NetworkConnectorGrants, NetworkConnectorOperatorRole } from '../../src';
import { expectAnswers, trusts } from '../support/iam';
import { ACCOUNT, REGION, testConnector, testStack } from '../support/stacks';
import { ResolvedTemplate } from '../support/template';

jest.mock('../../src/private/bundle', () => jest.requireActual('../support/no-bundle'));

const CONNECTOR = `arn:aws:lambda:${REGION}:${ACCOUNT}:network-connector:nc-1`;
const ROLE = (name: string) => `arn:aws:iam::${ACCOUNT}:role/${name}`;

describe('the operator role', () => {
  const OWNER_OF_SUBNET = '111122223333';
  const subnet = (id: string, account = ACCOUNT) => `arn:aws:ec2:${REGION}:${account}:subnet/${id}`;
  const group = (id: string) => `arn:aws:ec2:${REGION}:${ACCOUNT}:security-group/${id}`;
  const INTERFACE = `arn:aws:ec2:${REGION}:${ACCOUNT}:network-interface/eni-1`;
  const CREATE = 'ec2:CreateNetworkInterface';
  const INTERFACE_TAGS = { 'aws:TagKeys': ['aws:lambda:networkConnectorName', 'aws:lambda:networkConnectorId'] };
  const AS_OPERATOR = { 'ec2:CreateAction': 'CreateNetworkInterface', 'ec2:ManagedResourceOperator': 'network-connectors.lambda.amazonaws.com' };

  function operatorRole(props: Partial<NetworkConnectorOperatorRoleProps> = {}, subnetIds = SUBNETS): Stack {
    const stack = testStack();
    new NetworkConnectorOperatorRole(stack, 'Role', {
      subnets: subnetIds.map((id, index) => ec2.Subnet.fromSubnetId(stack, `Subnet${index}`, id)),
      securityGroups: [ec2.SecurityGroup.fromSecurityGroupId(stack, 'Group', SECURITY_GROUP, { allowAllOutbound: false })],
      ...props,
    });
    return stack;
  }
  const policies = (props?: Partial<NetworkConnectorOperatorRoleProps>) => ResolvedTemplate.stack(operatorRole(props)).policiesOf('Role');

  test('creates network interfaces in its subnets with its security groups, even in subnets of another account', async () => {
    await expectAnswers(policies(), true, [
      ...SUBNETS.map(id => ({ action: CREATE, resource: subnet(id) })),
      { action: CREATE, resource: subnet(SUBNETS[0], OWNER_OF_SUBNET) },
      { action: CREATE, resource: group(SECURITY_GROUP) },
      { action: CREATE, resource: INTERFACE, context: INTERFACE_TAGS },
      { action: CREATE, resource: INTERFACE },
      { action: 'ec2:CreateTags', resource: INTERFACE, context: AS_OPERATOR },
    ]);
  });

  test('permits no other action and no other resource', async () => {
    await expectAnswers(policies(), false, [
      { action: CREATE, resource: subnet('subnet-other') },
      { action: CREATE, resource: group('sg-other') },
      { action: CREATE, resource: INTERFACE, context: { 'aws:TagKeys': ['Name'] } },
      { action: 'ec2:CreateTags', resource: INTERFACE },
      { action: 'ec2:CreateTags', resource: INTERFACE, context: { 'ec2:CreateAction': 'CreateNetworkInterface' } },
      { action: 'ec2:CreateTags', resource: INTERFACE, context: { ...AS_OPERATOR, 'ec2:ManagedResourceOperator': 'other.amazonaws.com' } },
      { action: 'ec2:CreateTags', resource: group(SECURITY_GROUP), context: AS_OPERATOR },
      { action: 'ec2:DeleteNetworkInterface', resource: INTERFACE },
      { action: 'ec2:ModifyNetworkInterfaceAttribute', resource: INTERFACE },
      { action: 'lambda:UpdateNetworkConnector', resource: CONNECTOR },
    ]);
  });

  describe('with elastic IPs', () => {
    const ADDRESS = `arn:aws:ec2:${REGION}:${ACCOUNT}:elastic-ip/eipalloc-1`;
    const withAddresses = { elasticIps: NetworkConnectorElasticIps.SERVICE_MANAGED };
    const associate = (subnetArn: string, managedOperator?: string) => ({
      action: 'ec2:AssociateAddress',
      resource: INTERFACE,
      context: { 'ec2:Subnet': subnetArn, ...managedOperator && { 'ec2:ManagedResourceOperator': managedOperator } },
    });
    const OPERATOR = AS_OPERATOR['ec2:ManagedResourceOperator'];

    test('allocates addresses, and associates them with interfaces of connectors in its subnets', async () => {
      const calls = [
        { action: 'ec2:AllocateAddress', resource: ADDRESS },
        { action: 'ec2:AssociateAddress', resource: ADDRESS },
        associate(subnet(SUBNETS[0]), OPERATOR),
        associate(subnet(SUBNETS[1], OWNER_OF_SUBNET), OPERATOR),
      ];
      await expectAnswers(policies(withAddresses), true, calls);
      await expectAnswers(policies(), false, calls);
      await expectAnswers(policies({ elasticIps: NetworkConnectorElasticIps.NONE }), false, calls);
    });

    test('associates them with no other interface or instance, and releases none', async () => {
      await expectAnswers(policies(withAddresses), false, [
        associate(subnet('subnet-other'), OPERATOR),
        associate(subnet(SUBNETS[0])),
        associate(subnet(SUBNETS[0]), 'other.amazonaws.com'),
        { action: 'ec2:AssociateAddress', resource: `arn:aws:ec2:${REGION}:${ACCOUNT}:instance/i-1` },
        { action: 'ec2:AllocateAddress', resource: ADDRESS.replace(ACCOUNT, OWNER_OF_SUBNET) },
        { action: 'ec2:AllocateAddress', resource: `arn:aws:ec2:${REGION}:${ACCOUNT}:ipv4pool-ec2/ipv4pool-ec2-1` },
        { action: 'ec2:ReleaseAddress', resource: ADDRESS },
        { action: 'ec2:DisassociateAddress', resource: ADDRESS },
      ]);
    });

    test('gets a new policy before the old one is deleted', () => {
      const idsOf = (props: Partial<NetworkConnectorOperatorRoleProps>) => Object.keys(Template.fromStack(operatorRole(props)).findResources('AWS::IAM::Policy'));
      expect(idsOf(withAddresses)).not.toEqual(idsOf({}));
      expect(idsOf({ elasticIps: NetworkConnectorElasticIps.NONE })).toEqual(idsOf({}));
    });
  });

  test('permits nothing to the code of an ordinary function, unless denyFromFunctions is off', async () => {
    const context = { 'lambda:SourceFunctionArn': `arn:aws:lambda:${REGION}:${ACCOUNT}:function:x` };
    const fromFunction = { action: CREATE, resource: subnet(SUBNETS[0]), context };
    await expectAnswers(policies(), false, [fromFunction]);
    await expectAnswers(policies({ denyFromFunctions: false }), true, [fromFunction]);
  });

  test('requires the tag with the connector\'s ID on new interfaces, if requireConnectorTag is on', async () => {
    const tagged = { ...INTERFACE_TAGS, 'aws:RequestTag/aws:lambda:networkConnectorId': 'nc-1' };
    await expectAnswers(policies({ requireConnectorTag: true }), true, [{ action: CREATE, resource: INTERFACE, context: tagged }]);
    await expectAnswers(policies({ requireConnectorTag: true }), false, [{ action: CREATE, resource: INTERFACE }]);
  });

  test('trusts only the service, without conditions on a source', async () => {
    const other = 'network-connectors.lambda.amazonaws.com';
    for (const [principal, props] of [['lambda.amazonaws.com', {}], [other, { servicePrincipal: other }]] as const) {
      const trust = ResolvedTemplate.stack(operatorRole(props)).resource('AWS::IAM::Role', 'Role').Properties.AssumeRolePolicyDocument;
      expect(trust.Statement).toEqual([{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: principal } }]);
      const answers = [];
      for (const caller of [principal, 'ec2.amazonaws.com', ROLE('x')]) answers.push(await trusts(trust, caller, 'sts:AssumeRole'));
      expect(answers).toEqual([true, false, false]);
    }
  });

  test('keeps its old policy until an update is complete: other subnets create a second policy for the same role', () => {
    const [before, after] = [operatorRole(), operatorRole({}, [SUBNETS[0]])].map(stack => Template.fromStack(stack));
    expect(Object.keys(after.findResources('AWS::IAM::Role'))).toEqual(Object.keys(before.findResources('AWS::IAM::Role')));
    expect(Object.keys(after.findResources('AWS::IAM::Policy'))).not.toEqual(Object.keys(before.findResources('AWS::IAM::Policy')));
  });

  test('works for an L1, which waits for the policy if it depends on the role', () => {
    const stack = operatorRole();
    testConnector(stack).node.addDependency(stack.node.findChild('Role'));
    const template = Template.fromStack(stack);
    expect(Object.values(template.findResources('AWS::Lambda::NetworkConnector'))[0].DependsOn)
      .toEqual(expect.arrayContaining(Object.keys(template.findResources('AWS::IAM::Policy'))));
  });

  test('skips the managed policy that the construct of aws-cdk-lib attaches, and accepts other policies', () => {
    const stack = operatorRole();
    const role = stack.node.findChild('Role') as NetworkConnectorOperatorRole;
    role.addManagedPolicy(iam.ManagedPolicy.fromAwsManagedPolicyName('AWSLambdaNetworkConnectorOperatorPolicy'));
    role.addManagedPolicy(iam.ManagedPolicy.fromManagedPolicyName(stack, 'Mine', 'mine'));
    const arns = ResolvedTemplate.stack(stack).resource('AWS::IAM::Role', 'Role').Properties.ManagedPolicyArns;
    expect(arns).toEqual([`arn:aws:iam::${ACCOUNT}:policy/mine`]);
  });

  // Exists from aws-cdk-lib 2.276 on. The gate runs the tests with the newest aws-cdk-lib too.
  const { NetworkConnector: CdkNetworkConnector, NetworkConnectorConfiguration: configuration } = lambda as any;
  if (CdkNetworkConnector) {
    test('works for the construct of aws-cdk-lib, and so do the grants', () => {
      const stack = testStack();
      const vpc = testVpc(stack);
      const securityGroup = ec2.SecurityGroup.fromSecurityGroupId(stack, 'Group', SECURITY_GROUP, { allowAllOutbound: false });
      const role = new NetworkConnectorOperatorRole(stack, 'Role', { subnets: vpc.privateSubnets, securityGroups: [securityGroup] });
      const connector = new CdkNetworkConnector(stack, 'CdkConnector', {
        operatorRole: role,
        configuration: configuration.vpcEgress({ computeType: 'MicroVm', vpc, securityGroups: [securityGroup] }),
      });
      connector.node.addDependency(role);
      NetworkConnectorGrants.fromNetworkConnector(connector).use(new iam.Role(stack, 'Developer', { assumedBy: new iam.AccountRootPrincipal() }));
      const deployed = ResolvedTemplate.stack(stack);
      expect(deployed.resource('AWS::IAM::Role', 'Role').Properties.ManagedPolicyArns).toBeUndefined();
      expect(deployed.resource('AWS::Lambda::NetworkConnector').Properties.OperatorRole).toMatch(/role\/physical-Role/);
      expect(JSON.stringify(deployed.policiesOf('Developer'))).toContain('lambda:PassNetworkConnector');
    });
  }

  test.each(['subnets', 'securityGroups'])('fails on an empty list of %s', property => {
    expect(() => operatorRole({ [property]: [] })).toThrow(`${property}: the list is empty; pass at least one`);
  });
});
