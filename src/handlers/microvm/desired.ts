import type { LaunchRequest } from './launch';
import type { MicrovmProperties } from '../../contract/microvm';
import { LEDGER_PATH } from '../../contract/microvm';
import { canonical } from '../engine/canonical';
import type { ResourceEvent } from '../engine/event';
import { hash } from '../engine/operation';

/** A MicroVM as the template asks for it, or asked for it before. */
export interface DesiredMicrovm {
  readonly request: LaunchRequest;
  /** Equal for properties that ask for the same launch. */
  readonly fingerprint: string;
  readonly roleArn: string;
  readonly healthCheck?: HealthCheck;
}

export interface HealthCheck {
  readonly port: number;
  readonly path: string;
  /** From when it runs, in milliseconds. */
  readonly timeout: number;
}

export function desiredMicrovm(properties: MicrovmProperties): DesiredMicrovm {
  const { ImageVersion: imageVersion, Payload: runHookPayload, HealthCheck: check } = properties;
  const request = {
    ...JSON.parse(properties.LaunchRequest) as LaunchRequest,
    ...imageVersion === undefined ? {} : { imageVersion },
    ...runHookPayload === undefined ? {} : { runHookPayload },
  };
  return {
    request,
    fingerprint: hash(canonical(request), properties.Trigger ?? '').slice(0, 16),
    roleArn: properties.ResourceRoleArn,
    healthCheck: check && { port: Number(check.Port), path: check.Path, timeout: Number(check.TimeoutSeconds) * 1000 },
  };
}

/** Where the launches of a resource are written down. */
export function ledgerPath(event: ResourceEvent): string {
  return [LEDGER_PATH, event.StackId.split('/')[2], event.LogicalResourceId].join('/');
}
