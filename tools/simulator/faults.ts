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

/** The fault of a call. */
export type CallFault =
  /** 429, before the call takes effect. */
  | { readonly kind: 'throttle' }
  /** 402 (a quota of the account), before the call takes effect; only for operations that can return it. */
  | { readonly kind: 'quota' }
  /** 409, before the call takes effect; only for operations that can return it. */
  | { readonly kind: 'conflict' }
  /** 403, as long as IAM has not propagated a role. */
  | { readonly kind: 'accessDenied' }
  /** 500, before the call takes effect. */
  | { readonly kind: 'errorBeforeEffect' }
  /** 500, although the call took effect. */
  | { readonly kind: 'errorAfterEffect' }
  /** The call takes effect immediately, but the client never receives the answer. */
  | { readonly kind: 'lostAnswer' }
  /** The client gives up. The call takes effect this much later. */
  | { readonly kind: 'lateLanding'; readonly afterMs: number };

/** The reason of a failed connector. */
export interface ConnectorFailure {
  readonly code: string;
  readonly reason: string;
}

/** The outcome of the creation or update of a connector. */
export interface ConnectorOutcome {
  readonly durationMs?: number;
  readonly failure?: ConnectorFailure;
}

/** Faults and delays. Everything that is left out succeeds at the usual speed. */
export interface Faults {
  onCall?(call: Call): CallFault | undefined;
  /** The duration of a call. */
  latencyMs?(call: Call): number | undefined;
  /** The age of the state that a read returns. */
  stalenessMs?(call: Call): number | undefined;
  /** The age of tags in a read. Tags may be older than the resource. */
  tagStalenessMs?(call: Call): number | undefined;
  /** Whether the service cannot assume a role (yet). */
  roleIsUnassumable?(roleArn: string, time: number): boolean;
  /** Whether the operator role of a connector lacks an EC2 action. */
  operatorRoleLacks?(roleArn: string, action: string): boolean;
  /** Whether the service cannot use a key: it is disabled, or its policy does not allow it. */
  keyIsUnusable?(keyIdentifier: string, time: number): boolean;
  connector?(name: string, change: 'create' | 'update', configuration: VpcEgress): ConnectorOutcome | undefined;
}

/** A fault plan as plain data, so that it can be generated, shrunk and printed. */
export interface FaultPlan {
  /** Faults by the number of the call, counted per operation if one is given. */
  readonly calls?: readonly { readonly nth: number; readonly operation?: OperationName; readonly fault: CallFault }[];
  /** From this time on (milliseconds since the epoch), no call fails and no read is stale. */
  readonly endsAt?: number;
  /** Used one after another, in a cycle. */
  readonly latenciesMs?: readonly number[];
  readonly stalenessMs?: readonly number[];
  readonly tagStalenessMs?: readonly number[];
  /** Every call is denied until this time, as with a new role. */
  readonly deniedUntil?: number;
  /** The service cannot assume any role until this time. */
  readonly rolesUnassumableUntil?: number;
}

/** Creates faults from a plan. They count calls: create new ones for each simulator. */
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

/** The error that a fault returns before the call takes effect, if any. */
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
