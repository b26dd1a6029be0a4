import { Duration, Tokenization } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import type { HealthCheckProperties } from '../contract/microvm';
import type { DurationRule, NumberRule } from '../private/errors';
import { checkDuration, checkNumber, checkText } from '../private/errors';

/**
 * A request that a MicroVM must answer, with a token that is minted for it.
 */
export interface MicrovmHealthCheck {
  /**
   * The port: 1 to 65535.
   *
   * @default 8080
   */
  readonly port?: number;

  /**
   * The path, with a query if need be. The answer to a GET request must be 2xx; redirects are not followed.
   *
   * @default /
   */
  readonly path?: string;

  /**
   * For how long it is tried once the MicroVM runs: 1 second to 30 minutes.
   *
   * @default Duration.minutes(1)
   */
  readonly timeout?: Duration;
}

const CODE = 'MicrovmHealthCheckInvalid';
const PORT: NumberRule = { property: 'healthCheck.port', code: CODE, min: 1, max: 65_535 };
const TIMEOUT: DurationRule = { property: 'healthCheck.timeout', code: CODE, min: 1, max: 1800, allowed: '1 second to 30 minutes' };

export function healthCheckProperties(scope: IConstruct, { port = 8080, path = '/', timeout = Duration.minutes(1) }: MicrovmHealthCheck): HealthCheckProperties {
  checkNumber(PORT, port, scope);
  checkDuration(TIMEOUT, timeout, scope);
  checkText({
    property: 'healthCheck.path', code: CODE, minLength: 1, maxLength: 1_024, pattern: /^\/[\x21-\x7e]*$/, allowed: 'a slash first, without spaces',
  }, path, scope);
  return { Port: Tokenization.stringifyNumber(port), Path: path, TimeoutSeconds: Tokenization.stringifyNumber(timeout.toSeconds()) };
}
