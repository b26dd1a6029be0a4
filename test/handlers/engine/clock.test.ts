import { SYSTEM_CLOCK } from '../../../src/handlers/engine/clock';

test('the system clock returns the time', async () => {
  const before = Date.now();
  await SYSTEM_CLOCK.sleep(0);
  expect(SYSTEM_CLOCK.now()).toBeGreaterThanOrEqual(before);
});
