import type { Duration } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { LONGEST_LIFE } from './limits';
import type { DurationRule } from '../private/errors';
import { checkDuration } from '../private/errors';

/**
 * What becomes of a MicroVM that nobody sends requests to.
 *
 * Only requests at its endpoint count: one that computes, or calls others, is idle all the same.
 */
export interface MicrovmIdlePolicy {
  /**
   * After this time without a request it is suspended: 1 minute to 8 hours.
   */
  readonly maxIdleDuration: Duration;

  /**
   * After this time in suspension it is terminated: 0 to 8 hours. The time counts towards the maximum duration.
   */
  readonly suspendedDuration: Duration;

  /**
   * Whether a request at its endpoint makes it run again. Without that, requests to a suspended one are answered 502, and
   * `ResumeMicrovm` makes it run.
   */
  readonly autoResume: boolean;
}

const MAX_IDLE: DurationRule = { property: 'idlePolicy.maxIdleDuration', code: 'MicrovmIdlePolicyInvalid', min: 60, max: LONGEST_LIFE, allowed: '1 minute to 8 hours' };
const SUSPEND_FOR: DurationRule = { property: 'idlePolicy.suspendedDuration', code: 'MicrovmIdlePolicyInvalid', min: 0, max: LONGEST_LIFE, allowed: '0 to 8 hours' };

/** In the words of the service, which wants all three: service facts 1.2. */
export function idlePolicyRequest(scope: IConstruct, { maxIdleDuration, suspendedDuration, autoResume }: MicrovmIdlePolicy): object {
  checkDuration(MAX_IDLE, maxIdleDuration, scope);
  checkDuration(SUSPEND_FOR, suspendedDuration, scope);
  return {
    maxIdleDurationSeconds: maxIdleDuration.toSeconds(),
    suspendedDurationSeconds: suspendedDuration.toSeconds(),
    autoResumeEnabled: autoResume,
  };
}
