import * as fs from 'fs';
import * as path from 'path';
import { Tags } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as iam from 'aws-cdk-lib/aws-iam';
import { SUBNETS, testNetworkConnector } from './support';
import { NetworkConnector } from '../../src';
import { LambdaCoreClient } from '../../src/handlers/connector/lambda-core';
import type { Permission } from '../../src/private/permissions';
import { PERMISSIONS } from '../../src/private/permissions';
import { expectAnswers, trusts } from '../support/iam';
import { ACCOUNT, REGION, testApp, testStack } from '../support/stacks';
import { ResolvedTemplate } from '../support/template';

jest.mock('../../src/private/bundle', () => jest.requireActual('../support/no-bundle'));

const CONNECTOR = `arn:aws:lambda:${REGION}:${ACCOUNT}:network-connector:nc-1`;
const STACK_ID = `arn:aws:cloudformation:${REGION}:${ACCOUNT}:stack/Test/uuid`;
const ROLE = (name: string) => `arn:aws:iam::${ACCOUNT}:role/${name}`;

describe('the resource role of a connector', () => {
  const LOGICAL_ID = Object.keys(Template.fromStack(testNetworkConnector().stack).findResources('Custom::NetworkConnector'))[0];
  const requestTags = { 'aws:RequestTag/cdk-lambda-microvms:stack': STACK_ID, 'aws:RequestTag/cdk-lambda-microvms:resource': LOGICAL_ID };
  const resourceTags = { 'aws:ResourceTag/cdk-lambda-microvms:stack': STACK_ID, 'aws:ResourceTag/cdk-lambda-microvms:resource': LOGICAL_ID };
  const policies = (context?: Record<string, unknown>) =>
    ResolvedTemplate.stack(testNetworkConnector({}, testStack(testApp(context))).stack).policiesOf('ConnectorResourceRole');
  const CHANGES = ['UpdateNetworkConnector', 'DeleteNetworkConnector', 'TagResource', 'UntagResource'].map(action => `lambda:${action}`);
  const READS = ['GetNetworkConnector', 'ListTags'].map(action => `lambda:${action}`);
  const IMAGE = `arn:aws:lambda:${REGION}:${ACCOUNT}:microvm-image:any`;

  const placement = { 'lambda:SubnetIds': SUBNETS.slice(0, 1), 'lambda:SecurityGroupIds': ['sg-0123456789abcdef1'] };
  const creation = (context: Record<string, string | string[]> = {}, resource = CONNECTOR.replace('nc-1', '*')) =>
    ({ action: 'lambda:CreateNetworkConnector', resource, context: { ...requestTags, ...placement, ...context } });
  const OWN_KEYS = ['stack', 'resource', 'operation'].map(name => `cdk-lambda-microvms:${name}`);
  const tagging = (resource: string, context: Record<string, string | string[]> = {}) =>
    ({ action: 'lambda:TagResource', resource, context: { ...requestTags, 'aws:TagKeys': OWN_KEYS, ...context } });
  const lambdaArn = (rest: string) => `arn:aws:lambda:${REGION}:${ACCOUNT}:${rest}`;
  const UNOWNED = [CONNECTOR, ...[
    'function:payments', 'function:payments:live', 'event-source-mapping:1', 'code-signing-config:csc-1', 'capacity-provider:fleet', 'microvm-image:any',
  ].map(lambdaArn)];

  test('permits all calls of the handler for the connector that has its owner tags', async () => {
    await expectAnswers(policies(), true, [
      creation(), tagging('*'), tagging(CONNECTOR, resourceTags),
      ...READS.map(action => ({ action, resource: CONNECTOR })),
      ...CHANGES.map(action => ({ action, resource: CONNECTOR, context: resourceTags })),
      { action: 'lambda:ListMicrovms', resource: '*' },
      { action: 'lambda:GetMicrovm', resource: IMAGE },
      { action: 'iam:PassRole', resource: policies()[0].Statement.find(({ Action }: any) => Action === 'iam:PassRole').Resource },
    ]);
  });

  test('permits what the service may do with the permissions of its caller, and no other service-linked role', async () => {
    const serviceLinked = (service: string, name = 'AWSServiceRoleForLambda') =>
      ({ action: 'iam:CreateServiceLinkedRole', resource: ROLE(`aws-service-role/${service}/${name}`), context: { 'iam:AWSServiceName': service } });
    await expectAnswers(policies(), true, [
      serviceLinked('lambda.amazonaws.com'), ...['DescribeSubnets', 'DescribeSecurityGroups'].map(name => ({ action: `ec2:${name}`, resource: '*' })),
    ]);
    await expectAnswers(policies(), false, [
      serviceLinked('eks.amazonaws.com', 'AWSServiceRoleForAmazonEKS'),
      { ...serviceLinked('lambda.amazonaws.com'), context: { 'iam:AWSServiceName': 'replicator.lambda.amazonaws.com' } },
      { action: 'ec2:DescribeNetworkInterfaces', resource: '*' },
    ]);
  });

  test('permits no change of another connector, no creation without its owner tags, and no other action', async () => {
    const foreign = { ...resourceTags, 'aws:ResourceTag/cdk-lambda-microvms:resource': 'Other' };
    await expectAnswers(policies(), false, [
      { action: 'lambda:CreateNetworkConnector', resource: CONNECTOR },
      {
        action: 'lambda:CreateNetworkConnector',
        resource: CONNECTOR,
        context: { ...requestTags, ...placement, 'aws:RequestTag/cdk-lambda-microvms:stack': 'other' },
      },
      creation({}, lambdaArn('network-connector:nc-1').replace(REGION, 'us-west-2')),
      ...CHANGES.map(action => ({ action, resource: CONNECTOR })),
      ...CHANGES.map(action => ({ action, resource: CONNECTOR, context: foreign })),
      ...['TerminateMicrovm', 'RunMicrovm', 'DeleteMicrovmImage', 'TagResource'].map(action => ({ action: `lambda:${action}`, resource: IMAGE })),
      { action: 'iam:PassRole', resource: ROLE('other') },
      { action: 'lambda:PassNetworkConnector', resource: CONNECTOR },
      { action: 'ec2:CreateNetworkInterface', resource: `arn:aws:ec2:${REGION}:${ACCOUNT}:subnet/${SUBNETS[0]}` },
    ]);
  });

  test('creates a connector only in its own subnets with its own security groups', async () => {
    await expectAnswers(policies(), false, [
      creation({ 'lambda:SubnetIds': ['subnet-other'] }),
      creation({ 'lambda:SubnetIds': [...placement['lambda:SubnetIds'], 'subnet-other'] }),
      creation({ 'lambda:SecurityGroupIds': ['sg-other'] }),
      { ...creation(), context: { ...requestTags, 'lambda:SubnetIds': placement['lambda:SubnetIds'] } },
      { ...creation(), context: requestTags },
    ]);
  });

  test('creates a connector with a security group that the connector creates', async () => {
    const { stack } = testNetworkConnector({ securityGroups: undefined });
    const deployed = ResolvedTemplate.stack(stack);
    const [group] = deployed.ids('AWS::EC2::SecurityGroup');
    const { resource, context } = creation({ 'lambda:SecurityGroupIds': [`sg-${group}`] });
    const [id] = deployed.ids('Custom::NetworkConnector');
    const own = { ...context, 'aws:RequestTag/cdk-lambda-microvms:resource': id };
    const roles = deployed.policiesOf('ConnectorResourceRole');
    await expectAnswers(roles, true, [{ action: 'lambda:CreateNetworkConnector', resource, context: own }]);
    await expectAnswers(roles, false, [{ action: 'lambda:CreateNetworkConnector', resource, context: { ...own, ...placement } }]);
  });

  test.each<[string, [string, unknown], Record<string, string[]>]>([
    ['adds a group', ['Configuration.VpcEgressConfiguration.SecurityGroupIds.1', 'sg-2'], { 'lambda:SecurityGroupIds': ['sg-0123456789abcdef1', 'sg-2'] }],
    ['replaces the subnets', ['Configuration.VpcEgressConfiguration', { SubnetIds: ['subnet-9'] }], { 'lambda:SubnetIds': ['subnet-9'] }],
    ['names no placement', ['Configuration', { VpcIngressConfiguration: {} }], {}],
  ])('creates a connector where an override of the request %s', async (_, [member, value], context) => {
    const { stack, connector } = testNetworkConnector();
    connector.addRequestOverride(member, value);
    const roles = ResolvedTemplate.stack(stack).policiesOf('ConnectorResourceRole');
    await expectAnswers(roles, true, [creation(context)]);
    await expectAnswers(roles, false, [creation({ 'lambda:SubnetIds': ['subnet-other'] })]);
  });

  test('takes possession of nothing that exists without an owner, so that it can neither change nor delete it', async () => {
    await expectAnswers(policies(), false, [
      ...UNOWNED.map(resource => tagging(resource)),
      ...UNOWNED.map(resource => tagging(resource, { 'aws:ResourceTag/cdk-lambda-microvms:stack': 'another' })),
      tagging('*', { 'aws:RequestTag/cdk-lambda-microvms:resource': 'Other' }),
    ]);
  });

  test('sets the tags of its connector at creation, and no others', async () => {
    await expectAnswers(policies(), false, [tagging('*', { 'aws:TagKeys': [...OWN_KEYS, 'team'] })]);
    const app = testApp();
    const stack = testStack(app);
    const { connector } = testNetworkConnector({ tags: { team: 'network' } }, stack);
    Tags.of(app).add('cost-center', '1');
    Tags.of(connector).add('late', 'yes');
    const roles = ResolvedTemplate.stack(stack).policiesOf('ConnectorResourceRole');
    await expectAnswers(roles, true, [tagging('*', { 'aws:TagKeys': [...OWN_KEYS, 'team', 'cost-center', 'late'] })]);
    await expectAnswers(roles, false, [tagging('*', { 'aws:TagKeys': [...OWN_KEYS, 'admin'] })]);
  });

  describe.each([false, 'false'])('if the context tagConditions is %p', off => {
    const weaker = () => policies({ 'cdk-lambda-microvms:tagConditions': off });
    const foreign = { 'aws:ResourceTag/cdk-lambda-microvms:stack': STACK_ID, 'aws:ResourceTag/cdk-lambda-microvms:resource': 'Other' };

    test('needs no tags that the service does not send', async () => {
      await expectAnswers(weaker(), true, [
        { ...creation(), context: placement },
        ...CHANGES.map(action => ({ action, resource: CONNECTOR })),
        { action: 'lambda:TagResource', resource: '*' },
      ]);
    });

    test('still protects connectors whose owner tags the service sends, and everything that is not a connector', async () => {
      await expectAnswers(weaker(), false, [
        creation({ 'aws:RequestTag/cdk-lambda-microvms:stack': 'other' }),
        creation({ 'lambda:SubnetIds': ['subnet-other'] }),
        ...CHANGES.map(action => ({ action, resource: CONNECTOR, context: foreign })),
        ...UNOWNED.slice(1).map(resource => ({ action: 'lambda:TagResource', resource })),
        ...UNOWNED.slice(1).map(resource => ({ action: 'lambda:UntagResource', resource })),
      ]);
    });
  });

  test('creates a connector without a placement that the service sends if the context placementConditions is false', async () => {
    const weaker = policies({ 'cdk-lambda-microvms:placementConditions': false });
    await expectAnswers(weaker, true, [creation(), { ...creation(), context: requestTags }]);
    await expectAnswers(weaker, false, [creation({ 'lambda:SubnetIds': ['subnet-other'] }), { ...creation(), context: placement }]);
  });

  describe('compared with the code of the handler', () => {
    /** The service, and the search for the MicroVMs that use a connector. */
    const adapters = ['service.ts', 'users.ts'];
    const read = (file: string) => fs.readFileSync(path.join(__dirname, '..', '..', 'src', 'handlers', 'connector', file), 'utf8');
    const allCalls = (file: string, call: RegExp) => [...new Set([...read(file).matchAll(call)].map(([, name]) => name))].sort();
    const operation = (method: string) => method[0].toUpperCase() + method.slice(1);
    const core = allCalls('service.ts', /core\.(\w+)\(/g).map(operation);
    const commands = adapters.flatMap(file => allCalls(file, /new (\w+)Command\(/g));
    const allowed = (permissions: Record<string, Permission>) =>
      [...new Set(Object.values(permissions).flatMap(({ actions }) => actions))]
        .filter(action => action !== 'iam:PassRole').map(action => action.split(':')[1]).sort();

    test('permits exactly its calls', () => {
      // connectorCaller holds the calls that the service may make with the permissions of the handler.
      expect(allowed(PERMISSIONS.connectorHandler)).toEqual([...new Set([...commands, ...core])].sort());
    });

    test('permits a call for each operation of the lambda-core client, which has no others', () => {
      const methods = allCalls('lambda-core.ts', /^  public async (\w+)\(/gm);
      expect(Object.getOwnPropertyNames(LambdaCoreClient.prototype)).toEqual(expect.arrayContaining(methods));
      expect(methods.map(operation)).toEqual(core);
    });

    test('finds calls of the service only in its adapters', () => {
      for (const file of fs.readdirSync(path.join(__dirname, '..', '..', 'src', 'handlers', 'connector')).filter(name => !adapters.includes(name))) {
        expect(allCalls(file, /new (\w+)Command\(/g)).toEqual([]);
        expect(allCalls(file, /\bcore\.(\w+)\(/g)).toEqual([]);
      }
    });

    test('permits exactly the call of a lookup to a lookup', () => {
      expect(allCalls('lookup.ts', /service\.(\w+)\(/g)).toEqual(['connector']);
      expect(read('service.ts')).toMatch(/async connector\(identifier: string\)[^}]*core\.getNetworkConnector\(identifier\)/);
      expect(allowed(PERMISSIONS.connectorLookup)).toEqual(['GetNetworkConnector']);
    });
  });

  test('has name and operator role in its logical ID, so that a change of either creates a second role before the first one is deleted', () => {
    const idOf = (props: object) => ResolvedTemplate.stack(testNetworkConnector(props).stack).ids('AWS::IAM::Role', 'ConnectorResourceRole')[0];
    expect(idOf({ networkConnectorName: 'one' })).toBe(idOf({ networkConnectorName: 'one', retainedVersions: 2 }));
    expect(idOf({ networkConnectorName: 'one' })).not.toBe(idOf({ networkConnectorName: 'two' }));
    const stack = testStack();
    const operatorRole = new iam.Role(stack, 'Mine', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });
    testNetworkConnector({ networkConnectorName: 'one', operatorRole }, stack);
    expect(ResolvedTemplate.stack(stack).ids('AWS::IAM::Role', 'ConnectorResourceRole')[0]).not.toBe(idOf({ networkConnectorName: 'one' }));
  });

  test('trusts only the handler of its stack', async () => {
    const role = ResolvedTemplate.stack(testNetworkConnector().stack).resource('AWS::IAM::Role', 'ConnectorResourceRole');
    const trust = role.Properties.AssumeRolePolicyDocument;
    const answers = [];
    for (const name of ['physical-CdkLambdaMicrovmsFunctionRole077E1E22', 'somebody']) {
      answers.push(await trusts(trust, ROLE(name), 'sts:AssumeRole'));
    }
    expect(answers).toEqual([true, false]);
  });

  test('of a lookup by name permits reading connectors, and nothing else', async () => {
    const stack = testStack();
    NetworkConnector.fromNetworkConnectorName(stack, 'Import', 'internal');
    const document = ResolvedTemplate.stack(stack).policiesOf('ImportResourceRole');
    await expectAnswers(document, true, [{ action: 'lambda:GetNetworkConnector', resource: CONNECTOR }]);
    const others = [...CHANGES, 'lambda:PassNetworkConnector', 'lambda:ListTags'];
    await expectAnswers(document, false, others.map(action => ({ action, resource: CONNECTOR })));
  });
});
