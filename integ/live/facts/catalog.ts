import type { Fact } from './fact';

const A_TYPE_NOT_USED = 'about AWS::Lambda::MicrovmImage, which this library does not use';

/** What CloudFormation shows to the handlers, and what it asks of them. */
const CLOUDFORMATION = {
  requestsAreCurrent: fact('reconciler.md B2 [?], B1', 'Does the fence take every request as current when it arrives, in a create, a replacement, a rollback and both clean-ups?'),
  cancelledIsFenced: fact('reconciler.md B2 [?]', 'Does the fence stop what goes on polling after its create was cancelled, and within the grace of 10 s?'),
  cancelledDelete: fact('reconciler.md A2', 'Is the Delete of a cancelled create sent with an id that nobody gave?'),
  stackTimeOfOperation: fact('reconciler.md B1 [?]', 'Does the time of the stack stay the same during an operation, rollback and clean-up aside, and change with the next?'),
  rollbackOfReplacement: fact('reconciler.md A6', 'Does a rolled-back replacement send an Update back before the Delete of the new id?'),
  landsAfterGivingUp: fact('reconciler.md B3 [?]', 'Can a call land after its client has given up?',
    'needs a connection that is cut at the right moment; a call that did not land in some tries would prove nothing'),
  secondDelivery: fact('reconciler.md B1 [?]', 'Does a second delivery of a request see the same time of the stack?',
    'a second delivery cannot be brought about; that the time does not change within an operation is asked'),
};

/** Roles that the service assumes. */
const ROLES = {
  buildSource: fact('iam.md 4.1 [?], service/facts.md 3.1', 'Is the build role assumed with aws:SourceAccount and the image, in colon form, as aws:SourceArn?'),
  executionSource: fact('iam.md 4.1 [?], service/facts.md 3.1', 'Is an execution role assumed with aws:SourceAccount and the image, in colon form, as aws:SourceArn?'),
  functionKey: fact('iam.md 4.2 [?]', 'Is lambda:SourceFunctionArn absent on the calls of a MicroVM?'),
  sessionTags: fact('service/facts.md 3.1, 9', 'Can an execution role whose trust policy has no sts:TagSession be assumed, so that sessions have no tags?'),
  sessionTagsInToken: fact('service/facts.md 3.1, 9', 'Are there tags in a web-identity token that the role does not have, and so come from the session?'),
  buildSessionTags: fact('service/facts.md 3.1', 'Are sessions of build roles tagged?',
    'needs another build, or a trail of CloudTrail; the service treats both roles alike, as far as anybody has seen'),
  operatorConnectorTag: fact('iam.md 4.3 [?]', 'Does an operator role work that asks for aws:RequestTag/aws:lambda:networkConnectorId (requireConnectorTag)?'),
  operatorPrincipal: fact('service/facts.md 3.4 (conflict)', 'Does an operator role work that trusts lambda.amazonaws.com alone?'),
  operatorOtherPrincipal: fact('service/facts.md 3.4 (conflict)', 'Does an operator role work that trusts network-connectors.lambda.amazonaws.com alone?'),
  operatorSourceAccount: fact('service/facts.md 3.4 (conflict), 9', 'Does an operator role work whose trust policy asks for aws:SourceAccount?'),
  operatorMinimum: fact('service/facts.md 3.4 (disputed)', 'Is it enough for an operator role to create and tag interfaces in exactly its subnets, with exactly its security groups?'),
  hookRoles: fact('service/facts.md 3.1', 'Do build hooks run with the build role?',
    'the hook would have to tell who it is by another way than its answer; documented, and of no consequence here'),
  longCredentials: fact('service/facts.md 3.3', 'Are credentials renewed after 55 minutes?', 'takes an hour'),
};

/** Who may pass and do what. */
const PERMISSIONS = {
  passedToService: fact('service/facts.md 2.4, 9', 'Is iam:PassedToService absent when RunMicrovm passes an execution role, so that no value of it can work?'),
  passedToServiceOfConnectors: fact('service/facts.md 2.4', 'Is iam:PassedToService absent when an operator role is passed?'),
  passConnector: fact('service/facts.md 2.3 (conflict)', 'Does lambda:PassNetworkConnector with exact ARNs, managed ones and one\'s own, allow a launch by these and no other?'),
  qualifiedConnector: fact('service/facts.md 4, 9', 'Does RunMicrovm take the ARN of a connector with its version?'),
  twoEgress: fact('service/facts.md 1.2', 'Does RunMicrovm take two egress connectors?'),
  requestTagImage: fact('reconciler.md E [?], service/facts.md 2.1', 'Does aws:RequestTag condition CreateMicrovmImage?'),
  requestTagConnector: fact('reconciler.md E [?], service/facts.md 2.1', 'Does aws:RequestTag condition CreateNetworkConnector?'),
  resourceTagImage: fact('service/facts.md 2.1', 'Does aws:ResourceTag condition GetMicrovmImage?'),
  resourceTagConnector: fact('reconciler.md E [?], service/facts.md 2.1', 'Does aws:ResourceTag condition GetNetworkConnector?'),
  webIdentityDuration: fact('iam.md 6 [?]', 'Does sts:GetWebIdentityToken work without DurationSeconds under a limit of it?'),
  shellAlone: fact('service/facts.md 4 (conflict)', 'Can a token for a shell be had with SHELL_INGRESS alone?'),
  shellWithHttp: fact('service/facts.md 4 (conflict)', 'Can a token for a shell be had with HTTP_INGRESS and SHELL_INGRESS?'),
  shellWithAll: fact('service/facts.md 4 (conflict)', 'Can a token for a shell be had with ALL_INGRESS alone?'),
  crossAccount: fact('service/facts.md 2.1', 'Can a MicroVM use a connector of another account?', 'needs a second account'),
  silentDenials: fact('service/facts.md 1.0', 'Is a Region without the service refused without a message?', 'a run has one Region, which has the service'),
};

/** What images, MicroVMs and connectors do. */
const SERVICE = {
  buildEgress: fact('iam.md 2 [?]', 'Has a build internet access if it names no connector?'),
  buildEgressShown: fact('iam.md 2 [?]', 'Does the version show that connector, though none was named?'),
  versionWithMicrovm: fact('service/facts.md 1.4, 9', 'Can a version be deleted while a MicroVM of it runs?'),
  inactiveWithMicrovm: fact('service/facts.md 1.1', 'Does a MicroVM run on when its version is made INACTIVE?'),
  tokenReplay: fact('reconciler.md D2', 'Does a client token give the MicroVM of old when that has ended?'),
  hooksPort: fact('service/field-notes.md 4 (conflict)', 'Do hooks work on port 8080?'),
  docker: fact('service/facts.md 5 (disputed)', 'Does Docker run inside with all OS capabilities? Settled by the app microvm-launcher-full.'),
  staleParameters: fact('reconciler.md D2', 'Does GetParametersByPath show every parameter at once after it was put?'),
  connectorProtocol: fact('service/facts.md 6 (conflict)', 'Can the protocol of a connector be changed?'),
  connectorVersions: fact('service/facts.md 1.3', 'Can versions of a connector be listed, and an old one be deleted?'),
  connectorVersionRow: fact('service/facts.md 2.1', 'Is lambda:ListNetworkConnectorVersions an action of its own?',
    'the handler of each connector has it beside GetNetworkConnector; which of them lets it list is of no consequence'),
  interfacesPerSubnet: fact('service/facts.md 4, 9', 'Does a connector have one network interface in each of its subnets?'),
  connectorQuota: fact('service/facts.md 4, 9', 'Does Service Quotas tell how many connectors an account may have?'),
  registryEndpoint: fact('iam.md 9 [?]', 'Is there a VPC endpoint for public.ecr.aws?'),
  versionsPerConnector: fact('service/facts.md 1.3, 9', 'How many versions may a connector have?', 'takes some minutes for each version until one is refused'),
  connectorVpc: fact('service/facts.md 6 (conflict)', 'Can the VPC of a connector be changed?', 'needs a second VPC; the library replaces the connector'),
  emptyLogging: fact('service/field-notes.md 4 (conflict)', 'Does an empty cloudWatch block turn logging on?', 'needs another build; the library always names a group, or disables'),
  logGroupName: fact('service/facts.md 5 (conflict)', 'Is the default log group /aws/lambda-microvms/<image>?', 'the library always names a group'),
  suspendedDuration: fact('service/facts.md 8.14', 'Does a MicroVM end when suspendedDurationSeconds are over?', 'takes longer than the duration says, by an unknown time'),
  memoryQuota: fact('service/field-notes.md 4 (conflict)', 'Does the quota of memory count the base or four times of it?', 'needs an account at its quota'),
  kmsKey: fact('service/facts.md 9', 'What must the policy of a key for kmsKeyIdentifier allow?', 'the API has no such member'),
  regions: fact('service/facts.md 9', 'Which are the four Regions of 2026-10-22?', 'a run has one Region'),
  trail: fact('service/facts.md 7 (conflict)', 'Does CloudTrail have events of management calls?', 'needs a trail, and events come up to 15 minutes later'),
  typeTags: fact('service/facts.md 6, 9', 'Does a change of tags alone build?', A_TYPE_NOT_USED),
  typeRollback: fact('service/facts.md 6, 9', 'Does a rollback build again?', A_TYPE_NOT_USED),
  typeDeleteText: fact('service/facts.md 9', 'What does CloudFormation say when a deletion is blocked?', A_TYPE_NOT_USED),
  typeConnectorList: fact('service/facts.md 1.1 (conflict)', 'May an image have up to 10 egress connectors, as the CloudFormation schema says?', A_TYPE_NOT_USED),
};

/** All of them, by id. */
export const FACTS = withIds({ ...CLOUDFORMATION, ...ROLES, ...PERMISSIONS, ...SERVICE });

export type FactId = keyof typeof FACTS;

function fact(source: string, question: string, notAsked?: string): Omit<Fact, 'id'> {
  return { source, question, ...(notAsked === undefined ? {} : { notAsked }) };
}

function withIds<Id extends string>(facts: Record<Id, Omit<Fact, 'id'>>): Record<Id, Fact> {
  return Object.fromEntries(Object.entries<Omit<Fact, 'id'>>(facts).map(([id, rest]) => [id, { id, ...rest }])) as Record<Id, Fact>;
}
