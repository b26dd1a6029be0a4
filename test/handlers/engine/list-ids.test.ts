import { listIds } from '../../../src/handlers/engine/list-ids';

const idsUpTo = (count: number) => Array.from({ length: count }, (_, index) => `microvm-${index + 1}`);

test('a list of up to ten IDs is complete', () => {
  expect(listIds(idsUpTo(1))).toBe('microvm-1');
  expect(listIds(idsUpTo(10))).toBe(idsUpTo(10).join(', '));
});

test('a longer list ends with the number of the IDs that it omits', () => {
  expect(listIds(idsUpTo(11))).toBe(`${idsUpTo(10).join(', ')} and 1 more`);
});
