import { runSimulation, runUnsafeSimulation } from '@cloud-copilot/iam-simulate';
import { ACCOUNT } from './stacks';

/** Expects that each question has this answer. A failure shows the questions with another answer. */
export async function expectAnswers(policies: any[], expected: boolean, questions: Question[], bounds?: Bounds): Promise<void> {
  const wrong = [];
  for (const question of questions) if (await allows(policies, question, bounds) !== expected) wrong.push(question);
  expect(wrong).toEqual([]);
}

export interface Question {
  readonly action: string;
  readonly resource: string;
  readonly context?: Record<string, string | string[]>;
}

/**
 * Actions that the service authorizes by ARN, although the service authorization data lists them without a resource
 * type or not at all (service-facts.md, 2.1 and 2.3).
 */
export const UNLISTED = ['lambda:PassNetworkConnector', 'lambda:ListNetworkConnectorVersions'];

/**
 * The simulation leaves out context keys whose variable part is not after a slash. So these keys get another name, in
 * policies and requests alike.
 */
function withSimulatedKeys<T>(simulation: T): T {
  return JSON.parse(JSON.stringify(simulation).replaceAll('kms:EncryptionContext:', 'aws:PrincipalTag/'));
}

const PRINCIPAL = `arn:aws:iam::${ACCOUNT}:role/somebody`;

/** The principal, and the policies that restrict it. */
export interface Bounds {
  readonly principal?: string;
  readonly boundary?: any;
  readonly serviceControlPolicy?: any;
  /** The policy of a KMS key. @default - IAM policies decide who may use the key */
  readonly keyPolicy?: any;
}

const ALLOW_ALL = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] };

/** A key policy that delegates to IAM who may use the key. */
const KEY_POLICY = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 'kms:*', Resource: '*', Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` } }],
};

/** Simulates whether the policies of a principal allow an action. */
export async function allows(policies: any[], { action, resource, context = {} }: Question, bounds: Bounds = {}): Promise<boolean> {
  const { principal = PRINCIPAL, boundary, serviceControlPolicy, keyPolicy = KEY_POLICY } = bounds;
  const simulation = withSimulatedKeys({
    identityPolicies: policies.map((policy, index) => ({ name: `policy${index}`, policy })),
    permissionBoundaryPolicies: boundary && [{ name: 'boundary', policy: boundary }],
    serviceControlPolicies: serviceControlPolicy
      ? [{ orgIdentifier: 'root', policies: [{ name: 'all', policy: ALLOW_ALL }, { name: 'guardrail', policy: serviceControlPolicy }] }]
      : [],
    resourceControlPolicies: [],
    resourcePolicy: action.startsWith('kms:') ? keyPolicy : undefined,
    request: { action, principal, resource: { accountId: ACCOUNT, resource }, contextVariables: { 'aws:PrincipalArn': principal, ...context } },
  });
  if (UNLISTED.includes(action)) return runUnsafeSimulation(simulation, {}) === 'Allowed';
  const result = await runSimulation(simulation, {});
  if (result.resultType === 'error') throw new Error(`${action} on ${resource}: ${JSON.stringify(result.errors)}`);
  return result.overallResult === 'Allowed';
}

/** Simulates whether a trust policy lets a principal with these policies assume the role. */
export async function trusts(
  trustPolicy: any, principal: string, action: string, context: Record<string, string | string[]> = {}, policies: any[] = [],
): Promise<boolean> {
  const result = await runSimulation({
    identityPolicies: policies.map((policy, index) => ({ name: `policy${index}`, policy })),
    serviceControlPolicies: [],
    resourceControlPolicies: [],
    resourcePolicy: trustPolicy,
    request: { action, principal, resource: { accountId: ACCOUNT, resource: PRINCIPAL }, contextVariables: context },
  }, {});
  if (result.resultType === 'error') throw new Error(`${action} by ${principal}: ${JSON.stringify(result.errors)}`);
  return result.overallResult === 'Allowed';
}
