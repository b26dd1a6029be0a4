import { Stack } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import type { IConstruct } from 'constructs';
import type { MicrovmLauncherFunctionOptions } from './launcher-interface';
import { leastLength } from './least-length';
import { requireSameEnvironment } from '../private/environments';
import type { TextRule } from '../private/errors';
import { checkText, ValidationError } from '../private/errors';
import { checkArgument, having, TEXT } from '../private/property-types';
import type { PropertyTypes } from '../private/property-types';
import { sharedValue } from '../private/shared-value';

export const FUNCTION_TYPES: PropertyTypes<MicrovmLauncherFunctionOptions> = { environmentVariable: TEXT };

const VARIABLE_RULE: TextRule = {
  property: 'environmentVariable',
  code: 'MicrovmLauncherEnvironmentVariableInvalid',
  minLength: 2,
  maxLength: 256,
  pattern: /^[a-zA-Z]\w*$/,
  allowed: 'letters, digits and underscores, starting with a letter',
};

/** Lambda measures the JSON of all variables. */
const LARGEST_ENVIRONMENT = 4_096;

/** Sets an environment variable of a function for one launcher. */
export function addToFunction(launcher: IConstruct, fn: lambda.Function, variable: string, value: string): void {
  checkText(VARIABLE_RULE, variable, launcher);
  checkArgument('fn', fn, having('a Function that this app creates, not an alias or an import', 'addEnvironment'), launcher);
  requireSameEnvironment(launcher, 'MicrovmLauncherCrossEnvironment', 'fn', fn.env, 'functions');
  const launchers = launchersOf(fn);
  const other = launchers.get(variable);
  if (other === launcher) return;
  if (other) {
    throw new ValidationError('MicrovmLauncherEnvironmentVariableTaken',
      `environmentVariable: '${variable}' of ${fn.node.path} is already for launcher ${other.node.path}; `
      + `pass another environmentVariable for launcher ${launcher.node.path}`, launcher);
  }
  launchers.set(variable, launcher);
  fn.addEnvironment(variable, value);
}

/** Returns the launchers of a function by variable. */
function launchersOf(fn: lambda.Function): Map<string, IConstruct> {
  return sharedValue(fn, 'launchersByVariable', () => {
    fn.node.addValidation({ validate: () => sizeErrors(fn) });
    return new Map<string, IConstruct>();
  });
}

/** Returns an error if the variables are certainly too large. Unknown values count with their least length. */
function sizeErrors(fn: lambda.Function): string[] {
  const { defaultChild: resource } = fn.node;
  if (!(resource instanceof lambda.CfnFunction)) return [];
  const { variables = {} } = Stack.of(fn).resolve(resource.environment) ?? {};
  const pairs = Object.entries(variables).map(([name, value]) => `"${name}":""`.length + leastLength(value, escaped));
  const length = '{}'.length + pairs.reduce((sum, pair) => sum + pair, 0) + Math.max(0, pairs.length - 1);
  return length <= LARGEST_ENVIRONMENT ? [] : [new ValidationError('MicrovmLauncherEnvironmentTooLarge',
    `environmentVariable: the environment variables of the function need at least ${length} bytes, and Lambda accepts ${LARGEST_ENVIRONMENT}; `
    + 'publish launchers, and add what publish returns to the function instead', fn).message];
}

function escaped(text: string): number {
  return Buffer.byteLength(JSON.stringify(text)) - 2;
}
