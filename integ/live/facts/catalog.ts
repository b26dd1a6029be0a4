import type { Fact } from './fact';

const A_TYPE_NOT_USED = 'it concerns AWS::Lambda::MicrovmImage, which this library does not use';

/** What CloudFormation shows to the handlers and sends to them. */
const CLOUDFORMATION = {
  requestsAreCurrent: fact('reconciler.md, B.2; reconciler.md, B.1',
    'Does the fence treat every request as current on arrival: in a create, a replacement, a rollback and both cleanups?'),
  canceledIsFenced: fact('reconciler.md, B.2',
    'Does the fence stop polls of a canceled create, within the grace period of 10 seconds?'),
  canceledDelete: fact('reconciler.md, A.2',
    'Does the Delete of a canceled create carry a physical ID that no handler returned?'),
  stackTimeOfOperation: fact('reconciler.md, B.1',
    'Does the time of the stack stay the same during an operation (without rollback and cleanup) and change with the next one?'),
  rollbackOfReplacement: fact('reconciler.md, A.6',
    'Does a rolled-back replacement send an Update to the old properties before the Delete of the new physical ID?'),
  landsAfterGivingUp: fact('reconciler.md, B.3', 'Can a call take effect after its client has given up?',
    'needs a connection that breaks at the right moment; a few attempts without an effect would prove nothing'),
  secondDelivery: fact('reconciler.md, B.1', 'Does a second delivery of a request see the same time of the stack?',
    'a second delivery cannot be provoked; stackTimeOfOperation asks whether the time changes within an operation'),
};

/** Roles that the service assumes. */
const ROLES = {
  buildSource: fact('iam.md, 4.1; service-facts.md, 3.1',
    'Does the service assume a build role with aws:SourceAccount, and with the image ARN in colon form as aws:SourceArn?'),
  executionSource: fact('iam.md, 4.1; service-facts.md, 3.1',
    'Does the service assume an execution role with aws:SourceAccount, and with the image ARN in colon form as aws:SourceArn?'),
  functionKey: fact('iam.md, 4.2', 'Is lambda:SourceFunctionArn absent from the calls of a MicroVM?'),
  sessionTags: fact('service-facts.md, 3.1; service-facts.md, 9',
    'Can the service assume an execution role without sts:TagSession in its trust policy, so that sessions have no tags?'),
  sessionTagsInToken: fact('service-facts.md, 3.1; service-facts.md, 9',
    'Does a web identity token carry tags that come from the session and not from the role?'),
  buildSessionTags: fact('service-facts.md, 3.1', 'Are sessions of build roles tagged?',
    'needs another build or a CloudTrail trail; no known source reports a difference between the two roles'),
  operatorConnectorTag: fact('iam.md, 4.3',
    'Does an operator role with a condition on aws:RequestTag/aws:lambda:networkConnectorId (requireConnectorTag) work?'),
  operatorPrincipal: fact('service-facts.md, 3.4', 'Does an operator role that trusts only lambda.amazonaws.com work?'),
  operatorOtherPrincipal: fact('service-facts.md, 3.4',
    'Does an operator role that trusts only network-connectors.lambda.amazonaws.com work?'),
  operatorSourceAccount: fact('service-facts.md, 3.4; service-facts.md, 9',
    'Does an operator role with a condition on aws:SourceAccount in its trust policy work?'),
  operatorMinimum: fact('service-facts.md, 3.4',
    'Is it enough that an operator role may create and tag interfaces in exactly its subnets with exactly its security groups?'),
  hookRoles: fact('service-facts.md, 3.1', 'Do build hooks run with the build role?',
    'the response of a hook cannot report its role; it is documented, and the library does not depend on it'),
  longCredentials: fact('service-facts.md, 3.3', 'Are credentials renewed after 55 minutes?', 'takes an hour'),
};

/** Which callers may pass what, and which conditions apply. */
const PERMISSIONS = {
  passedToService: fact('service-facts.md, 2.4; service-facts.md, 9',
    'Is iam:PassedToService absent when RunMicrovm passes an execution role, so that no value of the key matches?'),
  passedToServiceOfConnectors: fact('service-facts.md, 2.4',
    'Is iam:PassedToService absent when an operator role is passed?'),
  passConnector: fact('service-facts.md, 2.3',
    'Does lambda:PassNetworkConnector on exact ARNs of connectors, managed and own, allow launches with these and no others?'),
  qualifiedConnector: fact('service-facts.md, 4; service-facts.md, 9',
    'Does RunMicrovm accept the ARN of a connector with a version?'),
  twoEgress: fact('service-facts.md, 1.2', 'Does RunMicrovm accept two egress connectors?'),
  requestTagImage: fact('reconciler.md, E; service-facts.md, 2.1',
    'Do conditions on aws:RequestTag apply to CreateMicrovmImage?'),
  requestTagConnector: fact('reconciler.md, E; service-facts.md, 2.1',
    'Do conditions on aws:RequestTag apply to CreateNetworkConnector?'),
  resourceTagImage: fact('service-facts.md, 2.1', 'Do conditions on aws:ResourceTag apply to GetMicrovmImage?'),
  resourceTagConnector: fact('reconciler.md, E; service-facts.md, 2.1',
    'Do conditions on aws:ResourceTag apply to GetNetworkConnector?'),
  webIdentityDuration: fact('iam.md, 6',
    'Does sts:GetWebIdentityToken without DurationSeconds work under a policy that limits DurationSeconds?'),
  shellAlone: fact('service-facts.md, 4', 'Does the service issue a shell token with SHELL_INGRESS alone?'),
  shellWithHttp: fact('service-facts.md, 4',
    'Does the service issue a shell token with HTTP_INGRESS and SHELL_INGRESS?'),
  shellWithAll: fact('service-facts.md, 4', 'Does the service issue a shell token with ALL_INGRESS alone?'),
  crossAccount: fact('service-facts.md, 2.1',
    'Can a MicroVM use a connector of another account?',
    'needs a second account'),
  silentDenials: fact('service-facts.md, 1.0',
    'Is a request in a Region without the service rejected without a message?',
    'a run uses one Region, which has the service'),
};

/** Images, MicroVMs and connectors. */
const SERVICE = {
  buildEgress: fact('iam.md, 2', 'Does a build without a connector have internet access?'),
  buildEgressShown: fact('iam.md, 2',
    'Does the version of such a build show a connector, although the request named none?'),
  versionWithMicrovm: fact('service-facts.md, 1.4; service-facts.md, 9',
    'Can a version be deleted while one of its MicroVMs runs?'),
  inactiveWithMicrovm: fact('service-facts.md, 1.1',
    'Does a MicroVM continue to run when its version is set to INACTIVE?'),
  tokenReplay: fact('reconciler.md, D.2',
    'Does RunMicrovm with an old client token return the old MicroVM after that has terminated?'),
  hooksPort: fact('service-facts.md, 11.2', 'Do hooks work on port 8080?'),
  docker: fact('service-facts.md, 5',
    'Does Docker run in a MicroVM with all OS capabilities? The app microvm-launcher-full settles this.'),
  staleParameters: fact('reconciler.md, D.2',
    'Does GetParametersByPath return a parameter immediately after it was written?'),
  connectorProtocol: fact('service-facts.md, 6', 'Can the protocol of a connector be changed?'),
  connectorVersions: fact('service-facts.md, 1.3',
    'Can the versions of a connector be listed, and can an old version be deleted?'),
  connectorVersionRow: fact('service-facts.md, 2.1',
    'Does ListNetworkConnectorVersions need the action lambda:ListNetworkConnectorVersions?',
    'the resource role of a connector has this action and GetNetworkConnector; it does not matter which one applies'),
  interfacesPerSubnet: fact('service-facts.md, 4; service-facts.md, 9',
    'Does a connector have one network interface in each of its subnets?'),
  connectorQuota: fact('service-facts.md, 4; service-facts.md, 9',
    'Does Service Quotas return the number of connectors that an account may have?'),
  registryEndpoint: fact('iam.md, 9', 'Is there a VPC endpoint for public.ecr.aws?'),
  versionsPerConnector: fact('service-facts.md, 1.3; service-facts.md, 9',
    'How many versions may a connector have?',
    'takes some minutes per version until the service rejects one'),
  connectorVpc: fact('service-facts.md, 6',
    'Can the VPC of a connector be changed?',
    'needs a second VPC; the library replaces the connector'),
  emptyLogging: fact('service-facts.md, 11.1',
    'Does an empty cloudWatch block turn logging on?',
    'needs another build; the library always names a log group or disables logging'),
  logGroupName: fact('service-facts.md, 5',
    'Is the default log group /aws/lambda-microvms/<image>?',
    'the library always names a log group'),
  suspendedDuration: fact('service-facts.md, 8.14',
    'Does a MicroVM terminate when suspendedDurationSeconds have passed?',
    'takes longer than the duration, by an unknown amount'),
  memoryQuota: fact('service-facts.md, 11.3',
    'Does the memory quota count the base memory or four times the base memory?',
    'needs an account at its quota'),
  kmsKey: fact('service-facts.md, 9',
    'What must the policy of a key for kmsKeyIdentifier allow?',
    'this library does not set it yet'),
  regions: fact('service-facts.md, 9', 'Which are the four Regions of 2026-10-22?', 'a run uses one Region'),
  trail: fact('service-facts.md, 7',
    'Does CloudTrail record management calls?',
    'needs a trail, and events arrive up to 15 minutes later'),
  typeTags: fact('service-facts.md, 6; service-facts.md, 9',
    'Does a change of tags alone trigger a build?',
    A_TYPE_NOT_USED),
  typeRollback: fact('service-facts.md, 6; service-facts.md, 9', 'Does a rollback trigger a build?', A_TYPE_NOT_USED),
  typeDeleteText: fact('service-facts.md, 9',
    'Which message does CloudFormation show when a deletion is blocked?',
    A_TYPE_NOT_USED),
  typeConnectorList: fact('service-facts.md, 1.1',
    'May an image have up to 10 egress connectors, as the CloudFormation schema says?',
    A_TYPE_NOT_USED),
};

/** All facts by ID. */
export const FACTS = withIds({ ...CLOUDFORMATION, ...ROLES, ...PERMISSIONS, ...SERVICE });

export type FactId = keyof typeof FACTS;

function fact(source: string, question: string, notAsked?: string): Omit<Fact, 'id'> {
  return { source, question, ...(notAsked === undefined ? {} : { notAsked }) };
}

function withIds<Id extends string>(facts: Record<Id, Omit<Fact, 'id'>>): Record<Id, Fact> {
  return Object.fromEntries(Object.entries<Omit<Fact, 'id'>>(facts).map(([id, rest]) => [id, { id, ...rest }])) as Record<Id, Fact>;
}
