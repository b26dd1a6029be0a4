import { Duration, Tokenization } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import type { HealthCheckProperties } from '../contract/microvm';
import type { DurationRule, NumberRule, TextRule } from '../private/errors';
import { checkDuration, checkNumber, checkText } from '../private/errors';
import { DURATION, NUMBER, struct, TEXT } from '../private/property-types';
import type { PropertyTypes } from '../private/property-types';

/**
 * A health check: a GET request that a MicroVM must answer with a 2xx status.
 *
 * The deployment creates a token for the endpoint of the MicroVM and repeats the request until it succeeds.
 */
export interface MicrovmHealthCheck {
  /**
   * The port of the request: 1 to 65535.
   *
   * @default 8080
   */
  readonly port?: number;

  /**
   * The path of the request, optionally with a query: 1 to 1,024 characters, starting with a slash, without spaces. The
   * health check does not follow redirects.
   *
   * @default /
   */
  readonly path?: string;

  /**
   * Maximum time for which the request is repeated, counted from when the MicroVM runs: 1 second to 30 minutes, in
   * whole seconds.
   *
   * @default Duration.minutes(1)
   */
  readonly timeout?: Duration;

  /**
   * Maximum time that the response to one request may take: 1 to 30 seconds, in whole seconds. If a response takes
   * longer, the deployment repeats the request until `timeout`.
   *
   * @default Duration.seconds(4)
   */
  readonly responseTimeout?: Duration;
}

const TYPES: PropertyTypes<MicrovmHealthCheck> = { port: NUMBER, path: TEXT, timeout: DURATION, responseTimeout: DURATION };
export const HEALTH_CHECK = struct(TYPES);

const CODE = 'MicrovmHealthCheckInvalid';
const PORT_RULE: NumberRule = { property: 'healthCheck.port', code: CODE, min: 1, max: 65_535 };
const TIMEOUT_RULE: DurationRule = { property: 'healthCheck.timeout', code: CODE, min: 1, max: 1800, allowed: '1 second to 30 minutes' };
const RESPONSE_TIMEOUT_RULE: DurationRule = {
  property: 'healthCheck.responseTimeout', code: CODE, min: 1, max: 30, allowed: '1 to 30 seconds',
};
const PATH_RULE: TextRule = {
  property: 'healthCheck.path',
  code: CODE,
  minLength: 1,
  maxLength: 1_024,
  pattern: /^\/[\x21-\x7e]*$/,
  allowed: 'starting with a slash, without spaces',
};

/** Returns the health check as properties of the custom resource. */
export function healthCheckProperties(scope: IConstruct, healthCheck: MicrovmHealthCheck): HealthCheckProperties {
  const { port = 8080, path = '/', timeout = Duration.minutes(1), responseTimeout } = healthCheck;
  checkNumber(PORT_RULE, port, scope);
  checkDuration(TIMEOUT_RULE, timeout, scope);
  checkDuration(RESPONSE_TIMEOUT_RULE, responseTimeout, scope);
  checkText(PATH_RULE, path, scope);
  return {
    Port: Tokenization.stringifyNumber(port),
    Path: path,
    TimeoutSeconds: Tokenization.stringifyNumber(timeout.toSeconds()),
    ResponseTimeoutSeconds: responseTimeout && Tokenization.stringifyNumber(responseTimeout.toSeconds()),
  };
}
