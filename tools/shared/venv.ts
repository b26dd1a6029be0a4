import { execFile } from 'child_process';
import { createHash } from 'crypto';
import { existsSync } from 'fs';
import * as fs from 'fs/promises';
import * as path from 'path';
import { promisify } from 'util';

const run = promisify(execFile);

/** Fails where Python is too old or Debian's python3-venv is missing, and says which Python it is. */
const PROBE = 'import ensurepip, sys, venv; assert sys.version_info >= (3, 10); print(sys.version, sys.base_prefix)';

export interface VirtualEnvironment {
  /** Who needs it, as messages say it. */
  readonly user: string;
  /** The file of requirements, all pinned. */
  readonly requirements: string;
  /** The directory in which environments are kept. */
  readonly cache: string;
}

/**
 * The Python of a virtual environment with the pinned requirements, made on first use.
 *
 * The environment's name is a hash of the requirements and the Python: it is there if and only if it is complete and up to date.
 */
export async function virtualEnvironmentPython(wanted: VirtualEnvironment, log: (line: string) => void = () => undefined): Promise<string> {
  const directory = path.join(wanted.cache, `venv-${await fingerprint(wanted)}`);
  if (!existsSync(directory)) {
    log(`installing the requirements of ${wanted.user} into a virtual environment (once)`);
    await make(directory, wanted);
  }
  return pythonOf(directory);
}

async function fingerprint(wanted: VirtualEnvironment): Promise<string> {
  const { stdout } = await run('python3', ['-c', PROBE]).catch(() => prerequisite(wanted));
  return createHash('sha256').update(stdout).update(await fs.readFile(wanted.requirements)).digest('hex').slice(0, 12);
}

/** Two processes may do this at once: each makes its own, and the first that is complete stays. */
async function make(directory: string, wanted: VirtualEnvironment): Promise<void> {
  await fs.mkdir(wanted.cache, { recursive: true });
  const draft = await fs.mkdtemp(`${directory}.draft-`);
  try {
    await run('python3', ['-m', 'venv', draft]).catch(() => prerequisite(wanted));
    await run(pythonOf(draft), ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--requirement', wanted.requirements])
      .catch((error: Error & { stderr?: string }) => explain(error, wanted));
    await fs.rename(draft, directory);
  } catch (error) {
    if (!existsSync(directory)) throw error;
  } finally {
    await fs.rm(draft, { recursive: true, force: true });
  }
}

function prerequisite({ user }: VirtualEnvironment): never {
  throw new Error(`python3 (3.10 or newer) with the venv module is needed for ${user}: install python3-venv`);
}

function explain(error: Error & { stderr?: string }, { user }: VirtualEnvironment): never {
  const lines = (error.stderr ?? error.message).trim().split('\n');
  throw new Error(`the requirements of ${user} could not be installed with pip: ${lines.slice(-3).join(' / ')}`);
}

function pythonOf(directory: string): string {
  return path.join(directory, 'bin', 'python');
}
