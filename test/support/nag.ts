import type { App } from 'aws-cdk-lib';
import { AwsSolutionsChecks, HIPAASecurityChecks, NIST80053R5Checks, PCIDSS321Checks, ServerlessChecks } from 'cdk-nag';

/** An error or a warning of a rule pack about a construct. */
export interface Finding {
  readonly rule: string;
  readonly path: string;
}

/** The reason why findings are accepted. Each rule must have a finding on each of the constructs. */
export interface Suppression {
  /** IDs as the packs report them, with the finding in brackets if the rule has several. */
  readonly rules: string[];
  /** Paths of constructs. `*` stands for any characters except a slash. */
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

/** Returns the IDs of one rule in several packs. */
function each(rule: string, ...packs: string[]): string[] {
  return packs.map(pack => `${pack}-${rule}`);
}

/** Returns the IDs of findings about wildcards in resources. */
function star(...resources: string[]): string[] {
  return resources.map(resource => `AwsSolutions-IAM5[Resource::${resource}]`);
}

const LAMBDA = 'arn:<AWS::Partition>:lambda:<AWS::Region>';
const ANY_EC2 = 'arn:<AWS::Partition>:ec2:<AWS::Region>:*';
const LOG_GROUP = 'arn:<AWS::Partition>:logs:<AWS::Region>:<AWS::AccountId>:log-group';
const PARAMETER = 'arn:<AWS::Partition>:ssm:<AWS::Region>:<AWS::AccountId>:parameter';
const STACK_UUID = '{"Fn::Select":[2,{"Fn::Split":["/",{"Ref":"AWS::StackId"}]}]}';

const PRIVATE = ['VpcPrivateSubnet1Subnet536B997A', 'VpcPrivateSubnet2Subnet3788AAA1'];
const PUBLIC = ['VpcPublicSubnet1Subnet5C2D37C4', 'VpcPublicSubnet2Subnet691E08A3'];
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
  // Functions of the library and of aws-cdk-lib's provider framework.
  {
    rules: OUTSIDE_VPC,
    on: [HANDLER, ...FRAMEWORK, `${WORKFLOW}/Function/Resource`],
    because: 'The function calls public endpoints only. In a VPC it would need a VPC endpoint for each of them, or a NAT gateway.',
  },
  {
    rules: CONCURRENCY,
    on: [HANDLER, ...FRAMEWORK, `${WORKFLOW}/Function/Resource`],
    because: 'Reserved concurrency reduces the concurrency of all other functions. Only deployments and workflows call this function.',
  },
  {
    rules: DEAD_LETTERS,
    on: [HANDLER, ...WAITING, `${WORKFLOW}/Function/Resource`],
    because: 'The function is only called synchronously. The caller receives its errors, so nothing would go to a dead-letter queue.',
  },
  {
    rules: DEAD_LETTERS,
    on: [ON_EVENT],
    because: 'aws-cdk-lib\'s Provider has no property for a queue. CloudFormation fails the deployment if it gets no answer.',
  },
  {
    rules: TRACING,
    on: [HANDLER, `${WORKFLOW}/Function/Resource`],
    because: 'Tracing needs X-Ray permissions on *. CloudFormation or the workflow receives the errors anyway.',
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
    because: 'A log needs permissions for log delivery on *. Step Functions shows the history of each execution without a log.',
  },

  // Log groups.
  {
    rules: LOG_KEY,
    on: ['*/CdkLambdaMicrovms/Logs/Resource', `${WORKFLOW}/Logs/Resource`],
    because: 'CloudWatch Logs encrypts it with its own key. It contains only what Lambda and the handler write about calls and errors.',
  },
  {
    rules: LOG_KEY,
    on: ['*/Sandbox/LogGroup/Resource', '*/DockerInside/LogGroup/Resource', '*/Launcher/LogGroup/Resource'],
    because: 'CloudWatch Logs encrypts it with its own key. For another key, users pass a log group to MicrovmLogging.logGroup().',
  },

  // Inline policies: an inline policy cannot be attached to another role, and is deleted with its role.
  {
    rules: INLINE,
    on: ['*/CdkLambdaMicrovms/FunctionRole/Resource', '*/CdkLambdaMicrovms/OnEventRole/Resource', '*/CdkLambdaMicrovms/WaiterRole/Resource'],
    because: 'The policy is for this role only, and exists as soon as the role does.',
  },
  {
    rules: INLINE,
    on: ['*/CdkLambdaMicrovms/EncryptionPolicy/Resource'],
    because: 'The policy is for the role of one state machine, whose ARN it contains.',
  },
  {
    rules: INLINE,
    on: [
      '*/Sandbox/ResourceRole*/Resource', '*/DockerInside/ResourceRole*/Resource', '*/Builds/ResourceRole*/Resource', '*/Internal/ResourceRole*/Resource',
      '*/Outbound/ResourceRole*/Resource', '*/Connector/ResourceRole*/Resource', '*/Found/ResourceRole/Resource', '*/Shared/ResourceRole*/Resource', '*/Check/ResourceRole*/Resource',
    ],
    because: 'The policy is for the custom resource of this role only, and exists as soon as the role does.',
  },
  {
    rules: INLINE,
    on: [
      '*/Sandbox/BuildRole/Resource', '*/DockerInside/BuildRole/Resource', 'IntegMicrovmImageFullFoundation/BuildRole/Resource',
      '*/Launcher/ExecutionRole/Resource', 'IntegMicrovmLauncherFull/ExecutionRole/Resource',
      '*/Builds/OperatorRole/Resource', '*/Internal/OperatorRole/Resource', '*/Outbound/OperatorRole/Resource', '*/Connector/OperatorRole/Resource',
      '*/OperatorRole/Resource',
    ],
    because: 'The policy is for this role only. The service uses the role at once, so the policy must exist as soon as the role does.',
  },
  {
    rules: INLINE,
    on: [
      '*/Builds/OperatorRole/Policy*/Resource', '*/Internal/OperatorRole/Policy*/Resource', '*/Connector/OperatorRole/Policy*/Resource',
      '*/Outbound/OperatorRole/Policy*/Resource', '*/OperatorRole/Policy*/Resource',
    ],
    because: 'The policy names the subnets and security groups of this role\'s connectors. No other role needs them.',
  },
  {
    rules: INLINE,
    on: ['IntegMicrovmImageFull/Sandbox/BuildPolicy/Resource'],
    because: 'The policy names the code and the log group of one image. It is attached to a build role of another stack.',
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
    because: 'Grants of the CDK add to the default policy of the role, which is inline.',
  },

  // Wildcards of the handler.
  {
    rules: star(`${LAMBDA}:aws:microvm-image:*`),
    on: ['*/CdkLambdaMicrovms/FunctionRole/Resource'],
    because: 'It lists versions of base images, which are public. One handler serves images on any base image.',
  },
  {
    rules: star('<CdkLambdaMicrovmsHandlerC87EC126.Arn>:*'),
    on: ['*/CdkLambdaMicrovms/OnEventRole/DefaultPolicy/Resource', '*/CdkLambdaMicrovms/WaiterRole/DefaultPolicy/Resource'],
    because: 'aws-cdk-lib\'s Provider grants permission to call the function and its versions.',
  },
  {
    rules: star('<CdkLambdaMicrovmsProviderframeworkisCompleteF205D566.Arn>:*', '<CdkLambdaMicrovmsProviderframeworkonTimeout423F3FCC.Arn>:*'),
    on: [`${WAITER}/Role/DefaultPolicy/Resource`],
    because: 'aws-cdk-lib\'s Provider grants permission to call both functions of the state machine and their versions.',
  },

  // Wildcards of images.
  {
    rules: star('*'),
    on: ['*/Sandbox/ResourceRole*/Resource', '*/DockerInside/ResourceRole*/Resource'],
    because: 'CreateMicrovmImage and ListMicrovms have no resource type. A condition on owner tags restricts CreateMicrovmImage.',
  },
  {
    rules: star(`${LOG_GROUP}:<SandboxLogGroup873FF726>:*`),
    on: ['*/Sandbox/ResourceRole*/Resource', '*/Sandbox/BuildRole/Resource', 'IntegMicrovmImageFull/Sandbox/BuildPolicy/Resource'],
    because: 'It covers the streams of the one log group of the image, whose names the service chooses.',
  },
  {
    rules: star(`${LOG_GROUP}:<DockerInsideLogGroup3591C353>:*`),
    on: ['*/DockerInside/ResourceRole*/Resource', '*/DockerInside/BuildRole/Resource'],
    because: 'It covers the streams of the one log group of the image, whose names the service chooses.',
  },
  {
    rules: star('<Connector>:*'),
    on: ['IntegMicrovmImageFull/Sandbox/ResourceRole*/Resource'],
    because: 'The service may authorize the connector of the build by an ARN with a version.',
  },
  {
    rules: star('<SsmParameterValuenetworkconnectorsintegbuildsC96584B6F00A464EAD1953AFF4B05118Parameter>:*'),
    on: ['IntegCatalogDevelopers/Sandbox/ResourceRole*/Resource'],
    because: 'The service may authorize the connector of the build by an ARN with a version.',
  },
  {
    rules: star('*'),
    on: ['IntegMicrovmImageFull/User/DefaultPolicy/Resource', ...BACKENDS.map(fn => `${fn}/ServiceRole/DefaultPolicy/Resource`)],
    because: 'grantManage grants ListMicrovms, which has no resource type.',
  },

  // Wildcards of network connectors.
  {
    rules: star('*'),
    on: [
      '*/Builds/ResourceRole*/Resource', '*/Internal/ResourceRole*/Resource', '*/Outbound/ResourceRole*/Resource', '*/Connector/ResourceRole*/Resource',
    ],
    because: 'ListMicrovms and the describe actions of EC2 have no resource type. '
      + 'The tags of a new connector are authorized before it has an ARN; a condition names the owner tags.',
  },
  {
    rules: star(`${LAMBDA}:<AWS::AccountId>:network-connector:*`),
    on: [
      '*/Builds/ResourceRole*/Resource', '*/Internal/ResourceRole*/Resource', '*/Outbound/ResourceRole*/Resource', '*/Connector/ResourceRole*/Resource',
      '*/Found/ResourceRole/Resource',
    ],
    because: 'The ARN contains the ID of the connector, which is not known before. A condition on owner tags restricts changes.',
  },
  {
    rules: star(`${LAMBDA}:<AWS::AccountId>:microvm-image:*`),
    on: [
      '*/Builds/ResourceRole*/Resource', '*/Internal/ResourceRole*/Resource', '*/Outbound/ResourceRole*/Resource', '*/Connector/ResourceRole*/Resource',
    ],
    because: 'It describes MicroVMs that may use the connector. They can be of any image.',
  },
  {
    rules: star(`${ANY_EC2}:network-interface/*`),
    on: [
      '*/Builds/OperatorRole/Policy*/Resource', '*/Internal/OperatorRole/Policy*/Resource', '*/Connector/OperatorRole/Policy*/Resource',
      '*/Outbound/OperatorRole/Policy*/Resource', '*/OperatorRole/Policy*/Resource',
    ],
    because: 'The ID of a network interface is not known before it exists. Conditions restrict its tags, its operator and the call that creates it.',
  },
  {
    rules: star('arn:<AWS::Partition>:ec2:<AWS::Region>:<AWS::AccountId>:elastic-ip/*'),
    on: ['*/Outbound/OperatorRole/Policy*/Resource'],
    because: 'The ID of an address is not known before it exists. It can be associated only with network interfaces of connectors in the same subnets.',
  },
  ...[
    { on: 'IntegCatalogNetwork/Builds/OperatorRole', subnets: PRIVATE, group: 'BuildsSecurityGroup15C00BCA' },
    { on: 'IntegMicrovmLauncherFull/Connector/OperatorRole', subnets: PRIVATE, group: 'ConnectorSecurityGroup8EA76127' },
    { on: 'IntegMicrovmImageFull/OperatorRole', subnets: PRIVATE, group: 'BuildsE4FA881E' },
    { on: 'IntegNetworkConnector/Internal/OperatorRole', subnets: ISOLATED, group: 'InternalSecurityGroup093B4002' },
    { on: `${CONNECTOR_FULL}/OperatorRole`, subnets: ISOLATED, group: 'MicroVMsB2ED10BC' },
    { on: `${CONNECTOR_FULL}/Outbound/OperatorRole`, subnets: PUBLIC, group: 'OutboundSecurityGroup92CC49B4' },
  ].map(({ on, subnets, group }): Suppression => ({
    rules: star(...subnets.map(subnet => `${ANY_EC2}:subnet/<${subnet}>`), `${ANY_EC2}:security-group/<${group}.GroupId>`),
    on: [`${on}/Policy*/Resource`],
    because: 'The wildcard is the account: a shared subnet belongs to another account, and its ID is unique across accounts.',
  })),
  {
    rules: star('<BuildsE4FA881E.ConnectorArn>:*'),
    on: ['IntegCatalogNetwork/Developer/DefaultPolicy/Resource'],
    because: 'The service may authorize the granted connector by an ARN with a version.',
  },
  {
    rules: star('<Internal606E9597.ConnectorArn>:*', '<L1>:*'),
    on: [`${CONNECTOR_FULL}/Developer/DefaultPolicy/Resource`],
    because: 'The service may authorize the granted connector by an ARN with a version.',
  },
  {
    rules: star('<Internal606E9597.ConnectorArn>:*'),
    on: [`${CONNECTOR_FULL}/NetworkTeam/DefaultPolicy/Resource`],
    because: 'grantManage is for the connector and its versions. Each change creates a version.',
  },
  {
    rules: star('*', `${LAMBDA}:<AWS::AccountId>:network-connector:*`),
    on: [`${CONNECTOR_FULL}/NetworkTeam/DefaultPolicy/Resource`],
    because: 'A new connector has no ARN yet. Conditions restrict its subnets, its security groups and its tags.',
  },
  {
    rules: [
      ...star('*'), 'AwsSolutions-IAM5[Action::*]',
      ...each('IAMPolicyNoStatementsWithAdminAccess', HIPAA, NIST, PCI), ...each('IAMPolicyNoStatementsWithFullAccess', HIPAA, NIST, PCI),
    ],
    on: ['IntegCatalogNetwork/Guardrail/Boundary/Resource'],
    because: 'A permissions boundary grants nothing: it must allow everything that it does not deny.',
  },

  // Wildcards of launchers.
  {
    rules: star('*'),
    on: ['*/Shared/ResourceRole*/Resource', '*/Check/ResourceRole*/Resource'],
    because: 'ListMicrovms has no resource type.',
  },
  {
    rules: star(`${LOG_GROUP}:<LauncherLogGroupAF1641DA>:*`),
    on: ['IntegMicrovmLauncher/Launcher/ExecutionRole/Resource', '*/Shared/ResourceRole*/Resource', '*/Check/ResourceRole*/Resource'],
    because: 'It covers the streams of the one log group of the launcher, whose names the service chooses.',
  },
  {
    rules: star(`${LOG_GROUP}:<Logs6819BB44>:*`),
    on: ['IntegMicrovmLauncherFull/ExecutionRole/Resource'],
    because: 'It covers the streams of the one log group of the launcher, whose names the service chooses.',
  },
  {
    rules: star('*'),
    on: ['IntegMicrovmLauncherFull/ExecutionRole/DefaultPolicy/Resource'],
    because: 'GetWebIdentityToken has no resource type. Conditions restrict its audiences, lifetime and algorithm.',
  },
  {
    rules: star('<ConnectorC537A2FB.ConnectorArn>:*'),
    on: ['IntegMicrovmLauncherFull/Ci/DefaultPolicy/Resource', `${WORKFLOW}/Role/DefaultPolicy/Resource`],
    because: 'The service may authorize the connector of the launcher by an ARN with a version.',
  },
  {
    rules: star(`${PARAMETER}/cdk-lambda-microvms/${STACK_UUID}/SharedDACC02AA/*`),
    on: ['IntegMicrovmLauncher/Shared/ResourceRole*/Resource'],
    because: 'Each launch writes a parameter under the path of this resource. Its name is not known before.',
  },
  {
    rules: star(`${PARAMETER}/cdk-lambda-microvms/${STACK_UUID}/Check8FEA48D3/*`),
    on: ['IntegMicrovmLauncher/Check/ResourceRole*/Resource'],
    because: 'Each launch writes a parameter under the path of this resource. Its name is not known before.',
  },
  {
    rules: star('<SandboxedFunctionF8048CEB.Arn>:*'),
    on: ['IntegMicrovmLauncherFull/Machine/Role/DefaultPolicy/Resource'],
    because: 'aws-cdk-lib\'s LambdaInvoke grants permission to call the function and its versions.',
  },

  // Findings in the apps, not in the library.
  {
    rules: [
      'AwsSolutions-VPC7', ...each('VPCFlowLogsEnabled', HIPAA, NIST, PCI), ...each('VPCDefaultSecurityGroupClosed', HIPAA, NIST, PCI),
    ],
    on: ['*/Vpc/Resource'],
    because: 'In the app, not in the library: its VPC exists for a test only, and nothing uses its default security group.',
  },
  {
    rules: each('VPCNoUnrestrictedRouteToIGW', HIPAA, NIST, PCI),
    on: [
      '*/Vpc/PublicSubnet1/DefaultRoute', '*/Vpc/PublicSubnet2/DefaultRoute',
      `${CONNECTOR_FULL}/Vpc/PublicSubnet1/DefaultRoute6`, `${CONNECTOR_FULL}/Vpc/PublicSubnet2/DefaultRoute6`,
    ],
    because: 'In the app, not in the library: public subnets that ec2.Vpc creates. No connector uses them.',
  },
  {
    rules: each('VPCSubnetAutoAssignPublicIpDisabled', HIPAA, NIST, PCI),
    on: ['*/Vpc/PublicSubnet1/Subnet', '*/Vpc/PublicSubnet2/Subnet'],
    because: 'In the app, not in the library: public subnets that ec2.Vpc creates. No connector uses them.',
  },
  {
    rules: each('VPCSubnetAutoAssignPublicIpDisabled', HIPAA, NIST, PCI),
    on: [`${CONNECTOR_FULL}/Vpc/IsolatedSubnet1/Subnet`, `${CONNECTOR_FULL}/Vpc/IsolatedSubnet2/Subnet`],
    because: 'In the app, not in the library: ec2.Vpc assigns IPv6 addresses in dual-stack subnets. No route leads from them to the internet.',
  },
  {
    rules: [...OUTSIDE_VPC, ...CONCURRENCY, ...DEAD_LETTERS, ...TRACING, ...MEMORY],
    on: APP_FUNCTIONS.map(fn => `${fn}/Resource`),
    because: 'In the app, not in the library: a function that shows a grant. It is called manually.',
  },
  {
    rules: ['AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole]'],
    on: APP_FUNCTIONS.map(fn => `${fn}/ServiceRole/Resource`),
    because: 'In the app, not in the library: the role that lambda.Function creates.',
  },
  {
    rules: star(`${PARAMETER}/integ-microvm-launcher-full/owners/*`),
    on: [`${BROKER}/ServiceRole/DefaultPolicy/Resource`],
    because: 'In the app, not in the library: the broker reads the owner of each MicroVM from a parameter.',
  },
  {
    rules: LOG_KEY,
    on: ['IntegMicrovmLauncherFull/Logs/Resource'],
    because: 'In the app, not in the library: a log group for a test. CloudWatch Logs encrypts it with its own key.',
  },
  {
    rules: ['AwsSolutions-SF1', ...MACHINE_TRACING],
    on: ['IntegMicrovmLauncherFull/Machine/Resource'],
    because: 'In the app, not in the library: a state machine that shows a workflow with a MicroVM.',
  },
];
