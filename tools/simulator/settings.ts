/** How long the service takes, in milliseconds of its own clock. */
export interface Times {
  /** From the request to the start of the build. */
  readonly buildPending: number;
  /** From the end of a build until the image leaves CREATING or UPDATING. */
  readonly imageSettling: number;
  readonly versionDeletion: number;
  /** How long the name stays reserved. */
  readonly imageDeletion: number;
  readonly launch: number;
  readonly suspension: number;
  readonly resumption: number;
  readonly termination: number;
  /** How long a terminated MicroVM is still listed. */
  readonly terminatedListing: number;
  readonly connectorCreation: number;
  readonly connectorUpdate: number;
  readonly connectorDeletion: number;
  /** Duration of one call, unless a fault overrides it. */
  readonly latency: number;
  /** When a client gives up waiting for an answer. */
  readonly clientTimeout: number;
}

export const DEFAULT_TIMES: Times = {
  buildPending: 5_000,
  imageSettling: 1_000,
  versionDeletion: 10_000,
  imageDeletion: 40_000,
  launch: 2_000,
  suspension: 1_000,
  resumption: 1_000,
  termination: 5_000,
  terminatedListing: 3_600_000,
  connectorCreation: 240_000,
  connectorUpdate: 240_000,
  connectorDeletion: 60_000,
  latency: 50,
  clientTimeout: 4_000,
};

/** Short times for a simulator that builds nothing. Every passing state still lasts long enough to be seen. */
export const SHORT_TIMES: Partial<Times> = {
  buildPending: 300,
  imageSettling: 100,
  versionDeletion: 1_500,
  imageDeletion: 1_500,
  launch: 300,
  suspension: 300,
  resumption: 300,
  termination: 300,
  connectorCreation: 1_000,
  connectorUpdate: 1_000,
  connectorDeletion: 1_000,
};

export const SHORT_BUILD_MS = 1_000;

/** Quotas of the account. */
export interface Limits {
  readonly images: number;
  readonly versionsPerImage: number;
  readonly concurrentBuilds: number;
  /** Base memory of all MicroVMs that are not terminated. */
  readonly allocatedMemoryMiB: number;
  readonly connectors: number;
  readonly versionsPerConnector: number;
  /** A quota of EC2. */
  readonly securityGroupsPerInterface: number;
}

/** Of an account whose quota of memory was raised. */
export const DEFAULT_LIMITS: Limits = {
  images: 100,
  versionsPerImage: 50,
  concurrentBuilds: 10,
  allocatedMemoryMiB: 400 * 1024,
  connectors: 100,
  versionsPerConnector: 10,
  securityGroupsPerInterface: 5,
};

/** The memory that was recorded on a new account. */
export const NEW_ACCOUNT_MEMORY_MIB = 4096;

/**
 * Which members answers have: those of the current documentation, or those of the recordings, which are older
 * (connectors have no version there).
 */
export type Members = 'current' | 'recorded';

/** Settings that can be changed while the simulator runs. */
export interface Settings {
  readonly times?: Partial<Times>;
  readonly limits?: Partial<Limits>;
  readonly members?: Members;
}
