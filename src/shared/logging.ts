import { RemovalPolicy } from 'aws-cdk-lib';
import * as logs from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { checkText } from '../private/errors';
import type { PropertyTypes } from '../private/property-types';
import { checkArgument, checkProps, having, instanceOf, NUMBER, oneOf } from '../private/property-types';
import { checkRemovalPolicy } from '../private/removal-policy';

/**
 * Options of a log group that the library creates.
 */
export interface MicrovmNewLogGroupOptions {
  /**
   * Retention of log events. Changing it replaces nothing.
   *
   * @default logs.RetentionDays.ONE_MONTH
   */
  readonly retention?: logs.RetentionDays;

  /**
   * Removal policy of the log group. Changing it replaces nothing.
   *
   * @default - the removal policy of the image; RemovalPolicy.DESTROY for a launcher
   */
  readonly removalPolicy?: RemovalPolicy;
}

const NEW_LOG_GROUP_TYPES: PropertyTypes<MicrovmNewLogGroupOptions> = { retention: NUMBER, removalPolicy: oneOf('RemovalPolicy', RemovalPolicy) };

/**
 * Log group of the builds of an image, or of the MicroVMs of a launcher.
 *
 * The library always names the log group or disables logging. Otherwise the service would create a log group that no
 * stack deletes (service-facts.md, 5).
 *
 * @example
 * import { RemovalPolicy, aws_logs as logs } from 'aws-cdk-lib';
 * import type { Stack } from 'aws-cdk-lib';
 * import { MicrovmCode, MicrovmImage, MicrovmLogging } from 'cdk-lambda-microvms';
 *
 * declare const stack: Stack;
 *
 * new MicrovmImage(stack, 'Sandbox', {
 *   code: MicrovmCode.fromDirectory('sandbox'),
 *   logging: MicrovmLogging.newLogGroup({
 *     retention: logs.RetentionDays.ONE_YEAR,
 *     removalPolicy: RemovalPolicy.RETAIN,
 *   }),
 * });
 */
export abstract class MicrovmLogging {
  /**
   * Creates a log group for one image or one launcher.
   */
  public static newLogGroup(options: MicrovmNewLogGroupOptions = {}): MicrovmLogging {
    checkProps(undefined, options, NEW_LOG_GROUP_TYPES, 'logging');
    checkRemovalPolicy('logging.removalPolicy', options.removalPolicy);
    return new NewLogGroup(options);
  }

  /**
   * Uses an existing log group of the same account and Region. Several images and launchers can share it.
   *
   * So the error of a failed build shows no lines of the log, unless `showBuildLogInErrors` is true.
   *
   * @param logGroup the log group: an L1, an L2 or an imported one. Its name has 1 to 512 letters, digits and
   * `_ - / . #`.
   */
  public static logGroup(logGroup: logs.ILogGroupRef): MicrovmLogging {
    checkArgument('logging', logGroup, having('a log group', 'logGroupRef'));
    return new GivenLogGroup(logGroup);
  }

  /**
   * Writes no logs. The error of a failed build or launch then shows only the short reason that the service gives.
   */
  public static disabled(): MicrovmLogging {
    return new NoLogs();
  }

  /**
   * Returns the log group. Creates it in the scope if it is a new one.
   *
   * @internal
   */
  public abstract _logGroup(scope: Construct, removalPolicy: RemovalPolicy): logs.ILogGroup | undefined;

  /**
   * Applies the removal policy of the image to a log group that `_logGroup` has created, unless the user has set
   * another one.
   *
   * @internal
   */
  public _applyRemovalPolicy(logGroup: logs.ILogGroup | undefined, removalPolicy: RemovalPolicy): void {
    void logGroup;
    void removalPolicy;
  }

  /**
   * Whether something else may write to the log group.
   *
   * @internal
   */
  public _mayBeShared(): boolean {
    return false;
  }

  /**
   * Returns the log group if the user has passed one.
   *
   * @internal
   */
  public _given(): logs.ILogGroupRef | undefined {
    return undefined;
  }
}

class NewLogGroup extends MicrovmLogging {
  public constructor(private readonly options: MicrovmNewLogGroupOptions) {
    super();
  }

  public _logGroup(scope: Construct, removalPolicy: RemovalPolicy): logs.ILogGroup {
    return new logs.LogGroup(scope, 'LogGroup', {
      retention: this.options.retention ?? logs.RetentionDays.ONE_MONTH,
      removalPolicy: this.options.removalPolicy ?? removalPolicy,
    });
  }

  public override _applyRemovalPolicy(logGroup: logs.ILogGroup | undefined, removalPolicy: RemovalPolicy): void {
    if (this.options.removalPolicy === undefined) logGroup?.applyRemovalPolicy(removalPolicy);
  }
}

/** Returns the log group as an L2. */
function logGroupOf(scope: Construct, logGroup: logs.ILogGroupRef): logs.ILogGroup {
  const isL2 = 'grantWrite' in logGroup;
  return isL2 ? logGroup as logs.ILogGroup : logs.LogGroup.fromLogGroupName(scope, 'LogGroup', logGroup.logGroupRef.logGroupName);
}

class GivenLogGroup extends MicrovmLogging {
  public constructor(private readonly logGroup: logs.ILogGroupRef) {
    super();
  }

  public _logGroup(scope: Construct): logs.ILogGroup {
    checkText({
      property: 'logging',
      code: 'MicrovmLogGroupNameInvalid',
      minLength: 1,
      maxLength: 512,
      pattern: /^[a-zA-Z0-9_\-/.#]+$/,
      allowed: 'letters, digits and _ - / . # in the name of the log group',
    }, this.logGroup.logGroupRef.logGroupName, scope);
    return logGroupOf(scope, this.logGroup);
  }

  public _mayBeShared(): boolean {
    return true;
  }

  public override _given(): logs.ILogGroupRef {
    return this.logGroup;
  }
}

class NoLogs extends MicrovmLogging {
  public _logGroup(): undefined {
    return undefined;
  }
}

export const LOGGING = instanceOf('MicrovmLogging', MicrovmLogging, 'MicrovmLogging.logGroup(logGroup) or MicrovmLogging.newLogGroup()');
