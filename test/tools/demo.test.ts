import { spawnSync } from 'node:child_process';
import * as path from 'node:path';

const ROOT = path.join(__dirname, '..', '..');

test('the demo publishes a connector, deploys, changes, breaks and rolls back an image, and destroys everything', () => {
  const demo = spawnSync(path.join(ROOT, 'node_modules', '.bin', 'tsx'), ['tools/demo/main.ts'], {
    cwd: ROOT, encoding: 'utf8', env: { ...process.env, NODE_NO_WARNINGS: '1' },
  });
  expect(demo.stdout + demo.stderr).toContain('The demo succeeded.');
  expect(demo.status).toBe(0);
});
