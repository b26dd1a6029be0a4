import { Duration, Token } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import type { DurationRule } from '../private/errors';
import { checkDuration, ValidationError } from '../private/errors';

/**
 * The algorithm with which STS signs a web-identity token.
 */
export enum WebIdentitySigningAlgorithm {
  /**
   * ECDSA with P-384 and SHA-384.
   */
  ES384 = 'ES384',

  /**
   * RSA with SHA-256, for relying parties that do not support ES384.
   */
  RS256 = 'RS256',
}

/**
 * Which web-identity tokens the MicroVMs of a launcher may request.
 */
export interface WebIdentityOptions {
  /**
   * The audiences of tokens: 1 to 10, without wildcards. Requests for other audiences are denied.
   */
  readonly audiences: string[];

  /**
   * The longest lifetime of a token: 1 minute to 1 hour. The application must send `DurationSeconds`.
   *
   * Not yet verified against AWS: whether a request without `DurationSeconds` is permitted.
   *
   * @default Duration.minutes(5)
   */
  readonly maximumLifetime?: Duration;

  /**
   * The signing algorithm of tokens. Requests for another algorithm are denied.
   *
   * @default WebIdentitySigningAlgorithm.ES384
   */
  readonly signingAlgorithm?: WebIdentitySigningAlgorithm;
}

/**
 * The claims that a relying party must check in web-identity tokens.
 *
 * A token with other values is not for this relying party, or not from these MicroVMs.
 */
export interface WebIdentityClaims {
  /**
   * `iss`: the issuer of the account's tokens.
   *
   * @default - the launcher has no `webIdentityIssuer`
   */
  readonly issuer?: string;

  /**
   * `aud`: the audiences that `grantWebIdentity` has granted. It also contains audiences of later grants.
   */
  readonly audiences: string[];

  /**
   * `sub`: the ARN of the execution role.
   */
  readonly subject: string;
}

const MAXIMUM_LIFETIME_RULE: DurationRule = {
  property: 'maximumLifetime', code: 'MicrovmWebIdentityInvalid', min: 60, max: 3600, allowed: '1 to 60 minutes',
};
const MAX_AUDIENCES = 10;

/** Returns the conditions of a statement that permits these tokens. STS has these keys (service-facts.md, 3.5). */
export function webIdentityConditions(scope: IConstruct, options: WebIdentityOptions): Record<string, Record<string, unknown>> {
  const { audiences, maximumLifetime = Duration.minutes(5), signingAlgorithm = WebIdentitySigningAlgorithm.ES384 } = options;
  checkDuration(MAXIMUM_LIFETIME_RULE, maximumLifetime, scope);
  const wild = audiences.find(audience => audience === '' || !Token.isUnresolved(audience) && /[*?]/.test(audience));
  if (wild !== undefined || audiences.length === 0 || audiences.length > MAX_AUDIENCES) {
    throw new ValidationError('MicrovmWebIdentityInvalid',
      `audiences: ${JSON.stringify(audiences)} is not valid; use 1 to ${MAX_AUDIENCES} complete names of relying parties, without * or ?`, scope);
  }
  return {
    'ForAllValues:StringEquals': { 'sts:IdentityTokenAudience': audiences },
    // ForAllValues also holds if the key is absent.
    'Null': { 'sts:IdentityTokenAudience': 'false' },
    'NumericLessThanEquals': { 'sts:DurationSeconds': String(maximumLifetime.toSeconds()) },
    'StringEquals': { 'sts:SigningAlgorithm': signingAlgorithm },
  };
}
