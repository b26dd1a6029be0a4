import type { App } from 'aws-cdk-lib';
import { AwsSolutionsChecks, HIPAASecurityChecks, NIST80053R5Checks, PCIDSS321Checks, ServerlessChecks } from 'cdk-nag';

/** What a pack says against a construct, error or warning. */
export interface Finding {
  readonly rule: string;
  readonly path: string;
}

/** Why findings stay. Each rule has a finding on each of the constructs, or the suppression is too wide. */
export interface Suppression {
  /** Ids as the packs report them, with the finding in brackets where the rule has several. */
  readonly rules: string[];
  /** Paths of constructs; * stands for any characters but a slash. */
  readonly on: string[];
  readonly because: string;
}

export function findingsIn(app: App): Finding[] {
  const packs = [new AwsSolutionsChecks(), new NIST80053R5Checks(), new HIPAASecurityChecks(), new PCIDSS321Checks(), new ServerlessChecks()];
  return packs
    .flatMap(pack => pack.validateScope(app).violations)
    .flatMap(({ ruleName, violatingResources }) => violatingResources.map(({ constructPath }) => ({ rule: ruleName, path: constructPath! })));
}

/** The findings that no suppression covers. */
export function unexplained(findings: Finding[], suppressions: Suppression[]): string[] {
  return findings
    .filter(({ rule, path }) => !suppressions.some(({ rules, on }) => rules.includes(rule) && on.some(pattern => matches(path, pattern))))
    .map(({ rule, path }) => `${path}: ${rule}`);
}

/** The parts of suppressions that cover no finding. */
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

/** One rule of several packs. */
function each(rule: string, ...packs: string[]): string[] {
  return packs.map(pack => `${pack}-${rule}`);
}

/** A star in resources. */
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

/** All that the packs find in the integration apps and that stays. */
export const SUPPRESSIONS: Suppression[] = [
  // Functions of the library, and of aws-cdk-lib's provider framework.
  {
    rules: OUTSIDE_VPC,
    on: [HANDLER, ...FRAMEWORK, `${WORKFLOW}/Function/Resource`],
    because: 'It calls public endpoints and nothing in a VPC, where each of them would need an endpoint that costs money, or a NAT gateway.',
  },
  {
    rules: CONCURRENCY,
    on: [HANDLER, ...FRAMEWORK, `${WORKFLOW}/Function/Resource`],
    because: 'Reserved concurrency is taken from all other functions of the account, and only deployments and workflows call this one.',
  },
  {
    rules: DEAD_LETTERS,
    on: [HANDLER, ...WAITING, `${WORKFLOW}/Function/Resource`],
    because: 'It is only called synchronously, by a function or state machine that gets its error, so that nothing goes to a dead-letter queue.',
  },
  {
    rules: DEAD_LETTERS,
    on: [ON_EVENT],
    because: 'aws-cdk-lib\'s Provider takes no queue, and CloudFormation fails the deployment if it gets no answer.',
  },
  {
    rules: TRACING,
    on: [HANDLER, `${WORKFLOW}/Function/Resource`],
    because: 'Tracing needs xray permissions on *, and errors reach CloudFormation or the workflow as they are.',
  },
  {
    rules: [...TRACING, ...MEMORY],
    on: FRAMEWORK,
    because: 'aws-cdk-lib\'s Provider has no property for it.',
  },
  {
    rules: MACHINE_TRACING,
    on: [`${WAITER}/Resource`],
    because: 'aws-cdk-lib\'s Provider has no property for it.',
  },
  {
    rules: ['AwsSolutions-SF1'],
    on: [`${WAITER}/Resource`],
    because: 'A log needs permissions for log delivery on *, and Step Functions shows the history of each execution without one.',
  },

  // Log groups.
  {
    rules: LOG_KEY,
    on: ['*/CdkLambdaMicrovms/Logs/Resource', `${WORKFLOW}/Logs/Resource`],
    because: 'CloudWatch Logs encrypts it with a key of its own, and it has nothing but what the Lambda runtime writes about calls and errors.',
  },
  {
    rules: LOG_KEY,
    on: ['*/Sandbox/LogGroup/Resource', '*/DockerInside/LogGroup/Resource', '*/Launcher/LogGroup/Resource'],
    because: 'CloudWatch Logs encrypts it with a key of its own, and who has a key gives MicrovmLogging.logGroup a group that has it.',
  },

  // Inline policies: one of a role cannot be attached to another, and goes with it.
  {
    rules: INLINE,
    on: ['*/CdkLambdaMicrovms/FunctionRole/Resource', '*/CdkLambdaMicrovms/OnEventRole/Resource', '*/CdkLambdaMicrovms/WaiterRole/Resource'],
    because: 'The policy is for this role alone, and is there as soon as the role is.',
  },
  {
    rules: INLINE,
    on: [
      '*/Sandbox/ResourceRole*/Resource', '*/DockerInside/ResourceRole*/Resource', '*/Builds/ResourceRole*/Resource', '*/Internal/ResourceRole*/Resource',
      '*/Connector/ResourceRole*/Resource', '*/Found/ResourceRole/Resource', '*/Shared/ResourceRole*/Resource', '*/Check/ResourceRole*/Resource',
    ],
    because: 'The policy is for the one custom resource that this role is of, and is there as soon as the role is.',
  },
  {
    rules: INLINE,
    on: [
      '*/Sandbox/BuildRole/Resource', '*/DockerInside/BuildRole/Resource', 'IntegMicrovmImageFullFoundation/BuildRole/Resource',
      '*/Launcher/ExecutionRole/Resource', 'IntegMicrovmLauncherFull/ExecutionRole/Resource',
      '*/Builds/OperatorRole/Resource', '*/Internal/OperatorRole/Resource', '*/Connector/OperatorRole/Resource', '*/OperatorRole/Resource',
    ],
    because: 'The policy is for this role alone, and the service, which uses the role at once, must not find it without.',
  },
  {
    rules: INLINE,
    on: [
      '*/Builds/OperatorRole/Policy*/Resource', '*/Internal/OperatorRole/Policy*/Resource', '*/Connector/OperatorRole/Policy*/Resource',
      '*/OperatorRole/Policy*/Resource',
    ],
    because: 'The policy names the subnets and security groups of this role\'s connectors, which are of no use to another role.',
  },
  {
    rules: INLINE,
    on: ['IntegMicrovmImageFull/Sandbox/BuildPolicy/Resource'],
    because: 'The policy names the code and the log group of one image, and goes into a build role that another stack made.',
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
    because: 'A grant of CDK writes into the default policy of the role that it is given, which is inline.',
  },

  // Stars of the provider.
  {
    rules: star(`${LAMBDA}:aws:microvm-image:*`),
    on: ['*/CdkLambdaMicrovms/FunctionRole/Resource'],
    because: 'It lists versions of base images of AWS, which are public, and one provider serves images on any base.',
  },
  {
    rules: star('<CdkLambdaMicrovmsHandlerC87EC126.Arn>:*'),
    on: ['*/CdkLambdaMicrovms/OnEventRole/DefaultPolicy/Resource', '*/CdkLambdaMicrovms/WaiterRole/DefaultPolicy/Resource'],
    because: 'aws-cdk-lib\'s Provider grants the one function that it calls with its versions.',
  },
  {
    rules: star('<CdkLambdaMicrovmsProviderframeworkisCompleteF205D566.Arn>:*', '<CdkLambdaMicrovmsProviderframeworkonTimeout423F3FCC.Arn>:*'),
    on: [`${WAITER}/Role/DefaultPolicy/Resource`],
    because: 'aws-cdk-lib\'s Provider grants the two functions that the state machine calls with their versions.',
  },

  // Stars of images.
  {
    rules: star('*'),
    on: ['*/Sandbox/ResourceRole*/Resource', '*/DockerInside/ResourceRole*/Resource'],
    because: 'CreateMicrovmImage and ListMicrovms have no resource type, and the first is bound to the owner tags of this resource.',
  },
  {
    rules: star(`${LOG_GROUP}:<SandboxLogGroup873FF726>:*`),
    on: ['*/Sandbox/ResourceRole*/Resource', '*/Sandbox/BuildRole/Resource', 'IntegMicrovmImageFull/Sandbox/BuildPolicy/Resource'],
    because: 'It covers the streams of the one log group of the image, which the service names.',
  },
  {
    rules: star(`${LOG_GROUP}:<DockerInsideLogGroup3591C353>:*`),
    on: ['*/DockerInside/ResourceRole*/Resource', '*/DockerInside/BuildRole/Resource'],
    because: 'It covers the streams of the one log group of the image, which the service names.',
  },
  {
    rules: star('<Connector>:*'),
    on: ['IntegMicrovmImageFull/Sandbox/ResourceRole*/Resource'],
    because: 'The service may check the ARN of the connector of the build with a version.',
  },
  {
    rules: star('<SsmParameterValuenetworkconnectorsintegbuildsC96584B6F00A464EAD1953AFF4B05118Parameter>:*'),
    on: ['IntegCatalogDevelopers/Sandbox/ResourceRole*/Resource'],
    because: 'The service may check the ARN of the connector of the build with a version.',
  },
  {
    rules: star('*'),
    on: ['IntegMicrovmImageFull/User/DefaultPolicy/Resource', ...BACKENDS.map(fn => `${fn}/ServiceRole/DefaultPolicy/Resource`)],
    because: 'grantManage gives ListMicrovms, which has no resource type.',
  },

  // Stars of network connectors.
  {
    rules: star('*'),
    on: ['*/Builds/ResourceRole*/Resource', '*/Internal/ResourceRole*/Resource', '*/Connector/ResourceRole*/Resource'],
    because: 'ListMicrovms has no resource type, and the tags of a connector are authorized before it has an ARN, bound to those of this resource.',
  },
  {
    rules: star(`${LAMBDA}:<AWS::AccountId>:network-connector:*`),
    on: ['*/Builds/ResourceRole*/Resource', '*/Internal/ResourceRole*/Resource', '*/Connector/ResourceRole*/Resource', '*/Found/ResourceRole/Resource'],
    because: 'The id of a connector, which its ARN has, is not known before it exists or is found by its name; changes are bound to its owner tags.',
  },
  {
    rules: star(`${LAMBDA}:<AWS::AccountId>:microvm-image:*`),
    on: ['*/Builds/ResourceRole*/Resource', '*/Internal/ResourceRole*/Resource', '*/Connector/ResourceRole*/Resource'],
    because: 'It looks for MicroVMs that use the connector, which may be of any image.',
  },
  {
    rules: star(`${ANY_EC2}:network-interface/*`),
    on: [
      '*/Builds/OperatorRole/Policy*/Resource', '*/Internal/OperatorRole/Policy*/Resource', '*/Connector/OperatorRole/Policy*/Resource',
      '*/OperatorRole/Policy*/Resource',
    ],
    because: 'The id of a network interface is not known before it exists; conditions name its tags, its operator, and the call that makes it.',
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
    because: 'The star is the account: a shared subnet belongs to another one, and its id is unique over all accounts.',
  })),
  {
    rules: star('<BuildsE4FA881E.ConnectorArn>:*'),
    on: ['IntegCatalogNetwork/Developer/DefaultPolicy/Resource'],
    because: 'The service may check the ARN of the connector granted with a version.',
  },
  {
    rules: star('<Internal606E9597.ConnectorArn>:*', '<L1>:*'),
    on: [`${CONNECTOR_FULL}/Developer/DefaultPolicy/Resource`],
    because: 'The service may check the ARN of the connector granted with a version.',
  },
  {
    rules: star('<Internal606E9597.ConnectorArn>:*'),
    on: [`${CONNECTOR_FULL}/NetworkTeam/DefaultPolicy/Resource`],
    because: 'grantManage is for the connector and its versions, which come and go.',
  },
  {
    rules: star('*', `${LAMBDA}:<AWS::AccountId>:network-connector:*`),
    on: [`${CONNECTOR_FULL}/NetworkTeam/DefaultPolicy/Resource`],
    because: 'A connector to be made has no ARN yet; conditions name its subnets, its security groups and its tags.',
  },
  {
    rules: [
      ...star('*'), 'AwsSolutions-IAM5[Action::*]',
      ...each('IAMPolicyNoStatementsWithAdminAccess', HIPAA, NIST, PCI), ...each('IAMPolicyNoStatementsWithFullAccess', HIPAA, NIST, PCI),
    ],
    on: ['IntegCatalogNetwork/Guardrail/Boundary/Resource'],
    because: 'A permissions boundary gives nothing: it must let through what it does not deny.',
  },

  // Stars of launchers.
  {
    rules: star(`${LOG_GROUP}:<LauncherLogGroupAF1641DA>:*`),
    on: ['IntegMicrovmLauncher/Launcher/ExecutionRole/Resource'],
    because: 'It covers the streams of the one log group of the launcher, which the service names.',
  },
  {
    rules: star(`${LOG_GROUP}:<Logs6819BB44>:*`),
    on: ['IntegMicrovmLauncherFull/ExecutionRole/Resource'],
    because: 'It covers the streams of the one log group of the launcher, which the service names.',
  },
  {
    rules: star('*'),
    on: ['IntegMicrovmLauncherFull/ExecutionRole/DefaultPolicy/Resource'],
    because: 'GetWebIdentityToken has no resource type; conditions name its audiences, lifetime and algorithm.',
  },
  {
    rules: star('<ConnectorC537A2FB.ConnectorArn>:*'),
    on: ['IntegMicrovmLauncherFull/Ci/DefaultPolicy/Resource', `${WORKFLOW}/Role/DefaultPolicy/Resource`],
    because: 'The service may check the ARN of the launcher\'s connector with a version.',
  },
  {
    rules: star(`${PARAMETER}/cdk-lambda-microvms/${STACK_UUID}/SharedDACC02AA/*`),
    on: ['IntegMicrovmLauncher/Shared/ResourceRole*/Resource'],
    because: 'Each launch writes a parameter under the path of this resource, and its name is not known before.',
  },
  {
    rules: star(`${PARAMETER}/cdk-lambda-microvms/${STACK_UUID}/Check8FEA48D3/*`),
    on: ['IntegMicrovmLauncher/Check/ResourceRole*/Resource'],
    because: 'Each launch writes a parameter under the path of this resource, and its name is not known before.',
  },
  {
    rules: star('<SandboxedFunctionF8048CEB.Arn>:*'),
    on: ['IntegMicrovmLauncherFull/Machine/Role/DefaultPolicy/Resource'],
    because: 'aws-cdk-lib\'s LambdaInvoke grants the function that it calls with its versions.',
  },

  // Of the apps, not of the library.
  {
    rules: [
      'AwsSolutions-VPC7', ...each('VPCFlowLogsEnabled', HIPAA, NIST, PCI), ...each('VPCDefaultSecurityGroupClosed', HIPAA, NIST, PCI),
    ],
    on: ['*/Vpc/Resource'],
    because: 'Of the app, not of the library: its VPC lives for a test, and nothing uses its default security group.',
  },
  {
    rules: each('VPCNoUnrestrictedRouteToIGW', HIPAA, NIST, PCI),
    on: [
      '*/Vpc/PublicSubnet1/DefaultRoute', '*/Vpc/PublicSubnet2/DefaultRoute',
      `${CONNECTOR_FULL}/Vpc/PublicSubnet1/DefaultRoute6`, `${CONNECTOR_FULL}/Vpc/PublicSubnet2/DefaultRoute6`,
    ],
    because: 'Of the app, not of the library: public subnets as ec2.Vpc makes them, in which no connector is placed.',
  },
  {
    rules: each('VPCSubnetAutoAssignPublicIpDisabled', HIPAA, NIST, PCI),
    on: ['*/Vpc/PublicSubnet1/Subnet', '*/Vpc/PublicSubnet2/Subnet'],
    because: 'Of the app, not of the library: public subnets as ec2.Vpc makes them, in which no connector is placed.',
  },
  {
    rules: each('VPCSubnetAutoAssignPublicIpDisabled', HIPAA, NIST, PCI),
    on: [`${CONNECTOR_FULL}/Vpc/IsolatedSubnet1/Subnet`, `${CONNECTOR_FULL}/Vpc/IsolatedSubnet2/Subnet`],
    because: 'Of the app, not of the library: ec2.Vpc gives IPv6 addresses in dual-stack subnets, and nothing routes them to the internet.',
  },
  {
    rules: [...OUTSIDE_VPC, ...CONCURRENCY, ...DEAD_LETTERS, ...TRACING, ...MEMORY],
    on: APP_FUNCTIONS.map(fn => `${fn}/Resource`),
    because: 'Of the app, not of the library: a function that shows a grant, called by hand.',
  },
  {
    rules: ['AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole]'],
    on: APP_FUNCTIONS.map(fn => `${fn}/ServiceRole/Resource`),
    because: 'Of the app, not of the library: the role that lambda.Function makes.',
  },
  {
    rules: star(`${PARAMETER}/integ-microvm-launcher-full/owners/*`),
    on: [`${BROKER}/ServiceRole/DefaultPolicy/Resource`],
    because: 'Of the app, not of the library: the broker reads who owns which MicroVM, a parameter each.',
  },
  {
    rules: LOG_KEY,
    on: ['IntegMicrovmLauncherFull/Logs/Resource'],
    because: 'Of the app, not of the library: a log group for a test, which CloudWatch Logs encrypts with a key of its own.',
  },
  {
    rules: ['AwsSolutions-SF1', ...MACHINE_TRACING],
    on: ['IntegMicrovmLauncherFull/Machine/Resource'],
    because: 'Of the app, not of the library: a state machine that shows a workflow with a MicroVM.',
  },
];
