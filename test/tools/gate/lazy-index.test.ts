import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { ModuleKind, ScriptTarget, transpileModule } from 'typescript';
import { lazyIndex } from '../../../tools/gate/lazy-index';

const ROOT = path.join(__dirname, '..', '..', '..');
const directory = mkdtempSync(path.join(tmpdir(), 'lazy-'));
afterAll(() => rmSync(directory, { recursive: true }));

/** Compiles as jsii does. */
function compiled(source: string): string {
  const compilerOptions = { module: ModuleKind.CommonJS, target: ScriptTarget.ES2023, inlineSourceMap: true, inlineSources: true };
  return transpileModule(source, { compilerOptions }).outputText;
}

function printed(program: string, file = 'program.cjs'): unknown {
  writeFileSync(path.join(directory, file), program);
  return JSON.parse(execFileSync(process.execPath, [file], { cwd: directory, encoding: 'utf8' }));
}

describe('the lazy index', () => {
  beforeAll(() => {
    writeFileSync(path.join(directory, 'index.js'), lazyIndex(compiled("export { A, type T } from './a';\nexport { B, C } from './b';\n")));
    writeFileSync(path.join(directory, 'a.js'), 'globalThis.loaded = [...globalThis.loaded ?? [], "a"]; exports.A = class A {};');
    writeFileSync(path.join(directory, 'b.js'), 'globalThis.loaded = [...globalThis.loaded ?? [], "b"]; exports.B = class B {}; exports.C = 3;');
  });

  test('loads a module when the first of its exports is used, and only once', () => {
    expect(printed(`
      const index = require('./index');
      const before = globalThis.loaded ?? [];
      const same = index.B === index.B && index.C === 3;
      console.log(JSON.stringify({ before, same, after: globalThis.loaded, names: Object.keys(index).sort() }));
    `)).toEqual({ before: [], same: true, after: ['b'], names: ['A', 'B', 'C'] });
  });

  test('exports its names to ES modules', () => {
    expect(printed("import { A, C } from './index.js'; console.log(JSON.stringify([A.name, C]));", 'program.mjs')).toEqual(['A', 3]);
  });

  test('fails if exports have another form', () => {
    expect(() => lazyIndex(compiled("export * from './a';"))).toThrow('unknown form');
    expect(() => lazyIndex(compiled("import { A } from './a';\nexport class B extends A {}"))).toThrow('unknown form');
  });
});

test('the index of this package can be lazy', () => {
  const source = readFileSync(path.join(ROOT, 'src', 'index.ts'), 'utf8');
  const required = [...lazyIndex(compiled(source)).matchAll(/^const \w+ = (.*)require\(/gm)].map(([, before]) => before);
  expect(new Set(required)).toEqual(new Set(['() => ']));
});
