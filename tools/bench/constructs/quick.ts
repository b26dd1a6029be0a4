import type { Stack } from 'aws-cdk-lib';
import { ArnFormat } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';

const SERVICE = new iam.ServicePrincipal('lambda.amazonaws.com');
const LOGS = iam.ManagedPolicy.fromAwsManagedPolicyName('CloudWatchLogsFullAccess');
const OPERATOR = iam.ManagedPolicy.fromAwsManagedPolicyName('AWSLambdaNetworkConnectorOperatorPolicy');

/** With L1s and the shortcuts of aws-cdk-lib: managed policies, and grants of other constructs. */
export function pair(stack: Stack, vpc: ec2.IVpc, id: string, directory: string) {
  const { subnetIds } = vpc.selectSubnets();
  const operatorRole = new iam.Role(stack, `${id}OperatorRole`, { assumedBy: SERVICE, managedPolicies: [OPERATOR] });
  const securityGroup = new ec2.SecurityGroup(stack, `${id}SecurityGroup`, { vpc, allowAllOutbound: false });
  securityGroup.addEgressRule(ec2.Peer.anyIpv4(), ec2.Port.HTTPS);
  const connector = new lambda.CfnNetworkConnector(stack, `${id}Connector`, {
    operatorRole: operatorRole.roleArn,
    configuration: {
      vpcEgressConfiguration: {
        subnetIds, securityGroupIds: [securityGroup.securityGroupId], networkProtocol: 'IPv4', associatedComputeResourceTypes: ['MicroVm'],
      },
    },
  });

  const code = new Asset(stack, `${id}Code`, { path: directory });
  const buildRole = new iam.Role(stack, `${id}BuildRole`, { assumedBy: SERVICE, managedPolicies: [LOGS] });
  code.grantRead(buildRole);
  const image = new lambda.CfnMicrovmImage(stack, id, {
    name: `${stack.stackName}-${id}`,
    description: '',
    baseImageArn: managedArn(stack, 'microvm-image', 'al2023-1'),
    baseImageVersion: '1',
    buildRoleArn: buildRole.roleArn,
    codeArtifact: { uri: code.s3ObjectUrl },
    cpuConfigurations: [{ architecture: 'ARM_64' }],
    resources: [{ minimumMemoryInMiB: 2048 }],
    additionalOsCapabilities: [],
    egressNetworkConnectors: [connector.attrArn],
    environmentVariables: [],
    hooks: {},
    logging: {},
  });
  image.node.addDependency(buildRole);
  return { connector, image };
}

export function launch(stack: Stack, { connector, image }: ReturnType<typeof pair>): void {
  const executionRole = new iam.Role(stack, 'ExecutionRole', { assumedBy: SERVICE, managedPolicies: [LOGS] });
  const code = lambda.Code.fromAsset('examples/quickstart/python/backend');
  const caller = new lambda.Function(stack, 'Caller', { runtime: lambda.Runtime.PYTHON_3_14, handler: 'handler.handler', code });
  const request = {
    imageIdentifier: image.attrImageArn,
    executionRoleArn: executionRole.roleArn,
    ingressNetworkConnectors: [managedArn(stack, 'network-connector', 'aws-network-connector:HTTP_INGRESS')],
    egressNetworkConnectors: [connector.attrArn],
  };
  caller.addEnvironment('MICROVM_LAUNCH_REQUEST', stack.toJsonString(request));
  executionRole.grantPassRole(caller.grantPrincipal);
  caller.addToRolePolicy(new iam.PolicyStatement({ actions: ['lambda:*Microvm', 'lambda:PassNetworkConnector'], resources: ['*'] }));
}

function managedArn(stack: Stack, resource: string, resourceName: string): string {
  return stack.formatArn({ service: 'lambda', account: 'aws', resource, resourceName, arnFormat: ArnFormat.COLON_RESOURCE_NAME });
}
