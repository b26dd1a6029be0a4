import type { App } from 'aws-cdk-lib';
import { AwsSolutionsChecks, HIPAASecurityChecks, NIST80053R5Checks, PCIDSS321Checks, ServerlessChecks } from 'cdk-nag';

/** A finding of a rule pack about a construct, error or warning. */
export interface Finding {
  readonly rule: string;
  readonly path: string;
}

/** Why findings are accepted. Each rule must have a finding on each construct, or the suppression is too wide. */
export interface Suppression {
  /** IDs as the packs report them, with the finding in brackets if the rule has several findings. */
  readonly rules: string[];
  /** Paths of constructs. `*` matches any characters except slashes. */
  readonly on: string[];
  readonly because: string;
}

export function findingsIn(app: App): Finding[] {
  const packs = [new AwsSolutionsChecks(), new NIST80053R5Checks(), new HIPAASecurityChecks(), new PCIDSS321Checks(), new ServerlessChecks()];
  return packs
    .flatMap(pack => pack.validateScope(app).violations)
    .flatMap(({ ruleName, violatingResources }) => violatingResources.map(({ constructPath }) => ({ rule: ruleName, path: constructPath! })));
}

/** Returns the findings that no suppression covers. */
export function unexplained(findings: Finding[], suppressions: Suppression[]): string[] {
  return findings
    .filter(({ rule, path }) => !suppressions.some(({ rules, on }) => rules.includes(rule) && on.some(pattern => matches(path, pattern))))
    .map(({ rule, path }) => `${path}: ${rule}`);
}

/** Returns the parts of suppressions that cover no finding. */
export function unused(findings: Finding[], suppressions: Suppression[]): string[] {
  return suppressions.flatMap(({ rules, on }) => on.flatMap(pattern => rules
    .filter(rule => !findings.some(finding => finding.rule === rule && matches(finding.path, pattern)))
    .map(rule => `${pattern}: ${rule}`)));
}

function matches(path: string, pattern: string): boolean {
  return new RegExp(`^${pattern.split('*').map(text => text.replace(/[.+?^${}()|[\]\\]/g, '\\$&')).join('[^/]*')}$`).test(path);
}

const HIPAA = 'HIPAA.Security';
const NIST = 'NIST.800.53.R5';
const PCI = 'PCI.DSS.321';
const SERVERLESS = 'Serverless';

/** One rule in several packs. */
function each(rule: string, ...packs: string[]): string[] {
  return packs.map(pack => `${pack}-${rule}`);
}

/** A wildcard in resources. */
function star(...resources: string[]): string[] {
  return resources.map(resource => `AwsSolutions-IAM5[Resource::${resource}]`);
}

const LAMBDA = 'arn:<AWS::Partition>:lambda:<AWS::Region>';
const ANY_EC2 = 'arn:<AWS::Partition>:ec2:<AWS::Region>:*';
const LOG_GROUP = 'arn:<AWS::Partition>:logs:<AWS::Region>:<AWS::AccountId>:log-group';
const PARAMETER = 'arn:<AWS::Partition>:ssm:<AWS::Region>:<AWS::AccountId>:parameter';
const STACK_UUID = '{"Fn::Select":[2,{"Fn::Split":["/",{"Ref":"AWS::StackId"}]}]}';

const PRIVATE = ['VpcPrivateSubnet1Subnet536B997A', 'VpcPrivateSubnet2Subnet3788AAA1'];
const ISOLATED = ['VpcIsolatedSubnet1SubnetE48C5737', 'VpcIsolatedSubnet2Subnet16364B91'];

const INLINE = each('IAMNoInlinePolicy', HIPAA, NIST, PCI);
const LOG_KEY = each('CloudWatchLogGroupEncrypted', HIPAA, NIST, PCI);
const OUTSIDE_VPC = each('LambdaInsideVPC', HIPAA, NIST, PCI);
const CONCURRENCY = each('LambdaConcurrency', HIPAA, NIST);
const DEAD_LETTERS = each('LambdaDLQ', HIPAA, NIST, SERVERLESS);
const TRACING = each('LambdaTracing', SERVERLESS);
const MEMORY = each('LambdaDefaultMemorySize', SERVERLESS);
const MACHINE_TRACING = ['AwsSolutions-SF2', ...each('StepFunctionStateMachineXray', SERVERLESS)];

const HANDLER = '*/CdkLambdaMicrovms/Handler/Resource';
const ON_EVENT = '*/CdkLambdaMicrovms/Provider/framework-onEvent/Resource';
const WAITING = ['*/CdkLambdaMicrovms/Provider/framework-isComplete/Resource', '*/CdkLambdaMicrovms/Provider/framework-onTimeout/Resource'];
const FRAMEWORK = [ON_EVENT, ...WAITING];
const WAITER = '*/CdkLambdaMicrovms/Provider/waiter-state-machine';
const WORKFLOW = 'IntegMicrovmLauncherFull/Sandboxed';

const BACKENDS = ['IntegMicrovmLauncher/TypeScript', 'IntegMicrovmLauncher/Python'];
const BROKER = 'IntegMicrovmLauncherFull/Broker';
const APP_FUNCTIONS = [...BACKENDS, BROKER];
const CONNECTOR_FULL = 'IntegNetworkConnectorFull';

/** All accepted findings in the integration apps. */
export const SUPPRESSIONS: Suppression[] = [
  // Functions of the library, and of the Provider framework of aws-cdk-lib.
  {
    rules: OUTSIDE_VPC,
    on: [HANDLER, ...FRAMEWORK, `${WORKFLOW}/Function/Resource`],
    because: 'It calls only public endpoints. In a VPC, each would need a VPC endpoint or a NAT gateway, which cost money.',
  },
  {
    rules: CONCURRENCY,
    on: [HANDLER, ...FRAMEWORK, `${WORKFLOW}/Function/Resource`],
    because: 'Reserved concurrency reduces that of all other functions of the account, and only deployments and state machines call this one.',
  },
  {
    rules: DEAD_LETTERS,
    on: [HANDLER, ...WAITING, `${WORKFLOW}/Function/Resource`],
    because: 'Callers invoke it synchronously and receive its error, so a dead-letter queue would stay empty.',
  },
  {
    rules: DEAD_LETTERS,
    on: [ON_EVENT],
    because: 'The Provider of aws-cdk-lib has no property for a queue, and CloudFormation fails the deployment if it receives no answer.',
  },
  {
    rules: TRACING,
    on: [HANDLER, `${WORKFLOW}/Function/Resource`],
    because: 'Tracing needs X-Ray permissions on *, and CloudFormation or the state machine receives all errors.',
  },
  {
    rules: [...TRACING, ...MEMORY],
    on: FRAMEWORK,
    because: 'The Provider of aws-cdk-lib has no property for it.',
  },
  {
    rules: MACHINE_TRACING,
    on: [`${WAITER}/Resource`],
    because: 'The Provider of aws-cdk-lib has no property for it.',
  },
  {
    rules: ['AwsSolutions-SF1'],
    on: [`${WAITER}/Resource`],
    because: 'A log needs permissions for log delivery on *, and Step Functions shows the history of each execution without a log.',
  },

  // Log groups.
  {
    rules: LOG_KEY,
    on: ['*/CdkLambdaMicrovms/Logs/Resource', `${WORKFLOW}/Logs/Resource`],
    because: 'CloudWatch Logs encrypts it with a service key, and it contains only the records of the Lambda runtime and of the handler.',
  },
  {
    rules: LOG_KEY,
    on: ['*/Sandbox/LogGroup/Resource', '*/DockerInside/LogGroup/Resource', '*/Launcher/LogGroup/Resource'],
    because: 'CloudWatch Logs encrypts it with a service key. To use another key, pass a log group with that key to MicrovmLogging.logGroup.',
  },

  // Inline policies: an inline policy cannot be attached to another role, and is deleted with its role.
  {
    rules: INLINE,
    on: ['*/CdkLambdaMicrovms/FunctionRole/Resource', '*/CdkLambdaMicrovms/OnEventRole/Resource', '*/CdkLambdaMicrovms/WaiterRole/Resource'],
    because: 'The policy is for this role only, and exists as soon as the role exists.',
  },
  {
    rules: INLINE,
    on: [
      '*/Sandbox/ResourceRole*/Resource', '*/DockerInside/ResourceRole*/Resource', '*/Builds/ResourceRole*/Resource', '*/Internal/ResourceRole*/Resource',
      '*/Connector/ResourceRole*/Resource', '*/Found/ResourceRole/Resource', '*/Shared/ResourceRole*/Resource', '*/Check/ResourceRole*/Resource',
    ],
    because: 'The policy is for the custom resource of this role only, and exists as soon as the role exists.',
  },
  {
    rules: INLINE,
    on: [
      '*/Sandbox/BuildRole/Resource', '*/DockerInside/BuildRole/Resource', 'IntegMicrovmImageFullFoundation/BuildRole/Resource',
      '*/Launcher/ExecutionRole/Resource', 'IntegMicrovmLauncherFull/ExecutionRole/Resource',
      '*/Builds/OperatorRole/Resource', '*/Internal/OperatorRole/Resource', '*/Connector/OperatorRole/Resource', '*/OperatorRole/Resource',
    ],
    because: 'The policy is for this role only, and must exist when the service first uses the role.',
  },
  {
    rules: INLINE,
    on: [
      '*/Builds/OperatorRole/Policy*/Resource', '*/Internal/OperatorRole/Policy*/Resource', '*/Connector/OperatorRole/Policy*/Resource',
      '*/OperatorRole/Policy*/Resource',
    ],
    because: 'The policy names the subnets and security groups of the connectors of this role, so no other role can use it.',
  },
  {
    rules: INLINE,
    on: ['IntegMicrovmImageFull/Sandbox/BuildPolicy/Resource'],
    because: 'The policy names the code and the log group of one image, and is attached to a build role of another stack.',
  },
  {
    rules: INLINE,
    on: [
      '*/CdkLambdaMicrovms/OnEventRole/DefaultPolicy/Resource', '*/CdkLambdaMicrovms/WaiterRole/DefaultPolicy/Resource',
      `${WAITER}/Role/DefaultPolicy/Resource`, `${WORKFLOW}/Role/DefaultPolicy/Resource`,
      'IntegMicrovmLauncherFull/Machine/Role/DefaultPolicy/Resource',
      'IntegMicrovmLauncherFull/ExecutionRole/DefaultPolicy/Resource', 'IntegMicrovmLauncherFull/Ci/DefaultPolicy/Resource',
      'IntegMicrovmLauncherFull/Engineers/DefaultPolicy/Resource', 'IntegMicrovmImageFull/User/DefaultPolicy/Resource',
      'IntegCatalogNetwork/Developer/DefaultPolicy/Resource',
      `${CONNECTOR_FULL}/Developer/DefaultPolicy/Resource`, `${CONNECTOR_FULL}/NetworkTeam/DefaultPolicy/Resource`,
      ...APP_FUNCTIONS.map(fn => `${fn}/ServiceRole/DefaultPolicy/Resource`),
    ],
    because: 'A grant of the CDK adds statements to the default policy of a role, which is inline.',
  },

  // Wildcards of the provider.
  {
    rules: star(`${LAMBDA}:aws:microvm-image:*`),
    on: ['*/CdkLambdaMicrovms/FunctionRole/Resource'],
    because: 'It lists versions of base images of AWS, which are public. One provider serves images on any base image.',
  },
  {
    rules: star('<CdkLambdaMicrovmsHandlerC87EC126.Arn>:*'),
    on: ['*/CdkLambdaMicrovms/OnEventRole/DefaultPolicy/Resource', '*/CdkLambdaMicrovms/WaiterRole/DefaultPolicy/Resource'],
    because: 'The Provider of aws-cdk-lib grants access to the function that it calls, including versions.',
  },
  {
    rules: star('<CdkLambdaMicrovmsProviderframeworkisCompleteF205D566.Arn>:*', '<CdkLambdaMicrovmsProviderframeworkonTimeout423F3FCC.Arn>:*'),
    on: [`${WAITER}/Role/DefaultPolicy/Resource`],
    because: 'The Provider of aws-cdk-lib grants access to the two functions that the state machine calls, including versions.',
  },

  // Wildcards of images.
  {
    rules: star('*'),
    on: ['*/Sandbox/ResourceRole*/Resource', '*/DockerInside/ResourceRole*/Resource'],
    because: 'CreateMicrovmImage and ListMicrovms have no resource type. A condition binds the first to the owner tags of this resource.',
  },
  {
    rules: star(`${LOG_GROUP}:<SandboxLogGroup873FF726>:*`),
    on: ['*/Sandbox/ResourceRole*/Resource', '*/Sandbox/BuildRole/Resource', 'IntegMicrovmImageFull/Sandbox/BuildPolicy/Resource'],
    because: 'It covers the streams of one log group. The service chooses their names.',
  },
  {
    rules: star(`${LOG_GROUP}:<DockerInsideLogGroup3591C353>:*`),
    on: ['*/DockerInside/ResourceRole*/Resource', '*/DockerInside/BuildRole/Resource'],
    because: 'It covers the streams of one log group. The service chooses their names.',
  },
  {
    rules: star('<Connector>:*'),
    on: ['IntegMicrovmImageFull/Sandbox/ResourceRole*/Resource'],
    because: 'The service may check the ARN of the build connector with a version.',
  },
  {
    rules: star('<SsmParameterValuenetworkconnectorsintegbuildsC96584B6F00A464EAD1953AFF4B05118Parameter>:*'),
    on: ['IntegCatalogDevelopers/Sandbox/ResourceRole*/Resource'],
    because: 'The service may check the ARN of the build connector with a version.',
  },
  {
    rules: star('*'),
    on: ['IntegMicrovmImageFull/User/DefaultPolicy/Resource', ...BACKENDS.map(fn => `${fn}/ServiceRole/DefaultPolicy/Resource`)],
    because: 'grantManage grants ListMicrovms, which has no resource type.',
  },

  // Wildcards of network connectors.
  {
    rules: star('*'),
    on: ['*/Builds/ResourceRole*/Resource', '*/Internal/ResourceRole*/Resource', '*/Connector/ResourceRole*/Resource'],
    because: 'ListMicrovms has no resource type. Tags of a connector are authorized before it has an ARN, with a condition on the owner tags.',
  },
  {
    rules: star(`${LAMBDA}:<AWS::AccountId>:network-connector:*`),
    on: ['*/Builds/ResourceRole*/Resource', '*/Internal/ResourceRole*/Resource', '*/Connector/ResourceRole*/Resource', '*/Found/ResourceRole/Resource'],
    because: 'The ARN contains the ID, which is not known before the connector exists or is found by its name. Changes require its owner tags.',
  },
  {
    rules: star(`${LAMBDA}:<AWS::AccountId>:microvm-image:*`),
    on: ['*/Builds/ResourceRole*/Resource', '*/Internal/ResourceRole*/Resource', '*/Connector/ResourceRole*/Resource'],
    because: 'It searches for MicroVMs that use the connector. They may belong to any image.',
  },
  {
    rules: star(`${ANY_EC2}:network-interface/*`),
    on: [
      '*/Builds/OperatorRole/Policy*/Resource', '*/Internal/OperatorRole/Policy*/Resource', '*/Connector/OperatorRole/Policy*/Resource',
      '*/OperatorRole/Policy*/Resource',
    ],
    because: 'The ID of a network interface is not known before it exists. Conditions name its tags, its operator, and the call that creates it.',
  },
  ...[
    { on: 'IntegCatalogNetwork/Builds/OperatorRole', subnets: PRIVATE, group: 'BuildsSecurityGroup15C00BCA' },
    { on: 'IntegMicrovmLauncherFull/Connector/OperatorRole', subnets: PRIVATE, group: 'ConnectorSecurityGroup8EA76127' },
    { on: 'IntegMicrovmImageFull/OperatorRole', subnets: PRIVATE, group: 'BuildsE4FA881E' },
    { on: 'IntegNetworkConnector/Internal/OperatorRole', subnets: ISOLATED, group: 'InternalSecurityGroup093B4002' },
    { on: `${CONNECTOR_FULL}/OperatorRole`, subnets: ISOLATED, group: 'MicroVMsB2ED10BC' },
  ].map(({ on, subnets, group }): Suppression => ({
    rules: star(...subnets.map(subnet => `${ANY_EC2}:subnet/<${subnet}>`), `${ANY_EC2}:security-group/<${group}.GroupId>`),
    on: [`${on}/Policy*/Resource`],
    because: 'The wildcard is the account: a shared subnet belongs to another account, and its ID is unique across accounts.',
  })),
  {
    rules: star('<BuildsE4FA881E.ConnectorArn>:*'),
    on: ['IntegCatalogNetwork/Developer/DefaultPolicy/Resource'],
    because: 'The service may check the ARN of the granted connector with a version.',
  },
  {
    rules: star('<Internal606E9597.ConnectorArn>:*', '<L1>:*'),
    on: [`${CONNECTOR_FULL}/Developer/DefaultPolicy/Resource`],
    because: 'The service may check the ARN of the granted connector with a version.',
  },
  {
    rules: star('<Internal606E9597.ConnectorArn>:*'),
    on: [`${CONNECTOR_FULL}/NetworkTeam/DefaultPolicy/Resource`],
    because: 'grantManage covers the connector and its versions, which change over time.',
  },
  {
    rules: star('*', `${LAMBDA}:<AWS::AccountId>:network-connector:*`),
    on: [`${CONNECTOR_FULL}/NetworkTeam/DefaultPolicy/Resource`],
    because: 'A connector has no ARN before it is created. Conditions name its subnets, security groups and tags.',
  },
  {
    rules: [
      ...star('*'), 'AwsSolutions-IAM5[Action::*]',
      ...each('IAMPolicyNoStatementsWithAdminAccess', HIPAA, NIST, PCI), ...each('IAMPolicyNoStatementsWithFullAccess', HIPAA, NIST, PCI),
    ],
    on: ['IntegCatalogNetwork/Guardrail/Boundary/Resource'],
    because: 'A permissions boundary grants nothing. It must allow everything that it does not deny.',
  },

  // Wildcards of launchers.
  {
    rules: star(`${LOG_GROUP}:<LauncherLogGroupAF1641DA>:*`),
    on: ['IntegMicrovmLauncher/Launcher/ExecutionRole/Resource'],
    because: 'It covers the streams of one log group. The service chooses their names.',
  },
  {
    rules: star(`${LOG_GROUP}:<Logs6819BB44>:*`),
    on: ['IntegMicrovmLauncherFull/ExecutionRole/Resource'],
    because: 'It covers the streams of one log group. The service chooses their names.',
  },
  {
    rules: star('*'),
    on: ['IntegMicrovmLauncherFull/ExecutionRole/DefaultPolicy/Resource'],
    because: 'GetWebIdentityToken has no resource type. Conditions name its audiences, lifetime and algorithm.',
  },
  {
    rules: star('<ConnectorC537A2FB.ConnectorArn>:*'),
    on: ['IntegMicrovmLauncherFull/Ci/DefaultPolicy/Resource', `${WORKFLOW}/Role/DefaultPolicy/Resource`],
    because: 'The service may check the ARN of the connector of the launcher with a version.',
  },
  {
    rules: star(`${PARAMETER}/cdk-lambda-microvms/${STACK_UUID}/SharedDACC02AA/*`),
    on: ['IntegMicrovmLauncher/Shared/ResourceRole*/Resource'],
    because: 'Each launch writes a parameter under the path of this resource. Its name is not known at synth.',
  },
  {
    rules: star(`${PARAMETER}/cdk-lambda-microvms/${STACK_UUID}/Check8FEA48D3/*`),
    on: ['IntegMicrovmLauncher/Check/ResourceRole*/Resource'],
    because: 'Each launch writes a parameter under the path of this resource. Its name is not known at synth.',
  },
  {
    rules: star('<SandboxedFunctionF8048CEB.Arn>:*'),
    on: ['IntegMicrovmLauncherFull/Machine/Role/DefaultPolicy/Resource'],
    because: 'LambdaInvoke of aws-cdk-lib grants access to the function that it calls, including versions.',
  },

  // Findings about the apps, not about the library.
  {
    rules: [
      'AwsSolutions-VPC7', ...each('VPCFlowLogsEnabled', HIPAA, NIST, PCI), ...each('VPCDefaultSecurityGroupClosed', HIPAA, NIST, PCI),
    ],
    on: ['*/Vpc/Resource'],
    because: 'Part of the app, not of the library: the VPC exists only for a test, and nothing uses its default security group.',
  },
  {
    rules: each('VPCNoUnrestrictedRouteToIGW', HIPAA, NIST, PCI),
    on: [
      '*/Vpc/PublicSubnet1/DefaultRoute', '*/Vpc/PublicSubnet2/DefaultRoute',
      `${CONNECTOR_FULL}/Vpc/PublicSubnet1/DefaultRoute6`, `${CONNECTOR_FULL}/Vpc/PublicSubnet2/DefaultRoute6`,
    ],
    because: 'Part of the app, not of the library: public subnets of ec2.Vpc, which no connector uses.',
  },
  {
    rules: each('VPCSubnetAutoAssignPublicIpDisabled', HIPAA, NIST, PCI),
    on: ['*/Vpc/PublicSubnet1/Subnet', '*/Vpc/PublicSubnet2/Subnet'],
    because: 'Part of the app, not of the library: public subnets of ec2.Vpc, which no connector uses.',
  },
  {
    rules: each('VPCSubnetAutoAssignPublicIpDisabled', HIPAA, NIST, PCI),
    on: [`${CONNECTOR_FULL}/Vpc/IsolatedSubnet1/Subnet`, `${CONNECTOR_FULL}/Vpc/IsolatedSubnet2/Subnet`],
    because: 'Part of the app, not of the library: ec2.Vpc assigns IPv6 addresses in dual-stack subnets, which have no route to the internet.',
  },
  {
    rules: [...OUTSIDE_VPC, ...CONCURRENCY, ...DEAD_LETTERS, ...TRACING, ...MEMORY],
    on: APP_FUNCTIONS.map(fn => `${fn}/Resource`),
    because: 'Part of the app, not of the library: a function that demonstrates a grant and is called manually.',
  },
  {
    rules: ['AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole]'],
    on: APP_FUNCTIONS.map(fn => `${fn}/ServiceRole/Resource`),
    because: 'Part of the app, not of the library: the role that lambda.Function creates.',
  },
  {
    rules: star(`${PARAMETER}/integ-microvm-launcher-full/owners/*`),
    on: [`${BROKER}/ServiceRole/DefaultPolicy/Resource`],
    because: 'Part of the app, not of the library: the broker reads the owner of each MicroVM from a parameter.',
  },
  {
    rules: LOG_KEY,
    on: ['IntegMicrovmLauncherFull/Logs/Resource'],
    because: 'Part of the app, not of the library: a log group for a test, which CloudWatch Logs encrypts with a service key.',
  },
  {
    rules: ['AwsSolutions-SF1', ...MACHINE_TRACING],
    on: ['IntegMicrovmLauncherFull/Machine/Resource'],
    because: 'Part of the app, not of the library: a state machine that demonstrates a fragment with a MicroVM.',
  },
];
