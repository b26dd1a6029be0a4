import { inWords } from '../../tools/gate/findings';
import type { Import } from '../../tools/gate/layers';
import { cycles, engineFindings, imports, layerFindings } from '../../tools/gate/layers';

const importOf = (from: string, to: string): Import => ({ from: `src/${from}.ts`, to: `src/${to}.ts`, line: 1 });

describe('the imports of the library', () => {
  test('form no cycle, those of types included', () => {
    expect(cycles()).toEqual([]);
  });

  test('never point upwards', () => {
    expect(layerFindings().map(inWords)).toEqual([]);
  });

  test('are known: all of them lead to files', () => {
    expect(imports().length).toBeGreaterThan(200);
  });
});

test('the engine of the handlers names no resource', () => {
  expect(engineFindings().map(inWords)).toEqual([]);
});

describe('the rules', () => {
  test.each([
    ['index', 'launcher/microvm'], ['launcher/microvm', 'image/memory'], ['image/memory', 'image/code'], ['network/egress', 'private/errors'],
    ['private/errors', 'contract/diagnostics'], ['handlers/index', 'handlers/aws'], ['handlers/handler', 'handlers/image/resource'],
    ['handlers/workflow/workflow', 'handlers/microvm/service'], ['handlers/image/resource', 'handlers/engine/poll'], ['handlers/engine/step', 'contract/image'],
  ])('let %s import %s', (from, to) => {
    expect(layerFindings([importOf(from, to)])).toEqual([]);
  });

  test.each([
    ['image/memory', 'launcher/microvm'], ['network/egress', 'image/memory'], ['contract/image', 'private/errors'], ['private/errors', 'handlers/handler'],
    ['handlers/handler', 'private/errors'], ['handlers/engine/poll', 'handlers/image/resource'], ['handlers/image/resource', 'handlers/connector/resource'],
    ['handlers/image/resource', 'handlers/handler'], ['handlers/microvm/service', 'handlers/workflow/workflow'],
  ])('do not let %s import %s', (from, to) => {
    expect(layerFindings([importOf(from, to)])).toHaveLength(1);
  });

  test('find a cycle', () => {
    expect(cycles([importOf('b', 'c'), importOf('c', 'a'), importOf('a', 'b'), importOf('c', 'd')])).toEqual(['src/a.ts -> src/b.ts -> src/c.ts -> src/a.ts']);
  });
});
