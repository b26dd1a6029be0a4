import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import * as path from 'node:path';

const ROOT = path.join(__dirname, '..');

test('each exception that awslint is given is for something that it finds', () => {
  const { awslint: { exclude } } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8'));
  const { stderr } = spawnSync(path.join(ROOT, 'node_modules', '.bin', 'awslint'), ['--no-config'], {
    cwd: ROOT, encoding: 'utf8', env: { ...process.env, AWSLINT_BASE_CONSTRUCT: '1' },
  });
  const found = [...stderr.matchAll(/^(?:error|warning): \[awslint:(\S+)\]/gm)].map(([, finding]) => finding);
  const covers = (exception: string, finding: string) => exception.endsWith('*') ? finding.startsWith(exception.slice(0, -1)) : finding === exception;
  expect(exclude.filter((exception: string) => !found.some(finding => covers(exception, finding)))).toEqual([]);
});
