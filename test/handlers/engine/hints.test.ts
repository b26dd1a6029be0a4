import type { HintRule } from '../../../src/handlers/engine/hints';
import { firstHint, hintsFor, renderHint } from '../../../src/handlers/engine/hints';

const RULES: HintRule[] = [
  { when: /role/i, property: 'role', text: 'check its trust policy' },
  { when: /limit/, text: 'raise the quota' },
];

describe('the hints for a message', () => {
  test('are those of all rules that match, in the order of the rules', () => {
    expect(hintsFor('the limit of Roles', RULES)).toEqual([{ property: 'role', text: 'check its trust policy' }, { text: 'raise the quota' }]);
    expect(hintsFor('the limit', RULES)).toEqual([{ text: 'raise the quota' }]);
  });

  test('are none if no rule matches', () => {
    expect(hintsFor('something else', RULES)).toEqual([]);
    expect(firstHint('something else', RULES)).toEqual([]);
  });

  test('contain no pattern', () => {
    expect(Object.keys(hintsFor('role', RULES)[0])).toEqual(['property', 'text']);
  });

  test('can be limited to the first', () => {
    expect(firstHint('the limit of roles', RULES)).toEqual([{ property: 'role', text: 'check its trust policy' }]);
    expect(firstHint('the limit', RULES)).toEqual([{ text: 'raise the quota' }]);
  });
});

test.each([
  ['with the property that it is about', { property: 'role', text: 'check it' }, 'hint: role: check it'],
  ['without a property', { text: 'raise the quota' }, 'hint: raise the quota'],
])('a hint is rendered in one line, %s', (_, hint, line) => {
  expect(renderHint(hint)).toBe(line);
});
