import type { App, CfnResource, Stack } from 'aws-cdk-lib';
import { NestedStack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type { IConstruct } from 'constructs';
import { SECURITY_GROUP, testVpc } from './support';
import {
  Microvm, MicrovmCode, MicrovmEgress, MicrovmImage, MicrovmIngress, MicrovmLaunchCheck, MicrovmLauncher, NetworkConnector,
} from '../../src';
import { DOCKERFILE, testApp, testConnector, testStack } from '../support/stacks';

jest.mock('../../src/private/bundle', () => jest.requireActual('../support/no-bundle'));

const HTTPS = ec2.Port.tcp(443);

function image(stack: Stack, connector: lambda.INetworkConnectorRef, id = 'Image'): MicrovmImage {
  return new MicrovmImage(stack, id, { code: MicrovmCode.fromInline(DOCKERFILE), buildEgress: MicrovmEgress.connector(connector) });
}

function launcher(stack: Stack, connector: lambda.INetworkConnectorRef): MicrovmLauncher {
  const launched = MicrovmImage.fromMicrovmImageName(stack, 'Ref', 'sandbox');
  return new MicrovmLauncher(stack, 'Launcher', { image: launched, ingress: MicrovmIngress.http(), egress: MicrovmEgress.connector(connector) });
}

/** Returns the logical IDs of everything that resources of this type wait for, also indirectly, in one template. */
function awaitedBy(stack: Stack, type: string): string[] {
  const resources: Record<string, any> = Template.fromStack(stack).toJSON().Resources;
  const awaited = new Set<string>();
  const visit = (id: string) => {
    const text = JSON.stringify([resources[id].Properties, resources[id].DependsOn]);
    for (const other of Object.keys(resources).filter(name => text.includes(`"${name}"`) || text.includes(`\${${name}`))) {
      if (awaited.has(other)) continue;
      awaited.add(other);
      visit(other);
    }
  };
  Object.keys(resources).filter(id => resources[id].Type === type).forEach(visit);
  return [...awaited];
}

/** Returns the logical IDs of all resources of a type. */
function idsOf(stack: Stack, type: string): string[] {
  return Object.keys(Template.fromStack(stack).findResources(type));
}

/** Returns the IDs of the stacks that a stack is deployed after. */
function stacksBefore(stack: IConstruct): string[] {
  const app = stack.node.root as App;
  return app.synth().getStackArtifact((stack as Stack).artifactId).dependencies.map(({ id }) => id).filter(id => !id.endsWith('.assets'));
}

test('a connector waits for the routes of its subnets', () => {
  const stack = testStack();
  new NetworkConnector(stack, 'Connector', { vpc: new ec2.Vpc(stack, 'Vpc', { maxAzs: 2, natGateways: 1 }) });
  const awaited = awaitedBy(stack, 'Custom::NetworkConnector');
  const privateRoutes = idsOf(stack, 'AWS::EC2::Route').filter(id => id.includes('PrivateSubnet'));
  const associations = idsOf(stack, 'AWS::EC2::SubnetRouteTableAssociation').filter(id => id.includes('PrivateSubnet'));
  expect(privateRoutes).toHaveLength(2);
  expect(associations).toHaveLength(2);
  expect(awaited).toEqual(expect.arrayContaining([...privateRoutes, ...associations, ...idsOf(stack, 'AWS::EC2::NatGateway')]));
});

test('a connector waits for no routes of an imported VPC', () => {
  const stack = testStack();
  new NetworkConnector(stack, 'Connector', { vpc: testVpc(stack) });
  expect(awaitedBy(stack, 'Custom::NetworkConnector').join()).not.toContain('Route');
});

describe('the resource that goes out through a connector', () => {
  const RESOURCES: [string, (stack: Stack, connector: NetworkConnector) => void][] = [
    ['Custom::MicrovmImage', (stack, connector) => image(stack, connector)],
    ['Custom::Microvm', (stack, connector) => new Microvm(stack, 'Microvm', { launcher: launcher(stack, connector) })],
    ['Custom::MicrovmLaunchCheck', (stack, connector) => new MicrovmLaunchCheck(stack, 'Check', { launcher: launcher(stack, connector) })],
  ];

  test.each(RESOURCES)('%s waits for rules and endpoints that are added later', (type, create) => {
    const stack = testStack();
    const vpc = new ec2.Vpc(stack, 'Vpc', { maxAzs: 1 });
    const database = new ec2.SecurityGroup(stack, 'Database', { vpc });
    const connector = new NetworkConnector(stack, 'Connector', { vpc });
    create(stack, connector);
    connector.connections.allowTo(database, ec2.Port.tcp(5432));
    vpc.addGatewayEndpoint('Objects', { service: ec2.GatewayVpcEndpointAwsService.S3 });
    vpc.addInterfaceEndpoint('Logs', { service: ec2.InterfaceVpcEndpointAwsService.CLOUDWATCH_LOGS });
    const expected = ['AWS::EC2::SecurityGroupEgress', 'AWS::EC2::SecurityGroupIngress', 'AWS::EC2::VPCEndpoint'].flatMap(part => idsOf(stack, part));
    expect(expected).toHaveLength(4);
    expect(awaitedBy(stack, type)).toEqual(expect.arrayContaining(expected));
  });

  test.each(RESOURCES)('%s has no circular dependency if the rules go in both directions', (type, create) => {
    const stack = testStack();
    const vpc = new ec2.Vpc(stack, 'Vpc', { maxAzs: 1 });
    const database = new ec2.SecurityGroup(stack, 'Database', { vpc, allowAllOutbound: false });
    const connector = new NetworkConnector(stack, 'Connector', { vpc });
    create(stack, connector);
    connector.connections.allowTo(database, ec2.Port.tcp(5432));
    database.connections.allowTo(connector, ec2.Port.tcp(8080));
    expect(() => awaitedBy(stack, type)).not.toThrow(); // Template.fromStack rejects circular dependencies
  });

  test.each(RESOURCES)('%s waits for no rules of other security groups', (type, create) => {
    const stack = testStack();
    const vpc = new ec2.Vpc(stack, 'Vpc', { maxAzs: 1 });
    create(stack, new NetworkConnector(stack, 'Connector', { vpc }));
    const [a, b] = ['A', 'B'].map(id => new ec2.SecurityGroup(stack, id, { vpc, allowAllOutbound: false }));
    a.connections.allowTo(b, HTTPS);
    const other = new ec2.Vpc(stack, 'Other', { maxAzs: 1 });
    other.addGatewayEndpoint('Objects', { service: ec2.GatewayVpcEndpointAwsService.S3 });
    const rules = [...idsOf(stack, 'AWS::EC2::SecurityGroupEgress'), ...idsOf(stack, 'AWS::EC2::VPCEndpoint')];
    expect(rules).toHaveLength(2);
    expect(awaitedBy(stack, type)).not.toEqual(expect.arrayContaining([rules[0]]));
    expect(awaitedBy(stack, type)).not.toEqual(expect.arrayContaining([rules[1]]));
  });
});

describe('an image waits for the rules', () => {
  test('of an imported security group in an imported VPC', () => {
    const stack = testStack();
    const group = ec2.SecurityGroup.fromSecurityGroupId(stack, 'Group', SECURITY_GROUP, { allowAllOutbound: false });
    const connector = new NetworkConnector(stack, 'Connector', { vpc: testVpc(stack), securityGroups: [group] });
    image(stack, connector);
    connector.connections.allowToAnyIpv4(HTTPS);
    expect(awaitedBy(stack, 'Custom::MicrovmImage')).toEqual(expect.arrayContaining(idsOf(stack, 'AWS::EC2::SecurityGroupEgress')));
  });

  test('of an imported connector', () => {
    const stack = testStack();
    const group = ec2.SecurityGroup.fromSecurityGroupId(stack, 'Group', SECURITY_GROUP, { allowAllOutbound: false });
    const connector = NetworkConnector.fromNetworkConnectorAttributes(stack, 'Connector', {
      networkConnectorArn: `arn:aws:lambda:${stack.region}:${stack.account}:network-connector:nc-1`, securityGroups: [group],
    });
    image(stack, connector);
    connector.connections.allowToAnyIpv4(HTTPS);
    expect(awaitedBy(stack, 'Custom::MicrovmImage')).toEqual(expect.arrayContaining(idsOf(stack, 'AWS::EC2::SecurityGroupEgress')));
  });

  test('of an L1 connector, and of an L1 security group', () => {
    const stack = testStack();
    const group = ec2.SecurityGroup.fromSecurityGroupId(stack, 'Group', 'sg-0123456789abcdef0', { allowAllOutbound: false });
    image(stack, testConnector(stack));
    group.connections.allowToAnyIpv4(HTTPS);
    expect(awaitedBy(stack, 'Custom::MicrovmImage')).toEqual(expect.arrayContaining(idsOf(stack, 'AWS::EC2::SecurityGroupEgress')));

    const other = testStack();
    const l1 = new ec2.CfnSecurityGroup(other, 'L1', { groupDescription: 'l1' });
    image(other, new NetworkConnector(other, 'Connector', { vpc: testVpc(other), securityGroups: [l1] }));
    new ec2.CfnSecurityGroupEgress(other, 'Rule', { groupId: l1.attrGroupId, ipProtocol: 'tcp', fromPort: 443, toPort: 443, cidrIp: '10.0.0.0/8' });
    expect(awaitedBy(other, 'Custom::MicrovmImage')).toContain('Rule');
  });

  test('but not for an endpoint whose policy names the image', () => {
    const stack = testStack();
    const vpc = new ec2.Vpc(stack, 'Vpc', { maxAzs: 1 });
    const built = image(stack, new NetworkConnector(stack, 'Connector', { vpc }));
    const endpoint = vpc.addInterfaceEndpoint('Lambda', { service: ec2.InterfaceVpcEndpointAwsService.LAMBDA });
    const resources = [(built.node.defaultChild as CfnResource).getAtt('ImageArn').toString()];
    endpoint.addToPolicy(new iam.PolicyStatement({ actions: ['lambda:*'], principals: [new iam.AnyPrincipal()], resources }));
    expect(awaitedBy(stack, 'Custom::MicrovmImage')).not.toEqual(expect.arrayContaining(idsOf(stack, 'AWS::EC2::VPCEndpoint')));
  });
});

describe('with a connector in another stack', () => {
  /** Returns a stack with a VPC and a connector, and a function that creates further stacks. */
  function network() {
    const app = testApp();
    const stack = testStack(app, 'Network');
    const vpc = new ec2.Vpc(stack, 'Vpc', { maxAzs: 1 });
    return { stack, vpc, connector: new NetworkConnector(stack, 'Connector', { vpc }), other: (id: string) => testStack(app, id) };
  }

  test('an image waits for the rules that its own stack adds', () => {
    const { vpc, connector, other } = network();
    const app = other('App');
    const database = new ec2.SecurityGroup(app, 'Database', { vpc });
    image(app, connector);
    database.connections.allowFrom(connector, ec2.Port.tcp(5432));
    const rules = [...idsOf(app, 'AWS::EC2::SecurityGroupEgress'), ...idsOf(app, 'AWS::EC2::SecurityGroupIngress')];
    expect(rules).toHaveLength(2);
    expect(awaitedBy(app, 'Custom::MicrovmImage')).toEqual(expect.arrayContaining(rules));
    expect(stacksBefore(app)).toEqual(['Network']);
  });

  test('the stack of an image waits for a stack that only adds rules or endpoints', () => {
    const { vpc, connector, other } = network();
    const [app, databases, endpoints] = [other('App'), other('Databases'), other('Endpoints')];
    image(app, connector);
    new ec2.SecurityGroup(databases, 'Database', { vpc }).connections.allowFrom(connector, ec2.Port.tcp(5432));
    new ec2.GatewayVpcEndpoint(endpoints, 'Objects', { vpc, service: ec2.GatewayVpcEndpointAwsService.S3 });
    expect(stacksBefore(app).sort()).toEqual(['Databases', 'Endpoints', 'Network']);
  });

  test('stacks that each have an image and rules do not wait for each other', () => {
    const { vpc, connector, other } = network();
    const apps = ['One', 'Two'].map(id => {
      const app = other(id);
      image(app, connector);
      new ec2.SecurityGroup(app, 'Database', { vpc }).connections.allowFrom(connector, ec2.Port.tcp(5432));
      return app;
    });
    expect(apps.map(stacksBefore)).toEqual([['Network'], ['Network']]);
  });

  test('the stack of an image does not wait for a stack that waits for it', () => {
    const { vpc, connector, other } = network();
    const [app, reader] = [other('App'), other('Reader')];
    image(app, connector);
    new ec2.SecurityGroup(reader, 'Backend', { vpc }).connections.allowFrom(connector, HTTPS);
    reader.addStackDependency(app);
    expect(stacksBefore(app)).toEqual(['Network']);
    expect(stacksBefore(reader)).toContain('App');
  });

  test('rules in the stack of the connector need no further dependency', () => {
    const { vpc, stack, connector, other } = network();
    const app = other('App');
    image(app, connector);
    connector.connections.allowTo(new ec2.SecurityGroup(stack, 'Database', { vpc }), ec2.Port.tcp(5432));
    expect(stacksBefore(app)).toEqual(['Network']);
  });
});

describe('in nested stacks', () => {
  test('an image waits for rules and endpoints of the outer stack', () => {
    const stack = testStack();
    const vpc = new ec2.Vpc(stack, 'Vpc', { maxAzs: 1 });
    const connector = new NetworkConnector(stack, 'Connector', { vpc });
    const nested = new NestedStack(stack, 'Nested');
    image(nested, connector);
    connector.connections.allowTo(new ec2.SecurityGroup(stack, 'Database', { vpc }), ec2.Port.tcp(5432));
    expect(awaitedBy(stack, 'AWS::CloudFormation::Stack')).toEqual(expect.arrayContaining(idsOf(stack, 'AWS::EC2::SecurityGroupEgress')));
  });

  test('an image does not wait for a rule of the outer stack that needs the nested stack', () => {
    const stack = testStack();
    const vpc = new ec2.Vpc(stack, 'Vpc', { maxAzs: 1 });
    const connector = new NetworkConnector(stack, 'Connector', { vpc });
    const nested = new NestedStack(stack, 'Nested');
    image(nested, connector);
    connector.connections.allowTo(new ec2.SecurityGroup(nested, 'Database', { vpc }), ec2.Port.tcp(5432));
    expect(() => Template.fromStack(stack)).not.toThrow();
  });
});
