import { Arn, ArnFormat, Stack, Token } from 'aws-cdk-lib';
import type { IEnvironmentAware, ResourceEnvironment } from 'aws-cdk-lib/interfaces';
import type { IConstruct } from 'constructs';
import { ValidationError } from './errors';
import type { SynthesisErrorCode } from '../contract/diagnostics';

/**
 * Throws if a construct and something that it uses are in different accounts or Regions, and both are known.
 *
 * @param scope the construct that uses it; its stack has the environment to compare with.
 * @param property the property that names it, for the beginning of the error.
 * @param other where the used thing is; see `environmentOf`.
 * @param things what it is, in the plural: `network connectors`.
 */
export function requireSameEnvironment(
  scope: IConstruct, code: SynthesisErrorCode, property: string, other: ResourceEnvironment, things: string,
): void {
  const own = Stack.of(scope);
  if (!differ(own.account, other.account) && !differ(own.region, other.region)) return;
  throw new ValidationError(code,
    `${property}: is in ${placeOf(other)}, and this construct in ${placeOf(own)}; ${things} of another account or Region cannot be used; `
    + 'use one of the same account and Region', scope);
}

/** Throws if something is in another account. Roles serve all Regions, for example. */
export function requireSameAccount(
  scope: IConstruct, code: SynthesisErrorCode, property: string, { account }: ResourceEnvironment, things: string,
): void {
  requireSameEnvironment(scope, code, property, { account, region: Stack.of(scope).region }, things);
}

/** Throws if something is in another Region. Policies of buckets and keys may let another account use them. */
export function requireSameRegion(
  scope: IConstruct, code: SynthesisErrorCode, property: string, { region }: ResourceEnvironment, things: string,
): void {
  requireSameEnvironment(scope, code, property, { account: Stack.of(scope).account, region }, things);
}

/** Returns where a resource is. Account and Region in the text of its ARN count more than those of its stack. */
export function environmentOf(resource: IEnvironmentAware, arn?: string): ResourceEnvironment {
  if (arn === undefined || Token.isUnresolved(arn) || !arn.startsWith('arn:')) return resource.env;
  const { account, region } = Arn.split(arn, ArnFormat.NO_RESOURCE_NAME);
  return { account: account || resource.env.account, region: region || resource.env.region };
}

/** Whether two values are known and differ. IAM has no Region, so that of a role is empty. */
function differ(a: string, b: string): boolean {
  return !Token.isUnresolved(a) && !Token.isUnresolved(b) && a !== b && a !== '' && b !== '';
}

/** `123456789012/us-east-1`, with words for what only the deployment knows. */
export function placeOf({ account, region }: ResourceEnvironment): string {
  const known = (value: string, what: string) => Token.isUnresolved(value) ? `<${what} of the deployment>` : value;
  return [known(account, 'account'), known(region, 'Region')].filter(part => part !== '').join('/');
}
