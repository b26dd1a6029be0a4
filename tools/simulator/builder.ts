import type { Clock } from './clock';
import type { ChipsetGeneration, ImageConfiguration, Logging, SnapshotSizes } from './rows';

/** Builds versions and launches MicroVMs from them. */
export interface Builder {
  build(request: BuildRequest): Promise<BuildOutcome>;
  /** Starts a MicroVM from a version that was built; the run hook is called separately. */
  launch(request: LaunchRequest): Promise<Machine>;
  /** Forgets what was built for a version. */
  discard?(imageArn: string, imageVersion: string): void;
  /** Ids of the processes that run. */
  processes?(): number[];
  /** Ends all that runs. */
  dispose(): Promise<void>;
}

/** One of the two builds of a version. */
export interface BuildRequest {
  /** Versions are numbered from 0 in the order in which their builds began. */
  readonly ordinal: number;
  readonly buildId: string;
  readonly imageArn: string;
  readonly imageName: string;
  readonly imageVersion: string;
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

export type RuntimeHook = 'run' | 'resume' | 'suspend' | 'terminate';

/** A MicroVM's machine: a process, or the pretence of one. */
export interface Machine {
  /** Where a port of the guest can be reached on this host; undefined if it cannot. */
  localPort(guestPort: number): number | undefined;
  /** Calls a hook; a reason says that it failed. */
  hook(name: RuntimeHook, timeoutSeconds: number, body: object): Promise<string | undefined>;
  suspend(): void;
  resume(): void;
  terminate(): void;
}

/** How one version's builds go. */
export interface BuildPlan {
  readonly durationMs?: number;
  readonly hangs?: boolean;
  /** The reason why the build of a generation fails; a generation that is absent succeeds. */
  readonly failures?: Readonly<Partial<Record<ChipsetGeneration, string>>>;
}

export const VIRTUAL_BUILD_MS = 150_000;

const TYPICAL_SNAPSHOT: SnapshotSizes = {
  memorySnapshotSizeInBytes: 600_000_000,
  codeInstallSizeInBytes: 180_000_000,
  diskSnapshotSizeInBytes: 25_000_000,
};

export interface VirtualBuilderProps {
  readonly clock: Clock;
  /** @default - every build succeeds after VIRTUAL_BUILD_MS */
  readonly plan?: (request: BuildRequest) => BuildPlan | undefined;
  /** Why a launch ends early. @default - none does */
  readonly launchFailure?: (request: LaunchRequest) => string | undefined;
  /** A port of this host that answers for all MicroVMs. */
  readonly applicationPort?: number;
}

/** A builder that builds nothing: builds take the time and end the way a plan says. */
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
    return {
      localPort: () => this.props.applicationPort,
      hook: async () => undefined,
      suspend: () => undefined,
      resume: () => undefined,
      terminate: () => undefined,
    };
  }

  async dispose(): Promise<void> {}
}

/** A plan by the order in which builds begin; what the list does not cover succeeds. */
export function buildsInOrder(plans: readonly BuildPlan[]): (request: BuildRequest) => BuildPlan | undefined {
  return request => plans[request.ordinal];
}
