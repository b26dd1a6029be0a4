import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import * as path from 'node:path';
import { bundle } from '../../../test/support/bundling';
import { directoryWith } from '../../../test/support/directories';
import type { Row } from '../row';
import { atMost, atMostTimes, median } from '../row';

const HANDLERS = path.join(__dirname, '..', '..', '..', 'src', 'handlers');

/** How often each bundle is loaded in a new process. The bundles alternate. */
const RUNS = 15;

/** Compares the bundle of the handlers with a bundle of the clients that they import, with the same options. */
export async function bundleRows(): Promise<Row[]> {
  const directory = directoryWith({});
  try {
    return rowsOf(directory);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function rowsOf(directory: string): Row[] {
  const [here, alone] = [path.join(directory, 'handlers.js'), path.join(directory, 'clients.js')];
  const bytes = { ours: bundle(here).bytes, others: bundle(alone, clients()).bytes };
  const loads: Record<string, Load[]> = { [here]: [], [alone]: [] };
  for (let run = 0; run < RUNS; run++) for (const file of [here, alone]) loads[file].push(load(file));
  const typical = (file: string, figure: keyof Load) => median(loads[file].map(one => one[figure]));

  const row = (what: string, unit: string, ours: number, other: number): Row => {
    const others = [{ of: 'its SDK clients bundled alone', value: other }];
    return { what, unit, ours, others, goals: [atMostTimes(1.5, others[0], ours)] };
  };
  const size = row('bundle of the handlers', 'bytes', bytes.ours, bytes.others);
  return [
    { ...size, goals: [...size.goals, atMost(500_000, size.ours)] },
    row('cold start to the first line of a handler, CPU time', 'ms', typical(here, 'cpu'), typical(alone, 'cpu')),
    row('cold start to the first line of a handler, wall time', 'ms', typical(here, 'wall'), typical(alone, 'wall')),
    row('memory when it is loaded', 'MB', typical(here, 'memory'), typical(alone, 'memory')),
  ];
}

/** Returns a module that exports what the handlers import from the clients of the SDK, and nothing else. */
function clients(): string {
  const imported = new Map<string, Set<string>>();
  for (const file of readdirSync(HANDLERS, { recursive: true, encoding: 'utf8' }).filter(name => name.endsWith('.ts'))) {
    const source = readFileSync(path.join(HANDLERS, file), 'utf8');
    for (const [, names, from] of source.matchAll(/^import \{([^}]+)\} from '(@aws-sdk\/client-[\w-]+)';$/gm)) {
      const known = imported.get(from) ?? new Set();
      imported.set(from, known);
      names.split(',').map(name => name.trim()).filter(name => name !== '').forEach(name => known.add(name));
    }
  }
  return [...imported].map(([from, names]) => `export { ${[...names].join(', ')} } from '${from}';\n`).join('');
}

/** Time in milliseconds, memory in megabytes. */
interface Load {
  readonly cpu: number;
  readonly wall: number;
  readonly memory: number;
}

/** Loads a bundle in a new process. */
function load(file: string): Load {
  const program = `
    const [begun, usage] = [performance.now(), process.cpuUsage()];
    require(${JSON.stringify(file)});
    const { user, system } = process.cpuUsage(usage);
    console.log(JSON.stringify({ wall: performance.now() - begun, cpu: (user + system) / 1e3, memory: process.memoryUsage().rss / 1e6 }));`;
  const env = { AWS_REGION: 'us-east-1', AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' };
  return JSON.parse(execFileSync(process.execPath, ['-e', program], { encoding: 'utf8', env, stdio: ['ignore', 'pipe', 'ignore'] }));
}
