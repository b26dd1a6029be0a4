import type { ServiceError } from './errors';
import { accessDenied, conflict, connectorLimitExceeded, internalError, quotaExceeded, resourceConflict, throttled } from './errors';
import type { Operation, OperationName } from './model';
import type { VpcEgress } from './rows';

/** One call, as a fault plan sees it. */
export interface Call {
  /** Calls are numbered from 0 in the order in which they arrive. */
  readonly index: number;
  readonly operation: OperationName;
  readonly readOnly: boolean;
  readonly caller: string;
  readonly time: number;
}

/** What goes wrong with a call. */
export type CallFault =
  /** 429, before the effect. */
  | { readonly kind: 'throttle' }
  /** 402 (a quota of the account), before the effect; only where the operation can answer it. */
  | { readonly kind: 'quota' }
  /** 409, before the effect; only where the operation can answer it. */
  | { readonly kind: 'conflict' }
  /** 403, as while IAM has not propagated. */
  | { readonly kind: 'accessDenied' }
  /** 500, before the effect. */
  | { readonly kind: 'errorBeforeEffect' }
  /** 500, although the call took effect. */
  | { readonly kind: 'errorAfterEffect' }
  /** The call takes effect at once, the client never gets the answer. */
  | { readonly kind: 'lostAnswer' }
  /** The client gives up; the call takes effect this much later. */
  | { readonly kind: 'lateLanding'; readonly afterMs: number };

/** How a connector comes about, or how an update of one ends. */
export interface ConnectorOutcome {
  readonly durationMs?: number;
  readonly failure?: { readonly code: string; readonly reason: string };
}

/** What goes wrong and how slow things are. Everything left out goes well, at the usual speed. */
export interface Faults {
  onCall?(call: Call): CallFault | undefined;
  /** The time that a call takes. */
  latencyMs?(call: Call): number | undefined;
  /** How old the state is that a read shows. */
  stalenessMs?(call: Call): number | undefined;
  /** The same for tags, which may lag behind the resource. */
  tagStalenessMs?(call: Call): number | undefined;
  /** Whether the service cannot assume a role (yet). */
  roleIsUnassumable?(roleArn: string, time: number): boolean;
  connector?(name: string, change: 'create' | 'update', configuration: VpcEgress): ConnectorOutcome | undefined;
}

/** A fault plan as plain data, so that it can be generated, shrunk and printed. */
export interface FaultPlan {
  /** Faults by the number of the call, counted among calls of the operation if one is given. */
  readonly calls?: readonly { readonly nth: number; readonly operation?: OperationName; readonly fault: CallFault }[];
  /** No call fails and no read is stale from this time on (milliseconds since the epoch). */
  readonly endsAt?: number;
  /** One after the other, again and again. */
  readonly latenciesMs?: readonly number[];
  readonly stalenessMs?: readonly number[];
  readonly tagStalenessMs?: readonly number[];
  /** Until then every call is denied, as with a role that is fresh. */
  readonly deniedUntil?: number;
  /** Until then the service can assume no role. */
  readonly rolesUnassumableUntil?: number;
}

/** Faults that follow a plan. They count calls: make new ones for each simulator. */
export function faultsFrom(plan: FaultPlan): Faults {
  const seen = new Map<OperationName, number>();
  const endsAt = plan.endsAt ?? Infinity;
  const stale = (values: readonly number[] | undefined, call: Call) => (call.time < endsAt ? cycled(values, call.index) : undefined);
  return {
    onCall: call => {
      const nthOfOperation = seen.get(call.operation) ?? 0;
      seen.set(call.operation, nthOfOperation + 1);
      if (call.time < (plan.deniedUntil ?? 0)) return { kind: 'accessDenied' };
      if (call.time >= endsAt) return undefined;
      return plan.calls?.find(({ nth, operation }) =>
        operation === undefined ? nth === call.index : operation === call.operation && nth === nthOfOperation)?.fault;
    },
    latencyMs: call => cycled(plan.latenciesMs, call.index),
    stalenessMs: call => stale(plan.stalenessMs, call),
    tagStalenessMs: call => stale(plan.tagStalenessMs, call),
    roleIsUnassumable: (_roleArn, time) => time < (plan.rolesUnassumableUntil ?? 0),
  };
}

function cycled(values: readonly number[] | undefined, index: number): number | undefined {
  return values === undefined || values.length === 0 ? undefined : values[index % values.length];
}

const ANSWERS_QUOTA: readonly OperationName[] = ['CreateMicrovmImage', 'UpdateMicrovmImage', 'RunMicrovm', 'CreateNetworkConnector', 'UpdateNetworkConnector'];

/** The error that a fault answers before the call takes effect, if it does. */
export function errorBeforeEffect(fault: CallFault | undefined, operation: Operation, denial: string): ServiceError | undefined {
  switch (fault?.kind) {
    case 'throttle':
      return throttled(operation.dialect);
    case 'errorBeforeEffect':
      return internalError(operation.dialect);
    case 'accessDenied':
      return accessDenied(denial);
    case 'quota':
      if (!ANSWERS_QUOTA.includes(operation.name)) return undefined;
      return operation.dialect === 'microvms'
        ? quotaExceeded('The maximum number of concurrent builds has been reached')
        : connectorLimitExceeded('The maximum number of network connectors has been reached');
    case 'conflict':
      if (operation.readOnly) return undefined;
      return operation.dialect === 'microvms' ? conflict('The resource is in use by another operation') : resourceConflict('The resource is in use by another operation');
    default:
      return undefined;
  }
}
