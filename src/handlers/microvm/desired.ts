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
  /** Whether errors show the end of the log of the MicroVM. */
  readonly showsLog: boolean;
}

const DEFAULT_RESPONSE_TIMEOUT = 4_000;

export interface HealthCheck {
  readonly port: number;
  readonly path: string;
  /** Counted from when the MicroVM runs, in milliseconds. */
  readonly timeout: number;
  /** How long one response may take, in milliseconds. */
  readonly responseTimeout: number;
}

export function desiredMicrovm(properties: MicrovmProperties): DesiredMicrovm {
  const { ImageVersion: imageVersion, Payload: runHookPayload, HealthCheck: check } = properties;
  const request = applyOverrides({
    // The resource of another release may have no request. A deletion needs none.
    ...JSON.parse(hasRequest(properties) ? properties.LaunchRequest : '{}') as LaunchRequest,
    ...imageVersion === undefined ? {} : { imageVersion },
    ...runHookPayload === undefined ? {} : { runHookPayload },
  }, properties.RequestOverrides);
  return {
    request,
    fingerprint: hash(canonicalJson(request), properties.Trigger ?? '').slice(0, 16),
    roleArn: properties.ResourceRoleArn,
    healthCheck: check && {
      port: Number(check.Port),
      path: check.Path,
      timeout: Number(check.TimeoutSeconds) * 1000,
      responseTimeout: check.ResponseTimeoutSeconds === undefined ? DEFAULT_RESPONSE_TIMEOUT : Number(check.ResponseTimeoutSeconds) * 1000,
    },
    showsLog: properties.ShowLogInErrors === 'true',
  };
}

/** Returns what the old properties describe; nothing if they are those of a release that did not record the request. */
export function previousMicrovm(old: MicrovmProperties | undefined): DesiredMicrovm | undefined {
  return old && hasRequest(old) ? desiredMicrovm(old) : undefined;
}

function hasRequest({ LaunchRequest: request }: Partial<MicrovmProperties>): boolean {
  return request !== undefined;
}

/** Returns the path of the parameters that record the launches of a resource. */
export function ledgerPath(event: Pick<ResourceEvent, 'StackId' | 'LogicalResourceId'>): string {
  return [LEDGER_PATH, event.StackId.split('/')[2], event.LogicalResourceId].join('/');
}
