import type { Duration } from 'aws-cdk-lib';
import { Tokenization } from 'aws-cdk-lib';
import type { HookProperties } from '../contract/image';
import type { DurationRule, NumberRule } from '../private/errors';
import { checkDuration, checkNumber } from '../private/errors';

/**
 * One hook.
 */
export interface MicrovmHookOptions {
  /**
   * How long the application may take to answer.
   *
   * The hooks of a build (ready and validate) take 1 second to 1 hour, the hooks of a MicroVM (run, resume, suspend and
   * terminate) 1 to 60 seconds, in whole seconds.
   *
   * @default - 30 seconds for ready and validate, 1 second for the others
   */
  readonly timeout?: Duration;
}

/**
 * The hooks of an application that has a ready hook.
 */
export interface MicrovmReadyHooks {
  /**
   * The port that the application answers hooks on, on all interfaces (0.0.0.0).
   *
   * Hooks share no secret with the service: whoever has a token for this port can call them too, so treat callers as untrusted.
   */
  readonly port: number;

  /**
   * Called during the build until the application is ready for its snapshot. Answer 503 until then; any 500 fails the build.
   * It is called several times, also at once.
   *
   * @default - enabled with its default time-out
   */
  readonly ready?: MicrovmHookOptions;

  /**
   * Called during the build on a MicroVM that was started from the snapshot.
   *
   * @default - not called
   */
  readonly validate?: MicrovmHookOptions;

  /**
   * Called when a MicroVM has been launched, with the payload of the launch: the place to seed randomness anew and to set up
   * what must differ from MicroVM to MicroVM, since all of them start from one snapshot. An error ends the MicroVM.
   *
   * @default - not called; a launch with a payload is then refused
   */
  readonly run?: MicrovmHookOptions;

  /**
   * Called when a suspended MicroVM runs again. Its connections are gone by then.
   *
   * @default - not called
   */
  readonly resume?: MicrovmHookOptions;

  /**
   * Called before a MicroVM is suspended.
   *
   * @default - not called
   */
  readonly suspend?: MicrovmHookOptions;

  /**
   * Called before a MicroVM is terminated.
   *
   * @default - not called
   */
  readonly terminate?: MicrovmHookOptions;
}

/**
 * A validate hook and no other.
 */
export interface MicrovmValidateHook extends MicrovmHookOptions {
  /**
   * The port that the application answers the hook on, on all interfaces (0.0.0.0).
   */
  readonly port: number;
}

const PORT_RULE: NumberRule = { property: 'hooks.port', code: 'MicrovmHookPortInvalid', min: 1, max: 65_535 };

/** Limits and defaults, in seconds: service facts 1.1 and 5. */
const IMAGE_HOOK = { max: 3600, default: 30, allowed: '1 second to 1 hour' };
const RUNTIME_HOOK = { max: 60, default: 1, allowed: '1 to 60 seconds' };

/**
 * The calls that the service makes to the application: `POST /aws/lambda-microvms/runtime/v1/<hook>` on one port.
 *
 * The service has three rules, which cannot be broken here: a hook of a MicroVM needs the ready hook, a hook needs the port,
 * and the port needs a hook.
 *
 * @example
 * import { Duration } from 'aws-cdk-lib';
 * import { MicrovmHooks } from 'cdk-lambda-microvms';
 *
 * const hooks = MicrovmHooks.withReady({
 *   port: 8080,
 *   ready: { timeout: Duration.minutes(2) },
 *   run: { timeout: Duration.seconds(5) },
 *   suspend: {},
 * });
 */
export class MicrovmHooks {
  /**
   * A ready hook, and any of the others. A hook is called if it is there, also as an empty object.
   */
  public static withReady(hooks: MicrovmReadyHooks): MicrovmHooks {
    return new MicrovmHooks({
      Port: port(hooks.port),
      Ready: timeout('ready', hooks.ready ?? {}, IMAGE_HOOK),
      Validate: hooks.validate && timeout('validate', hooks.validate, IMAGE_HOOK),
      Run: hooks.run && timeout('run', hooks.run, RUNTIME_HOOK),
      Resume: hooks.resume && timeout('resume', hooks.resume, RUNTIME_HOOK),
      Suspend: hooks.suspend && timeout('suspend', hooks.suspend, RUNTIME_HOOK),
      Terminate: hooks.terminate && timeout('terminate', hooks.terminate, RUNTIME_HOOK),
    });
  }

  /**
   * A validate hook alone, for an application that is ready as soon as it has started and whose MicroVMs need no calls.
   */
  public static validateOnly(hook: MicrovmValidateHook): MicrovmHooks {
    return new MicrovmHooks({ Port: port(hook.port), Validate: timeout('validate', hook, IMAGE_HOOK) });
  }

  private constructor(private readonly properties: HookProperties) {}

  /** @internal */
  public _properties(): HookProperties {
    return this.properties;
  }
}

function port(value: number): string {
  checkNumber(PORT_RULE, value);
  return Tokenization.stringifyNumber(value);
}

function timeout(hook: string, options: MicrovmHookOptions, kind: typeof IMAGE_HOOK): string {
  const rule: DurationRule = {
    property: `hooks.${hook}.timeout`, code: 'MicrovmHookTimeoutInvalid', min: 1, max: kind.max, allowed: kind.allowed,
  };
  checkDuration(rule, options.timeout);
  return Tokenization.stringifyNumber(options.timeout?.toSeconds() ?? kind.default);
}
