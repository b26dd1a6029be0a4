import { FRAMEWORK } from './framework';
import type { Call } from './principal';
import type { Sample, SampleRole, StackName } from './sample';
import { AUDIENCE, INTERNAL, PUBLISHED_LAUNCHER, SECURITY_GROUP, stackIdOf, SUBNETS, TEAM_TAGS } from './sample';
import { OWNER_RESOURCE_TAG, OWNER_STACK_TAG } from '../../src/contract/common';
import type { Permission } from '../../src/private/permissions';
import { PERMISSIONS } from '../../src/private/permissions';
import { ACCOUNT, REGION } from '../../test/support/stacks';

/** A call that must be allowed, with the source that says that it is made. */
export interface Need extends Call {
  readonly source: string;
}

/** A role of the sample that represents all roles of its type. */
export interface SamplePrincipal {
  /** Title on the page of permissions. */
  readonly title: string;
  readonly stack: StackName;
  /** Beginning of the logical ID. */
  readonly beginning: string;
  readonly permissions: Permission[];
  /** Absent if the calls of the generated histories are used. */
  readonly needs?: (sample: Sample) => Need[];
  /** Calls that only an explicit deny prevents. */
  readonly refused?: (sample: Sample) => Call[];
}

const { provider, providerOptions, imageHandler, connectorHandler, connectorLookup, microvmHandler, workflow } = PERMISSIONS;
const { build, execution, operator, deny, deploymentEncryption, encryptionKey, imageGrants, launcherGrants, publishedLauncher } = PERMISSIONS;
const { connectorGrants, catalog, networkTeam } = PERMISSIONS;

const FACTS = 'service-facts.md,';
const APP = `arn:aws:lambda:${REGION}:${ACCOUNT}:microvm-image:app`;
const SEALED = `arn:aws:lambda:${REGION}:${ACCOUNT}:microvm-image:sealed`;
const managed = (name: string) => `arn:aws:lambda:${REGION}:aws:network-connector:aws-network-connector:${name}`;
const stream = (group: string) => `arn:aws:logs:${REGION}:${ACCOUNT}:log-group:${group}:log-stream:2026/11/24/app[1.0]x`;
const ec2Arn = (rest: string, account = ACCOUNT) => `arn:aws:ec2:${REGION}:${account}:${rest}`;
const { connectorCaller } = PERMISSIONS;
const VPC_POLICY = 'AWSLambdaVPCAccessExecutionRole';
const SERVICE_LINKED_ROLE = `arn:aws:iam::${ACCOUNT}:role/aws-service-role/lambda.amazonaws.com/AWSServiceRoleForLambda`;
const FUNCTION = { 'lambda:SourceFunctionArn': `arn:aws:lambda:${REGION}:${ACCOUNT}:function:thief` };

function calls(source: string, actions: string[], resource: string, context: Call['context'] = {}): Need[] {
  return actions.map(action => ({ action, resource, context, source }));
}

function logs(group: string): Need[] {
  return calls(`${FACTS} 3.2, 3.3; for functions: execution role in the Lambda Developer Guide`, ['logs:CreateLogStream', 'logs:PutLogEvents'], stream(group));
}

/** What the service does with a customer managed key for a caller, as far as anybody knows. */
function keyUses(key: string): Need[] {
  const viaLambda = { 'kms:ViaService': `lambda.${REGION}.amazonaws.com` };
  return [
    ...calls(`${FACTS} 5; inferred`, ['kms:DescribeKey', 'kms:GenerateDataKey', 'kms:Decrypt'], key, viaLambda),
    ...calls(`${FACTS} 5; inferred`, ['kms:CreateGrant'], key, { ...viaLambda, 'kms:GrantIsForAWSResource': 'true' }),
  ];
}

/** The calls of a launch with the launcher of team A. */
function launch(sample: Sample): Need[] {
  return [
    ...calls(`${FACTS} 2.1`, ['lambda:RunMicrovm', 'lambda:GetMicrovm'], APP),
    ...calls(`${FACTS} 2.4`, ['iam:PassRole'], sample.role('TeamA', 'LauncherExecutionRole').arn),
    ...[managed('HTTP_INGRESS'), managed('SHELL_INGRESS'), INTERNAL, `${INTERNAL}:3`]
      .flatMap(connector => calls(`${FACTS} 2.3`, ['lambda:PassNetworkConnector'], connector)),
    ...keyUses(sample.arnOf('TeamA', 'LaunchKey')),
  ];
}

const ON_MICROVMS = (...names: string[]) => calls(`${FACTS} 2.1`, names.map(name => `lambda:${name}`), APP);

/** All roles that the library creates and all grants, one of each type. */
export const PRINCIPALS: SamplePrincipal[] = [
  {
    title: 'The handler function of a stack', stack: 'TeamA', beginning: 'CdkLambdaMicrovmsFunctionRole', permissions: Object.values(provider),
  },
  {
    title: 'The handler function of a stack with `vpc` and `tracing` of `MicrovmProvider.configure`',
    stack: 'TeamB',
    beginning: 'CdkLambdaMicrovmsFunctionRole',
    permissions: [...Object.values(provider), ...Object.values(providerOptions).filter(one => one !== providerOptions.traceStateMachine)],
    needs: sample => [
      ...logs(sample.refOf('TeamB', 'CdkLambdaMicrovmsLogs')),
      ...calls('src/handlers/engine/stack.ts', provider.stack.actions, stackIdOf('TeamB')),
      ...calls('src/handlers/image/service.ts', provider.baseImages.actions, `arn:aws:lambda:${REGION}:aws:microvm-image:al2023-1`),
      ...providerOptions.network.actions.flatMap(action => calls(VPC_POLICY, [action], action.includes('Describe') ? '*' : ec2Arn('network-interface/eni-1'))),
      ...calls('AWSXRayDaemonWriteAccess', providerOptions.trace.actions, '*'),
    ],
    refused: () => calls(VPC_POLICY, ['ec2:CreateNetworkInterface'], ec2Arn('network-interface/eni-1'), FUNCTION),
  },
  {
    title: 'The provider framework: state machine with `tracing` of `MicrovmProvider.configure`',
    stack: 'TeamB',
    beginning: 'CdkLambdaMicrovmsProviderwaiterstatemachineRole',
    permissions: [...Object.values(FRAMEWORK.waiter), providerOptions.traceStateMachine],
    needs: sample => [...callPolls(sample, 'TeamB'), ...calls('aws-cdk-lib, aws-stepfunctions', providerOptions.traceStateMachine.actions, '*')],
  },
  {
    title: 'The provider framework: calls of CloudFormation',
    stack: 'TeamA',
    beginning: 'CdkLambdaMicrovmsOnEventRole',
    permissions: [provider.logs, ...Object.values(FRAMEWORK.provider)],
    needs: sample => [...logs(sample.refOf('TeamA', 'CdkLambdaMicrovmsLogs')), ...callHandler(sample), ...calls(
      'aws-cdk-lib, provider-framework/runtime/framework.js', ['states:StartExecution'], sample.refOf('TeamA', 'CdkLambdaMicrovmsProviderwaiterstatemachine'),
    )],
  },
  {
    title: 'The provider framework: polls',
    stack: 'TeamA',
    beginning: 'CdkLambdaMicrovmsWaiterRole',
    permissions: [provider.logs, ...Object.values(FRAMEWORK.provider)],
    needs: sample => [...logs(sample.refOf('TeamA', 'CdkLambdaMicrovmsLogs')), ...callHandler(sample)],
  },
  {
    title: 'The provider framework: state machine',
    stack: 'TeamA',
    beginning: 'CdkLambdaMicrovmsProviderwaiterstatemachineRole',
    permissions: Object.values(FRAMEWORK.waiter),
    needs: sample => callPolls(sample, 'TeamA'),
  },
  {
    title: 'The provider framework: state machine with `DeploymentEncryption`',
    stack: 'Network',
    beginning: 'CdkLambdaMicrovmsProviderwaiterstatemachineRole',
    permissions: [...Object.values(FRAMEWORK.waiter), deploymentEncryption.use],
    needs: sample => [
      ...callPolls(sample, 'Network'),
      ...calls(`${FACTS} 13.1`, ['kms:Decrypt', 'kms:GenerateDataKey'], sample.arnOf('Network', 'CdkLambdaMicrovmsEncryptionKey'), {
        'kms:EncryptionContext:aws:states:stateMachineArn': sample.refOf('Network', 'CdkLambdaMicrovmsProviderwaiterstatemachine'),
      }),
    ],
  },
  {
    title: 'The resource role of an image',
    stack: 'TeamA',
    beginning: 'AppResourceRole',
    permissions: Object.values(imageHandler),
    refused: sample => takesPossession(sample, 'TeamA', 'App', ['network-connector:nc-other']),
  },
  {
    title: 'The resource role of a connector',
    stack: 'Network',
    beginning: 'InternalResourceRole',
    permissions: [...Object.values(connectorHandler), ...Object.values(connectorCaller)],
    refused: sample => takesPossession(sample, 'Network', 'Internal', ['network-connector:nc-other', 'microvm-image:other']),
  },
  {
    title: 'The resource role of a connector lookup by name',
    stack: 'Network',
    beginning: 'FoundResourceRole',
    permissions: Object.values(connectorLookup),
    needs: () => calls('src/handlers/connector/lookup.ts', ['lambda:GetNetworkConnector'], INTERNAL),
  },
  {
    title: 'The resource role of a MicroVM',
    stack: 'TeamA',
    beginning: 'ResidentResourceRole',
    permissions: [...Object.values(microvmHandler), imageGrants.run, ...Object.values(launcherGrants), ...Object.values(encryptionKey)],
  },
  {
    title: 'The resource role of a launch check',
    stack: 'TeamA',
    beginning: 'CheckResourceRole',
    permissions: [...Object.values(microvmHandler), imageGrants.run, ...Object.values(launcherGrants), ...Object.values(encryptionKey)],
  },
  {
    title: 'A build role: builds, and hooks while they build',
    stack: 'TeamA',
    beginning: 'AppBuildRole',
    permissions: [...Object.values(deny), ...Object.values(build)],
    needs: sample => [
      ...calls(`${FACTS} 3.2`, ['s3:GetObject'], 'arn:aws:s3:::code/app.zip'),
      ...['arn:aws:s3:::code/app.zip', 'arn:aws:s3:::code'].flatMap(arn => calls(`${FACTS} 3.2; inferred`, ['kms:Decrypt'], sample.arnOf('TeamA', 'Key'), {
        'kms:ViaService': `s3.${REGION}.amazonaws.com`, 'kms:EncryptionContext:aws:s3:arn': arn,
      })),
      ...calls(`${FACTS} 3.2`, ['ecr:GetAuthorizationToken'], '*'),
      ...calls(`${FACTS} 3.2`, ['ecr:BatchCheckLayerAvailability', 'ecr:GetDownloadUrlForLayer', 'ecr:BatchGetImage'], sample.arnOf('TeamA', 'Bases')),
      ...logs(sample.refOf('TeamA', 'AppLogGroup')),
      ...calls(`${FACTS} 3.2`, ['logs:CreateLogGroup'], `arn:aws:logs:${REGION}:${ACCOUNT}:log-group:${sample.refOf('TeamA', 'AppLogGroup')}`),
    ],
    refused: () => [{ action: 's3:GetObject', resource: 'arn:aws:s3:::code/app.zip', context: FUNCTION }],
  },
  {
    title: 'An execution role: MicroVMs',
    stack: 'TeamA',
    beginning: 'LauncherExecutionRole',
    permissions: [...Object.values(deny), ...Object.values(execution)],
    needs: sample => [
      ...logs(sample.refOf('TeamA', 'LauncherLogGroup')),
      ...calls(`${FACTS} 3.5`, ['sts:GetWebIdentityToken'], '*', {
        'sts:IdentityTokenAudience': [AUDIENCE], 'sts:DurationSeconds': '300', 'sts:SigningAlgorithm': 'ES384',
      }),
    ],
    refused: sample => logs(sample.refOf('TeamA', 'LauncherLogGroup')).map(call => ({ ...call, context: FUNCTION })),
  },
  {
    title: 'An operator role: network interfaces',
    stack: 'Network',
    beginning: 'InternalOperatorRole',
    permissions: [...Object.values(deny), operator.place, operator.interfaces, operator.tag],
    needs: placesInterfaces,
    refused: () => [{ action: 'ec2:CreateNetworkInterface', resource: ec2Arn(`subnet/${SUBNETS[0]}`), context: FUNCTION }],
  },
  {
    title: 'An operator role with elastic IPs: network interfaces and their addresses',
    stack: 'Network',
    beginning: 'PublicOperatorRole',
    permissions: [...Object.values(deny), ...Object.values(operator)],
    needs: () => [
      ...placesInterfaces(),
      ...calls(`${FACTS} 1.3`, ['ec2:AllocateAddress', 'ec2:AssociateAddress'], ec2Arn('elastic-ip/eipalloc-1')),
      ...SUBNETS.flatMap(subnet => calls(`${FACTS} 1.3`, ['ec2:AssociateAddress'], ec2Arn('network-interface/eni-1'), {
        'ec2:Subnet': ec2Arn(`subnet/${subnet}`, '111122223333'), 'ec2:ManagedResourceOperator': 'network-connectors.lambda.amazonaws.com',
      })),
    ],
    refused: () => [{ action: 'ec2:AllocateAddress', resource: ec2Arn('elastic-ip/eipalloc-1'), context: FUNCTION }],
  },
  {
    title: 'The function of a state machine fragment',
    stack: 'TeamA',
    beginning: 'SandboxedRole',
    permissions: [imageGrants.run, ...Object.values(launcherGrants), ...Object.values(encryptionKey), ...Object.values(workflow)],
    needs: sample => [
      ...logs(sample.refOf('TeamA', 'SandboxedLogs')), ...launch(sample), ...calls('src/handlers/workflow/workflow.ts', ['lambda:TerminateMicrovm'], APP),
    ],
  },
  {
    title: 'A state machine with a fragment',
    stack: 'TeamA',
    beginning: 'MachineRole',
    permissions: Object.values(FRAMEWORK.stateMachine),
    needs: sample => calls('aws-cdk-lib, LambdaInvoke', ['lambda:InvokeFunction'], sample.arnOf('TeamA', 'SandboxedFunction')),
  },
  { title: '`launcher.grantLaunch`', stack: 'TeamA', beginning: 'Launches', permissions: [imageGrants.run, ...Object.values(launcherGrants), ...Object.values(encryptionKey)], needs: launch },
  {
    title: '`WebIdentityLaunchRole` with `launcher.grantLaunch`',
    stack: 'TeamA',
    beginning: 'Ci',
    permissions: [imageGrants.run, ...Object.values(launcherGrants), ...Object.values(encryptionKey)],
    needs: launch,
  },
  {
    title: '`launcher.grantConnect`, `image.grantConnect`',
    stack: 'TeamA',
    beginning: 'Connects',
    permissions: [imageGrants.connect],
    needs: () => ON_MICROVMS('CreateMicrovmAuthToken'),
  },
  {
    title: '`launcher.grantShell`, `image.grantShell`',
    stack: 'TeamA',
    beginning: 'OpensShells',
    permissions: [imageGrants.shell],
    needs: () => ON_MICROVMS('CreateMicrovmShellAuthToken'),
  },
  {
    title: '`launcher.grantManage`, `image.grantManage`',
    stack: 'TeamA',
    beginning: 'Manages',
    permissions: [imageGrants.manage, imageGrants.manageList],
    needs: () => [
      ...ON_MICROVMS('GetMicrovm', 'SuspendMicrovm', 'ResumeMicrovm', 'TerminateMicrovm'), ...calls(`${FACTS} 2.1`, ['lambda:ListMicrovms'], '*'),
    ],
  },
  {
    title: '`grantReadRequest` of a published launcher',
    stack: 'TeamA',
    beginning: 'ReadsRequest',
    permissions: Object.values(publishedLauncher),
    needs: () => calls('docs/guides/launching.md, "A launcher for other apps"', ['ssm:GetParameter'],
      `arn:aws:ssm:${REGION}:${ACCOUNT}:parameter${PUBLISHED_LAUNCHER}`),
  },
  { title: '`image.grantRun`', stack: 'TeamA', beginning: 'Runs', permissions: [imageGrants.run], needs: () => ON_MICROVMS('RunMicrovm', 'GetMicrovm') },
  {
    title: '`image.grantRun` with `encryptionKey`; the resource role has the same permissions on the key',
    stack: 'TeamA',
    beginning: 'RunsSealed',
    permissions: [imageGrants.run, ...Object.values(encryptionKey)],
    needs: sample => [
      ...calls(`${FACTS} 2.1`, ['lambda:RunMicrovm', 'lambda:GetMicrovm'], SEALED),
      ...keyUses(sample.arnOf('TeamA', 'ImageKey')),
    ],
  },
  {
    title: '`image.grantRead`',
    stack: 'TeamA',
    beginning: 'Reads',
    permissions: [imageGrants.read],
    needs: () => ON_MICROVMS(
      'GetMicrovmImage', 'ListMicrovmImageVersions', 'GetMicrovmImageVersion', 'ListMicrovmImageBuilds', 'GetMicrovmImageBuild', 'ListTags',
    ),
  },
  {
    title: '`connector.grantUse`',
    stack: 'Network',
    beginning: 'User',
    permissions: [connectorGrants.pass, connectorGrants.describe],
    needs: () => useOf(INTERNAL),
  },
  {
    title: '`catalog.grantUse`',
    stack: 'Network',
    beginning: 'Developer',
    permissions: [...Object.values(catalog), connectorGrants.pass, connectorGrants.describe],
    needs: () => [...useOf(INTERNAL), ...calls(
      'calls by which CloudFormation reads dynamic references and parameters', ['ssm:GetParameter', 'ssm:GetParameters'],
      `arn:aws:ssm:${REGION}:${ACCOUNT}:parameter/network-connectors/platform/internal`,
    )],
  },
  {
    title: '`connector.grantManage`',
    stack: 'Network',
    beginning: 'Maintainer',
    permissions: [connectorGrants.describe, connectorGrants.manage, connectorCaller.placement],
    needs: () => [
      ...[INTERNAL, `${INTERNAL}:2`].flatMap(arn => calls(`${FACTS} 2.1`, [
        'GetNetworkConnector', 'ListNetworkConnectorVersions', 'ListTags', 'UpdateNetworkConnector', 'DeleteNetworkConnector', 'TagResource', 'UntagResource',
      ].map(name => `lambda:${name}`), arn)),
      ...describesPlacement(),
    ],
  },
  {
    title: '`NetworkConnectorGrants.create`',
    stack: 'Network',
    beginning: 'Member',
    permissions: [...Object.values(networkTeam), ...Object.values(connectorCaller)],
    needs: sample => [
      ...calls(`${FACTS} 2.1`, ['lambda:CreateNetworkConnector'], `arn:aws:lambda:${REGION}:${ACCOUNT}:network-connector:nc-new`, {
        'lambda:SubnetIds': [SUBNETS[1]], 'lambda:SecurityGroupIds': [SECURITY_GROUP], ...requestTags(), 'aws:TagKeys': Object.keys(TEAM_TAGS),
      }),
      ...calls(`${FACTS} 2.1`, ['lambda:TagResource'], '*', { ...requestTags(), 'aws:TagKeys': Object.keys(TEAM_TAGS) }),
      ...calls(`${FACTS} 2.4`, ['iam:PassRole'], sample.role('Network', 'InternalOperatorRole').arn),
      ...calls(`${FACTS} 2.5`, ['iam:CreateServiceLinkedRole'], SERVICE_LINKED_ROLE, { 'iam:AWSServiceName': 'lambda.amazonaws.com' }),
      ...describesPlacement(),
    ],
  },
];

/** Puts the owner tags of a resource on what exists without an owner. */
function takesPossession(sample: Sample, stack: StackName, beginning: string, others: string[]): Call[] {
  const context = {
    [`aws:RequestTag/${OWNER_STACK_TAG}`]: stackIdOf(stack),
    [`aws:RequestTag/${OWNER_RESOURCE_TAG}`]: sample.idOf(stack, beginning),
    'aws:TagKeys': [OWNER_STACK_TAG, OWNER_RESOURCE_TAG],
  };
  return ['function:any', 'event-source-mapping:any', 'code-signing-config:any', 'capacity-provider:any', ...others]
    .map(rest => ({ action: 'lambda:TagResource', resource: `arn:aws:lambda:${REGION}:${ACCOUNT}:${rest}`, context }));
}

export function roleOf(sample: Sample, { stack, beginning }: SamplePrincipal): SampleRole {
  return sample.role(stack, beginning);
}

/** The calls by which the service creates network interfaces with an operator role. */
function placesInterfaces(): Need[] {
  return [
    // IAM authorizes one request on all resources that it names. The subnet of a shared VPC belongs to another
    // account.
    ...SUBNETS.flatMap(subnet => calls(`${FACTS} 3.4`, ['ec2:CreateNetworkInterface'], ec2Arn(`subnet/${subnet}`, '111122223333'))),
    ...calls(`${FACTS} 3.4`, ['ec2:CreateNetworkInterface'], ec2Arn(`security-group/${SECURITY_GROUP}`)),
    ...calls(`${FACTS} 3.4`, ['ec2:CreateNetworkInterface'], ec2Arn('network-interface/eni-1'), {
      'aws:TagKeys': ['aws:lambda:networkConnectorName', 'aws:lambda:networkConnectorId'],
    }),
    ...calls(`${FACTS} 3.4`, ['ec2:CreateTags'], ec2Arn('network-interface/eni-1'), {
      'ec2:CreateAction': 'CreateNetworkInterface', 'ec2:ManagedResourceOperator': 'network-connectors.lambda.amazonaws.com',
    }),
  ];
}

/** Sources of AWS disagree whether the service makes these calls with the permissions of its caller. */
function describesPlacement(): Need[] {
  return calls(`${FACTS} 2.5`, ['ec2:DescribeSubnets', 'ec2:DescribeSecurityGroups'], '*');
}

function useOf(connector: string): Need[] {
  return [connector, `${connector}:2`].flatMap(arn => calls(`${FACTS} 2.1, 2.3`, [
    'lambda:PassNetworkConnector', 'lambda:GetNetworkConnector', 'lambda:ListNetworkConnectorVersions', 'lambda:ListTags',
  ], arn));
}

function requestTags(): Call['context'] {
  return Object.fromEntries(Object.entries(TEAM_TAGS).map(([key, value]) => [`aws:RequestTag/${key}`, value]));
}

function callPolls(sample: Sample, stack: StackName): Need[] {
  return ['isComplete', 'onTimeout'].flatMap(name =>
    calls('aws-cdk-lib, provider-framework/waiter-state-machine.js', ['lambda:InvokeFunction'], sample.arnOf(stack, `CdkLambdaMicrovmsProviderframework${name}`)));
}

function callHandler(sample: Sample): Need[] {
  const source = 'aws-cdk-lib, provider-framework/runtime/outbound.js';
  return calls(source, ['lambda:InvokeFunction', 'lambda:GetFunction'], sample.arnOf('TeamA', 'CdkLambdaMicrovmsHandler'));
}
