import type { Pair, Principal } from '../../tools/permissions/principal';
import type { SamplePrincipal } from '../../tools/permissions/principals';
import { PRINCIPALS, roleOf } from '../../tools/permissions/principals';
import { explain } from '../../tools/permissions/purposes';
import { synthesizeSample } from '../../tools/permissions/sample';
import { allows } from '../support/iam';

jest.mock('../../src/private/bundle', () => jest.requireActual('../support/no-bundle'));

const sample = synthesizeSample();

/** Those whose calls are written down; the calls of the others are those of the histories, which prove the same of them. */
const WITH_NEEDS = PRINCIPALS.filter(({ needs }) => needs !== undefined);
const needsOf = ({ needs }: SamplePrincipal) => needs!(sample);
const refusedOf = ({ refused }: SamplePrincipal) => refused?.(sample) ?? [];
const cases = (principals: SamplePrincipal[]) => principals.map(principal => [principal.title, principal] as const);

test('each role of the sample is one of these, or one of the same sort, or a person\'s', () => {
  const sorts = PRINCIPALS.map(({ beginning }) => beginning.replace(/^(App|Internal|Launcher)/, ''));
  const others = sample.roles.filter(({ logicalId }) => !sorts.some(sort => logicalId.includes(sort)));
  expect(others.map(({ logicalId }) => logicalId)).toEqual([]);
  expect(sample.roles.filter(({ managedPolicies }) => managedPolicies.length > 0)).toEqual([]);
});

describe.each(cases(WITH_NEEDS))('%s', (_, principal) => {
  const { principal: able } = roleOf(sample, principal);

  test('may do all that is done with it', async () => {
    const denied = [];
    for (const need of needsOf(principal)) {
      if (!able.may(need) || !await allows([{ Version: '2012-10-17', Statement: able.statements }], need as any)) denied.push(need);
    }
    expect(denied).toEqual([]);
  });

  test('has no pair of action and resource that nothing needs, but those with a reason', () => {
    const pairs = needsOf(principal).map(need => able.allowedBy(need)).filter(found => found.length === 1).map(([pair]) => keyOf(pair));
    const needless = able.allPairs().filter(pair => !pairs.includes(keyOf(pair)));
    const withoutReason = needless.filter(pair => reasonsOf(principal, able, pair).length === 0);
    expect(withoutReason).toEqual([]);
  });

  test('has no statement that could be left out', () => {
    const isNeeded = (index: number) => {
      const rest = able.without(index);
      return needsOf(principal).some(need => !rest.may(need)) || refusedOf(principal).some(call => rest.may(call));
    };
    expect(able.statements.filter((_statement, index) => !isNeeded(index))).toEqual([]);
  });
});

test.each(cases(PRINCIPALS.filter(({ refused }) => refused !== undefined)))('%s is of no use to an ordinary function', (_, principal) => {
  expect(refusedOf(principal).filter(call => roleOf(sample, principal).principal.may(call))).toEqual([]);
});

function keyOf({ statement, action, resource }: Pair): string {
  return [statement, action, resource].join(' ');
}

/** Why the page of permissions says that a resource covers more than what is known to be needed. */
function reasonsOf({ permissions }: SamplePrincipal, principal: Principal, { statement, resource }: Pair): string[] {
  if (!resource.endsWith('*')) return [];
  return explain(principal.statements, permissions)[statement].flatMap(({ star }) => star ?? []);
}
