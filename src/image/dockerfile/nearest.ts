import * as fs from 'fs';
import * as path from 'path';

const SKIPPED = ['node_modules', '.git', 'cdk.out', '.venv'];

/** Returns the paths of files that look like a Dockerfile, the most similar first. */
export function nearestNames(files: readonly string[]): string[] {
  const depth = (file: string) => file.split('/').length;
  return files
    .filter(file => /^(dockerfile|containerfile)$|^dockerfile[.-]|\.dockerfile$/i.test(path.posix.basename(file)) && !file.endsWith('.dockerignore'))
    .sort((a, b) => depth(a) - depth(b) || Number(isExact(b)) - Number(isExact(a)) || (a < b ? -1 : 1));
}

function isExact(file: string): boolean {
  return path.posix.basename(file).toLowerCase() === 'dockerfile';
}

/** Returns the file of a directory that looks most like a Dockerfile. Searches two levels of subdirectories. */
export function nearestDockerfile(directory: string): string | undefined {
  return nearestNames(filesIn(directory, '', 2))[0];
}

function filesIn(directory: string, below: string, levels: number): string[] {
  return fs.readdirSync(path.join(directory, below), { withFileTypes: true }).flatMap(entry => {
    const name = path.posix.join(below, entry.name);
    if (!entry.isDirectory()) return [name];
    return levels > 0 && !SKIPPED.includes(entry.name) ? filesIn(directory, name, levels - 1) : [];
  });
}
