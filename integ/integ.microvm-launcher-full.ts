/**
 * A launcher with every property set: execution role, connector, key, shell and Docker inside, web identity in both
 * directions, a broker, and a state machine. It overrides a member of the request.
 *
 * In an account, it builds for some minutes. The assertion executes the state machine, which launches a MicroVM.
 */
import * as path from 'path';
import { ExpectedResult, IntegTest } from '@aws-cdk/integ-tests-alpha';
import { App, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { NodejsFunction } from 'aws-cdk-lib/aws-lambda-nodejs';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import {
  MicrovmCode, MicrovmEgress, MicrovmExecutionRole, MicrovmHooks, MicrovmImage, MicrovmImageVersion, MicrovmIngress, MicrovmLauncher,
  MicrovmLogging, MicrovmMemory, MicrovmOsCapabilities, MicrovmStateMachineFragment, NetworkConnector, SessionTagging, WebIdentityLaunchRole,
  WebIdentitySigningAlgorithm,
} from '../src';

const EXAMPLES = path.join(__dirname, '..', 'examples');

const app = new App();
const stack = new Stack(app, 'IntegMicrovmLauncherFull');

const image = new MicrovmImage(stack, 'DockerInside', {
  code: MicrovmCode.fromDirectory(path.join(EXAMPLES, 'docker-inside', 'typescript', 'image')),
  memory: MicrovmMemory.GIB_4,
  hooks: MicrovmHooks.withReady({ port: 8080, ready: { timeout: Duration.minutes(5) }, run: {} }),
  osCapabilities: MicrovmOsCapabilities.ALL,
});
const vpc = new ec2.Vpc(stack, 'Vpc', { maxAzs: 2, natGateways: 1, restrictDefaultSecurityGroup: false });
const connector = new NetworkConnector(stack, 'Connector', { vpc });
connector.connections.allowTo(ec2.Peer.anyIpv4(), ec2.Port.HTTPS, 'images of containers');

const executionRole = new MicrovmExecutionRole(stack, 'ExecutionRole', {
  image,
  roleName: 'integ-microvm-launcher-full',
  description: 'MicroVMs with Docker inside',
  launcherName: 'docker-inside',
  sessionTagging: SessionTagging.keyPatterns('lambda:*'),
  sourceArnCondition: true,
  denyFromFunctions: true,
});
const logGroup = new logs.LogGroup(stack, 'Logs', { retention: logs.RetentionDays.ONE_WEEK, removalPolicy: RemovalPolicy.DESTROY });
const key = new kms.Key(stack, 'Key', { enableKeyRotation: true, pendingWindow: Duration.days(7), removalPolicy: RemovalPolicy.DESTROY });
const launcher = new MicrovmLauncher(stack, 'Launcher', {
  image,
  imageVersion: MicrovmImageVersion.latestActive(),
  ingress: MicrovmIngress.httpWithShell(),
  egress: MicrovmEgress.connector(connector),
  idlePolicy: { maxIdleDuration: Duration.minutes(5), suspendedDuration: Duration.minutes(10), autoResume: false },
  maximumDuration: Duration.minutes(30),
  executionRole,
  logging: MicrovmLogging.logGroup(logGroup),
  encryptionKey: key,
  webIdentityIssuer: 'https://issuer.example',
});
launcher.addRequestOverride('logging.cloudWatch.logStream', 'docker-inside');
launcher.grantWebIdentity({
  audiences: ['https://api.partner.example'], maximumLifetime: Duration.minutes(10), signingAlgorithm: WebIdentitySigningAlgorithm.ES384,
});

// Engineers may open a shell and nothing else.
launcher.grantShell(new iam.Role(stack, 'Engineers', { assumedBy: new iam.AccountRootPrincipal() }));

// A CI system may launch with tokens of its own identity provider.
const ci = new WebIdentityLaunchRole(stack, 'Ci', {
  identityProvider: new iam.OidcProviderNative(stack, 'GitHub', {
    url: 'https://token.actions.githubusercontent.com', clientIds: ['sts.amazonaws.com'],
  }),
  issuer: 'token.actions.githubusercontent.com',
  audiences: ['sts.amazonaws.com'],
  subjects: ['repo:acme/app:ref:refs/heads/main'],
  description: 'The main branch of acme/app launches',
  maxSessionDuration: Duration.hours(1),
});
launcher.grantLaunch(ci);

// The only function that creates endpoint tokens.
const ownersPath = '/integ-microvm-launcher-full/owners';
const broker = new NodejsFunction(stack, 'Broker', {
  entry: path.join(EXAMPLES, 'broker', 'typescript', 'broker', 'handler.ts'),
  runtime: lambda.Runtime.NODEJS_24_X,
  timeout: Duration.seconds(10),
  environment: { OWNERS_PATH: ownersPath },
  bundling: { externalModules: [] },
});
launcher.grantConnect(broker);
broker.addToRolePolicy(new iam.PolicyStatement({
  actions: ['ssm:GetParameter'], resources: [stack.formatArn({ service: 'ssm', resource: 'parameter', resourceName: `${ownersPath.slice(1)}/*` })],
}));

const fragment = new MicrovmStateMachineFragment(stack, 'Sandboxed', {
  launcher, body: new sfn.Pass(stack, 'Work'), launchTimeout: Duration.minutes(3),
});
const machine = new sfn.StateMachine(stack, 'Machine', { definitionBody: sfn.DefinitionBody.fromChainable(fragment) });

const integ = new IntegTest(app, 'IntegMicrovmLauncherFullTest', { testCases: [stack] });

const execution = integ.assertions.awsApiCall('StepFunctions', 'startExecution', { stateMachineArn: machine.stateMachineArn });
integ.assertions.awsApiCall('StepFunctions', 'describeExecution', { executionArn: execution.getAttString('executionArn') })
  .expect(ExpectedResult.objectLike({ status: 'SUCCEEDED' }))
  .waitForAssertions({ totalTimeout: Duration.minutes(5) });
