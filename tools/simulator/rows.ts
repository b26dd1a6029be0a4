/** The data of the service. All of it is immutable: a change is a new row. */

export type ImageState = 'CREATING' | 'CREATED' | 'CREATE_FAILED' | 'UPDATING' | 'UPDATED' | 'UPDATE_FAILED' | 'DELETING';
export type VersionState = 'PENDING' | 'IN_PROGRESS' | 'SUCCESSFUL' | 'FAILED' | 'DELETING';
export type VersionStatus = 'ACTIVE' | 'INACTIVE';
export type BuildState = 'PENDING' | 'IN_PROGRESS' | 'SUCCESSFUL' | 'FAILED';
export type MicrovmState = 'PENDING' | 'RUNNING' | 'SUSPENDING' | 'SUSPENDED' | 'TERMINATING' | 'TERMINATED';
export type ConnectorState = 'PENDING' | 'ACTIVE' | 'INACTIVE' | 'FAILED' | 'DELETING' | 'DELETE_FAILED';

/** Each version is built once per generation, the newest generation first. */
export const CHIPSET_GENERATIONS = ['4', '3'] as const;
export type ChipsetGeneration = typeof CHIPSET_GENERATIONS[number];

export type Tags = Readonly<Record<string, string>>;

export interface Logging {
  readonly disabled?: Record<string, never>;
  readonly cloudWatch?: { readonly logGroup?: string; readonly logStream?: string };
}

type Toggle = 'ENABLED' | 'DISABLED';

export interface Hooks {
  readonly port?: number;
  readonly microvmHooks?: {
    readonly run?: Toggle;
    readonly runTimeoutInSeconds?: number;
    readonly resume?: Toggle;
    readonly resumeTimeoutInSeconds?: number;
    readonly suspend?: Toggle;
    readonly suspendTimeoutInSeconds?: number;
    readonly terminate?: Toggle;
    readonly terminateTimeoutInSeconds?: number;
  };
  readonly microvmImageHooks?: {
    readonly ready?: Toggle;
    readonly readyTimeoutInSeconds?: number;
    readonly validate?: Toggle;
    readonly validateTimeoutInSeconds?: number;
  };
}

/** The configuration of a version, with defaults. */
export interface ImageConfiguration {
  readonly baseImageArn: string;
  readonly baseImageVersion: string;
  readonly buildRoleArn: string;
  readonly description?: string;
  readonly codeArtifact: { readonly uri: string };
  readonly logging?: Logging;
  readonly egressNetworkConnectors: readonly string[];
  readonly cpuConfigurations?: readonly { readonly architecture: string }[];
  readonly resources: readonly { readonly minimumMemoryInMiB: number }[];
  readonly additionalOsCapabilities?: readonly string[];
  readonly hooks?: Hooks;
  readonly environmentVariables?: Readonly<Record<string, string>>;
}

export interface SnapshotSizes {
  readonly memorySnapshotSizeInBytes: number;
  readonly codeInstallSizeInBytes: number;
  readonly diskSnapshotSizeInBytes: number;
}

export interface Build {
  readonly id: string;
  readonly generation: ChipsetGeneration;
  readonly state: BuildState;
  readonly reason?: string;
  readonly snapshot?: SnapshotSizes;
  readonly createdAt: number;
}

export interface ImageVersion {
  readonly number: number;
  readonly configuration: ImageConfiguration;
  readonly state: VersionState;
  readonly status: VersionStatus;
  readonly builds: readonly Build[];
  readonly clientToken?: string;
  readonly createdAt: number;
  readonly updatedAt: number;
}

export interface Image {
  readonly arn: string;
  readonly id: string;
  readonly name: string;
  readonly state: ImageState;
  readonly tags: Tags;
  readonly versions: readonly ImageVersion[];
  /** Numbers are never reused. */
  readonly lastVersionNumber: number;
  readonly createdAt: number;
  readonly updatedAt: number;
}

export interface ManagedImageVersion {
  readonly version: string;
  readonly status: 'AVAILABLE' | 'DEPRECATED';
  readonly createdAt: number;
  readonly updatedAt: number;
}

export interface ManagedImage {
  readonly arn: string;
  /** Newest first. */
  readonly versions: readonly ManagedImageVersion[];
  readonly createdAt: number;
  readonly updatedAt: number;
}

export interface IdlePolicy {
  readonly maxIdleDurationSeconds: number;
  readonly suspendedDurationSeconds: number;
  readonly autoResumeEnabled: boolean;
}

export interface Microvm {
  readonly id: string;
  /** The first label of the host name. */
  readonly endpointId: string;
  readonly imageArn: string;
  readonly imageVersion: number;
  readonly state: MicrovmState;
  readonly stateReason?: string;
  readonly executionRoleArn?: string;
  readonly idlePolicy?: IdlePolicy;
  readonly logging?: Logging;
  readonly maximumDurationInSeconds: number;
  readonly ingressNetworkConnectors: readonly string[];
  readonly egressNetworkConnectors: readonly string[];
  readonly memoryMiB: number;
  readonly startedAt: number;
  readonly terminatedAt?: number;
}

export interface VpcEgress {
  readonly SubnetIds: readonly string[];
  readonly SecurityGroupIds: readonly string[];
  readonly NetworkProtocol: string;
  readonly AssociatedComputeResourceTypes: readonly string[];
  readonly ElasticIpConfiguration?: { readonly Type: 'None' | 'ServiceManaged' };
}

export interface ConnectorVersion {
  readonly number: number;
  readonly configuration: VpcEgress;
  readonly operatorRole: string;
  readonly state: ConnectorState;
  readonly modifiedAt: number;
}

export interface Connector {
  readonly id: string;
  readonly arn: string;
  readonly name: string;
  readonly state: ConnectorState;
  readonly stateReason?: string;
  readonly stateReasonCode?: string;
  readonly lastUpdateStatus?: 'Successful' | 'Failed' | 'InProgress';
  readonly lastUpdateStatusReason?: string;
  readonly lastUpdateStatusReasonCode?: string;
  /** Oldest first. The last one is in use. */
  readonly versions: readonly ConnectorVersion[];
  readonly tags: Tags;
  readonly modifiedAt: number;
}
