import type { StackView } from '../../../src/handlers/engine/stack';

/** The observed stacks' names begin with it. */
export const OBSERVED_STACKS = 'LiveObserved';
export const OBSERVED_TYPE = 'Custom::Observed';

/** What a template says about an observed resource. CloudFormation delivers strings. */
export interface ObservedProperties {
  /** A change replaces the resource. */
  readonly Id: string;
  /** For how long it watches before it answers. */
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

/** What CloudFormation showed while a request was under way. */
export interface View extends StackView {
  /** LastUpdatedTimestamp of DescribeStackResource. */
  readonly resourceTime?: string;
  /** LastUpdatedTime of DescribeStacks, which a stack that was never updated does not have. */
  readonly lastUpdatedTime?: string;
}

/** A line of the observer's log, whenever the view has changed. */
export interface Observation {
  readonly request: Omit<ObservedRequest, 'ResourceProperties'>;
  /** By the clock of the function. */
  readonly at: string;
  readonly view: View;
}
