import type { Duration } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import type { DurationRule } from '../private/errors';
import { checkDuration } from '../private/errors';

/**
 * When an idle MicroVM is suspended and terminated.
 *
 * A MicroVM is idle when its endpoint receives no requests, even if it computes or sends requests itself.
 */
export interface MicrovmIdlePolicy {
  /**
   * The time without a request after which the MicroVM is suspended: 1 minute to 8 hours.
   */
  readonly maxIdleDuration: Duration;

  /**
   * The time in suspension after which the MicroVM is terminated: 0 to 8 hours. It counts towards the maximum duration.
   */
  readonly suspendedDuration: Duration;

  /**
   * Whether a request to its endpoint resumes a suspended MicroVM. If not, such a request gets a response of 502, and
   * only `ResumeMicrovm` resumes the MicroVM.
   */
  readonly autoResume: boolean;
}

/** The service terminates a MicroVM after 8 hours at the latest. Time in suspension counts (service-facts.md, 1.2). */
export const LONGEST_LIFETIME_SECONDS = 28_800;

const MAX_IDLE_DURATION_RULE: DurationRule = {
  property: 'idlePolicy.maxIdleDuration', code: 'MicrovmIdlePolicyInvalid', min: 60, max: LONGEST_LIFETIME_SECONDS, allowed: '1 minute to 8 hours',
};
const SUSPENDED_DURATION_RULE: DurationRule = {
  property: 'idlePolicy.suspendedDuration', code: 'MicrovmIdlePolicyInvalid', min: 0, max: LONGEST_LIFETIME_SECONDS, allowed: '0 to 8 hours',
};

/** Returns the policy for a RunMicrovm request. The service requires all three fields (service-facts.md, 1.2). */
export function idlePolicyRequest(scope: IConstruct, { maxIdleDuration, suspendedDuration, autoResume }: MicrovmIdlePolicy): object {
  checkDuration(MAX_IDLE_DURATION_RULE, maxIdleDuration, scope);
  checkDuration(SUSPENDED_DURATION_RULE, suspendedDuration, scope);
  return {
    maxIdleDurationSeconds: maxIdleDuration.toSeconds(),
    suspendedDurationSeconds: suspendedDuration.toSeconds(),
    autoResumeEnabled: autoResume,
  };
}
