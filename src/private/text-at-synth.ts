import { Stack, Token } from 'aws-cdk-lib';
import { RegionInfo } from 'aws-cdk-lib/region-info';
import type { IConstruct } from 'constructs';
import { textWith } from './template-text';

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
  const values = pseudoParameters(scope);
  let isKnown = true;
  const known = textWith(Stack.of(scope).resolve(text), name => {
    isKnown &&= values.has(name);
    return values.get(name) ?? '';
  });
  return isKnown ? known : undefined;
}

function pseudoParameters(scope: IConstruct): ReadonlyMap<string, string> {
  const { account, region } = Stack.of(scope);
  const ofRegion = Token.isUnresolved(region) ? {} : { Region: region, Partition: RegionInfo.get(region).partition, URLSuffix: urlSuffixOf(region) };
  const values: Record<string, string | undefined> = { AccountId: Token.isUnresolved(account) ? undefined : account, ...ofRegion };
  return new Map(Object.entries(values).flatMap(([name, value]) => value === undefined ? [] : [[`AWS::${name}`, value]]));
}
