import type { RemovalPolicy } from 'aws-cdk-lib';
import * as logs from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { checkText } from '../private/errors';

/**
 * A log group that is made for one use.
 */
export interface MicrovmNewLogGroupOptions {
  /**
   * How long log events are kept. A change replaces nothing.
   *
   * @default logs.RetentionDays.ONE_MONTH
   */
  readonly retention?: logs.RetentionDays;

  /**
   * What becomes of the log group when its owner is removed from the stack.
   *
   * @default - the same as of its owner
   */
  readonly removalPolicy?: RemovalPolicy;
}

/**
 * Where logs go.
 *
 * The group is always named to the service: left to itself it would make a group of its own, which no stack deletes.
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
 *   logging: MicrovmLogging.newLogGroup({ retention: logs.RetentionDays.ONE_YEAR, removalPolicy: RemovalPolicy.RETAIN }),
 * });
 */
export abstract class MicrovmLogging {
  /**
   * A log group that goes with what it belongs to.
   */
  public static newLogGroup(options: MicrovmNewLogGroupOptions = {}): MicrovmLogging {
    return new NewLogGroup(options);
  }

  /**
   * A log group that is there already, in the same account and Region.
   *
   * @param logGroup a name of at most 512 characters; it may be shared.
   */
  public static logGroup(logGroup: logs.ILogGroup): MicrovmLogging {
    return new GivenLogGroup(logGroup);
  }

  /**
   * No logs. Of a failed build only the service's short reason is left.
   */
  public static disabled(): MicrovmLogging {
    return new NoLogs();
  }

  /**
   * The log group, made in the scope if need be.
   *
   * @internal
   */
  public abstract _logGroup(scope: Construct, removalPolicy: RemovalPolicy): logs.ILogGroup | undefined;
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
}

class GivenLogGroup extends MicrovmLogging {
  public constructor(private readonly logGroup: logs.ILogGroup) {
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
    }, this.logGroup.logGroupName, scope);
    return this.logGroup;
  }
}

class NoLogs extends MicrovmLogging {
  public _logGroup(): undefined {
    return undefined;
  }
}
