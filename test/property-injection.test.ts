import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { Stack } from 'aws-cdk-lib';
import { Duration, PropertyInjectors } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import type { IConstruct } from 'constructs';
import * as library from '../src';
import { AllowedNetworkConnectors, MicrovmEgress, MicrovmIngress, MicrovmLauncher, MicrovmMemory } from '../src';
import { requestOf } from './launcher/support';
import { ACCOUNT, testImage, testStack } from './support/stacks';
import { ResolvedTemplate } from './support/template';

jest.mock('../src/private/bundle', () => jest.requireActual('./support/no-bundle'));

interface Type { readonly kind: string; readonly base?: string; readonly abstract?: boolean }

function assembly(): Record<string, Type> {
  const read = (file: string) => readFileSync(path.join(__dirname, '..', file));
  const found = JSON.parse(read('.jsii').toString());
  return (found.schema === 'jsii/file-redirect' ? JSON.parse(gunzipSync(read(found.filename)).toString()) : found).types;
}

const CONSTRUCTS = ['constructs.Construct', 'aws-cdk-lib.Resource', 'aws-cdk-lib.aws_iam.Role', 'aws-cdk-lib.aws_stepfunctions.StateMachineFragment'];
const OTHERS = ['aws-cdk-lib.DefaultStackSynthesizer'];

const types = assembly();
const classes = Object.entries(types).filter(([, { kind, abstract }]) => kind === 'class' && !abstract);
const constructs = classes.filter(([, { base }]) => CONSTRUCTS.includes(base!)).map(([name]) => name.split('.')[1]).sort();

/** What to inject into each class, how to create one without it, and what shows that it arrived. */
interface Case {
  readonly inject: object;
  readonly create: (stack: Stack) => IConstruct;
  readonly effect: (stack: Stack) => unknown;
  readonly expected: unknown;
}

const network = { ingress: MicrovmIngress.http(), egress: MicrovmEgress.internet() };
const launcherIn = (stack: Stack) => new MicrovmLauncher(stack, 'Launcher', { image: testImage({}, stack), ...network });
const vpcIn = (stack: Stack) => new ec2.Vpc(stack, 'Vpc');
const propertyOf = (type: string, name: string, part = '') => (stack: Stack) => ResolvedTemplate.stack(stack).resource(type, part).Properties[name];
const roleDescription = (part: string) => propertyOf('AWS::IAM::Role', 'Description', part);

const CASES: Record<string, Case> = {
  Microvm: {
    inject: { trigger: 'injected' },
    create: stack => new library.Microvm(stack, 'It', { launcher: launcherIn(stack) }),
    effect: propertyOf('Custom::Microvm', 'Trigger'),
    expected: 'injected',
  },
  MicrovmBuildRole: {
    inject: { description: 'injected' },
    create: stack => new library.MicrovmBuildRole(stack, 'It', { microvmImageName: 'app' }),
    effect: roleDescription('It'),
    expected: 'injected',
  },
  MicrovmExecutionRole: {
    inject: { description: 'injected' },
    create: stack => new library.MicrovmExecutionRole(stack, 'It', { image: testImage({}, stack) }),
    effect: roleDescription('It'),
    expected: 'injected',
  },
  MicrovmImage: {
    inject: { memory: MicrovmMemory.MIB_512 },
    create: stack => testImage({}, stack, 'It'),
    effect: propertyOf('Custom::MicrovmImage', 'MemoryMiB'),
    expected: '512',
  },
  MicrovmLaunchCheck: {
    inject: { trigger: 'injected' },
    create: stack => new library.MicrovmLaunchCheck(stack, 'It', { launcher: launcherIn(stack) }),
    effect: propertyOf('Custom::MicrovmLaunchCheck', 'Trigger'),
    expected: 'injected',
  },
  MicrovmLauncher: {
    inject: { maximumDuration: Duration.hours(1) },
    create: launcherIn,
    effect: stack => requestOf(stack.node.findChild('Launcher') as MicrovmLauncher).maximumDurationInSeconds,
    expected: 3600,
  },
  MicrovmStateMachineFragment: {
    inject: { launchTimeout: Duration.seconds(77) },
    create: stack => new sfn.StateMachine(stack, 'Machine', {
      definitionBody: sfn.DefinitionBody.fromChainable(new library.MicrovmStateMachineFragment(stack, 'It', { launcher: launcherIn(stack), body: new sfn.Pass(stack, 'Work') })),
    }),
    effect: stack => /"timeout":(\d+)/.exec(propertyOf('AWS::StepFunctions::StateMachine', 'DefinitionString', 'Machine')(stack))?.[1],
    expected: '77',
  },
  NetworkConnector: {
    inject: { retainedVersions: 7 },
    create: stack => new library.NetworkConnector(stack, 'It', { vpc: vpcIn(stack) }),
    effect: propertyOf('Custom::NetworkConnector', 'RetainedVersions'),
    expected: '7',
  },
  NetworkConnectorCatalog: {
    inject: { catalogName: 'injected' },
    create: stack => new library.NetworkConnectorCatalog(stack, 'It', { catalogName: 'own' }),
    effect: stack => (stack.node.findChild('It') as library.NetworkConnectorCatalog).catalogName,
    expected: 'injected',
  },
  NetworkConnectorGuardrail: {
    inject: { boundaryName: 'injected' },
    create: stack => new library.NetworkConnectorGuardrail(stack, 'It', {
      allowed: AllowedNetworkConnectors.allInAccount(), networkTeamPath: '/network-team/', boundaryName: 'own',
    }),
    effect: propertyOf('AWS::IAM::ManagedPolicy', 'ManagedPolicyName', 'Boundary'),
    expected: 'injected',
  },
  NetworkConnectorOperatorRole: {
    inject: { description: 'injected' },
    create: stack => {
      const vpc = vpcIn(stack);
      return new library.NetworkConnectorOperatorRole(stack, 'It', { subnets: vpc.privateSubnets, securityGroups: [new ec2.SecurityGroup(stack, 'Group', { vpc })] });
    },
    effect: roleDescription('It'),
    expected: 'injected',
  },
  WebIdentityLaunchRole: {
    inject: { description: 'injected' },
    create: stack => new library.WebIdentityLaunchRole(stack, 'It', {
      identityProvider: iam.OidcProviderNative.fromOidcProviderArn(stack, 'Provider', `arn:aws:iam::${ACCOUNT}:oidc-provider/issuer.example`),
      issuer: 'issuer.example',
      audiences: ['sts.amazonaws.com'],
      subjects: ['repo:acme/app:ref:refs/heads/main'],
    }),
    effect: roleDescription('It'),
    expected: 'injected',
  },
};

test('the assembly has no base class of which this test does not know whether it is one of constructs', () => {
  const bases = new Set(classes.flatMap(([, { base }]) => base && !base.startsWith('cdk-lambda-microvms.') ? base : []));
  expect([...bases].filter(base => ![...CONSTRUCTS, ...OTHERS].includes(base))).toEqual([]);
});

test('all public constructs, and no others, have a property injection ID, which is their name', () => {
  const ids = Object.entries(library).flatMap(([name, value]) => {
    const id = Object.getOwnPropertyDescriptor(value, 'PROPERTY_INJECTION_ID') ?? Object.getOwnPropertyDescriptor(Object.getPrototypeOf(value), 'PROPERTY_INJECTION_ID');
    return id ? [[name, id.value]] : [];
  });
  expect(ids.sort()).toEqual(constructs.map(name => [name, `cdk-lambda-microvms.${name}`]));
});

test('an injector is tried with each of them', () => {
  expect(Object.keys(CASES).sort()).toEqual(constructs);
});

test.each(Object.entries(CASES))('an injector of the stack reaches %s', (name, { inject, create, effect, expected }) => {
  const plain = testStack();
  create(plain);
  expect(effect(plain)).not.toEqual(expected);

  const stack = testStack();
  PropertyInjectors.of(stack).add({ constructUniqueId: `cdk-lambda-microvms.${name}`, inject: props => ({ ...props, ...inject }) });
  create(stack);
  expect(effect(stack)).toEqual(expected);
});

test('an injector of a base class of aws-cdk-lib reaches the roles of this library too', () => {
  const stack = testStack();
  PropertyInjectors.of(stack).add({ constructUniqueId: iam.Role.PROPERTY_INJECTION_ID, inject: props => ({ ...props, path: '/injected/' }) });
  launcherIn(stack);
  const template = ResolvedTemplate.stack(stack);
  expect(template.ids('AWS::IAM::Role').filter(id => template.resource('AWS::IAM::Role', id).Properties.Path !== '/injected/')).toEqual([]);
});
