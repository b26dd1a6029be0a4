/** A stack with one resource of each type, without one action of a statement, and the failure that results. */
export interface MissingStatement {
  readonly stack: string;
  /** Beginning of the path of the role in the stack. The IDs after it may contain hashes. */
  readonly role: string;
  /** An action that exactly one statement of the role has. */
  readonly action: string;
  /** Beginning of the logical ID of its resource, if several statements have the action. */
  readonly on?: string;
  /** Type of the resource that fails. */
  readonly fails: string;
  /** Text of the error, besides the action. */
  readonly says: string;
}

/** Beginning of the names of all stacks. */
export const LACKING = 'Lacking';

/** The stack with all statements. */
export const COMPLETE = 'LackingNothing';

const [CONNECTOR, IMAGE, MICROVM, CHECK] = ['Custom::NetworkConnector', 'Custom::MicrovmImage', 'Custom::Microvm', 'Custom::MicrovmLaunchCheck'];
const NOT_ALLOWED = 'because no identity-based policy allows';

export const MISSING_STATEMENTS: readonly MissingStatement[] = [
  { stack: 'LackingConnectorCreation', role: 'Connector/ResourceRole', action: 'lambda:CreateNetworkConnector', fails: CONNECTOR, says: NOT_ALLOWED },
  { stack: 'LackingConnectorTags', role: 'Connector/ResourceRole', action: 'lambda:TagResource', on: '*', fails: CONNECTOR, says: 'at creation may be denied' },
  { stack: 'LackingOperatorRole', role: 'Connector/ResourceRole', action: 'iam:PassRole', fails: CONNECTOR, says: NOT_ALLOWED },
  { stack: 'LackingInterfaceTags', role: 'Connector/OperatorRole', action: 'ec2:CreateTags', fails: CONNECTOR, says: 'unauthorized operation while calling EC2' },
  { stack: 'LackingImageCreation', role: 'Image/ResourceRole', action: 'lambda:CreateMicrovmImage', fails: IMAGE, says: NOT_ALLOWED },
  { stack: 'LackingBuildRole', role: 'Image/ResourceRole', action: 'iam:PassRole', fails: IMAGE, says: NOT_ALLOWED },
  { stack: 'LackingBuildEgress', role: 'Image/ResourceRole', action: 'lambda:PassNetworkConnector', fails: IMAGE, says: NOT_ALLOWED },
  { stack: 'LackingCode', role: 'Image/BuildRole', action: 's3:GetObject', fails: IMAGE, says: 'hint: buildRole: it must allow s3:GetObject' },
  { stack: 'LackingImageKey', role: 'Image/ResourceRole', action: 'kms:DescribeKey', fails: IMAGE, says: 'hint: encryptionKey: the key must be enabled' },
  { stack: 'LackingTrust', role: 'Image/BuildRole', action: 'sts:AssumeRole', fails: IMAGE, says: 'hint: buildRole: its trust policy must allow lambda.amazonaws.com sts:AssumeRole' },
  { stack: 'LackingToken', role: 'Check/ResourceRole', action: 'lambda:CreateMicrovmAuthToken', fails: CHECK, says: NOT_ALLOWED },
  { stack: 'LackingEgress', role: 'Check/ResourceRole', action: 'lambda:PassNetworkConnector', fails: CHECK, says: NOT_ALLOWED },
  {
    stack: 'LackingExecutionTrust',
    role: 'Launcher/ExecutionRole',
    action: 'sts:AssumeRole',
    fails: CHECK,
    says: 'hint: executionRole: its trust policy must allow lambda.amazonaws.com sts:AssumeRole',
  },
  { stack: 'LackingLaunch', role: 'Microvm/ResourceRole', action: 'lambda:RunMicrovm', fails: MICROVM, says: NOT_ALLOWED },
  { stack: 'LackingLaunchKey', role: 'Microvm/ResourceRole', action: 'kms:CreateGrant', on: 'LaunchKey', fails: MICROVM, says: 'hint: encryptionKey: the deployment must be allowed' },
  { stack: 'LackingExecutionRole', role: 'Microvm/ResourceRole', action: 'iam:PassRole', fails: MICROVM, says: NOT_ALLOWED },
  { stack: 'LackingLedger', role: 'Microvm/ResourceRole', action: 'ssm:PutParameter', fails: MICROVM, says: NOT_ALLOWED },
];
