import { readdirSync } from 'node:fs';

/** Returns the names of the integration apps. For example, `microvm-image` is the name of integ.microvm-image.ts. */
export function appNames(): string[] {
  return readdirSync(__dirname).flatMap(file => /^integ\.(.+)\.ts$/.exec(file)?.[1] ?? []).sort();
}

/** Returns the file name of an integration app. */
export function appFile(name: string): string {
  return `integ.${name}.ts`;
}
