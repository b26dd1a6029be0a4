import { Token } from 'aws-cdk-lib';
import type * as iam from 'aws-cdk-lib/aws-iam';
import { ValidationError } from '../private/errors';

/**
 * Whether the service may tag its sessions of a role.
 *
 * The service's documentation asks for `sts:TagSession` in the trust policy of build and execution roles; no session tags have
 * been seen so far. If the service starts to tag its sessions, `none` and patterns that do not fit stop builds and launches,
 * because the role can then no longer be assumed.
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
   * As documented by the service: any tags.
   */
  public static anyTags(): SessionTagging {
    return new SessionTagging({});
  }

  /**
   * None: the action is not in the trust policy.
   */
  public static none(): SessionTagging {
    return new SessionTagging(undefined);
  }

  /**
   * Tags whose keys fit one of the patterns.
   *
   * @param patterns keys, with `*` and `?` for any characters, for example `lambda:*`.
   */
  public static keyPatterns(...patterns: string[]): SessionTagging {
    if (patterns.length === 0 || patterns.some(pattern => !Token.isUnresolved(pattern) && (pattern === '' || pattern.length > 128))) {
      throw new ValidationError('MicrovmSessionTaggingInvalid',
        `sessionTagging: ${JSON.stringify(patterns)} is not valid; use at least one pattern, each of 1 to 128 characters, or SessionTagging.none()`);
    }
    // Without Null a session without tags would pass, which is another statement's matter.
    return new SessionTagging({ 'ForAllValues:StringLike': { 'aws:TagKeys': patterns }, 'Null': { 'aws:TagKeys': 'false' } });
  }

  private constructor(private readonly conditions: iam.Conditions | undefined) {}

  /** @internal */
  public _conditions(): iam.Conditions | undefined {
    return this.conditions;
  }
}
