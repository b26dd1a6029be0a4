import type { IResolvable, IResolveContext } from 'aws-cdk-lib';
import { Token } from 'aws-cdk-lib';
import type * as iam from 'aws-cdk-lib/aws-iam';

/**
 * Shorter ways to write the same in a template. The CDK writes each element of a nested value on a line of its own, and
 * CloudFormation accepts templates of at most 1 MB.
 */

/** Returns a token for a text whose parts are known at deployment only, as one `Fn::Sub` instead of an `Fn::Join`. */
export function conciseText(text: string): string {
  return Token.isUnresolved(text) ? Token.asString(new Concise(text, withSubstitutions)) : text;
}

/**
 * Returns a token for a policy document that permits and denies the same with fewer statements. It does not depend on
 * the feature flag that makes aws-cdk-lib merge statements.
 */
export function concisePolicy(document: iam.PolicyDocument): IResolvable {
  return new Concise(document, resolved => withSubstitutions({ ...resolved, Statement: mergedStatements(resolved.Statement) }));
}

class Concise implements IResolvable {
  public readonly creationStack: string[] = [];

  public constructor(private readonly value: unknown, private readonly shorten: (resolved: any) => unknown) {}

  public resolve(context: IResolveContext): unknown {
    // Before it renders templates, the CDK only collects the tokens.
    if (!context.preparing) context.registerPostProcessor({ postProcess: resolved => resolved === undefined ? undefined : this.shorten(resolved) });
    return this.value;
  }

  public toString(): string {
    return Token.asString(this);
  }
}

/** Replaces each `Fn::Join` of texts, references, attributes and at most one value of a mapping by an `Fn::Sub`. */
function withSubstitutions(value: any): any {
  if (Array.isArray(value)) return value.map(withSubstitutions);
  if (value === null || typeof value !== 'object') return value;
  const [delimiter, parts] = Object.keys(value).length === 1 && Array.isArray(value['Fn::Join']) ? value['Fn::Join'] : [];
  if (delimiter !== '' || !Array.isArray(parts)) return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, withSubstitutions(member)]));
  const mapped = parts.filter(part => part['Fn::FindInMap']);
  const texts = parts.map(part => part === mapped[0] ? '${Value}' : substitution(part));
  if (texts.includes(undefined)) return value;
  return { 'Fn::Sub': mapped.length === 0 ? texts.join('') : [texts.join(''), { Value: mapped[0] }] };
}

/** Returns a part of a text in the notation of `Fn::Sub`. Undefined if it has none. */
function substitution(part: any): string | undefined {
  if (typeof part === 'string') return part.replace(/\$\{/g, '${!');
  if (typeof part.Ref === 'string') return `\${${part.Ref}}`;
  if (typeof part['Fn::Sub'] === 'string') return part['Fn::Sub'];
  const attribute = part['Fn::GetAtt'];
  return Array.isArray(attribute) && attribute.every(name => typeof name === 'string') ? `\${${attribute.join('.')}}` : undefined;
}

interface Statement {
  readonly Sid?: string;
  readonly Effect: string;
  readonly Action?: string | string[];
  readonly Resource?: unknown;
  readonly Condition?: unknown;
}

/**
 * Merges statements with the same effect and the same conditions: first by resource, then resources with the same
 * actions. So the pairs of actions and resources stay the same.
 */
function mergedStatements(statements: readonly Statement[]): Statement[] {
  const groups = groupedBy(statements, statement => {
    const { Effect: effect, Condition: condition, ...others } = statement;
    const isPlain = Object.keys(others).sort().join() === 'Action,Resource';
    return isPlain ? JSON.stringify([effect, condition]) : String(statements.indexOf(statement));
  });
  return groups.flatMap(group => {
    const [{ Effect, Condition }] = group;
    if (group.length === 1) return group;
    const pairs = group.flatMap(({ Action: action, Resource: resources }) => listOf(resources)
      .map(resource => ({ actions: listOf(action), resource })));
    const byResource = groupedBy(pairs, ({ resource }) => JSON.stringify(resource))
      .map(same => ({ actions: [...new Set(same.flatMap(({ actions }) => actions))].sort(), resource: same[0].resource }));
    return groupedBy(byResource, ({ actions }) => actions.join()).map(same => ({
      Action: single(same[0].actions),
      ...Condition === undefined ? {} : { Condition },
      Effect,
      Resource: single(same.map(({ resource }) => resource)),
    }));
  });
}

function groupedBy<T>(values: readonly T[], keyOf: (value: T) => string): T[][] {
  const groups = new Map<string, T[]>();
  for (const value of values) {
    const key = keyOf(value);
    groups.set(key, [...groups.get(key) ?? [], value]);
  }
  return [...groups.values()];
}

function listOf(value: any): any[] {
  return Array.isArray(value) ? value : [value];
}

function single(values: any[]): any {
  return values.length === 1 ? values[0] : values;
}
