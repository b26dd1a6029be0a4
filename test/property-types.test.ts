import type { Stack } from 'aws-cdk-lib';
import { Duration, RemovalPolicy, Size } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import type * as library from '../src';
import {
  AllowedNetworkConnectors, DeploymentEncryption, Microvm, MicrovmBaseImage, MicrovmBuildRole, MicrovmCode, MicrovmEgress,
  MicrovmExecutionRole, MicrovmHooks, MicrovmImage, MicrovmImageVersion, MicrovmIngress, MicrovmLaunchCheck, MicrovmLauncher,
  MicrovmLogging, MicrovmMemory, MicrovmPolicyValidation, MicrovmProvider, MicrovmStateMachineFragment, NetworkConnector, NetworkConnectorCatalog,
  NetworkConnectorGrants, NetworkConnectorGuardrail, NetworkConnectorOperatorRole, NetworkTeamSynthesizer, SessionTagging, WebIdentityLaunchRole,
} from '../src';
import { testFunction, testLauncher } from './launcher/support';
import { testVpc } from './network/support';
import { exportedInterfaces, membersOf } from './support/interfaces';
import { ACCOUNT, DOCKERFILE, REGION, testConnector, testImage, testStack } from './support/stacks';

jest.mock('../src/private/bundle', () => jest.requireActual('./support/no-bundle'));

const IMAGE_ARN = `arn:aws:lambda:${REGION}:${ACCOUNT}:microvm-image:sandbox`;
const CONNECTOR_ARN = `arn:aws:lambda:${REGION}:${ACCOUNT}:network-connector:nc-1`;

function role(scope: Construct): iam.IRole {
  return iam.Role.fromRoleArn(scope, 'ImportedRole', `arn:aws:iam::${ACCOUNT}:role/imported`, { mutable: false });
}

interface Case {
  /** Uses the properties. */
  readonly use: (stack: Stack, props: any) => unknown;
  /** The required properties. */
  readonly props?: (stack: Stack) => Record<string, unknown>;
  /** The path of the construct. Static factories have none. */
  readonly path?: string;
  /** What comes before the names of properties. */
  readonly prefix?: string;
}

const launchProps = (stack: Stack) => ({ image: testImage({}, stack), ingress: MicrovmIngress.http(), egress: MicrovmEgress.internet() });
const network = (stack: Stack) => ({ subnets: testVpc(stack).privateSubnets, securityGroups: [ec2.SecurityGroup.fromSecurityGroupId(stack, 'Group', 'sg-1')] });

/** By the interfaces that users pass. */
const CASES: Record<string, Case> = {
  DeploymentEncryptionOptions: { use: (stack, props) => DeploymentEncryption.apply(stack, props), path: 'Test' },
  MicrovmBuildRoleProps: { use: (stack, props) => new MicrovmBuildRole(stack, 'X', props), props: () => ({ microvmImageName: 'x' }), path: 'Test/X' },
  MicrovmCodeBucketOptions: {
    use: (stack, props) => MicrovmCode.fromBucket(s3.Bucket.fromBucketName(stack, 'Bucket', 'bucket'), 'k', props), props: () => ({ contentHash: '1' }), prefix: 'code.',
  },
  MicrovmCodeDirectoryOptions: { use: (_, props) => MicrovmCode.fromDirectory('x', props), prefix: 'code.' },
  MicrovmExecutionRoleProps: { use: (stack, props) => new MicrovmExecutionRole(stack, 'X', props), props: stack => ({ image: testImage({}, stack) }), path: 'Test/X' },
  MicrovmHealthCheck: {
    use: (stack, healthCheck) => new Microvm(stack, 'X', { launcher: testLauncher({}, stack).launcher, healthCheck }), path: 'Test/X', prefix: 'healthCheck.',
  },
  MicrovmHookOptions: { use: (_, run) => MicrovmHooks.withReady({ port: 1, run }), prefix: 'hooks.run.' },
  MicrovmIdlePolicy: {
    use: (stack, idlePolicy) => new MicrovmLauncher(stack, 'X', { ...launchProps(stack), idlePolicy }),
    props: () => ({ maxIdleDuration: Duration.minutes(1), suspendedDuration: Duration.minutes(1), autoResume: true }),
    path: 'Test/X',
    prefix: 'idlePolicy.',
  },
  MicrovmImageAttributes: { use: (stack, attrs) => MicrovmImage.fromMicrovmImageAttributes(stack, 'X', attrs), props: () => ({ microvmImageArn: IMAGE_ARN }), path: 'Test/X' },
  MicrovmImageProps: { use: (stack, props) => new MicrovmImage(stack, 'X', props), props: () => ({ code: MicrovmCode.fromInline(DOCKERFILE) }), path: 'Test/X' },
  MicrovmLaunchCheckOptions: { use: (stack, options) => testLauncher({}, stack).launcher.addLaunchCheck(undefined, options), path: 'Test/Launcher/LaunchCheck' },
  MicrovmLaunchCheckProps: { use: (stack, props) => new MicrovmLaunchCheck(stack, 'X', props), props: stack => ({ launcher: testLauncher({}, stack).launcher }), path: 'Test/X' },
  MicrovmLauncherAttributes: {
    use: (stack, attrs) => MicrovmLauncher.fromMicrovmLauncherAttributes(stack, 'X', attrs), props: stack => ({ ...launchProps(stack), executionRole: role(stack) }), path: 'Test/X',
  },
  MicrovmLauncherFunctionOptions: {
    use: (stack, options) => testLauncher({}, stack).launcher.addToFunction(testFunction(stack), options), path: 'Test/Launcher',
  },
  MicrovmLauncherProps: { use: (stack, props) => new MicrovmLauncher(stack, 'X', props), props: launchProps, path: 'Test/X' },
  MicrovmNewLogGroupOptions: { use: (_, options) => MicrovmLogging.newLogGroup(options), prefix: 'logging.' },
  MicrovmPolicyValidationProps: { use: (_, props) => new MicrovmPolicyValidation(props) },
  MicrovmProps: { use: (stack, props) => new Microvm(stack, 'X', props), props: stack => ({ launcher: testLauncher({}, stack).launcher }), path: 'Test/X' },
  MicrovmProviderOptions: { use: (stack, options) => MicrovmProvider.configure(stack, options), path: 'Test' },
  MicrovmReadyHooks: { use: (_, hooks) => MicrovmHooks.withReady(hooks), props: () => ({ port: 1 }), prefix: 'hooks.' },
  MicrovmStateMachineFragmentProps: {
    use: (stack, props) => new MicrovmStateMachineFragment(stack, 'X', props),
    props: stack => ({ launcher: testLauncher({}, stack).launcher, body: new sfn.Pass(stack, 'Body') }),
    path: 'Test/X',
  },
  MicrovmValidateHook: { use: (_, hook) => MicrovmHooks.validateOnly(hook), props: () => ({ port: 1 }), prefix: 'hooks.' },
  NetworkConnectorAttributes: {
    use: (stack, attrs) => NetworkConnector.fromNetworkConnectorAttributes(stack, 'X', attrs), props: () => ({ networkConnectorArn: CONNECTOR_ARN }), path: 'Test/X',
  },
  NetworkConnectorCatalogProps: { use: (stack, props) => new NetworkConnectorCatalog(stack, 'X', props), props: () => ({ catalogName: 'x' }), path: 'Test/X' },
  NetworkConnectorCreationOptions: {
    use: (stack, options) => NetworkConnectorGrants.create(stack, new iam.Role(stack, 'Role', { assumedBy: new iam.AccountRootPrincipal() }), options),
    props: stack => ({ ...network(stack), operatorRoles: [role(stack)] }),
    path: 'Test',
  },
  NetworkConnectorGuardrailProps: {
    use: (stack, props) => new NetworkConnectorGuardrail(stack, 'X', props),
    props: () => ({ allowed: AllowedNetworkConnectors.allInAccount(), networkTeamPath: '/network-team/', boundaryName: 'b' }),
    path: 'Test/X',
  },
  NetworkConnectorOperatorRoleProps: { use: (stack, props) => new NetworkConnectorOperatorRole(stack, 'X', props), props: network, path: 'Test/X' },
  NetworkConnectorProps: { use: (stack, props) => new NetworkConnector(stack, 'X', props), props: stack => ({ vpc: testVpc(stack) }), path: 'Test/X' },
  NetworkConnectorPublicationOptions: {
    use: (stack, options) => new NetworkConnectorCatalog(stack, 'X', { catalogName: 'x' })
      .add('x', NetworkConnector.fromNetworkConnectorArn(stack, 'Connector', CONNECTOR_ARN), options),
    path: 'Test/X',
  },
  NetworkTeamSynthesizerProps: { use: (_, props) => new NetworkTeamSynthesizer(props), props: () => ({ networkTeamPath: '/network-team/', qualifier: 'netteam' }) },
  WebIdentityLaunchRoleProps: {
    use: (stack, props) => new WebIdentityLaunchRole(stack, 'X', props),
    props: stack => ({
      identityProvider: iam.OpenIdConnectProvider.fromOpenIdConnectProviderArn(stack, 'Provider', `arn:aws:iam::${ACCOUNT}:oidc-provider/example.com`),
      issuer: 'example.com',
      audiences: ['a'],
      subjects: ['repo:acme/app:ref'],
    }),
    path: 'Test/X',
  },
  WebIdentityOptions: { use: (stack, options) => testLauncher({}, stack).launcher.grantWebIdentity(options), props: () => ({ audiences: ['https://a.example.com'] }), path: 'Test/Launcher' },
};

/** What the library returns, what classes implement, and what other interfaces extend. */
const NOT_PASSED = /^I[A-Z]|Config$|^(WebIdentityClaims|MicrovmDeployedLaunchOptions|MicrovmDeploymentOptions|MicrovmImageRoleProps|MicrovmLaunchOptions|MicrovmServiceRoleProps)$/;

function errorOf(use: () => unknown): any {
  try {
    use();
  } catch (error) {
    return error;
  }
  return undefined;
}

test('every interface that users pass is checked', () => {
  expect(Object.keys(CASES).sort()).toEqual(exportedInterfaces().filter(name => !NOT_PASSED.test(name)));
});

describe.each(Object.entries(CASES))('%s', (name, { use, props = () => ({}), path, prefix = '' }) => {
  const stack = testStack();
  const valid = props(stack);
  let count = 0;
  /** Each attempt has a scope of its own, because the one before may have created constructs. */
  const attempt = (change: Record<string, unknown>) => {
    const fresh = count++ === 0 ? stack : testStack();
    const given = count === 1 ? valid : props(fresh);
    return errorOf(() => use(fresh, { ...given, ...change }));
  };

  test('is accepted with valid properties', () => {
    expect(attempt({})).toBeUndefined();
  });

  test.each(membersOf(name))('$name with null, a wrong type, or without a required value fails with its name', ({ name: member, isOptional }) => {
    const wrong = [null, new Date(0), Symbol('x'), () => 1, ...isOptional ? [] : [undefined]];
    for (const value of wrong) {
      const error = attempt({ [member]: value });
      expect({ value, type: error?.name, message: error?.message.split('\n')[0] }).toEqual({
        value,
        type: 'ValidationError',
        message: expect.stringMatching(new RegExp(`^${prefix.replace(/\./g, '\\.')}${member}: .*; pass .*\\[MicrovmPropertyTypeInvalid${path === undefined ? '\\]' : ` at ${path}\\]`}$`)),
      });
      expect(error.constructPath).toBe(path);
    }
  });
});

describe('a mistake of a program in JavaScript fails with what to pass', () => {
  const js = <T>(value: unknown): T => value as T;

  test.each<[string, (stack: Stack) => unknown, string]>([
    ['a Size as memory', stack => testImage({ memory: js(Size.gibibytes(2)) }, stack),
      'memory: a Size is not valid; pass MicrovmMemory.GIB_2 or MicrovmMemory.of(size), or omit it [MicrovmPropertyTypeInvalid at Test/Image]'],
    ['a log group as logging', stack => testImage({ logging: js(new logs.LogGroup(stack, 'Log')) }, stack), 'logging: a LogGroup is not valid; pass MicrovmLogging.logGroup(logGroup)'],
    ['no code', stack => new MicrovmImage(stack, 'Image', js({})), "code: the value is missing; pass MicrovmCode.fromDirectory('directory') [MicrovmPropertyTypeInvalid at Test/Image]"],
    ['a path as code', stack => testImage({ code: js('sandbox') }, stack), "code: the text 'sandbox' is not valid; pass MicrovmCode.fromDirectory('directory')"],
    ['an egress as code', stack => testImage({ code: js(MicrovmEgress.internet()) }, stack), 'code: an InternetEgress is not valid'],
    ['no properties', stack => new MicrovmImage(stack, 'Image', js(undefined)), 'code: the value is missing'],
    ['a text as properties', stack => new MicrovmImage(stack, 'Image', js('x')), "props: the text 'x' is not valid; pass an object"],
    ['no ingress', stack => new MicrovmLauncher(stack, 'L', js({ ...launchProps(stack), ingress: undefined })), 'ingress: the value is missing; pass MicrovmIngress.http() or MicrovmIngress.none()'],
    ['no egress', stack => new MicrovmLauncher(stack, 'L', js({ ...launchProps(stack), egress: undefined })), 'egress: the value is missing; pass MicrovmEgress.internet()'],
    ['a connector as egress', stack => new MicrovmLauncher(stack, 'L', { ...launchProps(stack), egress: js(testConnector(stack)) }), 'egress: a CfnNetworkConnector is not valid; pass MicrovmEgress.internet() or MicrovmEgress.connector(connector)'],
    ['no image', stack => new MicrovmLauncher(stack, 'L', js({ ...launchProps(stack), image: undefined })), 'image: the value is missing; pass a MicrovmImage'],
    ['no VPC', stack => new NetworkConnector(stack, 'C', js({})), 'vpc: the value is missing; pass a VPC [MicrovmPropertyTypeInvalid at Test/C]'],
    ['the ID of a VPC', stack => new NetworkConnector(stack, 'C', { vpc: js('vpc-1') }), "vpc: the text 'vpc-1' is not valid; pass a VPC"],
    ['a number as Duration', stack => testImage({ deploymentTimeout: js(60) }, stack), 'deploymentTimeout: the number 60 is not valid; pass a Duration, such as Duration.minutes(5), or omit it'],
    ['null as a name', stack => testImage({ microvmImageName: js(null) }, stack), 'microvmImageName: null is not valid; pass a string, or omit it'],
    ['a text as a list', () => MicrovmCode.fromDirectory('x', { exclude: js('*.log') }), "code.exclude: the text '*.log' is not valid; pass a list of strings"],
    ['undefined as a tag', stack => testImage({ tags: js({ team: undefined }) }, stack), 'tags.team: the value is missing; pass a string'],
    ['a number as a tag', stack => testImage({ tags: js({ team: 1 }) }, stack), 'tags.team: the number 1 is not valid; pass a string'],
    ['a text as architectures', stack => testImage({ architectures: js('ARM_64') }, stack), "architectures: the text 'ARM_64' is not valid; pass a list of architectures, such as [MicrovmArchitecture.ARM_64]"],
    ['an unknown architecture', stack => testImage({ architectures: js(['arm64']) }, stack), "architectures.0: the text 'arm64' is not valid; pass MicrovmArchitecture.ARM_64 or MicrovmArchitecture.X86_64"],
    ['an unknown value of an enum', stack => testImage({ microvmTermination: js('never') }, stack), "microvmTermination: the text 'never' is not valid; pass MicrovmTermination.ON_DELETE or MicrovmTermination.ON_DELETE_OR_RENAME or MicrovmTermination.NEVER"],
    ['a text as boolean', stack => testImage({ adoptExisting: js('false') }, stack), "adoptExisting: the text 'false' is not valid; pass true or false"],
    ['a text as number', stack => testImage({ retainedVersions: js('3') }, stack), "retainedVersions: the text '3' is not valid; pass a number"],
    ['a class instead of an object', stack => testImage({ memory: js(MicrovmMemory) }, stack), 'memory: a function or class is not valid'],
    ['an environment variable that is not set', stack => testImage({ environment: js({ KEY: undefined }) }, stack),
      "environment: the value of 'KEY' is undefined, often because an environment variable of the CDK app is not set; set it, or leave the variable out [MicrovmImageEnvironmentInvalid at Test/Image]"],
    ['null in the environment', stack => testImage({ environment: js({ KEY: null }) }, stack), "environment: the value of 'KEY' is not a string, and its type is null; pass a string"],
    ['a number in the environment', stack => testImage({ environment: js({ PORT: 8080 }) }, stack), "environment: the value of 'PORT' is not a string, and its type is number; pass a string"],
    ['a list as environment', stack => testImage({ environment: js(['A=1']) }, stack), 'environment: a list is not valid; pass an object with strings'],
    ['undefined in addEnvironment', stack => testImage({}, stack).addEnvironment('KEY', js(undefined)), "environment: the value of 'KEY' is undefined"],
    ['a number as a hook', () => MicrovmHooks.withReady({ port: 1, run: js(5) }), 'hooks.run: the number 5 is not valid; pass an object with timeout'],
    ['true as a hook', () => MicrovmHooks.withReady({ port: 1, run: js(true) }), 'hooks.run: the boolean true is not valid'],
    ['no hooks', () => MicrovmHooks.withReady(js(undefined)), 'hooks.port: the value is missing; pass a number'],
    ['null as options', () => MicrovmCode.fromDirectory('x', js(null)), 'code: null is not valid; pass an object'],
    ['null as properties', stack => new MicrovmImage(stack, 'I', js(null)), 'props: null is not valid; pass an object [MicrovmPropertyTypeInvalid at Test/I]'],
    ['a build step without an image', () => MicrovmCode.fromDirectory('x', { bundling: js({ command: ['x'] }) }), 'code.bundling: an object is not valid; pass BundlingOptions with an image'],
    ['the name of a repository', () => MicrovmCode.fromEcrImage(js('base'), '1'), "code.repository: the text 'base' is not valid; pass an ECR repository"],
    ['no tag', stack => MicrovmCode.fromEcrImage(ecr.Repository.fromRepositoryName(stack, 'R', 'base'), js(undefined)), 'code.tagOrDigest: the value is missing; pass a string'],
    ['a path as image asset', () => MicrovmCode.fromImageAsset(js('./sandbox')), "code: the text './sandbox' is not valid; pass a DockerImageAsset"],
    ['an alias as function', stack => testLauncher({}, stack).launcher.addToFunction(js(testFunction(stack).addAlias('live'))),
      'fn: an Alias is not valid; pass a Function that this app creates, not an alias or an import'],
    ['no options of the provider', stack => MicrovmProvider.configure(stack, js(undefined)), 'options: the value is missing; pass an object [MicrovmPropertyTypeInvalid at Test]'],
    ['no grantee', stack => testImage({}, stack).grantRun(js(undefined)), 'grantee: the value is missing; pass a grantee, such as a role or a function'],
    ['the ARN of a grantee', stack => testLauncher({}, stack).launcher.grantLaunch(js('arn:aws:iam::123456789012:role/a')), "grantee: the text 'arn:aws:iam::123456789012:role/a' is not valid; pass a grantee"],
    ['an L1 as grantee', stack => NetworkConnector.fromNetworkConnectorArn(stack, 'C', CONNECTOR_ARN).grantUse(js(testConnector(stack))), 'grantee: a CfnNetworkConnector is not valid'],
    ['a number as memory', () => MicrovmMemory.of(js(2048)), 'memory: the number 2048 is not valid; pass a Size, such as Size.gibibytes(2)'],
    ['no base image', () => MicrovmBaseImage.managed(js(undefined)), 'baseImage: the value is missing; pass a string'],
    ['a number as base version', () => MicrovmBaseImage.AL2023.withVersion(js(1)), 'baseImage: the number 1 is not valid; pass a string'],
    ['a number as version', () => MicrovmImageVersion.of(js(3)), 'imageVersion: the number 3 is not valid; pass a string'],
    ['no directory', () => MicrovmCode.fromDirectory(js(undefined)), 'code: the value is missing; pass a string'],
    ['no ZIP file', () => MicrovmCode.fromZip(js(null)), 'code: null is not valid; pass a string'],
    ['no Dockerfile', () => MicrovmCode.fromInline(js(undefined)), 'code: the value is missing; pass a string'],
    ['a number as a file', () => MicrovmCode.fromInline(DOCKERFILE, js({ 'a.txt': 1 })), 'code.a.txt: the number 1 is not valid; pass a string'],
    ['the name of a bucket', () => MicrovmCode.fromBucket(js('bucket'), 'key', { contentHash: '1' }), "code.bucket: the text 'bucket' is not valid; pass an S3 bucket"],
    ['the name of a log group', () => MicrovmLogging.logGroup(js('/logs')), "logging: the text '/logs' is not valid; pass a log group"],
    ['no connector as egress', () => MicrovmEgress.connector(js(undefined)), 'egress: the value is missing; pass a network connector'],
    ['a list of connectors as one', () => AllowedNetworkConnectors.only(js([])), 'allowed.0: a list is not valid; pass a network connector'],
    ['a number as pattern', () => SessionTagging.keyPatterns(js(1)), 'sessionTagging.0: the number 1 is not valid; pass a string'],
    ['no name of an image', stack => MicrovmImage.fromMicrovmImageName(stack, 'I', js(undefined)), 'microvmImageName: the value is missing; pass a string [MicrovmPropertyTypeInvalid at Test/I]'],
    ['no ARN of an image', stack => MicrovmImage.fromMicrovmImageArn(stack, 'I', js(undefined)), 'microvmImageArn: the value is missing; pass a string [MicrovmPropertyTypeInvalid at Test/I]'],
    ['no name of a connector', stack => NetworkConnector.fromNetworkConnectorName(stack, 'C', js(undefined)), 'networkConnectorName: the value is missing'],
    ['no ARN of a connector', stack => NetworkConnector.fromNetworkConnectorArn(stack, 'C', js(null)), 'networkConnectorArn: null is not valid; pass a string'],
    ['no name of a catalog', stack => NetworkConnectorCatalog.fromCatalogName(stack, 'C', js(undefined)), 'catalogName: the value is missing'],
    ['no connector in a catalog', stack => new NetworkConnectorCatalog(stack, 'C', { catalogName: 'x' }).add('x', js(undefined)), 'connector: the value is missing'],
    ['no path of the network team', stack => NetworkConnectorGuardrail.applyNetworkTeamPath(stack, js(undefined)), 'networkTeamPath: the value is missing'],
    ['a text as subnets', stack => new NetworkConnectorOperatorRole(stack, 'R', { ...network(stack), subnets: js('subnet-1') }), "subnets: the text 'subnet-1' is not valid; pass a list of subnets"],
    ['IDs of subnets', stack => new NetworkConnectorOperatorRole(stack, 'R', { ...network(stack), subnets: js(['subnet-1']) }), "subnets.0: the text 'subnet-1' is not valid; pass a subnet"],
    ['the ARN of a role', stack => testImage({ buildRole: js('arn:aws:iam::123456789012:role/a') }, stack), 'buildRole: the text '],
    ['an object as health check', stack => new Microvm(stack, 'M', { launcher: testLauncher({}, stack).launcher, healthCheck: js(true) }), 'healthCheck: the boolean true is not valid; pass an object with port, path, timeout'],
    ['a whole idle policy', stack => new MicrovmLauncher(stack, 'L', { ...launchProps(stack), idlePolicy: js(Duration.minutes(5)) }), 'idlePolicy: a Duration is not valid; pass an object with maxIdleDuration, suspendedDuration, autoResume'],
  ])('%s', (_, use, message) => {
    expect(() => use(testStack())).toThrow(expect.objectContaining({ name: 'ValidationError', message: expect.stringContaining(message) }));
  });
});

test('objects of another copy of the library are accepted', () => {
  let other!: Pick<typeof library, 'MicrovmBaseImage' | 'MicrovmCode' | 'MicrovmEgress' | 'MicrovmHooks' | 'MicrovmLogging' | 'MicrovmMemory'>;
  jest.isolateModules(() => { other = jest.requireActual('../src'); });
  expect(other.MicrovmMemory).not.toBe(MicrovmMemory);
  const image = testImage({
    code: other.MicrovmCode.fromInline(DOCKERFILE),
    memory: other.MicrovmMemory.GIB_1,
    hooks: other.MicrovmHooks.withReady({ port: 8080 }),
    baseImage: other.MicrovmBaseImage.AL2023,
    buildEgress: other.MicrovmEgress.internet(),
    logging: other.MicrovmLogging.disabled(),
    removalPolicy: RemovalPolicy.RETAIN,
  });
  expect(image.logGroup).toBeUndefined();
});
