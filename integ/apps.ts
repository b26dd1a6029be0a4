import { readdirSync } from 'node:fs';

/** Names of the integration apps: `microvm-image` is that of integ.microvm-image.ts. */
export function appNames(): string[] {
  return readdirSync(__dirname).flatMap(file => /^integ\.(.+)\.ts$/.exec(file)?.[1] ?? []).sort();
}

/** The file of one, in this directory. */
export function appFile(name: string): string {
  return `integ.${name}.ts`;
}
