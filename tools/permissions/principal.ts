import { runUnsafeSimulation } from '@cloud-copilot/iam-simulate';
import { ACCOUNT } from '../../test/support/stacks';

/** A call to AWS as IAM authorizes it: action, resource and context. */
export interface Call {
  readonly action: string;
  readonly resource: string;
  readonly context: Readonly<Record<string, string | readonly string[]>>;
}

export interface Statement {
  readonly Sid?: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Action?: string | string[];
  readonly NotAction?: string | string[];
  readonly Resource?: string | string[];
  readonly NotResource?: string | string[];
  readonly Principal?: unknown;
  readonly Condition?: Record<string, Record<string, string | string[]>>;
}

/** One action on one resource of a statement. */
export interface Pair {
  readonly statement: number;
  readonly action: string;
  readonly resource: string;
}

export function listOf<T>(value: T | T[] | undefined): T[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}

/** A principal with the permissions of these statements. Each question is simulated once. */
export class Principal {
  private readonly answers = new Map<string, boolean>();
  private readonly pairs = new Map<string, Pair[]>();
  private readonly conditionKeys: string[];

  public constructor(public readonly arn: string, public readonly statements: readonly Statement[]) {
    this.conditionKeys = statements.flatMap(({ Condition: condition }) => Object.values(condition ?? {}).flatMap(keys => Object.keys(keys)));
  }

  public may(call: Call): boolean {
    const key = this.keyOf(call);
    const answer = this.answers.get(key) ?? simulate(this.arn, this.statements, call);
    this.answers.set(key, answer);
    return answer;
  }

  /** Every pair of action and resource that alone would allow the call; empty if the call is denied. */
  public allowedBy(call: Call): Pair[] {
    const key = this.keyOf(call);
    const known = this.pairs.get(key);
    if (known) return known;
    const pairs = !this.may(call) ? [] : this.allPairs().filter(({ statement, action, resource }) =>
      fits(action, call.action) && simulate(this.arn, [{ ...this.statements[statement], Action: action, Resource: resource }], call));
    this.pairs.set(key, pairs);
    return pairs;
  }

  public allPairs(): Pair[] {
    return this.statements.flatMap(({ Effect: effect, Action: actions, Resource: resources }, statement) => effect === 'Deny' ? [] : listOf(actions)
      .flatMap(action => listOf(resources).map(resource => ({ statement, action, resource }))));
  }

  /** The same principal with a change of one statement. A statement without resources is left out. */
  public with(statement: number, change: Partial<Statement>): Principal {
    const changed = this.statements.map((given, index) => index === statement ? { ...given, ...change } : given);
    return new Principal(this.arn, changed.filter(({ Resource: resources }) => listOf(resources).length > 0));
  }

  /** The same principal without one statement. */
  public without(statement: number): Principal {
    return new Principal(this.arn, this.statements.filter((_, index) => index !== statement));
  }

  /** Context keys that no statement uses make no difference. */
  public keyOf({ action, resource, context }: Call): string {
    return JSON.stringify([action, resource, this.conditionKeys.map(key => context[key] ?? null)]);
  }
}

/**
 * Key policies, like those of keys of the CDK, leave it to IAM who may use the key. The simulation requires a key
 * policy but does not accept one, so the service gets another name.
*/
const KMS = 'kms-by-iam';

function fits(pattern: string, action: string): boolean {
  return pattern === '*' || pattern.toLowerCase() === action.toLowerCase();
}

/** Simulates only the policy. A call without an ARN is allowed only by the resource `*`. */
function simulate(principal: string, statements: readonly Statement[], { action, resource, context }: Call): boolean {
  const renamed = statements.map(statement => statement.Action === undefined ? statement : { ...statement, Action: listOf(statement.Action).map(name => name.replace(/^kms:/, `${KMS}:`)) });
  return runUnsafeSimulation({
    identityPolicies: [{ name: 'policy', policy: { Version: '2012-10-17', Statement: renamed } }],
    serviceControlPolicies: [],
    resourceControlPolicies: [],
    request: {
      action: action.replace(/^kms:/, `${KMS}:`),
      principal,
      resource: { accountId: ACCOUNT, resource: resource.replace(/\*/g, 'not-known-yet') },
      contextVariables: { 'aws:PrincipalArn': principal, ...context as Record<string, string | string[]> },
    },
  }, {}) === 'Allowed';
}
