import type { MicrovmProperties } from '../../../src/contract/microvm';
import { MICROVM_RESOURCE_TYPE } from '../../../src/contract/microvm';
import type { Operation } from '../../../src/handlers/engine/operation';
import type { DesiredMicrovm, HealthCheck } from '../../../src/handlers/microvm/desired';
import type { MicrovmReconcileInput } from '../../../src/handlers/microvm/input';
import type { Launch } from '../../../src/handlers/microvm/launch';
import type { Microvm, ObservedLaunches } from '../../../src/handlers/microvm/observed';
import type { PollCircumstancesOf } from '../engine/inputs';
import { MINUTE, NOW, operation, pollEventOf, SECOND } from '../engine/inputs';

export const IMAGE = 'arn:aws:lambda:us-east-1:123456789012:microvm-image:app';
export const ROLE = 'arn:aws:iam::123456789012:role/handler-of-app';
export const OLD_ROLE = 'arn:aws:iam::123456789012:role/handler-of-old-app';
export const LEDGER = '/cdk-lambda-microvms/0f2c/Shared';
export const LOG_GROUP = 'logs-of-app';

export const ID = 'microvm-00000000-0000-4000-8000-000000000001';
export const OLD_ID = 'microvm-00000000-0000-4000-8000-000000000002';
export const THIRD_ID = 'microvm-00000000-0000-4000-8000-000000000003';

/** Client tokens of the current operation and of an earlier one. */
export const TOKEN = 'a'.repeat(64);
export const OLD_TOKEN = 'b'.repeat(64);

const REQUEST = { imageIdentifier: IMAGE, logging: { cloudWatch: { logGroup: LOG_GROUP } } };

export function desired(more: Partial<DesiredMicrovm> = {}): DesiredMicrovm {
  return { request: REQUEST, fingerprint: 'new', roleArn: ROLE, showsLog: false, ...more };
}

/** Returns a health check of a minute. */
export function healthCheck(more: Partial<HealthCheck> = {}): HealthCheck {
  return { port: 8080, path: '/', timeout: MINUTE, responseTimeout: 4 * SECOND, ...more };
}

/** Returns a launch of the current operation. */
export function launch(more: Partial<Launch> = {}): Launch {
  return { name: TOKEN, fingerprint: 'new', request: REQUEST, roleArn: ROLE, launchedAt: NOW - MINUTE, microvmId: ID, ...more };
}

/** Returns a launch of an earlier operation with another request. */
export function oldLaunch(more: Partial<Launch> = {}): Launch {
  return launch({ name: OLD_TOKEN, fingerprint: 'old', roleArn: OLD_ROLE, microvmId: OLD_ID, launchedAt: NOW - 60 * MINUTE, ...more });
}

export function microvm(more: Partial<Microvm> = {}): Microvm {
  return { id: ID, state: 'RUNNING', endpoint: 'host', imageVersion: '3.0', imageArn: IMAGE, observedAt: NOW, ...more };
}

export function observing(
  launches: Launch[] | undefined, microvms: (Microvm | string)[] = [], more: Partial<ObservedLaunches> = {},
): ObservedLaunches {
  return {
    launches,
    launchesObservedAt: launches && NOW,
    // A text is the ID of a MicroVM that does not exist.
    microvms: Object.fromEntries(microvms.map(one => typeof one === 'string' ? [one, 'absent' as const] : [one.id, one])),
    ...more,
  };
}

/** Returns the input of a forward update after the launch of an earlier operation. */
export function input(observed: ObservedLaunches, more: Partial<Operation> = {}, rest: Partial<MicrovmReconcileInput> = {}): MicrovmReconcileInput {
  const operationOfInput = operation({ clientToken: TOKEN, ...more });
  return { operation: operationOfInput, desired: desired(), requestPhysicalId: OLD_ID, ledgerPath: LEDGER, observed, ...rest };
}

export function properties(more: Partial<MicrovmProperties> = {}): MicrovmProperties {
  return { ResourceRoleArn: ROLE, LaunchRequest: JSON.stringify(REQUEST), TimeoutSeconds: '3000', ...more };
}

export function pollEvent(more: PollCircumstancesOf<MicrovmProperties> = {}) {
  return pollEventOf(MICROVM_RESOURCE_TYPE, `launch:${TOKEN}`, properties, more);
}
