import type { Duration } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import type { MicrovmIngress } from '../network/ingress';
import type { DurationRule } from '../private/errors';
import { checkDuration } from '../private/errors';
import { BOOLEAN, DURATION, struct } from '../private/property-types';
import type { PropertyTypes } from '../private/property-types';
import { warn } from '../private/warnings';

/**
 * Determines when the service suspends an idle MicroVM, and when it terminates it.
 *
 * A MicroVM is idle when its endpoint receives no requests, even if it computes or sends requests itself
 * (service-facts.md, 8.13).
 */
export interface MicrovmIdlePolicy {
  /**
   * The time without a request after which the service suspends the MicroVM: 1 minute to 8 hours, in whole seconds.
   */
  readonly maxIdleDuration: Duration;

  /**
   * The time in suspension after which the service terminates the MicroVM: 0 to 8 hours, in whole seconds. It counts
   * toward the maximum duration.
   *
   * Reports disagree about whether the service terminates a MicroVM at this time (service-facts.md, 8.14).
   */
  readonly suspendedDuration: Duration;

  /**
   * Whether a request to the endpoint resumes a suspended MicroVM. If not, such a request gets a 502 response, and only
   * `ResumeMicrovm` resumes the MicroVM.
   */
  readonly autoResume: boolean;
}

const TYPES: PropertyTypes<MicrovmIdlePolicy> = {
  maxIdleDuration: DURATION.required(), suspendedDuration: DURATION.required(), autoResume: BOOLEAN.required(),
};
export const IDLE_POLICY = struct(TYPES);

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

/** What the effect of an idle policy depends on. */
interface IdleSettings {
  readonly idlePolicy?: MicrovmIdlePolicy;
  readonly ingress: MicrovmIngress;
  readonly maximumDuration?: Duration;
}

/** Warns of idle policies that suspend a MicroVM in the middle of its work, or that never take effect. */
export function warnOfIdlePolicy(scope: IConstruct, { idlePolicy, ingress, maximumDuration }: IdleSettings): void {
  if (!idlePolicy) return;
  if (!ingress.bind(scope).admitsRequests) {
    warn('cdk-lambda-microvms:idlePolicyWithoutIngress',
      'idlePolicy: a MicroVM is idle while its endpoint receives no requests, and this ingress admits none, so the service suspends every MicroVM '
      + 'while it works; omit idlePolicy, or use MicrovmIngress.http()', scope);
  }
  const maximum = secondsOf(maximumDuration) ?? (maximumDuration ? undefined : LONGEST_LIFETIME_SECONDS);
  const [idle, suspended] = [secondsOf(idlePolicy.maxIdleDuration), secondsOf(idlePolicy.suspendedDuration)];
  if (maximum === undefined) return;
  if (idle !== undefined && idle >= maximum) {
    warn('cdk-lambda-microvms:idlePolicyBeyondMaximumDuration',
      `idlePolicy.maxIdleDuration: ${idlePolicy.maxIdleDuration.toHumanString()} is not less than maximumDuration, so no MicroVM is ever suspended; `
      + 'use less, or omit idlePolicy', scope);
  } else if (suspended !== undefined && suspended > maximum) {
    warn('cdk-lambda-microvms:idlePolicyBeyondMaximumDuration',
      `idlePolicy.suspendedDuration: ${idlePolicy.suspendedDuration.toHumanString()} is more than maximumDuration, which includes the time in suspension; `
      + 'use less', scope);
  }
}

function secondsOf(duration: Duration | undefined): number | undefined {
  return duration === undefined || duration.isUnresolved() ? undefined : duration.toSeconds({ integral: false });
}
