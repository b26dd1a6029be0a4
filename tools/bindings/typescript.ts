import * as path from 'path';
import { run } from './command';
import { INTEG, TEMPLATES } from './places';
import type { Templates } from './templates';
import { templatesIn, underTest } from './templates';
import { appFile } from '../../integ/apps';

/** The templates of the stacks under test, by app. */
export async function synthesizeTypeScript(apps: readonly string[]): Promise<Map<string, Templates>> {
  const output = path.join(TEMPLATES, 'typescript');
  await run('tsx', [path.join(__dirname, 'all-apps.ts'), output, ...apps.map(app => path.join(INTEG, appFile(app)))]);
  return new Map(apps.map(app => [app, underTest(templatesIn(path.join(output, appFile(app))))]));
}
