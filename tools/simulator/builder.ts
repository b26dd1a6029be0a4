import type { Clock } from './clock';
import type { Architecture, ChipsetGeneration, ImageConfiguration, Logging, SnapshotSizes } from './rows';

/** Builds versions and launches MicroVMs from them. */
export interface Builder {
  build(request: BuildRequest): Promise<BuildOutcome>;
  /** Starts a MicroVM from a built version. The run hook is called separately. */
  launch(request: LaunchRequest): Promise<Machine>;
  /** Deletes the result of the build of a version. */
  discard?(imageArn: string, imageVersion: string): void;
  /** IDs of the running processes. */
  processes?(): number[];
  /** Terminates everything that runs. */
  dispose(): Promise<void>;
}

/** One of the builds of a version. */
export interface BuildRequest {
  /** Versions are numbered from 0, in the order in which their builds started. */
  readonly ordinal: number;
  readonly buildId: string;
  readonly imageArn: string;
  readonly imageName: string;
  readonly imageVersion: string;
  readonly architecture: Architecture;
  readonly generation: ChipsetGeneration;
  readonly account: string;
  readonly region: string;
  readonly configuration: ImageConfiguration;
}

export type BuildOutcome =
  | { readonly succeeded: true; readonly snapshot: SnapshotSizes }
  | { readonly succeeded: false; readonly reason: string };

export interface LaunchRequest {
  readonly microvmId: string;
  readonly imageArn: string;
  readonly imageName: string;
  readonly imageVersion: string;
  readonly account: string;
  readonly region: string;
  readonly configuration: ImageConfiguration;
  readonly executionRoleArn?: string;
  readonly logging?: Logging;
}

export type BuildHook = 'ready' | 'validate';
export type RuntimeHook = 'run' | 'resume' | 'suspend' | 'terminate';

/** The machine of a MicroVM: a process, or a stand-in without a process. */
export interface Machine {
  /** The port on this host for a port of the MicroVM; undefined if it cannot be reached. */
  localPort(guestPort: number): number | undefined;
  /** Calls a hook. @returns the reason if the hook failed. */
  hook(name: RuntimeHook | BuildHook, timeoutSeconds: number, body: object): Promise<string | undefined>;
  suspend(): void;
  resume(): void;
  terminate(): void;
}

/** A machine whose hooks all succeed. A port of this host serves the requests of every port. */
export function machineWithoutProcess(applicationPort: number | undefined): Machine {
  return {
    localPort: () => applicationPort,
    hook: async () => undefined,
    suspend: () => undefined,
    resume: () => undefined,
    terminate: () => undefined,
  };
}

/** How the builds of one version proceed. */
export interface BuildPlan {
  readonly durationMs?: number;
  readonly hangs?: boolean;
  /** Why the build of a generation fails. A generation that is absent succeeds. */
  readonly failures?: Readonly<Partial<Record<ChipsetGeneration, string>>>;
}

export const VIRTUAL_BUILD_MS = 150_000;

/** As recorded for a small image. */
const TYPICAL_SNAPSHOT: SnapshotSizes = {
  memorySnapshotSizeInBytes: 609_087_488,
  codeInstallSizeInBytes: 186_400_768,
  diskSnapshotSizeInBytes: 25_600_000,
};

export interface VirtualBuilderProps {
  readonly clock: Clock;
  /** @default - every build succeeds after VIRTUAL_BUILD_MS */
  readonly plan?: (request: BuildRequest) => BuildPlan | undefined;
  /** Why a launch fails. @default - no launch fails */
  readonly launchFailure?: (request: LaunchRequest) => string | undefined;
  /** A port of this host that serves the requests of all MicroVMs. */
  readonly applicationPort?: number;
}

/** A builder that builds nothing. Builds take the time and have the outcome of a plan. */
export class VirtualBuilder implements Builder {
  constructor(private readonly props: VirtualBuilderProps) {}

  async build(request: BuildRequest): Promise<BuildOutcome> {
    const plan = this.props.plan?.(request) ?? {};
    if (plan.hangs) return new Promise(() => undefined);
    await this.props.clock.sleep(plan.durationMs ?? VIRTUAL_BUILD_MS);
    const reason = plan.failures?.[request.generation];
    return reason === undefined ? { succeeded: true, snapshot: TYPICAL_SNAPSHOT } : { succeeded: false, reason };
  }

  async launch(request: LaunchRequest): Promise<Machine> {
    const failure = this.props.launchFailure?.(request);
    if (failure !== undefined) throw new Error(failure);
    return machineWithoutProcess(this.props.applicationPort);
  }

  async dispose(): Promise<void> {}
}

/** Assigns plans in the order in which builds start. Builds beyond the list succeed. */
export function buildsInOrder(plans: readonly BuildPlan[]): (request: BuildRequest) => BuildPlan | undefined {
  return request => plans[request.ordinal];
}
