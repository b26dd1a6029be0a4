import type { Call } from './principal';
import type { Sample, StackName } from './sample';
import { BUILDS, connectorArn, INTERNAL, PUBLISHED_LAUNCHER, SECURITY_GROUP, stackIdOf, SUBNETS, TEAM_TAGS } from './sample';
import { OWNER_RESOURCE_TAG, OWNER_STACK_TAG } from '../../src/contract/common';
import { ACCOUNT, REGION } from '../../test/support/stacks';

/** A resource that somebody may try to act on. */
export interface Thing {
  readonly name: string;
  readonly resource: string;
  readonly actions: readonly string[];
  readonly context?: Call['context'];
}

const FOREIGN = '111122223333';

const IMAGE_ACTIONS = [
  'GetMicrovmImage', 'UpdateMicrovmImage', 'DeleteMicrovmImage', 'ListMicrovmImageVersions', 'GetMicrovmImageVersion', 'UpdateMicrovmImageVersion',
  'DeleteMicrovmImageVersion', 'ListMicrovmImageBuilds', 'GetMicrovmImageBuild', 'TagResource', 'UntagResource', 'ListTags',
  'RunMicrovm', 'GetMicrovm', 'SuspendMicrovm', 'ResumeMicrovm', 'TerminateMicrovm', 'CreateMicrovmAuthToken', 'CreateMicrovmShellAuthToken',
].map(name => `lambda:${name}`);

const CONNECTOR_ACTIONS = [
  'PassNetworkConnector', 'GetNetworkConnector', 'ListNetworkConnectorVersions', 'ListTags', 'UpdateNetworkConnector', 'DeleteNetworkConnector',
  'TagResource', 'UntagResource',
].map(name => `lambda:${name}`);

const ROLE_ACTIONS = [
  'iam:PassRole', 'sts:AssumeRole', 'iam:PutRolePolicy', 'iam:AttachRolePolicy', 'iam:UpdateAssumeRolePolicy', 'iam:DeleteRole', 'iam:TagRole',
];
const FUNCTION_ACTIONS = ['lambda:CreateFunction', 'lambda:UpdateFunctionCode', 'lambda:UpdateFunctionConfiguration', 'lambda:InvokeFunction', 'lambda:GetFunction'];
const LOG_ACTIONS = ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents', 'logs:GetLogEvents', 'logs:DescribeLogStreams', 'logs:DeleteLogStream'];
const KEY_ACTIONS = ['kms:DescribeKey', 'kms:GenerateDataKey', 'kms:Decrypt', 'kms:CreateGrant', 'kms:Encrypt', 'kms:PutKeyPolicy', 'kms:ScheduleKeyDeletion'];
const PARAMETER_ACTIONS = ['ssm:GetParameter', 'ssm:GetParameters', 'ssm:GetParametersByPath', 'ssm:PutParameter', 'ssm:DeleteParameter'];
const INTERFACE_ACTIONS = [
  'ec2:CreateNetworkInterface', 'ec2:CreateTags', 'ec2:DeleteNetworkInterface', 'ec2:AssignPrivateIpAddresses', 'ec2:UnassignPrivateIpAddresses',
];
const UNSCOPED = [
  'lambda:ListMicrovms', 'lambda:ListMicrovmImages', 'lambda:ListNetworkConnectors', 'lambda:CreateMicrovmImage', 'lambda:TagResource',
  'ecr:GetAuthorizationToken', 'sts:GetWebIdentityToken', 'iam:CreateRole', 'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSubnets', 'ec2:DescribeSecurityGroups', 'xray:PutTraceSegments', 'xray:PutTelemetryRecords', 'xray:GetSamplingRules',
  'xray:GetSamplingTargets',
];
const ADDRESS_ACTIONS = ['ec2:AllocateAddress', 'ec2:AssociateAddress', 'ec2:ReleaseAddress'];

/** All resources of the sample and many others, each with all actions on it. */
export function universe(sample: Sample): Thing[] {
  const lambda = (rest: string, account = ACCOUNT, region = REGION) => `arn:aws:lambda:${region}:${account}:${rest}`;
  const role = (stack: StackName, beginning: string) => sample.role(stack, beginning).arn;
  const logGroup = (stack: StackName, beginning: string) => `arn:aws:logs:${REGION}:${ACCOUNT}:log-group:${sample.refOf(stack, beginning)}:log-stream:x[1.0]`;
  const parameter = (path: string) => `arn:aws:ssm:${REGION}:${ACCOUNT}:parameter/${path}`;
  const owner = (key: string, stack: StackName, logicalId: string) =>
    ({ [`aws:${key}/${OWNER_STACK_TAG}`]: stackIdOf(stack), [`aws:${key}/${OWNER_RESOURCE_TAG}`]: logicalId });
  const [appId, toolId] = ['App', 'Tool'].map(id => sample.idOf('TeamA', id));
  const [internalId, buildsId] = ['Internal', 'Builds'].map(id => sample.idOf('Network', id));
  const ledgerOf = (id: string) => `cdk-lambda-microvms/${stackIdOf('TeamA').split('/')[2]}/${sample.idOf('TeamA', id)}`;
  const network = { 'lambda:SubnetIds': [SUBNETS[0]], 'lambda:SecurityGroupIds': [SECURITY_GROUP] };
  const teamTags = { ...Object.fromEntries(Object.entries(TEAM_TAGS).map(([key, value]) => [`aws:RequestTag/${key}`, value])), 'aws:TagKeys': Object.keys(TEAM_TAGS) };
  const throughLambda = { 'kms:ViaService': `lambda.${REGION}.amazonaws.com` };
  const creation = ['lambda:CreateNetworkConnector', 'lambda:TagResource'];

  return [
    { name: 'image app', resource: lambda('microvm-image:app'), actions: IMAGE_ACTIONS },
    { name: 'image tool', resource: lambda('microvm-image:tool'), actions: IMAGE_ACTIONS },
    { name: 'image sealed', resource: lambda('microvm-image:sealed'), actions: IMAGE_ACTIONS },
    { name: 'image other', resource: lambda('microvm-image:other'), actions: IMAGE_ACTIONS },
    { name: 'image app2', resource: lambda('microvm-image:app2'), actions: IMAGE_ACTIONS },
    { name: 'image app of another account', resource: lambda('microvm-image:app', FOREIGN), actions: IMAGE_ACTIONS },
    { name: 'image app in another Region', resource: lambda('microvm-image:app', ACCOUNT, 'us-west-2'), actions: IMAGE_ACTIONS },
    { name: 'a managed image', resource: lambda('microvm-image:al2023-1', 'aws'), actions: [...IMAGE_ACTIONS, 'lambda:ListManagedMicrovmImageVersions'] },
    { name: 'a new image', resource: '*', actions: ['lambda:CreateMicrovmImage', 'lambda:TagResource'] },
    { name: 'a new image with the tags of app', resource: '*', actions: ['lambda:CreateMicrovmImage', 'lambda:TagResource'], context: owner('RequestTag', 'TeamA', appId) },
    { name: 'a new image with the tags of tool', resource: '*', actions: ['lambda:CreateMicrovmImage', 'lambda:TagResource'], context: owner('RequestTag', 'TeamA', toolId) },

    { name: 'connector internal', resource: INTERNAL, actions: CONNECTOR_ACTIONS, context: owner('ResourceTag', 'Network', internalId) },
    { name: 'connector internal, a version', resource: `${INTERNAL}:2`, actions: CONNECTOR_ACTIONS, context: owner('ResourceTag', 'Network', internalId) },
    { name: 'connector builds', resource: BUILDS, actions: CONNECTOR_ACTIONS, context: owner('ResourceTag', 'Network', buildsId) },
    { name: 'connector builds, a version', resource: `${BUILDS}:2`, actions: CONNECTOR_ACTIONS, context: owner('ResourceTag', 'Network', buildsId) },
    { name: 'a connector without an owner', resource: connectorArn('nc-other'), actions: CONNECTOR_ACTIONS },
    { name: 'a connector of another account', resource: lambda('network-connector:nc-other', FOREIGN), actions: CONNECTOR_ACTIONS },
    ...['HTTP_INGRESS', 'NO_INGRESS', 'ALL_INGRESS', 'SHELL_INGRESS', 'INTERNET_EGRESS'].map(name => (
      { name, resource: lambda(`network-connector:aws-network-connector:${name}`, 'aws'), actions: ['lambda:PassNetworkConnector'] }
    )),
    { name: 'a new connector', resource: connectorArn('nc-new'), actions: creation },
    { name: 'a new connector with the tags of internal', resource: connectorArn('nc-new'), actions: ['lambda:CreateNetworkConnector'], context: { ...network, ...owner('RequestTag', 'Network', internalId) } },
    {
      name: 'a new connector with the tags of internal elsewhere',
      resource: connectorArn('nc-new'),
      actions: ['lambda:CreateNetworkConnector'],
      context: { ...network, 'lambda:SubnetIds': ['subnet-other'], ...owner('RequestTag', 'Network', internalId) },
    },
    { name: 'tags of a new connector with those of internal and another', resource: '*', actions: ['lambda:TagResource'], context: { ...owner('RequestTag', 'Network', internalId), 'aws:TagKeys': [OWNER_STACK_TAG, OWNER_RESOURCE_TAG, 'team'] } },
    { name: 'a new connector of the team', resource: connectorArn('nc-new'), actions: ['lambda:CreateNetworkConnector'], context: { ...network, ...teamTags } },
    { name: 'a new connector of the team elsewhere', resource: connectorArn('nc-new'), actions: ['lambda:CreateNetworkConnector'], context: { ...network, 'lambda:SubnetIds': ['subnet-other'], ...teamTags } },
    {
      name: 'connector builds, with the tags of internal',
      resource: BUILDS,
      actions: ['lambda:TagResource'],
      context: { ...owner('ResourceTag', 'Network', buildsId), ...owner('RequestTag', 'Network', internalId) },
    },
    { name: 'a connector without an owner, with the tags of internal', resource: connectorArn('nc-other'), actions: ['lambda:TagResource'], context: owner('RequestTag', 'Network', internalId) },
    { name: 'a function without tags, with the tags of internal', resource: lambda('function:any'), actions: ['lambda:TagResource'], context: owner('RequestTag', 'Network', internalId) },
    { name: 'a function without tags, with the tags of app', resource: lambda('function:any'), actions: ['lambda:TagResource'], context: owner('RequestTag', 'TeamA', appId) },
    { name: 'a function without tags, with the tags of the team', resource: lambda('function:any'), actions: ['lambda:TagResource'], context: teamTags },
    {
      name: 'a function of somebody else, with the tags of the team',
      resource: lambda('function:any'),
      actions: ['lambda:TagResource'],
      context: { ...teamTags, ...Object.fromEntries(Object.keys(TEAM_TAGS).map(key => [`aws:ResourceTag/${key}`, 'somebody'])) },
    },
    {
      name: 'image tool, with the tags of app',
      resource: lambda('microvm-image:tool'),
      actions: ['lambda:TagResource'],
      context: { ...owner('ResourceTag', 'TeamA', toolId), ...owner('RequestTag', 'TeamA', appId) },
    },
    { name: 'tags of a new connector with those of internal', resource: '*', actions: ['lambda:TagResource'], context: owner('RequestTag', 'Network', internalId) },
    { name: 'tags of a new connector of the team', resource: '*', actions: ['lambda:TagResource'], context: teamTags },

    { name: 'build role of app', resource: role('TeamA', 'AppBuildRole'), actions: ROLE_ACTIONS },
    { name: 'build role of tool', resource: role('TeamA', 'ToolBuildRole'), actions: ROLE_ACTIONS },
    { name: 'build role of other', resource: role('TeamB', 'OtherBuildRole'), actions: ROLE_ACTIONS },
    { name: 'execution role of app', resource: role('TeamA', 'LauncherExecutionRole'), actions: ROLE_ACTIONS },
    { name: 'execution role of other', resource: role('TeamB', 'LauncherExecutionRole'), actions: ROLE_ACTIONS },
    { name: 'operator role of internal', resource: role('Network', 'InternalOperatorRole'), actions: ROLE_ACTIONS },
    { name: 'operator role of builds', resource: role('Network', 'BuildsOperatorRole'), actions: ROLE_ACTIONS },
    { name: 'resource role of app', resource: role('TeamA', 'AppResourceRole'), actions: ROLE_ACTIONS },
    { name: 'resource role of internal', resource: role('Network', 'InternalResourceRole'), actions: ROLE_ACTIONS },
    { name: 'an administrator', resource: `arn:aws:iam::${ACCOUNT}:role/administrator`, actions: ROLE_ACTIONS },
    { name: 'a role of another account', resource: `arn:aws:iam::${FOREIGN}:role/any`, actions: ROLE_ACTIONS },

    ...(['Network', 'TeamA', 'TeamB'] as const).map(stack => (
      { name: `handler function of ${stack}`, resource: sample.arnOf(stack, 'CdkLambdaMicrovmsHandler'), actions: FUNCTION_ACTIONS }
    )),
    { name: 'isComplete of TeamA', resource: sample.arnOf('TeamA', 'CdkLambdaMicrovmsProviderframeworkisComplete'), actions: FUNCTION_ACTIONS },
    { name: 'onTimeout of TeamA', resource: sample.arnOf('TeamA', 'CdkLambdaMicrovmsProviderframeworkonTimeout'), actions: FUNCTION_ACTIONS },
    { name: 'fragment function of TeamA', resource: sample.arnOf('TeamA', 'SandboxedFunction'), actions: FUNCTION_ACTIONS },
    { name: 'another function', resource: lambda('function:any'), actions: FUNCTION_ACTIONS },
    ...(['Network', 'TeamA', 'TeamB'] as const).map(stack => (
      { name: `waiter of ${stack}`, resource: sample.refOf(stack, 'CdkLambdaMicrovmsProviderwaiterstatemachine'), actions: ['states:StartExecution', 'states:UpdateStateMachine'] }
    )),
    ...(['Network', 'TeamA', 'TeamB'] as const).map(stack => (
      {
        name: `stack ${stack}`,
        resource: stackIdOf(stack),
        actions: ['cloudformation:DescribeStacks', 'cloudformation:DescribeStackResource', 'cloudformation:UpdateStack', 'cloudformation:DeleteStack'],
      }
    )),

    { name: 'code of app', resource: 'arn:aws:s3:::code/app.zip', actions: ['s3:GetObject', 's3:PutObject', 's3:DeleteObject'] },
    { name: 'other code', resource: 'arn:aws:s3:::code/other.zip', actions: ['s3:GetObject', 's3:PutObject', 's3:DeleteObject'] },
    { name: 'key of deployments of Network', resource: sample.arnOf('Network', 'CdkLambdaMicrovmsEncryptionKey'), actions: KEY_ACTIONS },
    {
      name: 'key of deployments of Network, for its state machine',
      resource: sample.arnOf('Network', 'CdkLambdaMicrovmsEncryptionKey'),
      actions: KEY_ACTIONS,
      context: { 'kms:EncryptionContext:aws:states:stateMachineArn': sample.refOf('Network', 'CdkLambdaMicrovmsProviderwaiterstatemachine') },
    },
    { name: 'key of the code', resource: sample.arnOf('TeamA', 'Key'), actions: ['kms:Decrypt', 'kms:Encrypt'] },
    ...[['s3', 'app.zip'], ['s3', 'other.zip'], ['secretsmanager', 'app.zip']].map(([service, object]) => ({
      name: `key of the code, for ${object} through ${service}`,
      resource: sample.arnOf('TeamA', 'Key'),
      actions: ['kms:Decrypt', 'kms:Encrypt'],
      context: { 'kms:ViaService': `${service}.${REGION}.amazonaws.com`, 'kms:EncryptionContext:aws:s3:arn': `arn:aws:s3:::code/${object}` },
    })),
    { name: 'key of image sealed', resource: sample.arnOf('TeamA', 'ImageKey'), actions: KEY_ACTIONS },
    { name: 'key of image sealed, through Lambda', resource: sample.arnOf('TeamA', 'ImageKey'), actions: KEY_ACTIONS, context: throughLambda },
    { name: 'key of image sealed, through Lambda for a service', resource: sample.arnOf('TeamA', 'ImageKey'), actions: ['kms:CreateGrant'], context: { ...throughLambda, 'kms:GrantIsForAWSResource': 'true' } },
    { name: 'key of launches of app', resource: sample.arnOf('TeamA', 'LaunchKey'), actions: KEY_ACTIONS },
    { name: 'key of launches of app, through Lambda', resource: sample.arnOf('TeamA', 'LaunchKey'), actions: KEY_ACTIONS, context: throughLambda },
    { name: 'key of launches of app, through Lambda for a service', resource: sample.arnOf('TeamA', 'LaunchKey'), actions: ['kms:CreateGrant'], context: { ...throughLambda, 'kms:GrantIsForAWSResource': 'true' } },
    { name: 'repository of app', resource: sample.arnOf('TeamA', 'Bases'), actions: ['ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer', 'ecr:BatchCheckLayerAvailability', 'ecr:PutImage'] },
    { name: 'another repository', resource: `arn:aws:ecr:${REGION}:${ACCOUNT}:repository/other`, actions: ['ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer', 'ecr:PutImage'] },
    { name: 'build log of app', resource: logGroup('TeamA', 'AppLogGroup'), actions: LOG_ACTIONS },
    { name: 'build log of tool', resource: logGroup('TeamA', 'ToolLogGroup'), actions: LOG_ACTIONS },
    { name: 'build log of other', resource: logGroup('TeamB', 'OtherLogGroup'), actions: LOG_ACTIONS },
    { name: 'log of MicroVMs of app', resource: logGroup('TeamA', 'LauncherLogGroup'), actions: LOG_ACTIONS },
    { name: 'log of MicroVMs of other', resource: logGroup('TeamB', 'LauncherLogGroup'), actions: LOG_ACTIONS },
    { name: 'log of the fragment', resource: logGroup('TeamA', 'SandboxedLogs'), actions: LOG_ACTIONS },
    { name: 'log of the handler of TeamA', resource: logGroup('TeamA', 'CdkLambdaMicrovmsLogs'), actions: LOG_ACTIONS },
    { name: 'another log', resource: `arn:aws:logs:${REGION}:${ACCOUNT}:log-group:any:log-stream:x`, actions: LOG_ACTIONS },
    { name: 'ledger of Resident', resource: parameter(ledgerOf('Resident')), actions: PARAMETER_ACTIONS },
    { name: 'a launch of Resident', resource: parameter(`${ledgerOf('Resident')}/1`), actions: PARAMETER_ACTIONS },
    { name: 'ledger of Check', resource: parameter(ledgerOf('Check')), actions: PARAMETER_ACTIONS },
    { name: 'a launch of Check', resource: parameter(`${ledgerOf('Check')}/1`), actions: PARAMETER_ACTIONS },
    { name: 'internal in the catalog', resource: parameter('network-connectors/platform/internal'), actions: PARAMETER_ACTIONS },
    { name: 'published launcher of TeamA', resource: parameter(PUBLISHED_LAUNCHER.slice(1)), actions: PARAMETER_ACTIONS },
    { name: 'builds in the catalog', resource: parameter('network-connectors/platform/builds'), actions: PARAMETER_ACTIONS },
    { name: 'another parameter', resource: parameter('any'), actions: PARAMETER_ACTIONS },
    ...SUBNETS.map(subnet => ({ name: `subnet ${subnet}`, resource: `arn:aws:ec2:${REGION}:${ACCOUNT}:subnet/${subnet}`, actions: INTERFACE_ACTIONS })),
    { name: 'the security group', resource: `arn:aws:ec2:${REGION}:${ACCOUNT}:security-group/${SECURITY_GROUP}`, actions: INTERFACE_ACTIONS },
    { name: 'another subnet', resource: `arn:aws:ec2:${REGION}:${ACCOUNT}:subnet/subnet-other`, actions: INTERFACE_ACTIONS },
    { name: 'another security group', resource: `arn:aws:ec2:${REGION}:${ACCOUNT}:security-group/sg-other`, actions: INTERFACE_ACTIONS },
    {
      name: 'a new network interface',
      resource: `arn:aws:ec2:${REGION}:${ACCOUNT}:network-interface/eni-new`,
      actions: INTERFACE_ACTIONS,
      context: { 'ec2:CreateAction': 'CreateNetworkInterface', 'ec2:ManagedResourceOperator': 'network-connectors.lambda.amazonaws.com' },
    },
    { name: 'another network interface', resource: `arn:aws:ec2:${REGION}:${ACCOUNT}:network-interface/eni-other`, actions: ['ec2:CreateTags', 'ec2:DeleteNetworkInterface'] },
    ...[SUBNETS[0], 'subnet-other'].map(subnet => ({
      name: `an interface of a connector in ${subnet}`,
      resource: `arn:aws:ec2:${REGION}:${ACCOUNT}:network-interface/eni-connector`,
      actions: ['ec2:AssociateAddress'],
      context: {
        'ec2:Subnet': `arn:aws:ec2:${REGION}:${ACCOUNT}:subnet/${subnet}`, 'ec2:ManagedResourceOperator': 'network-connectors.lambda.amazonaws.com',
      },
    })),
    {
      name: 'another interface in a subnet of a connector',
      resource: `arn:aws:ec2:${REGION}:${ACCOUNT}:network-interface/eni-other`,
      actions: ['ec2:AssociateAddress'],
      context: { 'ec2:Subnet': `arn:aws:ec2:${REGION}:${ACCOUNT}:subnet/${SUBNETS[0]}` },
    },
    { name: 'an elastic IP', resource: `arn:aws:ec2:${REGION}:${ACCOUNT}:elastic-ip/eipalloc-1`, actions: ADDRESS_ACTIONS },
    ...[['lambda.amazonaws.com', 'AWSServiceRoleForLambda'], ['eks.amazonaws.com', 'AWSServiceRoleForAmazonEKS']].map(([service, name]) => ({
      name: `the service-linked role of ${service}`,
      resource: `arn:aws:iam::${ACCOUNT}:role/aws-service-role/${service}/${name}`,
      actions: ['iam:CreateServiceLinkedRole', 'iam:DeleteServiceLinkedRole'],
      context: { 'iam:AWSServiceName': service },
    })),
    { name: 'everything', resource: '*', actions: UNSCOPED },
    {
      name: 'a web identity token for the partner',
      resource: '*',
      actions: ['sts:GetWebIdentityToken'],
      context: { 'sts:IdentityTokenAudience': ['https://api.partner.example'], 'sts:DurationSeconds': '300', 'sts:SigningAlgorithm': 'ES384' },
    },
    {
      name: 'a web identity token for another audience',
      resource: '*',
      actions: ['sts:GetWebIdentityToken'],
      context: { 'sts:IdentityTokenAudience': ['https://evil.example'], 'sts:DurationSeconds': '300', 'sts:SigningAlgorithm': 'ES384' },
    },
  ];
}
