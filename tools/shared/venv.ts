import { execFile } from 'child_process';
import { createHash } from 'crypto';
import { existsSync } from 'fs';
import * as fs from 'fs/promises';
import * as path from 'path';
import { promisify } from 'util';

const run = promisify(execFile);

/** Fails if Python is too old or python3-venv of Debian is missing. Prints the version and prefix of Python. */
const REQUIREMENTS_CHECK = 'import ensurepip, sys, venv; assert sys.version_info >= (3, 10); print(sys.version, sys.base_prefix)';

export interface VirtualEnvironment {
  /** Name of the program that needs the environment, for messages. */
  readonly user: string;
  /** The file of requirements, all pinned. */
  readonly requirements: string;
  /** The directory that contains the environments. */
  readonly cache: string;
}

/**
 * Returns the Python interpreter of a virtual environment with the pinned requirements. It is created on first use.
 *
 * The name of the environment is a hash of the requirements and of Python. It exists only if it is complete and
 * current.
 */
export async function virtualEnvironmentPython(wanted: VirtualEnvironment, log: (line: string) => void = () => undefined): Promise<string> {
  const directory = path.join(wanted.cache, `venv-${await fingerprint(wanted)}`);
  if (!existsSync(directory)) {
    log(`installing the requirements of ${wanted.user} into a virtual environment (only once)`);
    await make(directory, wanted);
  }
  return pythonOf(directory);
}

async function fingerprint(wanted: VirtualEnvironment): Promise<string> {
  const { stdout } = await run('python3', ['-c', REQUIREMENTS_CHECK]).catch(() => prerequisite(wanted));
  return createHash('sha256').update(stdout).update(await fs.readFile(wanted.requirements)).digest('hex').slice(0, 12);
}

/** Two processes may do this at the same time. Each creates its own environment, and the first complete one is used. */
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
