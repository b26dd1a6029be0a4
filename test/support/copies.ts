import * as fs from 'node:fs';
import * as path from 'node:path';
import type * as library from '../../src';
import type { LibraryCopy } from '../../src/private/library-copy';

const SOURCE = path.join(__dirname, '..', '..', 'src');
const COPY = path.join(SOURCE, 'private', 'library-copy');

/**
 * Loads another copy of this library, as an app has it whose dependencies bring their own. All copies use the same
 * aws-cdk-lib, because it is a peer.
 *
 * @param identity what differs in the copy.
 */
export function anotherCopy(identity: Partial<LibraryCopy> = {}): typeof library {
  const peers = new Map<string, unknown>(peerModules().map(name => [name, jest.requireActual(name)]));
  let copy: typeof library;
  jest.isolateModules(() => {
    for (const [name, loaded] of peers) jest.doMock(name, () => loaded);
    const { THIS_COPY } = jest.requireActual(COPY);
    jest.doMock(COPY, () => ({ THIS_COPY: { ...THIS_COPY, ...identity } }));
    copy = jest.requireActual(SOURCE);
    [...peers.keys(), COPY].forEach(name => jest.dontMock(name));
  });
  return copy!;
}

/** The modules of other packages that the sources import, except those of the handlers. */
function peerModules(): string[] {
  const sources = fs.readdirSync(SOURCE, { recursive: true, encoding: 'utf8' }).filter(file => file.endsWith('.ts') && !file.startsWith('handlers'));
  const imports = sources.flatMap(file => [...fs.readFileSync(path.join(SOURCE, file), 'utf8').matchAll(/from '((?:aws-cdk-lib|constructs)[^']*)'/g)]);
  return [...new Set(imports.map(([, name]) => name))];
}
