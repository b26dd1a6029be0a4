import { readdirSync } from 'fs';
import * as path from 'path';
import { run } from './command';
import { INTEG, TEMPLATES } from './places';
import type { Templates } from './templates';
import { templatesIn, underTest } from './templates';

/** The integration apps: `microvm-image` is that of `integ.microvm-image.ts`. */
export function integApps(): string[] {
  return readdirSync(INTEG).flatMap(file => /^integ\.(.+)\.ts$/.exec(file)?.[1] ?? []).sort();
}

/** The templates of each app's stacks under test. */
export async function synthesizeTypeScript(apps: readonly string[]): Promise<Map<string, Templates>> {
  const output = path.join(TEMPLATES, 'typescript');
  const file = (app: string) => `integ.${app}.ts`;
  await run('tsx', [path.join(__dirname, 'all-apps.ts'), output, ...apps.map(app => path.join(INTEG, file(app)))]);
  return new Map(apps.map(app => [app, underTest(templatesIn(path.join(output, file(app))))]));
}
