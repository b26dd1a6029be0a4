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
  readonly ConnectorArn: string;
  readonly SubnetIds: string;
  readonly SecurityGroupId: string;
  readonly OperatorRoleArn: string;
  readonly OtherPrincipalRoleArn: string;
  readonly SourceAccountRoleArn: string;
  readonly ConnectorTagRoleArn: string;
  /** The function of Custom::Observed. */
  readonly ObserverArn: string;
  readonly ObserverLogGroup: string;
}

export const PROBE_STACK = 'LiveProbes';
export const AUDIENCE = 'https://audience.example';
/** Context key of the app. */
export const IPV4_ONLY = 'live:ipv4Only';
