import { Duration, Token } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import type { DurationRule } from '../private/errors';
import { checkDuration, ValidationError } from '../private/errors';
import { checkProps, DURATION, oneOf, TEXTS } from '../private/property-types';
import type { PropertyTypes } from '../private/property-types';

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
 * Options of `grantWebIdentity`. They limit the web-identity tokens that the MicroVMs of a launcher may request.
 *
 * @example
 * import { CfnOutput } from 'aws-cdk-lib';
 * import type { Stack } from 'aws-cdk-lib';
 * import type { MicrovmLauncher } from 'cdk-lambda-microvms';
 *
 * declare const stack: Stack;
 * declare const launcher: MicrovmLauncher;
 *
 * launcher.grantWebIdentity({ audiences: ['https://billing.example.com'] });
 *
 * // What the relying party must check
 * new CfnOutput(stack, 'Claims', { value: stack.toJsonString(launcher.webIdentityClaims) });
 */
export interface WebIdentityOptions {
  /**
   * The audiences of tokens: 1 to 10, without wildcards. STS denies requests for other audiences.
   */
  readonly audiences: string[];

  /**
   * Maximum lifetime of a token: 1 minute to 1 hour, in whole seconds. The application must send `DurationSeconds`.
   *
   * Not yet verified against AWS: whether STS permits a request without `DurationSeconds`.
   *
   * @default Duration.minutes(5)
   */
  readonly maximumLifetime?: Duration;

  /**
   * The signing algorithm of tokens. STS denies requests for another algorithm.
   *
   * @default WebIdentitySigningAlgorithm.ES384
   */
  readonly signingAlgorithm?: WebIdentitySigningAlgorithm;
}

/**
 * Claims that a relying party must check in web-identity tokens.
 *
 * A token with other values is not for this relying party, or it is not from these MicroVMs.
 */
export interface WebIdentityClaims {
  /**
   * `iss`: the issuer of the account's tokens, from `webIdentityIssuer` of the launcher.
   *
   * @default - the launcher has no `webIdentityIssuer`
   */
  readonly issuer?: string;

  /**
   * `aud`: the audiences of all calls of `grantWebIdentity`, including calls after this property was read.
   */
  readonly audiences: string[];

  /**
   * `sub`: the ARN of the execution role.
   */
  readonly subject: string;
}

const TYPES: PropertyTypes<WebIdentityOptions> = {
  audiences: TEXTS.required(), maximumLifetime: DURATION, signingAlgorithm: oneOf('WebIdentitySigningAlgorithm', WebIdentitySigningAlgorithm),
};

const MAXIMUM_LIFETIME_RULE: DurationRule = {
  property: 'maximumLifetime', code: 'MicrovmWebIdentityInvalid', min: 60, max: 3600, allowed: '1 to 60 minutes',
};
const MAX_AUDIENCES = 10;

/** Returns the conditions of a statement that permits these tokens. STS has these keys (service-facts.md, 3.5). */
export function webIdentityConditions(scope: IConstruct, options: WebIdentityOptions): Record<string, Record<string, unknown>> {
  checkProps(scope, options, TYPES);
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
