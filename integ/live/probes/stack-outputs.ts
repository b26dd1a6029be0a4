/** Outputs of the stack that the probes use. Lists are joined with commas. */
export interface ProbeOutputs {
  readonly ImageArn: string;
  readonly ImageVersion: string;
  /** A RunMicrovm request as JSON. */
  readonly LaunchRequest: string;
  readonly ExecutionRoleArn: string;
  /** An execution role whose sessions cannot be tagged. */
  readonly UntaggableRoleArn: string;
  /** Sessions of this role make the calls that a session policy restricts. */
  readonly CallerRoleArn: string;
  /** MicroVMs of the launcher may assume this role. It has no permissions. */
  readonly TargetRoleArn: string;
  readonly BuildRoleArn: string;
  /** A build role like that of the library, without logs:CreateLogGroup. */
  readonly NoLogGroupRoleArn: string;
  /** A key whose policy leaves everything to IAM policies of the account. */
  readonly KeyArn: string;
  /** The state machine that waits for the resources of the stack. Only the caller role may use its key. */
  readonly StateMachineArn: string;
  /** A role that may read executions and decrypt, as far as IAM policies decide, but not by the policy of that key. */
  readonly ReaderRoleArn: string;
  readonly ConnectorArn: string;
  readonly SubnetIds: string;
  readonly SecurityGroupId: string;
  readonly OperatorRoleArn: string;
  readonly OtherPrincipalRoleArn: string;
  readonly SourceAccountRoleArn: string;
  readonly ConnectorTagRoleArn: string;
  readonly PublicSubnetId: string;
  /** A security group that allows all outbound traffic. */
  readonly PublicSecurityGroupId: string;
  /** Operator roles for the public subnet: with both actions on Elastic IPs, and without one of them. */
  readonly ElasticIpsRoleArn: string;
  readonly NoAllocateRoleArn: string;
  readonly NoAssociateRoleArn: string;
  /** The function of Custom::Observed. */
  readonly ObserverArn: string;
  readonly ObserverLogGroup: string;
}

export const PROBE_STACK = 'LiveProbes';
export const AUDIENCE = 'https://audience.example';
/** Context key of the app. */
export const IPV4_ONLY = 'live:ipv4Only';
/** What the library grants on a key. No source says which of them the service needs. */
export const KEY_ACTIONS = ['kms:DescribeKey', 'kms:GenerateDataKey', 'kms:Decrypt', 'kms:CreateGrant'] as const;
