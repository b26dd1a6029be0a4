import { spawnSync } from 'node:child_process';
import * as path from 'node:path';

const ROOT = path.join(__dirname, '..', '..');

test('the demo hands a connector over, deploys, changes, breaks and rolls back an image, and destroys everything without a trace', () => {
  const demo = spawnSync(path.join(ROOT, 'node_modules', '.bin', 'tsx'), ['tools/demo/main.ts'], {
    cwd: ROOT, encoding: 'utf8', env: { ...process.env, NODE_NO_WARNINGS: '1' },
  });
  expect(demo.stdout + demo.stderr).toContain('The demo is over: everything was as it should be.');
  expect(demo.status).toBe(0);
});
