import * as path from 'node:path';
import * as ts from 'typescript';
import type { Finding } from './findings';
import { files, read } from './repository';

/** The imports of src, those of types included: no cycle, and never upwards. */

export interface Import {
  readonly from: string;
  readonly to: string;
  readonly line: number;
}

/**
 * From the top; a layer imports from those after it. Handlers stand beside the constructs, and share the contract with
 * them.
 */
const CONSTRUCTS = ['index', 'launcher', 'image', 'network', 'shared', 'private', 'contract'];
/**
 * The kinds of resources are beside one another. Only the function of state machines uses another kind: it launches as
 * MicroVMs do.
 */
const HANDLERS = ['handlers/index', 'handlers', 'handlers/workflow', 'handlers/image handlers/connector handlers/microvm', 'handlers/engine', 'contract'];

export function imports(): Import[] {
  return files().filter(file => /^src\/.*\.ts$/.test(file)).flatMap(from => {
    const text = read(from);
    return ts.preProcessFile(text).importedFiles.filter(({ fileName }) => fileName.startsWith('.')).map(({ fileName, pos }) => ({
      from, to: resolved(from, fileName), line: text.slice(0, pos).split('\n').length,
    }));
  });
}

function resolved(from: string, target: string): string {
  const place = path.posix.join(path.posix.dirname(from), target);
  return files().find(file => file === `${place}.ts` || file === `${place}/index.ts`) ?? `${place}.ts`;
}

export function layerFindings(all: readonly Import[] = imports()): Finding[] {
  return all.filter(({ from, to }) => !mayImport(layerOf(from), layerOf(to))).map(({ from, to, line }) => ({
    file: from, line, problem: `${layerOf(from)} must not import ${to}`,
  }));
}

/** The folder of a file of src; files at the top and those of the handlers' top have layers of their own. */
export function layerOf(file: string): string {
  const parts = file.replace(/^src\//, '').replace(/\.ts$/, '').split('/');
  if (parts[0] !== 'handlers') return parts[0];
  if (parts.length > 2) return `handlers/${parts[1]}`;
  return parts[1] === 'index' ? 'handlers/index' : 'handlers';
}

function mayImport(from: string, to: string): boolean {
  return from === to || [CONSTRUCTS, HANDLERS].some(layers => {
    const [above, below] = [from, to].map(layer => layers.findIndex(names => names.split(' ').includes(layer)));
    return above !== -1 && below !== -1 && above < below;
  });
}

/** Cycles of files, each once, from its first file in alphabetical order. */
export function cycles(all: readonly Import[] = imports()): string[] {
  const targets = new Map<string, string[]>();
  all.forEach(({ from, to }) => targets.set(from, [...targets.get(from) ?? [], to]));
  const found = new Set<string>();
  const done = new Set<string>();
  const visit = (file: string, trail: readonly string[]): void => {
    const start = trail.indexOf(file);
    if (start !== -1) {
      const cycle = trail.slice(start);
      const first = cycle.indexOf([...cycle].sort()[0]);
      found.add([...cycle.slice(first), ...cycle.slice(0, first + 1)].join(' -> '));
    } else if (!done.has(file)) {
      for (const target of targets.get(file) ?? []) visit(target, [...trail, file]);
      done.add(file);
    }
  };
  [...targets.keys()].sort().forEach(file => visit(file, []));
  return [...found];
}

/** Identifiers of the engine that name a resource: it serves all of them alike. */
export function engineFindings(): Finding[] {
  return files().filter(file => /^src\/handlers\/engine\/.*\.ts$/.test(file)).flatMap(file => {
    const source = ts.createSourceFile(file, read(file), ts.ScriptTarget.Latest, true);
    const found: Finding[] = [];
    const visit = (node: ts.Node): void => {
      if (ts.isIdentifier(node) && /image|connector|microvm/i.test(node.text)) {
        found.push({ file, line: source.getLineAndCharacterOfPosition(node.getStart()).line + 1, problem: `the engine must not name ${node.text}` });
      }
      ts.forEachChild(node, visit);
    };
    visit(source);
    return found;
  });
}
