import type { Pair, Principal } from '../../tools/permissions/principal';
import { listOf } from '../../tools/permissions/principal';
import type { SamplePrincipal } from '../../tools/permissions/principals';
import { PRINCIPALS, roleOf } from '../../tools/permissions/principals';
import { explain } from '../../tools/permissions/purposes';
import { synthesizeSample } from '../../tools/permissions/sample';
import { allows } from '../support/iam';

jest.mock('../../src/private/bundle', () => jest.requireActual('../support/no-bundle'));

const sample = synthesizeSample();

/** Principals with listed calls. The calls of the others are those of the generated histories, which prove the same. */
const WITH_NEEDS = PRINCIPALS.filter(({ needs }) => needs !== undefined);
const needsOf = ({ needs }: SamplePrincipal) => needs!(sample);
const refusedOf = ({ refused }: SamplePrincipal) => refused?.(sample) ?? [];
const cases = (principals: SamplePrincipal[]) => principals.map(principal => [principal.title, principal] as const);

test('each role of the sample is one of these, has the type of one of these, or belongs to a person', () => {
  const sorts = PRINCIPALS.map(({ beginning }) => beginning.replace(/^(App|Internal|Launcher)/, ''));
  const others = sample.roles.filter(({ logicalId }) => !sorts.some(sort => logicalId.includes(sort)));
  expect(others.map(({ logicalId }) => logicalId)).toEqual([]);
  expect(sample.roles.filter(({ managedPolicies }) => managedPolicies.length > 0)).toEqual([]);
});

describe.each(cases(WITH_NEEDS))('%s', (_, principal) => {
  const { principal: able } = roleOf(sample, principal);

  test('has every permission that it needs', async () => {
    const denied = [];
    for (const need of needsOf(principal)) {
      if (!able.may(need) || !await allows([{ Version: '2012-10-17', Statement: able.statements }], need as any)) denied.push(need);
    }
    expect(denied).toEqual([]);
  });

  test('has no pair of action and resource that nothing needs, except those with a reason', () => {
    const pairs = needsOf(principal).map(need => able.allowedBy(need)).filter(found => found.length === 1).map(([pair]) => keyOf(pair));
    const needless = able.allPairs().filter(pair => !pairs.includes(keyOf(pair)));
    const withoutReason = needless.filter(pair => reasonsOf(principal, able, pair).length === 0);
    expect(withoutReason).toEqual([]);
  });

  test('needs every statement', () => {
    const isNeeded = (index: number) => {
      const rest = able.without(index);
      return needsOf(principal).some(need => !rest.may(need)) || refusedOf(principal).some(call => rest.may(call));
    };
    expect(able.statements.filter((_statement, index) => !isNeeded(index))).toEqual([]);
  });
});

describe.each(cases(PRINCIPALS.filter(({ refused }) => refused !== undefined)))('a deny of %s', (_, principal) => {
  const { principal: able } = roleOf(sample, principal);

  test('prevents the calls that only it prevents', () => {
    expect(refusedOf(principal).filter(call => able.may(call))).toEqual([]);
  });

  test('prevents such a call on each of its resources', () => {
    const needless = able.statements.flatMap(({ Effect: effect, Resource: resources }, index) => effect === 'Allow' ? [] : listOf(resources).filter(resource => {
      const rest = able.with(index, { Resource: listOf(resources).filter(other => other !== resource) });
      return !refusedOf(principal).some(call => rest.may(call));
    }));
    expect(needless).toEqual([]);
  });
});

function keyOf({ statement, action, resource }: Pair): string {
  return [statement, action, resource].join(' ');
}

/** The reasons on the page of permissions why a resource covers more than the known need. */
function reasonsOf({ permissions }: SamplePrincipal, principal: Principal, { statement, resource }: Pair): string[] {
  if (!resource.endsWith('*')) return [];
  return explain(principal.statements, permissions)[statement].flatMap(({ star }) => star ?? []);
}
