/**
 * An image with every property set. Its builds use a network connector of its own and a build role of another stack.
 *
 * In an account, it creates a NAT gateway, which costs money while the test runs.
 */
import * as path from 'path';
import { ExpectedResult, IntegTest, Match } from '@aws-cdk/integ-tests-alpha';
import { App, CfnOutput, Duration, RemovalPolicy, Stack, Tags } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import {
  DeploymentEncryption, MicrovmArchitecture, MicrovmBaseImage, MicrovmBuildRole, MicrovmCode, MicrovmEgress, MicrovmHooks, MicrovmImage,
  MicrovmImageGrants, MicrovmLogging, MicrovmMemory, MicrovmOsCapabilities, MicrovmTermination, NetworkConnectorOperatorRole, SessionTagging,
} from '../src';

const IMAGE_NAME = 'integ-microvm-image-full';
const EXAMPLES = path.join(__dirname, '..', 'examples');

const app = new App();

const foundation = new Stack(app, 'IntegMicrovmImageFullFoundation');
const buildRole = new MicrovmBuildRole(foundation, 'BuildRole', {
  microvmImageName: IMAGE_NAME,
  sessionTagging: SessionTagging.anyTags(),
  sourceArnCondition: true,
  denyFromFunctions: true,
});

const stack = new Stack(app, 'IntegMicrovmImageFull');
Tags.of(stack).add('cost-center', 'integration-tests');
DeploymentEncryption.apply(stack);

const encryptionKey = new kms.Key(stack, 'Key', { enableKeyRotation: true, removalPolicy: RemovalPolicy.DESTROY });
const image = new MicrovmImage(stack, 'Sandbox', {
  code: MicrovmCode.fromDirectory(path.join(EXAMPLES, 'quickstart', 'typescript', 'sandbox'), { exclude: ['*.md'] }),
  microvmImageName: IMAGE_NAME,
  description: 'An image with every property set',
  baseImage: MicrovmBaseImage.AL2023.withVersion('1'),
  architectures: [MicrovmArchitecture.ARM_64, MicrovmArchitecture.X86_64],
  rebuildTrigger: 'first',
  memory: MicrovmMemory.GIB_1,
  hooks: MicrovmHooks.withReady({ port: 8080, ready: { timeout: Duration.minutes(2) }, run: { timeout: Duration.seconds(5) } }),
  environment: { GREETING: 'hello from the integration test' },
  osCapabilities: MicrovmOsCapabilities.ALL,
  buildEgress: MicrovmEgress.connector(connectorThroughNat(stack)),
  logging: MicrovmLogging.newLogGroup({ retention: logs.RetentionDays.ONE_WEEK, removalPolicy: RemovalPolicy.DESTROY }),
  buildRole,
  encryptionKey,
  showBuildLogInErrors: true,
  retainedVersions: 2,
  microvmTermination: MicrovmTermination.ON_DELETE_OR_RENAME,
  adoptExisting: true,
  deleteAdopted: true,
  removalPolicy: RemovalPolicy.DESTROY,
  deploymentTimeout: Duration.minutes(55),
  tags: { purpose: 'integration-test' },
});
image.addRequestOverride('hooks.microvmHooks.runTimeoutInSeconds', 10);
new CfnOutput(stack, 'ImageVersion', { value: image.microvmImageVersion });

const user = new iam.Role(stack, 'User', { assumedBy: new iam.AccountRootPrincipal() });
const grants = MicrovmImageGrants.fromImage(image);
grants.run(user);
grants.connect(user);
grants.shell(user);
grants.manage(user);
grants.read(user);

const integ = new IntegTest(app, 'IntegMicrovmImageFullTest', { testCases: [stack] });

integ.assertions.awsApiCall('CloudFormation', 'describeStacks', { StackName: stack.stackName }).expect(ExpectedResult.objectLike({
  Stacks: [{
    Outputs: Match.arrayWith([
      Match.objectLike({ OutputKey: 'ImageVersion', OutputValue: Match.stringLikeRegexp('^[0-9]+\\.[0-9]+$') }),
    ]),
  }],
}));

/** Creates private subnets that reach the internet through a NAT gateway, and a connector into them. */
function connectorThroughNat(scope: Stack): lambda.INetworkConnectorRef {
  const vpc = new ec2.Vpc(scope, 'Vpc', { maxAzs: 2, natGateways: 1, restrictDefaultSecurityGroup: false });
  const securityGroup = new ec2.SecurityGroup(scope, 'Builds', { vpc, description: 'Builds of MicroVM images' });
  const operatorRole = new NetworkConnectorOperatorRole(scope, 'OperatorRole', { subnets: vpc.privateSubnets, securityGroups: [securityGroup] });
  const connector = new lambda.CfnNetworkConnector(scope, 'Connector', {
    operatorRole: operatorRole.roleArn,
    configuration: {
      vpcEgressConfiguration: {
        subnetIds: vpc.privateSubnets.map(subnet => subnet.subnetId),
        securityGroupIds: [securityGroup.securityGroupId],
        networkProtocol: 'IPv4',
        associatedComputeResourceTypes: ['MicroVm'],
      },
    },
  });
  connector.node.addDependency(operatorRole);
  return connector;
}
