import type { StackView } from '../../../src/handlers/engine/stack';

/** Prefix of the names of observed stacks. */
export const OBSERVED_STACKS = 'LiveObserved';
export const OBSERVED_TYPE = 'Custom::Observed';

/** Properties of an observed resource. CloudFormation delivers strings. */
export interface ObservedProperties {
  /** A change replaces the resource. */
  readonly Id: string;
  /** How long the function observes before it answers. */
  readonly WatchSeconds: string;
  readonly Fails: 'true' | 'false';
}

/** A request that CloudFormation sent. */
export interface ObservedRequest {
  readonly RequestType: 'Create' | 'Update' | 'Delete';
  readonly RequestId: string;
  readonly StackId: string;
  readonly LogicalResourceId: string;
  readonly ResourceType: string;
  readonly PhysicalResourceId?: string;
  readonly ResourceProperties: ObservedProperties;
}

/** What CloudFormation showed during a request. */
export interface View extends StackView {
  /** LastUpdatedTimestamp of DescribeStackResource. */
  readonly resourceTime?: string;
  /** LastUpdatedTime of DescribeStacks. A stack that was never updated does not have it. */
  readonly lastUpdatedTime?: string;
}

/** A line in the log of the observer, written whenever the view changes. */
export interface Observation {
  readonly request: Omit<ObservedRequest, 'ResourceProperties'>;
  /** Time on the clock of the function. */
  readonly at: string;
  readonly view: View;
}
