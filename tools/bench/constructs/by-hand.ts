import type { Stack } from 'aws-cdk-lib';
import { ArnFormat, RemovalPolicy } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';

const SERVICE = new iam.ServicePrincipal('lambda.amazonaws.com');
const INTERFACE_TAGS = ['aws:lambda:networkConnectorName', 'aws:lambda:networkConnectorId'];
const TAGGING = { 'ec2:CreateAction': 'CreateNetworkInterface', 'ec2:ManagedResourceOperator': 'network-connectors.lambda.amazonaws.com' };
const DENY_FUNCTIONS = new iam.PolicyStatement({
  effect: iam.Effect.DENY, actions: ['*'], resources: ['*'], conditions: { Null: { 'lambda:SourceFunctionArn': 'false' } },
});

/** With L1s and permissions that are as narrow as those of this library. */
export function pair(stack: Stack, vpc: ec2.IVpc, id: string, directory: string) {
  const { subnetIds } = vpc.selectSubnets();
  const securityGroup = new ec2.SecurityGroup(stack, `${id}SecurityGroup`, { vpc, allowAllOutbound: false });
  securityGroup.addEgressRule(ec2.Peer.anyIpv4(), ec2.Port.HTTPS);
  const interfaces = stack.formatArn({ service: 'ec2', resource: 'network-interface', resourceName: '*' });
  const operatorRole = new iam.Role(stack, `${id}OperatorRole`, {
    assumedBy: SERVICE,
    inlinePolicies: policy(
      new iam.PolicyStatement({
        actions: ['ec2:CreateNetworkInterface'],
        resources: [
          ...subnetIds.map(subnetId => stack.formatArn({ service: 'ec2', resource: 'subnet', resourceName: subnetId })),
          stack.formatArn({ service: 'ec2', resource: 'security-group', resourceName: securityGroup.securityGroupId }),
        ],
      }),
      new iam.PolicyStatement({
        actions: ['ec2:CreateNetworkInterface'], resources: [interfaces], conditions: { 'ForAllValues:StringEquals': { 'aws:TagKeys': INTERFACE_TAGS } },
      }),
      new iam.PolicyStatement({ actions: ['ec2:CreateTags'], resources: [interfaces], conditions: { StringEquals: TAGGING } }),
    ),
  });
  const connector = new lambda.CfnNetworkConnector(stack, `${id}Connector`, {
    operatorRole: operatorRole.roleArn,
    configuration: {
      vpcEgressConfiguration: {
        subnetIds, securityGroupIds: [securityGroup.securityGroupId], networkProtocol: 'IPv4', associatedComputeResourceTypes: ['MicroVm'],
      },
    },
  });

  const name = `${stack.stackName}-${id}`;
  const code = new Asset(stack, `${id}Code`, { path: directory });
  const logGroup = logGroupOf(stack, `${id}Logs`);
  const readsCode = new iam.PolicyStatement({ actions: ['s3:GetObject'], resources: [code.bucket.arnForObjects(code.s3ObjectKey)] });
  const buildRole = roleOf(stack, `${id}BuildRole`, lambdaArn(stack, 'microvm-image', name), logGroup, readsCode);
  const image = new lambda.CfnMicrovmImage(stack, id, {
    name,
    description: '',
    baseImageArn: lambdaArn(stack, 'microvm-image', 'al2023-1', 'aws'),
    baseImageVersion: '1',
    buildRoleArn: buildRole.roleArn,
    codeArtifact: { uri: code.s3ObjectUrl },
    cpuConfigurations: [{ architecture: 'ARM_64' }],
    resources: [{ minimumMemoryInMiB: 2048 }],
    additionalOsCapabilities: [],
    egressNetworkConnectors: [connector.attrArn],
    environmentVariables: [],
    hooks: {},
    logging: { cloudWatch: { logGroup: logGroup.logGroupName } },
  });
  return { connector, image };
}

export function launch(stack: Stack, { connector, image }: ReturnType<typeof pair>): void {
  const logGroup = logGroupOf(stack, 'Logs');
  const executionRole = roleOf(stack, 'ExecutionRole', image.attrImageArn, logGroup);
  const ingress = lambdaArn(stack, 'network-connector', 'aws-network-connector:HTTP_INGRESS', 'aws');
  const code = lambda.Code.fromAsset('examples/quickstart/python/backend');
  const caller = new lambda.Function(stack, 'Caller', { runtime: lambda.Runtime.PYTHON_3_14, handler: 'handler.handler', code });
  const request = {
    imageIdentifier: image.attrImageArn,
    executionRoleArn: executionRole.roleArn,
    ingressNetworkConnectors: [ingress],
    egressNetworkConnectors: [connector.attrArn],
    logging: { cloudWatch: { logGroup: logGroup.logGroupName } },
  };
  caller.addEnvironment('MICROVM_LAUNCH_REQUEST', stack.toJsonString(request));
  caller.addToRolePolicy(new iam.PolicyStatement({ actions: ['lambda:RunMicrovm', 'lambda:GetMicrovm'], resources: [image.attrImageArn] }));
  const connectors = [ingress, connector.attrArn, `${connector.attrArn}:*`];
  caller.addToRolePolicy(new iam.PolicyStatement({ actions: ['lambda:PassNetworkConnector'], resources: connectors }));
  executionRole.grantPassRole(caller.grantPrincipal);
}

/** Creates the role of a build or of MicroVMs. */
function roleOf(stack: Stack, id: string, imageArn: string, logGroup: logs.LogGroup, ...needs: iam.PolicyStatement[]): iam.Role {
  const trust = { StringEquals: { 'aws:SourceAccount': stack.account }, ArnLike: { 'aws:SourceArn': [imageArn, `${imageArn}:*`] } };
  const writesLog = new iam.PolicyStatement({ actions: ['logs:CreateLogStream', 'logs:PutLogEvents'], resources: [logGroup.logGroupArn] });
  return new iam.Role(stack, id, { assumedBy: SERVICE.withConditions(trust).withSessionTags(), inlinePolicies: policy(writesLog, ...needs) });
}

function policy(...statements: iam.PolicyStatement[]) {
  return { policy: new iam.PolicyDocument({ statements: [...statements, DENY_FUNCTIONS] }) };
}

function logGroupOf(stack: Stack, id: string): logs.LogGroup {
  return new logs.LogGroup(stack, id, { retention: logs.RetentionDays.ONE_MONTH, removalPolicy: RemovalPolicy.DESTROY });
}

function lambdaArn(stack: Stack, resource: string, resourceName: string, account?: string): string {
  return stack.formatArn({ service: 'lambda', account, resource, resourceName, arnFormat: ArnFormat.COLON_RESOURCE_NAME });
}
