import { Lazy, Token } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { looksSecret } from './secret-looking';
import { checkText, ValidationError } from '../private/errors';
import { plainObject } from '../private/property-types';
import { rejectSecretReferences } from '../private/secret-references';
import { warn } from '../private/warnings';

/**
 * Limits of the service (service-facts.md, 1.1). Until November 2026, the API model allowed 50 variables. Nobody has
 * verified the new limit against live AWS.
 */
const MAX_VARIABLES = 100;
const MAX_VALUE_LENGTH = 4096;
const RESERVED = 'AWS_REGION';

/** The type of the property. Its values are checked where no error shows them. */
export const ENVIRONMENT = plainObject('an object with strings');

/** The environment of an image, to which variables can be added until the end of synth. */
export class Environment {
  private readonly variables = new Map<string, string>();

  public constructor(private readonly scope: Construct, variables: { [name: string]: string } = {}) {
    const entries = Object.entries(variables);
    entries.forEach(([name, value]) => this.set(name, value));
    this.checkNumber();
    this.warnOfSecrets(entries);
  }

  /** Adds a variable. Throws if the environment has one of this name. */
  public add(name: string, value: string): void {
    if (this.variables.has(name)) throw this.error(`'${name}' already exists; use another name, or leave one of the two out`);
    this.set(name, value);
    this.checkNumber();
    this.warnOfSecrets([[name, value]]);
  }

  /** Returns a token for the property of the custom resource, which is absent if there are no variables. */
  public get property(): { [name: string]: string } {
    return Lazy.any({
      produce: () => this.variables.size === 0 ? undefined : Object.fromEntries(this.variables),
    }) as unknown as { [name: string]: string };
  }

  private set(name: string, value: string): void {
    checkText({
      property: 'environment',
      code: 'MicrovmImageEnvironmentInvalid',
      minLength: 1,
      maxLength: 256,
      pattern: /^\S+$/,
      allowed: 'without white space in a name',
    }, name, this.scope);
    if (name === RESERVED) throw this.error(`'${RESERVED}' is reserved, because the service sets it; use another name`);
    if (typeof value !== 'string') {
      const reason = value === undefined ? 'often because an environment variable of the CDK app is not set; set it' : `and its type is ${value === null ? 'null' : typeof value}; pass a string`;
      throw this.error(`the value of '${name}' is ${value === undefined ? 'undefined' : 'not a string'}, ${reason}, or leave the variable out`);
    }
    // Errors never show a value, because it may be confidential.
    if (!Token.isUnresolved(value) && value.length > MAX_VALUE_LENGTH) {
      throw this.error(`the value of '${name}' has ${value.length} characters; use at most ${MAX_VALUE_LENGTH}, or put it into a file of the code`);
    }
    rejectSecretReferences(this.scope, { environment: { [name]: value } });
    this.variables.set(name, value);
  }

  private checkNumber(): void {
    if (this.variables.size <= MAX_VARIABLES) return;
    throw this.error(`${this.variables.size} variables are too many; use at most ${MAX_VARIABLES}, or put them into a file of the code`);
  }

  private warnOfSecrets(variables: [string, string][]): void {
    const secrets = variables.filter(([name, value]) => looksSecret(name, value)).map(([name]) => name);
    if (secrets.length === 0) return;
    warn('cdk-lambda-microvms:environmentLooksSecret',
      `environment: ${secrets.join(', ')} ${secrets.length === 1 ? 'looks like a secret' : 'look like secrets'}; `
      + 'everybody who can read the template can read the environment, and every MicroVM of the image has it; '
      + 'give the execution role access to the secret, and read it in the MicroVM', this.scope);
  }

  private error(problem: string): ValidationError {
    return new ValidationError('MicrovmImageEnvironmentInvalid', `environment: ${problem}`, this.scope);
  }
}
