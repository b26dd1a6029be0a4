import type { Event, Surroundings } from './history';
import { imageArn } from './lab';
import type { LedgerFaults } from './ledger';
import type { Home } from './roles';
import { launchResourceRole, REGION } from './roles';
import type { MicrovmProperties } from '../../src/contract/microvm';
import { ACCOUNT } from '../../test/support/stacks';

/** A MicroVM, or a launch check, as a template asks for it. */
export interface MicrovmSpec {
  readonly image: ImageName;
  /** In minutes; another one is another launch. */
  readonly life: number;
  readonly isProbed: boolean;
}

/** What is wrong with an image is in its name. */
export type ImageName = 'good' | 'other' | typeof SICK | typeof SHORT_LIVED | typeof ABSENT;
/** Its MicroVMs answer 500. */
export const SICK = 'sick';
/** Its MicroVMs end before they run. */
export const SHORT_LIVED = 'short-lived';
/** There is no such image. */
export const ABSENT = 'absent';

export type MicrovmEvent =
  /** Of one of the stack's MicroVMs, as a user or its idle policy would. */
  | { readonly do: 'suspend' | 'terminate'; readonly id: string };

export interface MicrovmHistory extends Surroundings {
  readonly events: readonly (Event<MicrovmSpec> | MicrovmEvent)[];
  readonly ledgerFaults?: LedgerFaults;
}

/** Tells whose a MicroVM is: it has neither name nor tags. */
export function executionRoleArn(stackId: string, logicalId: string): string {
  return `arn:aws:iam::${ACCOUNT}:role/${stackId.split('/')[1]}-execution-${logicalId}`;
}

export function microvmProperties(kind: 'microvm' | 'launch check', { image, life, isProbed }: MicrovmSpec, home: Home): MicrovmProperties {
  const roleArn = executionRoleArn(home.stackId, home.logicalId);
  const managed = (name: string) => `arn:aws:lambda:${REGION}:aws:network-connector:aws-network-connector:${name}`;
  return {
    ResourceRoleArn: launchResourceRole(kind, home, { image, isProbed, executionRoleArn: roleArn }),
    LaunchRequest: JSON.stringify({
      imageIdentifier: imageArn(image),
      executionRoleArn: roleArn,
      ingressNetworkConnectors: [managed('HTTP_INGRESS')],
      egressNetworkConnectors: [managed('INTERNET_EGRESS')],
      maximumDurationInSeconds: life * 60,
      logging: { disabled: {} },
    }),
    HealthCheck: isProbed ? { Port: '8080', Path: '/', TimeoutSeconds: '60' } : undefined,
    TimeoutSeconds: '3000',
  };
}
