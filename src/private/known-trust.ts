import { CfnResource, Stack, Token } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { IConstruct } from 'constructs';
import { warnLate } from './warnings';
import { matchesWildcards } from './wildcards';
import type { SynthesisWarningCode } from '../contract/diagnostics';

/** What a service needs of the trust policy of a role. */
export interface TrustNeeds {
  /** The service principals; the trust policy must name one of them. */
  readonly services: string[];
  /** The actions that the trust policy must allow. */
  readonly actions: string[];
  /** The condition keys, in lower case, that the service is known not to send. */
  readonly unsentKeys: string[];
  /** What to do, for the end of the warning. */
  readonly fix: string;
}

/** Build and execution roles (service-facts.md, 3.1). */
export const IMAGE_ROLE_TRUST: TrustNeeds = {
  services: ['lambda.amazonaws.com'],
  actions: ['sts:AssumeRole', 'sts:TagSession'],
  unsentKeys: ['sts:externalid'],
  fix: "create the role with assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com').withSessionTags()",
};

/** Operator roles: the service presents neither a source account nor a source ARN (service-facts.md, 3.4). */
export const OPERATOR_ROLE_TRUST: TrustNeeds = {
  services: ['lambda.amazonaws.com', 'network-connectors.lambda.amazonaws.com'],
  actions: ['sts:AssumeRole'],
  unsentKeys: ['sts:externalid', 'aws:sourceaccount', 'aws:sourcearn'],
  fix: "create the role with assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com'), without these conditions",
};

/** The role that a user passed in, and how to warn of it. */
export interface TrustedRole {
  readonly role: IConstruct;
  readonly property: string;
  readonly code: SynthesisWarningCode;
  readonly needs: TrustNeeds;
}

interface Statement {
  readonly Effect?: unknown;
  readonly Action?: unknown;
  readonly NotAction?: unknown;
  readonly Principal?: unknown;
  readonly NotPrincipal?: unknown;
  readonly Condition?: unknown;
}

/**
 * Warns at the end of synth if the service cannot assume a role of this app. Roles that the app imports have no known
 * trust policy.
 */
export function warnIfNotAssumable(scope: IConstruct, { role, property, code, needs }: TrustedRole): void {
  scope.node.addValidation({
    validate: () => {
      const problems = trustProblems(role, needs);
      if (problems.length > 0) warnLate(code, `${property}: the trust policy of ${role.node.path} ${problems.join(' and ')}; ${needs.fix}`, scope);
      return [];
    },
  });
}

/** Returns why the trust policy of a role is known to fail; nothing for a policy that works or is not known. */
export function trustProblems(role: IConstruct, needs: TrustNeeds): string[] {
  const statements = trustStatements(role);
  if (!statements) return [];
  const ofService = statements.filter(statement => statement.Effect === 'Allow' && namesService(statement, needs.services));
  if (ofService.length === 0) return [`does not name ${needs.services[0]}`];
  const account = Stack.of(role).account;
  const problems = needs.actions.flatMap(action => {
    const allowing = ofService.filter(statement => allows(statement, action));
    if (allowing.length === 0) return [`does not allow ${action} to ${needs.services[0]}`];
    const failing = allowing.map(statement => failingCondition(statement.Condition, needs.unsentKeys, account));
    return failing.some(reason => reason === undefined) ? [] : [failing[0]!];
  });
  return [...new Set(problems)];
}

/** Returns the statements of the trust policy; undefined if the app does not define the role, or not in plain JSON. */
function trustStatements(role: IConstruct): Statement[] | undefined {
  const resource = CfnResource.isCfnResource(role) ? role : role.node.defaultChild;
  if (!resource || !CfnResource.isCfnResource(resource) || resource.cfnResourceType !== iam.CfnRole.CFN_RESOURCE_TYPE_NAME) return undefined;
  const document: unknown = Stack.of(resource).resolve((resource as iam.CfnRole).assumeRolePolicyDocument);
  const { Statement: statements } = document as { Statement?: unknown } ?? {};
  return statements === undefined ? undefined : list(statements) as Statement[];
}

function namesService({ Principal: principal, NotPrincipal: notPrincipal }: Statement, services: string[]): boolean {
  if (notPrincipal !== undefined || typeof principal !== 'object' || principal === null) return true;
  const { Service: names, AWS: others } = principal as { Service?: unknown; AWS?: unknown };
  return list(others).includes('*') || list(names).some(name => typeof name !== 'string' || services.includes(name));
}

function allows({ Action: actions, NotAction: notActions }: Statement, action: string): boolean {
  return notActions !== undefined || list(actions).some(pattern => typeof pattern !== 'string' || matchesWildcards(pattern, action, 'i'));
}

/** Operators that do not hold if the request lacks the key. */
const NEEDS_KEY = /^(ForAnyValue:)?(String(Equals|EqualsIgnoreCase|Like)|Arn(Equals|Like))$/;

/** Returns why a condition cannot hold. */
function failingCondition(condition: unknown, unsentKeys: string[], account: string): string | undefined {
  for (const [operator, tests] of Object.entries(condition ?? {})) {
    for (const [key, value] of Object.entries(tests as Record<string, unknown>)) {
      const needsKey = NEEDS_KEY.test(operator) || (operator === 'Null' && String(value) === 'false');
      if (!needsKey) continue;
      if (unsentKeys.includes(key.toLowerCase())) return `has a condition on ${key}, which the service does not send`;
      if (operator === 'StringEquals' && key.toLowerCase() === 'aws:sourceaccount' && excludes(value, account)) {
        return `requires another ${key} than ${account}`;
      }
    }
  }
  return undefined;
}

function excludes(value: unknown, account: string): boolean {
  return !Token.isUnresolved(account) && list(value).every(item => typeof item === 'string' && item !== account);
}

function list(value: unknown): unknown[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}
