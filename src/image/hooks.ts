import type { Duration } from 'aws-cdk-lib';
import { Tokenization } from 'aws-cdk-lib';
import type { HookProperties } from '../contract/image';
import type { DurationRule, NumberRule } from '../private/errors';
import { checkDuration, checkNumber } from '../private/errors';
import type { PropertyTypes } from '../private/property-types';
import { checkProps, DURATION, instanceOf, NUMBER, struct } from '../private/property-types';

/**
 * Options of one hook.
 */
export interface MicrovmHookOptions {
  /**
   * Maximum time for the application to answer, in whole seconds. Changing it builds a new version.
   *
   * The hooks of a build (ready and validate) permit 1 second to 1 hour. The hooks of a MicroVM (run, resume, suspend
   * and terminate) permit 1 to 60 seconds (service-facts.md, 1.1).
   *
   * @default - 30 seconds for ready and validate, 1 second for the other hooks
   */
  readonly timeout?: Duration;
}

/**
 * Hooks of an application that has a ready hook. Changing any of them builds a new version.
 */
export interface MicrovmReadyHooks {
  /**
   * The port on which the application answers all hooks: 1 to 65535. The application must listen on 0.0.0.0.
   *
   * The service does not authenticate itself to hooks. Whoever has a token for this port can call the hooks too, so
   * treat each call as untrusted.
   *
   * Projects run hooks on port 8080. One report says that the service calls port 9000 only (service-facts.md, 11.2).
   */
  readonly port: number;

  /**
   * The ready hook. The service calls it during the build, before it takes the snapshot.
   *
   * Answer with 503 until the application is ready. A 500 fails the build (service-facts.md, 5). The service calls this
   * hook several times, also in parallel (service-facts.md, 11.4).
   *
   * @default - enabled with the default timeout
   */
  readonly ready?: MicrovmHookOptions;

  /**
   * The validate hook. The service calls it during the build, on a MicroVM that it started from the snapshot.
   *
   * @default - not called
   */
  readonly validate?: MicrovmHookOptions;

  /**
   * The run hook. The service calls it after the launch of a MicroVM, with the payload of the launch. An error
   * terminates the MicroVM.
   *
   * All MicroVMs start from the same snapshot. Random values generated before the snapshot are identical in every
   * MicroVM. Reseed in this hook, and set up everything else that must differ between MicroVMs.
   *
   * @default - not called; the service rejects a launch with a payload
   */
  readonly run?: MicrovmHookOptions;

  /**
   * The resume hook. The service calls it when a suspended MicroVM runs again. The network connections of the MicroVM
   * are closed by then.
   *
   * @default - not called
   */
  readonly resume?: MicrovmHookOptions;

  /**
   * The suspend hook. The service calls it before it suspends a MicroVM.
   *
   * @default - not called
   */
  readonly suspend?: MicrovmHookOptions;

  /**
   * The terminate hook. The service calls it before it terminates a MicroVM.
   *
   * @default - not called
   */
  readonly terminate?: MicrovmHookOptions;
}

/**
 * Options of a validate hook without any other hook.
 */
export interface MicrovmValidateHook extends MicrovmHookOptions {
  /**
   * The port on which the application answers the hook: 1 to 65535. The application must listen on 0.0.0.0. Changing it
   * builds a new version.
   */
  readonly port: number;
}

const HOOK_TYPES: PropertyTypes<MicrovmHookOptions> = { timeout: DURATION };
const HOOK = struct(HOOK_TYPES);
const READY_HOOKS_TYPES: PropertyTypes<MicrovmReadyHooks> = {
  port: NUMBER.required(), ready: HOOK, validate: HOOK, run: HOOK, resume: HOOK, suspend: HOOK, terminate: HOOK,
};
const VALIDATE_HOOK_TYPES: PropertyTypes<MicrovmValidateHook> = { ...HOOK_TYPES, port: NUMBER.required() };

const PORT_RULE: NumberRule = { property: 'hooks.port', code: 'MicrovmHookPortInvalid', min: 1, max: 65_535 };

/** Limits and defaults in seconds (service-facts.md, 1.1 and 5). */
const IMAGE_HOOK = { max: 3600, default: 30, allowed: '1 second to 1 hour' };
const RUNTIME_HOOK = { max: 60, default: 1, allowed: '1 to 60 seconds' };

/**
 * Hooks of an application: requests that the service sends to `POST /aws/lambda-microvms/runtime/v1/<hook>` on one
 * port.
 *
 * The service rejects a hook of a MicroVM without a ready hook, a hook without a port, and a port without a hook
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
   * Enables the ready hook, and each other hook that you pass. An empty object enables a hook with its default timeout.
   */
  public static withReady(hooks: MicrovmReadyHooks): MicrovmHooks {
    checkProps(undefined, hooks, READY_HOOKS_TYPES, 'hooks');
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
   * Enables the validate hook alone. Use it for an application that is ready as soon as it has started.
   */
  public static validateOnly(hook: MicrovmValidateHook): MicrovmHooks {
    checkProps(undefined, hook, VALIDATE_HOOK_TYPES, 'hooks');
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

export const HOOKS = instanceOf('MicrovmHooks', MicrovmHooks, 'MicrovmHooks.withReady({ port: 8080 })');
