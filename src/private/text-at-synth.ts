import { Stack, Token } from 'aws-cdk-lib';
import { RegionInfo } from 'aws-cdk-lib/region-info';
import type { IConstruct } from 'constructs';

const DEFAULT_URL_SUFFIX = 'amazonaws.com';

/** Returns the domain under which the services of a Region are. */
export function urlSuffixOf(region: string): string {
  return RegionInfo.get(region).domainSuffix ?? DEFAULT_URL_SUFFIX;
}

/**
 * Returns a text without its tokens, if these are only the account, the Region, the partition and the URL suffix of a
 * stack for which account and Region are known. Undefined if a value is known only during the deployment.
 */
export function textAtSynth(scope: IConstruct, text: string): string | undefined {
  if (!Token.isUnresolved(text)) return text;
  return textOf(Stack.of(scope).resolve(text), pseudoParameters(scope));
}

type PseudoParameters = ReadonlyMap<string, string>;

function pseudoParameters(scope: IConstruct): PseudoParameters {
  const { account, region } = Stack.of(scope);
  const ofRegion = Token.isUnresolved(region) ? {} : { Region: region, Partition: RegionInfo.get(region).partition, URLSuffix: urlSuffixOf(region) };
  const values: Record<string, string | undefined> = { AccountId: Token.isUnresolved(account) ? undefined : account, ...ofRegion };
  return new Map(Object.entries(values).flatMap(([name, value]) => value === undefined ? [] : [[`AWS::${name}`, value]]));
}

function textOf(value: any, parameters: PseudoParameters): string | undefined {
  if (typeof value === 'string') return value;
  if (value?.Ref !== undefined) return parameters.get(value.Ref);
  const join = value?.['Fn::Join'];
  if (join !== undefined) {
    const parts: (string | undefined)[] = join[1].map((part: any) => textOf(part, parameters));
    return parts.includes(undefined) ? undefined : parts.join(join[0]);
  }
  const template = value?.['Fn::Sub'];
  if (typeof template !== 'string') return undefined;
  const names = [...template.matchAll(/\$\{([^!}]+)\}/g)].map(match => match[1]);
  if (!names.every(name => parameters.has(name))) return undefined;
  return template.replace(/\$\{([^!}]+)\}/g, (_, name) => parameters.get(name)!).replace(/\$\{!/g, '${');
}
