import type { LaunchRequest } from './launch';
import type { MicrovmProperties } from '../../contract/microvm';
import { LEDGER_PATH } from '../../contract/microvm';
import type { ResourceEvent } from '../engine/event';
import { canonicalJson, hash } from '../engine/fingerprint';
import { applyOverrides } from '../engine/request-body';

/** The MicroVM that the properties, or the old properties, describe. */
export interface DesiredMicrovm {
  readonly request: LaunchRequest;
  /** Hash of all that decides how the MicroVM is launched. */
  readonly fingerprint: string;
  readonly roleArn: string;
  readonly healthCheck?: HealthCheck;
}

export interface HealthCheck {
  readonly port: number;
  readonly path: string;
  /** Counted from when the MicroVM runs, in milliseconds. */
  readonly timeout: number;
}

export function desiredMicrovm(properties: MicrovmProperties): DesiredMicrovm {
  const { ImageVersion: imageVersion, Payload: runHookPayload, HealthCheck: check } = properties;
  const request = applyOverrides({
    ...JSON.parse(properties.LaunchRequest) as LaunchRequest,
    ...imageVersion === undefined ? {} : { imageVersion },
    ...runHookPayload === undefined ? {} : { runHookPayload },
  }, properties.RequestOverrides);
  return {
    request,
    fingerprint: hash(canonicalJson(request), properties.Trigger ?? '').slice(0, 16),
    roleArn: properties.ResourceRoleArn,
    healthCheck: check && { port: Number(check.Port), path: check.Path, timeout: Number(check.TimeoutSeconds) * 1000 },
  };
}

/** Returns the path of the parameters that record the launches of a resource. */
export function ledgerPath(event: ResourceEvent): string {
  return [LEDGER_PATH, event.StackId.split('/')[2], event.LogicalResourceId].join('/');
}
