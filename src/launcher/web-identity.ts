import { Duration, Token } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import type { DurationRule } from '../private/errors';
import { checkDuration, ValidationError } from '../private/errors';

/**
 * How a web-identity token is signed.
 */
export enum WebIdentitySigningAlgorithm {
  /**
   * ECDSA with P-384 and SHA-384.
   */
  ES384 = 'ES384',

  /**
   * RSA with SHA-256, for relying parties that know no other.
   */
  RS256 = 'RS256',
}

/**
 * Which web-identity tokens MicroVMs may get.
 */
export interface WebIdentityOptions {
  /**
   * The audiences that a token may be for: 1 to 10, without wildcards. A token for any other is denied.
   */
  readonly audiences: string[];

  /**
   * The longest lifetime of a token: 1 minute to 1 hour. The application must send `DurationSeconds`; whether a request without it passes was not
   * measured.
   *
   * @default Duration.minutes(5)
   */
  readonly maximumLifetime?: Duration;

  /**
   * The one algorithm that a token may be signed with.
   *
   * @default WebIdentitySigningAlgorithm.ES384
   */
  readonly signingAlgorithm?: WebIdentitySigningAlgorithm;
}

/**
 * What a relying party pins: a token with other values is not for it, or not from these MicroVMs.
 */
export interface WebIdentityClaims {
  /**
   * `iss`: the issuer of the account's tokens.
   *
   * @default - the launcher was not told
   */
  readonly issuer?: string;

  /**
   * `aud`: the audiences that were granted so far.
   */
  readonly audiences: string[];

  /**
   * `sub`: the ARN of the execution role.
   */
  readonly subject: string;
}

const MAXIMUM_LIFETIME: DurationRule = { property: 'maximumLifetime', code: 'MicrovmWebIdentityInvalid', min: 60, max: 3600, allowed: '1 to 60 minutes' };
const MOST_AUDIENCES = 10;

/** Of a statement that allows these tokens: service facts 3.5. */
export function webIdentityConditions(scope: IConstruct, options: WebIdentityOptions): { [test: string]: { [key: string]: unknown } } {
  const { audiences, maximumLifetime = Duration.minutes(5), signingAlgorithm = WebIdentitySigningAlgorithm.ES384 } = options;
  checkDuration(MAXIMUM_LIFETIME, maximumLifetime, scope);
  const wild = audiences.find(audience => audience === '' || !Token.isUnresolved(audience) && /[*?]/.test(audience));
  if (wild !== undefined || audiences.length === 0 || audiences.length > MOST_AUDIENCES) {
    throw new ValidationError('MicrovmWebIdentityInvalid',
      `audiences: ${JSON.stringify(audiences)} is not valid; name 1 to ${MOST_AUDIENCES} relying parties, each in full and without * or ?`, scope);
  }
  return {
    'ForAllValues:StringEquals': { 'sts:IdentityTokenAudience': audiences },
    // Of an absent key all values are anything.
    'Null': { 'sts:IdentityTokenAudience': 'false' },
    'NumericLessThanEquals': { 'sts:DurationSeconds': String(maximumLifetime.toSeconds()) },
    'StringEquals': { 'sts:SigningAlgorithm': signingAlgorithm },
  };
}
