import type { OperationDescription } from './operation';

/**
 * What the Provider framework hands to the handler.
 *
 * The framework calls `isComplete` with the request, overlaid with what `onEvent` returned: the member `Operation` tells the two calls apart.
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

/** What `onEvent` returns. */
export interface OnEventAnswer {
  readonly PhysicalResourceId: string;
  readonly Operation: OperationDescription;
}

/** What `isComplete` returns; a failure is thrown. */
export interface IsCompleteAnswer {
  readonly IsComplete: boolean;
  /** Takes the place of the one that `onEvent` gave. */
  readonly PhysicalResourceId?: string;
  readonly Data?: Record<string, string>;
}
