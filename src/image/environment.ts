import { Token } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { checkText, ValidationError } from '../private/errors';
import { warn } from '../private/warnings';

/**
 * Limits of the service (service-facts.md, 1.1). Until November 2026, the API model allowed 50 variables. Nobody has
 * verified the new limit against live AWS.
 */
const MAX_VARIABLES = 100;
const MAX_VALUE_LENGTH = 4096;
const RESERVED = 'AWS_REGION';

const LOOKS_LIKE_SECRET = /secret|passw(or)?d|passphrase|token|credential|api_?key|private_?key|access_?key|signing_?key|encryption_?key/i;

/** Returns the environment after checking it; undefined if it is empty. */
export function checkedEnvironment(scope: Construct, environment: { [name: string]: string } = {}): { [name: string]: string } | undefined {
  const names = Object.keys(environment);
  if (names.length === 0) return undefined;
  if (names.length > MAX_VARIABLES) {
    throw new ValidationError('MicrovmImageEnvironmentInvalid',
      `environment: ${names.length} variables are too many; use at most ${MAX_VARIABLES}, or put them into a file of the code`, scope);
  }
  for (const name of names) {
    checkText({
      property: 'environment',
      code: 'MicrovmImageEnvironmentInvalid',
      minLength: 1,
      maxLength: 256,
      pattern: /^\S+$/,
      allowed: 'without white space in a name',
    }, name, scope);
    const value = environment[name];
    // Errors never show a value, because it may be confidential.
    if (!Token.isUnresolved(value) && value.length > MAX_VALUE_LENGTH) {
      throw new ValidationError('MicrovmImageEnvironmentInvalid',
        `environment: the value of '${name}' has ${value.length} characters; use at most ${MAX_VALUE_LENGTH}, or put it into a file of the code`, scope);
    }
    if (name === RESERVED) {
      throw new ValidationError('MicrovmImageEnvironmentInvalid',
        `environment: '${RESERVED}' is reserved, because the service sets it; use another name`, scope);
    }
  }
  warnOfSecrets(scope, names);
  return environment;
}

function warnOfSecrets(scope: Construct, names: string[]): void {
  const secrets = names.filter(name => !Token.isUnresolved(name) && LOOKS_LIKE_SECRET.test(name));
  if (secrets.length === 0) return;
  warn('cdk-lambda-microvms:environmentLooksSecret',
    `environment: ${secrets.join(', ')} ${secrets.length === 1 ? 'looks like a secret' : 'look like secrets'}; `
    + 'everybody who can read the template can read the environment, and every MicroVM of the image has it; '
    + 'give the execution role access to the secret, and read it in the MicroVM', scope);
}
