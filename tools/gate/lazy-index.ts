/**
 * Rewrites the compiled `lib/index.js`, so that importing the package loads none of its modules. The first use of a
 * class loads the module of the class, with the modules of aws-cdk-lib that it needs. aws-cdk-lib does the same.
 *
 * Runs after each compilation. Import statements of ES modules and the runtime of jsii still load everything.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';

const INDEX = path.join(__dirname, '..', '..', 'lib', 'index.js');

/** Replaces `var a = require('./a')` by a function. Fails if the compiler writes exports in another form. */
export function lazyIndex(compiled: string): string {
  const loads = [...compiled.matchAll(/^(?:var|const) (\w+) = require\((".\/[^"]+")\);$/gm)].map(([, name]) => name);
  const lazy = compiled
    .replace(/^(?:var|const) (\w+) = require\((".\/[^"]+")\);$/gm, 'const $1 = () => require($2);')
    // Node.js finds the names for ES modules in `exports.A = exports.B = void 0`. It drops a name whose getter it does
    // not understand, unless brackets hide the name there.
    .replace(/^(Object\.defineProperty\(exports, )("\w+")(, .*get: function \(\) \{ return )(\w+)(\.\w+; \} \}\);)$/gm, '$1($2)$3$4()$5');
  const eager = loads.filter(name => new RegExp(`\\b${name}\\b(?! = \\(\\)|\\(\\)\\.)`).test(lazy.replace(/^\/\/#.*$/m, '')));
  if (loads.length === 0 || eager.length > 0) throw new Error(`lib/index.js has exports in an unknown form: ${eager.join(', ') || 'no module is loaded'}`);
  return lazy;
}

if (require.main === module) writeFileSync(INDEX, lazyIndex(readFileSync(INDEX, 'utf8')));
