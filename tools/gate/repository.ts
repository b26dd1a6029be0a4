import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import * as path from 'node:path';

export const ROOT = path.join(__dirname, '..', '..');

/** Where readers find the repository; all absolute links to it begin with this. */
export const REPOSITORY_URL = repositoryUrl();

function repositoryUrl(): string {
  return JSON.parse(read('package.json')).repository.url.replace(/\.git$/, '');
}

/** The text of a file, by its path from the root of the repository. */
export function read(file: string): string {
  return readFileSync(path.join(ROOT, file), 'utf8');
}

/** All files that are committed or would be, by their paths from the root of the repository. */
export function files(): string[] {
  listed ??= execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: ROOT, encoding: 'utf8', maxBuffer: 100_000_000 })
    .split('\0').filter(file => file !== '' && existsSync(path.join(ROOT, file))).sort();
  return listed;
}

let listed: string[] | undefined;
