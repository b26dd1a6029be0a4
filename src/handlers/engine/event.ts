import type { Phase } from './stack';

/**
 * An event that the Provider framework sends to the handler.
 *
 * The framework calls `isComplete` with the request, overlaid with what `onEvent` returned. The member `Operation`
 * distinguishes the two calls.
 */
export interface ResourceEvent<Properties = unknown> {
  readonly RequestType: RequestType;
  readonly RequestId: string;
  readonly StackId: string;
  readonly LogicalResourceId: string;
  readonly ResourceType: string;
  readonly PhysicalResourceId?: string;
  readonly ResourceProperties: Properties;
  readonly OldResourceProperties?: Properties;
}

export type RequestType = 'Create' | 'Update' | 'Delete';

/** An event of `isComplete`. */
export interface PollEvent<Properties = unknown> extends ResourceEvent<Properties> {
  readonly PhysicalResourceId: string;
  readonly Operation: OperationDescription;
}

/** What `onEvent` records about an operation for all its polls. */
export interface OperationDescription {
  /** Request ID and start of the stack operation: CloudFormation reuses a request ID when a deployment is retried. */
  readonly Id: string;
  readonly StackTime?: string;
  /** As `onEvent` saw it. The fence corrects it: CloudFormation may have answered late, or not at all. */
  readonly Phase: Phase;
  /** By the handler's clock, in milliseconds. Used for the grace period and the deadline only. */
  readonly StartedAt: number;
  /** The physical ID of the request, before `onEvent` answered with another one. */
  readonly RequestPhysicalId?: string;
  /** What `onEvent` resolved once, so that all polls agree on it. */
  readonly Resolved?: Record<string, string>;
}

/** What `onEvent` returns. */
export interface OnEventAnswer {
  readonly PhysicalResourceId: string;
  readonly Operation: OperationDescription;
}

/** What `isComplete` returns. It throws to report a failure. */
export interface IsCompleteAnswer {
  readonly IsComplete: boolean;
  /** Replaces the physical ID that `onEvent` returned. */
  readonly PhysicalResourceId?: string;
  readonly Data?: Record<string, string>;
}
