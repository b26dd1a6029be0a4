import { spawn } from 'child_process';
import { once } from 'events';
import * as path from 'path';
import { REPOSITORY } from './places';

const FAILURE_LINES = 40;

/** Runs a command in the repository, with its tools in the path. A failed command throws the end of its output. */
export async function run(command: string, args: readonly string[], environment: Record<string, string> = {}): Promise<void> {
  const tools = path.join(REPOSITORY, 'node_modules', '.bin');
  const child = spawn(command, args, {
    cwd: REPOSITORY,
    env: { ...process.env, PATH: `${tools}${path.delimiter}${process.env.PATH}`, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => { printed += text; });
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`${path.basename(command)} failed:\n${printed.trimEnd().split('\n').slice(-FAILURE_LINES).join('\n')}`);
}
