import { execFileSync } from 'node:child_process';
import * as path from 'node:path';

const ROOT = path.join(__dirname, '..', '..');

/** The npm package in the form in which it is published. */
export interface PackedPackage {
  readonly tarball: string;
  /** The paths of its files, sorted. */
  readonly files: string[];
  /** The size of the tarball in bytes. */
  readonly size: number;
}

/** Packs the package into a directory. `npm test` compiles and bundles it before. */
export function pack(directory: string): PackedPackage {
  const output = execFileSync('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', directory], {
    cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [{ filename, files, size }] = JSON.parse(output);
  return { tarball: path.join(directory, filename), files: files.map((file: { path: string }) => file.path).sort(), size };
}
