import { execFile } from 'child_process';
import { createHash } from 'crypto';
import { existsSync } from 'fs';
import * as fs from 'fs/promises';
import * as path from 'path';
import { promisify } from 'util';
import { CACHE_DIRECTORY } from './repository';

const run = promisify(execFile);

const REQUIREMENTS = path.join(__dirname, 'requirements.txt');
const PREREQUISITE = 'python3 (3.10 or newer) with the venv module is needed for the local AWS: install python3-venv';

/** Fails where Python is too old or Debian's python3-venv is missing, and says which Python it is. */
const PROBE = 'import ensurepip, sys, venv; assert sys.version_info >= (3, 10); print(sys.version, sys.base_prefix)';

/**
 * The Python of a virtual environment with the pinned requirements, made on first use.
 *
 * The environment's name is a hash of the requirements and the Python: it is there if and only if it is complete and up to date.
 */
export async function virtualEnvironmentPython(log: (line: string) => void = () => undefined): Promise<string> {
  const directory = path.join(CACHE_DIRECTORY, `venv-${await fingerprint()}`);
  if (!existsSync(directory)) {
    log('installing the emulator into a virtual environment (once)');
    await make(directory);
  }
  return pythonOf(directory);
}

async function fingerprint(): Promise<string> {
  const { stdout } = await run('python3', ['-c', PROBE]).catch(() => { throw new Error(PREREQUISITE); });
  return createHash('sha256').update(stdout).update(await fs.readFile(REQUIREMENTS)).digest('hex').slice(0, 12);
}

/** Two processes may do this at once: each makes its own, and the first that is complete stays. */
async function make(directory: string): Promise<void> {
  await fs.mkdir(CACHE_DIRECTORY, { recursive: true });
  const draft = await fs.mkdtemp(`${directory}.draft-`);
  try {
    await run('python3', ['-m', 'venv', draft]).catch(() => { throw new Error(PREREQUISITE); });
    await run(pythonOf(draft), ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--requirement', REQUIREMENTS]).catch(explain);
    await fs.rename(draft, directory);
  } catch (error) {
    if (!existsSync(directory)) throw error;
  } finally {
    await fs.rm(draft, { recursive: true, force: true });
  }
}

function explain(error: Error & { stderr?: string }): never {
  const lines = (error.stderr ?? error.message).trim().split('\n');
  throw new Error(`the emulator of the local AWS could not be installed with pip: ${lines.slice(-3).join(' / ')}`);
}

function pythonOf(directory: string): string {
  return path.join(directory, 'bin', 'python');
}
