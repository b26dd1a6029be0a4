import * as fs from 'fs';
import * as path from 'path';
import type { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { SECURITY_GROUP, SUBNETS, testNetworkConnector, testVpc } from './support';
import type { NetworkConnectorOperatorRoleProps } from '../../src';
import { NetworkConnector, NetworkConnectorGrants, NetworkConnectorOperatorRole } from '../../src';
import { LambdaCoreClient } from '../../src/handlers/connector/lambda-core';
import type { Permission } from '../../src/private/permissions';
import { PERMISSIONS } from '../../src/private/permissions';
import { expectAnswers, trusts } from '../support/iam';
import { ACCOUNT, REGION, testApp, testConnector, testStack } from '../support/stacks';
import { ResolvedTemplate } from '../support/template';

jest.mock('../../src/private/bundle', () => jest.requireActual('../support/no-bundle'));

const CONNECTOR = `arn:aws:lambda:${REGION}:${ACCOUNT}:network-connector:nc-1`;
const STACK_ID = `arn:aws:cloudformation:${REGION}:${ACCOUNT}:stack/Test/uuid`;
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

  test('makes network interfaces in its subnets with its security groups, whoever owns the subnets', async () => {
    await expectAnswers(policies(), true, [
      ...SUBNETS.map(id => ({ action: CREATE, resource: subnet(id) })),
      { action: CREATE, resource: subnet(SUBNETS[0], OWNER_OF_SUBNET) },
      { action: CREATE, resource: group(SECURITY_GROUP) },
      { action: CREATE, resource: INTERFACE, context: INTERFACE_TAGS },
      { action: CREATE, resource: INTERFACE },
      { action: 'ec2:CreateTags', resource: INTERFACE, context: AS_OPERATOR },
    ]);
  });

  test('does nothing else, and nothing anywhere else', async () => {
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

  test('is of no use to an ordinary function, unless the user says so', async () => {
    const fromFunction = { action: CREATE, resource: subnet(SUBNETS[0]), context: { 'lambda:SourceFunctionArn': `arn:aws:lambda:${REGION}:${ACCOUNT}:function:x` } };
    await expectAnswers(policies(), false, [fromFunction]);
    await expectAnswers(policies({ denyFromFunctions: false }), true, [fromFunction]);
  });

  test('makes only interfaces that carry their connector\'s id, if the user asks for that', async () => {
    const tagged = { ...INTERFACE_TAGS, 'aws:RequestTag/aws:lambda:networkConnectorId': 'nc-1' };
    await expectAnswers(policies({ requireConnectorTag: true }), true, [{ action: CREATE, resource: INTERFACE, context: tagged }]);
    await expectAnswers(policies({ requireConnectorTag: true }), false, [{ action: CREATE, resource: INTERFACE }]);
  });

  test('is assumed by the service, which presents no source, and by nobody else', async () => {
    for (const [principal, props] of [['lambda.amazonaws.com', {}], ['network-connectors.lambda.amazonaws.com', { servicePrincipal: 'network-connectors.lambda.amazonaws.com' }]] as const) {
      const trust = ResolvedTemplate.stack(operatorRole(props)).resource('AWS::IAM::Role', 'Role').Properties.AssumeRolePolicyDocument;
      expect(trust.Statement).toEqual([{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: principal } }]);
      expect([await trusts(trust, principal, 'sts:AssumeRole'), await trusts(trust, 'ec2.amazonaws.com', 'sts:AssumeRole'), await trusts(trust, ROLE('x'), 'sts:AssumeRole')])
        .toEqual([true, false, false]);
    }
  });

  test('keeps its old permissions until the change is done: other subnets make a second policy, and the same role', () => {
    const [before, after] = [operatorRole(), operatorRole({}, [SUBNETS[0]])].map(stack => Template.fromStack(stack));
    expect(Object.keys(after.findResources('AWS::IAM::Role'))).toEqual(Object.keys(before.findResources('AWS::IAM::Role')));
    expect(Object.keys(after.findResources('AWS::IAM::Policy'))).not.toEqual(Object.keys(before.findResources('AWS::IAM::Policy')));
  });

  test('is for an L1 too, which waits for its policy if it depends on the role', () => {
    const stack = operatorRole();
    testConnector(stack).node.addDependency(stack.node.findChild('Role'));
    const template = Template.fromStack(stack);
    expect(Object.values(template.findResources('AWS::Lambda::NetworkConnector'))[0].DependsOn)
      .toEqual(expect.arrayContaining(Object.keys(template.findResources('AWS::IAM::Policy'))));
  });

  test('does not take the policy for all subnets that the construct of aws-cdk-lib attaches, but takes others', () => {
    const stack = operatorRole();
    const role = stack.node.findChild('Role') as NetworkConnectorOperatorRole;
    role.addManagedPolicy(iam.ManagedPolicy.fromAwsManagedPolicyName('AWSLambdaNetworkConnectorOperatorPolicy'));
    role.addManagedPolicy(iam.ManagedPolicy.fromManagedPolicyName(stack, 'Mine', 'mine'));
    const arns = ResolvedTemplate.stack(stack).resource('AWS::IAM::Role', 'Role').Properties.ManagedPolicyArns;
    expect(arns).toEqual([`arn:aws:iam::${ACCOUNT}:policy/mine`]);
  });

  // From aws-cdk-lib 2.276 on, which the gate runs the tests with once more.
  const { NetworkConnector: Theirs, NetworkConnectorConfiguration: configuration } = lambda as any;
  if (Theirs) {
    test('is for the construct of aws-cdk-lib too, and so are the grants', () => {
      const stack = testStack();
      const vpc = testVpc(stack);
      const securityGroup = ec2.SecurityGroup.fromSecurityGroupId(stack, 'Group', SECURITY_GROUP, { allowAllOutbound: false });
      const role = new NetworkConnectorOperatorRole(stack, 'Role', { subnets: vpc.privateSubnets, securityGroups: [securityGroup] });
      const connector = new Theirs(stack, 'Theirs', {
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

  test.each(['subnets', 'securityGroups'])('fails on no %s', property => {
    expect(() => operatorRole({ [property]: [] })).toThrow(`${property}: the list is empty; name at least one`);
  });
});

describe('the role of a connector that the handler assumes', () => {
  const LOGICAL_ID = Object.keys(Template.fromStack(testNetworkConnector().stack).findResources('Custom::NetworkConnector'))[0];
  const requestTags = { 'aws:RequestTag/cdk-lambda-microvms:stack': STACK_ID, 'aws:RequestTag/cdk-lambda-microvms:resource': LOGICAL_ID };
  const resourceTags = { 'aws:ResourceTag/cdk-lambda-microvms:stack': STACK_ID, 'aws:ResourceTag/cdk-lambda-microvms:resource': LOGICAL_ID };
  const policies = (context?: Record<string, unknown>) => ResolvedTemplate.stack(testNetworkConnector({}, testStack(testApp(context))).stack).policiesOf('ConnectorResourceRole');
  const CHANGES = ['UpdateNetworkConnector', 'DeleteNetworkConnector', 'TagResource', 'UntagResource'].map(action => `lambda:${action}`);
  const READS = ['GetNetworkConnector', 'ListTags'].map(action => `lambda:${action}`);
  const IMAGE = `arn:aws:lambda:${REGION}:${ACCOUNT}:microvm-image:any`;

  test('may do all that the handler does to the connector that carries its tags', async () => {
    await expectAnswers(policies(), true, [
      { action: 'lambda:CreateNetworkConnector', resource: CONNECTOR, context: requestTags },
      ...READS.map(action => ({ action, resource: CONNECTOR })),
      ...CHANGES.map(action => ({ action, resource: CONNECTOR, context: resourceTags })),
      { action: 'lambda:ListMicrovms', resource: '*' },
      { action: 'lambda:GetMicrovm', resource: IMAGE },
      { action: 'iam:PassRole', resource: policies()[0].Statement.find(({ Action }: any) => Action === 'iam:PassRole').Resource },
    ]);
  });

  test('may change no other connector, make none without its tags, and touch nothing else', async () => {
    const foreign = { ...resourceTags, 'aws:ResourceTag/cdk-lambda-microvms:resource': 'Other' };
    await expectAnswers(policies(), false, [
      { action: 'lambda:CreateNetworkConnector', resource: CONNECTOR },
      { action: 'lambda:CreateNetworkConnector', resource: CONNECTOR, context: { ...requestTags, 'aws:RequestTag/cdk-lambda-microvms:stack': 'other' } },
      ...CHANGES.map(action => ({ action, resource: CONNECTOR })),
      ...CHANGES.map(action => ({ action, resource: CONNECTOR, context: foreign })),
      ...['TerminateMicrovm', 'RunMicrovm', 'DeleteMicrovmImage', 'TagResource'].map(action => ({ action: `lambda:${action}`, resource: IMAGE })),
      { action: 'iam:PassRole', resource: ROLE('other') },
      { action: 'lambda:PassNetworkConnector', resource: CONNECTOR },
      { action: 'ec2:CreateNetworkInterface', resource: `arn:aws:ec2:${REGION}:${ACCOUNT}:subnet/${SUBNETS[0]}` },
    ]);
  });

  test('needs no tags if the context says that the service presents none', async () => {
    await expectAnswers(policies({ 'cdk-lambda-microvms:tagConditions': false }), true, [
      { action: 'lambda:CreateNetworkConnector', resource: CONNECTOR }, ...CHANGES.map(action => ({ action, resource: CONNECTOR })),
    ]);
  });

  describe('compared with the code of the handler', () => {
    const read = (file: string) => fs.readFileSync(path.join(__dirname, '..', '..', 'src', 'handlers', 'connector', file), 'utf8');
    const allCalls = (file: string, call: RegExp) => [...new Set([...read(file).matchAll(call)].map(([, name]) => name))].sort();
    const operation = (method: string) => method[0].toUpperCase() + method.slice(1);
    const core = allCalls('service.ts', /core\.(\w+)\(/g).map(operation);
    const commands = allCalls('service.ts', /new (\w+)Command\(/g);
    const allowed = (permissions: Record<string, Permission>) =>
      [...new Set(Object.values(permissions).flatMap(({ actions }) => actions))].filter(action => action !== 'iam:PassRole').map(action => action.split(':')[1]).sort();

    test('may make exactly its calls', () => {
      expect(allowed(PERMISSIONS.connectorHandler)).toEqual([...new Set([...commands, ...core])].sort());
    });

    test('may make a call for each operation of the client of lambda-core, which has no others', () => {
      const methods = allCalls('lambda-core.ts', /^  public async (\w+)\(/gm);
      expect(Object.getOwnPropertyNames(LambdaCoreClient.prototype)).toEqual(expect.arrayContaining(methods));
      expect(methods.map(operation)).toEqual(core);
    });

    test('makes calls to nothing but the adapter of the service', () => {
      for (const file of fs.readdirSync(path.join(__dirname, '..', '..', 'src', 'handlers', 'connector')).filter(name => name !== 'service.ts')) {
        expect(allCalls(file, /new (\w+)Command\(/g)).toEqual([]);
        expect(allCalls(file, /\bcore\.(\w+)\(/g)).toEqual([]);
      }
    });

    test('of a look-up may make exactly the call of a look-up', () => {
      expect(allCalls('lookup.ts', /service\.(\w+)\(/g)).toEqual(['connector']);
      expect(read('service.ts')).toMatch(/async connector\(identifier: string\)[^}]*core\.getNetworkConnector\(identifier\)/);
      expect(allowed(PERMISSIONS.connectorLookup)).toEqual(['GetNetworkConnector']);
    });
  });

  test('carries name and operator role in its id, so that a change of either makes a second role before the first one goes', () => {
    const idOf = (props: object) => ResolvedTemplate.stack(testNetworkConnector(props).stack).ids('AWS::IAM::Role', 'ConnectorResourceRole')[0];
    expect(idOf({ networkConnectorName: 'one' })).toBe(idOf({ networkConnectorName: 'one', retainedVersions: 2 }));
    expect(idOf({ networkConnectorName: 'one' })).not.toBe(idOf({ networkConnectorName: 'two' }));
    const stack = testStack();
    const operatorRole = new iam.Role(stack, 'Mine', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });
    testNetworkConnector({ networkConnectorName: 'one', operatorRole }, stack);
    expect(ResolvedTemplate.stack(stack).ids('AWS::IAM::Role', 'ConnectorResourceRole')[0]).not.toBe(idOf({ networkConnectorName: 'one' }));
  });

  test('trusts the handler of its stack and nobody else', async () => {
    const trust = ResolvedTemplate.stack(testNetworkConnector().stack).resource('AWS::IAM::Role', 'ConnectorResourceRole').Properties.AssumeRolePolicyDocument;
    const answers = [];
    for (const name of ['physical-CdkLambdaMicrovmsFunctionRole077E1E22', 'somebody']) answers.push(await trusts(trust, ROLE(name), 'sts:AssumeRole'));
    expect(answers).toEqual([true, false]);
  });

  test('of a look-up by name may look and nothing else', async () => {
    const stack = testStack();
    NetworkConnector.fromNetworkConnectorName(stack, 'Import', 'internal');
    const document = ResolvedTemplate.stack(stack).policiesOf('ImportResourceRole');
    await expectAnswers(document, true, [{ action: 'lambda:GetNetworkConnector', resource: CONNECTOR }]);
    await expectAnswers(document, false, [...CHANGES, 'lambda:PassNetworkConnector', 'lambda:ListTags'].map(action => ({ action, resource: CONNECTOR })));
  });
});

describe('grants', () => {
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

  test('to use allow to pass the connector, with and without a version, and to look at it; nothing else', async () => {
    await expectAnswers(granted('grantUse'), true, [
      ...on(CONNECTOR, ['lambda:PassNetworkConnector', ...LOOKS]), { action: 'lambda:PassNetworkConnector', resource: `${CONNECTOR}:3` },
    ]);
    await expectAnswers(granted('grantUse'), false, [
      ...on(CONNECTOR, ['lambda:CreateNetworkConnector', ...CHANGES]),
      ...on(OTHER, ['lambda:PassNetworkConnector', ...LOOKS]),
      { action: 'iam:PassRole', resource: ROLE('operator') },
    ]);
  });

  test('to manage allow to look, update, tag and delete; neither to create nor to pass', async () => {
    await expectAnswers(granted('grantManage'), true, on(CONNECTOR, [...LOOKS, ...CHANGES]));
    await expectAnswers(granted('grantManage'), false, [
      ...on(CONNECTOR, ['lambda:PassNetworkConnector', 'lambda:CreateNetworkConnector']), ...on(OTHER, [...LOOKS, ...CHANGES]),
    ]);
  });

  test('are for an L1 too', () => {
    const stack = testStack();
    const developer = new iam.Role(stack, 'Developer', { assumedBy: new iam.AccountRootPrincipal() });
    NetworkConnectorGrants.fromNetworkConnector(testConnector(stack)).use(developer);
    expect(JSON.stringify(ResolvedTemplate.stack(stack).policiesOf('Developer'))).toContain('network-connector:nc-Connector:*');
  });
});
