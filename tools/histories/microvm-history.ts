import type { Event, Conditions } from './history';
import type { LedgerFaults } from './ledger';
import type { ResourceLocation } from './roles';
import { LAUNCH_LOG_GROUP, launchResourceRole, REGION } from './roles';
import { imageArn } from './test-bed';
import type { MicrovmProperties } from '../../src/contract/microvm';
import { ACCOUNT } from '../../test/support/stacks';

/** A MicroVM or launch check as the template of a history describes it. */
export interface MicrovmSpec {
  readonly image: ImageName;
  /** Maximum duration in minutes. Another one requires another launch. */
  readonly lifetime: number;
  readonly hasHealthCheck: boolean;
  /** Whether an override sets the maximum duration, instead of the launcher. */
  readonly isOverridden?: boolean;
}

/** The name of an image says how it fails. */
export type ImageName = 'good' | 'other' | typeof UNHEALTHY | typeof SHORT_LIVED | typeof ABSENT;
/** Its MicroVMs answer 500. */
export const UNHEALTHY = 'unhealthy';
/** Its MicroVMs terminate before they run. */
export const SHORT_LIVED = 'short-lived';
/** This image does not exist. */
export const ABSENT = 'absent';

export type MicrovmEvent =
  /** A user or the idle policy suspends or terminates the MicroVM of a resource. */
  | { readonly do: 'suspend' | 'terminate'; readonly id: string }
  /** A stranger who may write the parameters of a resource forges a record. */
  | { readonly do: 'forge'; readonly id: string; readonly spec: MicrovmSpec; readonly record: Forgery };

/**
 * What a forged record says besides the request of the resource.
 *
 * `role`, `request`: the launch passes another execution role, or has another maximum duration. `microvm`: a MicroVM of
 * the stranger is that of the launch.
 */
export type Forgery = 'role' | 'request' | 'microvm';

/** The execution role, and the maximum duration in seconds, that only a stranger asks for. */
export const FORGED_ROLE = `arn:aws:iam::${ACCOUNT}:role/stranger`;
export const FORGED_DURATION = 61;

export interface MicrovmHistory extends Conditions {
  readonly events: readonly (Event<MicrovmSpec> | MicrovmEvent)[];
  readonly ledgerFaults?: LedgerFaults;
}

/** Returns the execution role that identifies the resource of a MicroVM, which has neither name nor tags. */
export function executionRoleArn(stackId: string, logicalId: string): string {
  return `arn:aws:iam::${ACCOUNT}:role/${stackId.split('/')[1]}-execution-${logicalId}`;
}

export function microvmProperties(type: 'microvm' | 'launch check', { image, lifetime, hasHealthCheck, isOverridden }: MicrovmSpec, location: ResourceLocation): MicrovmProperties {
  const roleArn = executionRoleArn(location.stackId, location.logicalId);
  const managed = (name: string) => `arn:aws:lambda:${REGION}:aws:network-connector:aws-network-connector:${name}`;
  return {
    ResourceRoleArn: launchResourceRole(type, location, { image, hasHealthCheck, executionRoleArn: roleArn }),
    LaunchRequest: JSON.stringify({
      imageIdentifier: imageArn(image),
      executionRoleArn: roleArn,
      ingressNetworkConnectors: [managed('HTTP_INGRESS')],
      egressNetworkConnectors: [managed('INTERNET_EGRESS')],
      maximumDurationInSeconds: isOverridden ? 60 : lifetime * 60,
      logging: { cloudWatch: { logGroup: LAUNCH_LOG_GROUP } },
    }),
    RequestOverrides: isOverridden ? JSON.stringify({ maximumDurationInSeconds: lifetime * 60 }) : undefined,
    HealthCheck: hasHealthCheck ? { Port: '8080', Path: '/', TimeoutSeconds: '60' } : undefined,
    ShowLogInErrors: 'true',
    TimeoutSeconds: '3000',
  };
}
