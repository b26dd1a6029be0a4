import { Token } from 'aws-cdk-lib';
import type * as iam from 'aws-cdk-lib/aws-iam';
import { ValidationError } from '../private/errors';
import { checkArgument, instanceOf, TEXTS } from '../private/property-types';

/**
 * Session tags that the trust policy of a role permits (`sts:TagSession`).
 *
 * The documentation of the service asks for `sts:TagSession` in the trust policy of build and execution roles. Nobody
 * has seen session tags so far (service-facts.md, 3.1).
 *
 * Builds and launches fail if the service sends tags that the trust policy does not permit, because it cannot assume
 * the role then. This can happen with `none()`, and with `keyPatterns()` that do not match the tags.
 *
 * @example
 * import type { Stack } from 'aws-cdk-lib';
 * import type { MicrovmImage } from 'cdk-lambda-microvms';
 * import { MicrovmExecutionRole, SessionTagging } from 'cdk-lambda-microvms';
 *
 * declare const stack: Stack;
 * declare const image: MicrovmImage;
 *
 * new MicrovmExecutionRole(stack, 'ExecutionRole', { image, sessionTagging: SessionTagging.keyPatterns('lambda:*') });
 */
export class SessionTagging {
  /**
   * Permits any session tags, as the documentation of the service recommends.
   */
  public static anyTags(): SessionTagging {
    return new SessionTagging({});
  }

  /**
   * Permits no session tags. The trust policy then does not contain `sts:TagSession`.
   */
  public static none(): SessionTagging {
    return new SessionTagging(undefined);
  }

  /**
   * Permits session tags whose keys match one of the patterns.
   *
   * @param patterns at least one pattern of 1 to 128 characters, for example `lambda:*`. `*` stands for any characters,
   * and `?` for any one character.
   */
  public static keyPatterns(...patterns: string[]): SessionTagging {
    checkArgument('sessionTagging', patterns, TEXTS);
    if (patterns.length === 0 || patterns.some(pattern => !Token.isUnresolved(pattern) && (pattern === '' || pattern.length > 128))) {
      throw new ValidationError('MicrovmSessionTaggingInvalid',
        `sessionTagging: ${JSON.stringify(patterns)} is not valid; use at least one pattern, each of 1 to 128 characters, or SessionTagging.none()`);
    }
    // ForAllValues is true for a request without tags. Null makes the statement match only requests with tags.
    return new SessionTagging({ 'ForAllValues:StringLike': { 'aws:TagKeys': patterns }, 'Null': { 'aws:TagKeys': 'false' } });
  }

  private constructor(private readonly conditions: iam.Conditions | undefined) {}

  /**
   * The conditions on the keys of session tags; undefined if no session tags are permitted.
   *
   * @internal
   */
  public _conditions(): iam.Conditions | undefined {
    return this.conditions;
  }
}

export const SESSION_TAGGING = instanceOf('SessionTagging', SessionTagging, 'SessionTagging.none() or SessionTagging.keyPatterns(pattern)');
