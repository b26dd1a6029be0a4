import type { Duration } from 'aws-cdk-lib';
import { Tokenization } from 'aws-cdk-lib';
import type { HookProperties } from '../contract/image';
import type { DurationRule, NumberRule } from '../private/errors';
import { checkDuration, checkNumber } from '../private/errors';

/**
 * Options of one hook.
 */
export interface MicrovmHookOptions {
  /**
   * The time that the application has to answer, in whole seconds. The hooks of a build (ready and validate) allow 1
   * second to 1 hour. The hooks of a MicroVM (run, resume, suspend and terminate) allow 1 to 60 seconds. Changing it
   * builds a new version.
   *
   * @default - 30 seconds for ready and validate, 1 second for the other hooks
   */
  readonly timeout?: Duration;
}

/**
 * Hooks of an application that has a ready hook.
 */
export interface MicrovmReadyHooks {
  /**
   * The port of the hooks, 1 to 65535. The application must listen on 0.0.0.0.
   *
   * The service does not authenticate to hooks: whoever has a token for this port can call them too. Treat callers as
   * untrusted.
   */
  readonly port: number;

  /**
   * Called during the build until the application is ready for its snapshot. Answer with 503 until then. A 500 fails
   * the build. The service calls this hook several times, also in parallel.
   *
   * @default - enabled with the default timeout
   */
  readonly ready?: MicrovmHookOptions;

  /**
   * Called during the build, on a MicroVM that was started from the snapshot.
   *
   * @default - not called
   */
  readonly validate?: MicrovmHookOptions;

  /**
   * Called after the launch of a MicroVM, with the payload of the launch. An error terminates the MicroVM.
   *
   * All MicroVMs start from the same snapshot. Random values generated before the snapshot are identical in every
   * MicroVM. Reseed in this hook, and set up everything else that must differ between MicroVMs.
   *
   * @default - not called; the service rejects a launch with a payload
   */
  readonly run?: MicrovmHookOptions;

  /**
   * Called when a suspended MicroVM runs again. Its network connections are closed by then.
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
 * A validate hook as the only hook.
 */
export interface MicrovmValidateHook extends MicrovmHookOptions {
  /**
   * The port of the hook, 1 to 65535. The application must listen on 0.0.0.0.
   */
  readonly port: number;
}

const PORT_RULE: NumberRule = { property: 'hooks.port', code: 'MicrovmHookPortInvalid', min: 1, max: 65_535 };

/** Limits and defaults in seconds (service-facts.md, 1.1 and 5). */
const IMAGE_HOOK = { max: 3600, default: 30, allowed: '1 second to 1 hour' };
const RUNTIME_HOOK = { max: 60, default: 1, allowed: '1 to 60 seconds' };

/**
 * Hooks: requests from the service to the application, `POST /aws/lambda-microvms/runtime/v1/<hook>` on one port.
 *
 * The service rejects a hook of a MicroVM without the ready hook, a hook without a port, and a port without a hook
 * (service-facts.md, 5). The factory methods of this class rule out these errors.
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
   * Enables the ready hook, and the other hooks that you pass, even as empty objects.
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
   * Enables the validate hook alone, for an application that is ready as soon as it has started and needs no other
   * hook.
   */
  public static validateOnly(hook: MicrovmValidateHook): MicrovmHooks {
    return new MicrovmHooks({ Port: port(hook.port), Validate: timeout('validate', hook, IMAGE_HOOK) });
  }

  private constructor(private readonly properties: HookProperties) {}

  /**
   * The hooks as properties of the custom resource.
   *
   * @internal
   */
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
