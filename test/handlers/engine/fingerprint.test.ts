import { canonicalJson, hash } from '../../../src/handlers/engine/fingerprint';

test('a hash depends on how its input is divided into parts', () => {
  expect(hash('ab', 'c')).not.toBe(hash('a', 'bc'));
});

test('a hash has 64 hexadecimal digits', () => {
  expect(hash('a')).toMatch(/^[0-9a-f]{64}$/);
});

test('canonical JSON sorts the keys of all objects, and keeps the order of lists', () => {
  expect(canonicalJson({ b: [2, { d: null, c: 'x' }, 1], a: true })).toBe('{"a":true,"b":[2,{"c":"x","d":null},1]}');
});
