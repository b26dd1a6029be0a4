import type { Stack } from 'aws-cdk-lib';
import { Duration } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import {
  Microvm, MicrovmArchitecture, MicrovmBaseImage, MicrovmCode, MicrovmEgress, MicrovmHooks, MicrovmImage, MicrovmImageVersion,
  MicrovmIngress, MicrovmLauncher, MicrovmLogging, MicrovmMemory, MicrovmOsCapabilities, NetworkConnector, NetworkConnectorElasticIps,
  NetworkProtocol,
} from '../../../src';
import type { NetworkConnectorProperties } from '../../../src/contract/connector';
import type { MicrovmImageProperties } from '../../../src/contract/image';
import type { MicrovmProperties } from '../../../src/contract/microvm';
import { ACCOUNT, DOCKERFILE, REGION, testStack } from '../../support/stacks';
import { ResolvedTemplate } from '../../support/template';

type Value = (stack: Stack) => unknown;

/** Two different values of a property, so that a member that follows from the property differs too. */
type Pair = readonly [Value, Value];

const HOOK = { timeout: Duration.seconds(7) };

/** Values of every property that sets a member of a request, by interface and property. */
export const SAMPLES: Readonly<Record<string, Readonly<Record<string, Pair>>>> = {
  MicrovmImageProps: {
    code: [() => MicrovmCode.fromInline(DOCKERFILE), () => MicrovmCode.fromInline(`${DOCKERFILE}\nRUN true`)],
    microvmImageName: [() => 'one', () => 'two'],
    description: [() => 'one', () => 'two'],
    baseImage: [() => MicrovmBaseImage.AL2023.withVersion('1'), () => MicrovmBaseImage.managed('another').withVersion('2')],
    memory: [() => MicrovmMemory.GIB_1, () => MicrovmMemory.GIB_2],
    hooks: [
      () => MicrovmHooks.withReady({ port: 9000, ready: HOOK, validate: HOOK, run: HOOK, resume: HOOK, suspend: HOOK, terminate: HOOK }),
      () => undefined,
    ],
    environment: [() => ({ LEVEL: 'one' }), () => ({ LEVEL: 'two' })],
    osCapabilities: [() => MicrovmOsCapabilities.ALL, () => undefined],
    buildEgress: [() => MicrovmEgress.internet(), stack => MicrovmEgress.connector(importedConnector(stack))],
    logging: [() => MicrovmLogging.newLogGroup(), () => MicrovmLogging.disabled()],
    buildRole: [stack => role(stack, 'one'), stack => role(stack, 'two')],
    tags: [() => ({ team: 'one' }), () => ({ team: 'two' })],
    architectures: [() => [MicrovmArchitecture.ARM_64], () => [MicrovmArchitecture.X86_64]],
    encryptionKey: [stack => key(stack, 'one'), stack => key(stack, 'two')],
  },
  NetworkConnectorProps: {
    networkConnectorName: [() => 'one', () => 'two'],
    vpcSubnets: [() => ({ subnetType: ec2.SubnetType.PRIVATE_ISOLATED }), stack => ({ subnets: vpc(stack).isolatedSubnets.slice(0, 1) })],
    securityGroups: [stack => [securityGroup(stack, 'one')], stack => [securityGroup(stack, 'two')]],
    networkProtocol: [() => NetworkProtocol.IPV4, () => NetworkProtocol.DUAL_STACK],
    operatorRole: [stack => role(stack, 'one'), stack => role(stack, 'two')],
    tags: [() => ({ team: 'one' }), () => ({ team: 'two' })],
    elasticIps: [() => NetworkConnectorElasticIps.SERVICE_MANAGED, () => undefined],
  },
  MicrovmLauncherProps: {
    image: [stack => importedImage(stack, 'one'), stack => importedImage(stack, 'two')],
    imageVersion: [() => MicrovmImageVersion.of('1.0'), () => MicrovmImageVersion.of('2.0')],
    ingress: [() => MicrovmIngress.http(), () => MicrovmIngress.allPorts()],
    egress: [() => MicrovmEgress.internet(), stack => MicrovmEgress.connector(importedConnector(stack))],
    executionRole: [stack => role(stack, 'one'), stack => role(stack, 'two')],
    idlePolicy: [
      () => ({ maxIdleDuration: Duration.minutes(5), suspendedDuration: Duration.minutes(10), autoResume: true }),
      () => undefined,
    ],
    maximumDuration: [() => Duration.hours(1), () => Duration.hours(2)],
    logging: [() => MicrovmLogging.newLogGroup(), () => MicrovmLogging.disabled()],
    encryptionKey: [stack => key(stack, 'one'), stack => key(stack, 'two')],
  },
  MicrovmProps: {
    payload: [() => 'one', () => 'two'],
    healthCheck: [() => ({ path: '/health', port: 8080 }), () => ({ path: '/health', port: 8081 })],
  },
};

/** The properties of the custom resources of an image, a connector and a MicroVM, as CloudFormation sends them. */
export interface Deployed {
  readonly image: MicrovmImageProperties;
  readonly connector: NetworkConnectorProperties;
  readonly microvm: MicrovmProperties;
}

/** Synthesizes the first sample of every property, or the second one of the property that is named. */
export function deployed(second?: string): Deployed {
  const stack = testStack();
  new MicrovmImage(stack, 'Image', props(stack, 'MicrovmImageProps', second));
  new NetworkConnector(stack, 'Connector', { ...props(stack, 'NetworkConnectorProps', second), vpc: vpc(stack) });
  const launcher = new MicrovmLauncher(stack, 'Launcher', props(stack, 'MicrovmLauncherProps', second));
  new Microvm(stack, 'Microvm', { ...props(stack, 'MicrovmProps', second), launcher });
  const template = ResolvedTemplate.stack(stack);
  const of = (type: string) => template.resource(type).Properties;
  return { image: of('Custom::MicrovmImage'), connector: of('Custom::NetworkConnector'), microvm: of('Custom::Microvm') };
}

function props(stack: Stack, of: string, second?: string): any {
  return Object.fromEntries(Object.entries(SAMPLES[of]).map(([name, pair]) => [name, pair[second === `${of}.${name}` ? 1 : 0](stack)]));
}

function vpc(stack: Stack): ec2.Vpc {
  return once(stack, 'Vpc', (scope, id) => new ec2.Vpc(scope, id, {
    maxAzs: 2, natGateways: 0, ipProtocol: ec2.IpProtocol.DUAL_STACK, restrictDefaultSecurityGroup: false,
  }));
}

function securityGroup(stack: Stack, name: string): ec2.SecurityGroup {
  return once(stack, `Group-${name}`, (scope, id) => new ec2.SecurityGroup(scope, id, { vpc: vpc(stack), description: name }));
}

function role(stack: Stack, name: string): iam.IRole {
  return once(stack, `Role-${name}`, (scope, id) => iam.Role.fromRoleArn(scope, id, `arn:aws:iam::${ACCOUNT}:role/${name}`));
}

function key(stack: Stack, name: string): kms.IKey {
  return once(stack, `Key-${name}`, (scope, id) => kms.Key.fromKeyArn(scope, id, `arn:aws:kms:${REGION}:${ACCOUNT}:key/${name}`));
}

function importedImage(stack: Stack, name: string) {
  return once(stack, `Image-${name}`, (scope, id) => MicrovmImage.fromMicrovmImageName(scope, id, name));
}

function importedConnector(stack: Stack) {
  return once(stack, 'ImportedConnector', (scope, id) => NetworkConnector.fromNetworkConnectorArn(
    scope, id, `arn:aws:lambda:${REGION}:${ACCOUNT}:network-connector:nc-0123456789abcdef0`));
}

/** Creates a construct once per stack. */
function once<T extends Construct | iam.IRole>(stack: Stack, id: string, create: (scope: Construct, id: string) => T): T {
  return (stack.node.tryFindChild(id) as T | undefined) ?? create(stack, id);
}
