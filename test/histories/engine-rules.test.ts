import type { Event } from '../../tools/histories/history';
import type { ImageEvent, ImageHistory, ImageSpec } from '../../tools/histories/image-history';
import { runImages } from '../../tools/histories/image-runner';
import type { Variant } from '../../tools/histories/test-bed';

jest.mock('../../src/private/bundle', () => jest.requireActual('../support/no-bundle'));

/**
 * Tests each rule of the engine with a history that needs it. With the rule, all invariants hold. Without it, one is
 * violated.
 */

const one: ImageSpec = { name: 'a1', content: 'one', retained: 2 };
const deploy = (content: string, circumstances = {}, tag?: string): Event<ImageSpec> | ImageEvent =>
  ({ do: 'deploy', template: { A: { ...one, content, tag } }, circumstances });

describe('operation time: a canceled update changes nothing in a later one', () => {
  // The waiter of the canceled update polls on, while the later update builds.
  const history: ImageHistory = {
    events: [deploy('one'), deploy('two', { siblingFailsAfter: 10_000 }, 't2'), deploy('three')],
    builds: [{ durationMs: 20_000 }, { durationMs: 20_000 }, { durationMs: 120_000 }],
  };

  test('violates no invariant with the rule', async () => {
    await expect(runImages(history)).resolves.toMatchObject({ successes: 2 });
  });

  test('violates an invariant without the rule', async () => {
    const withoutTimes: Variant = { view: view => ({ ...view, stackTime: undefined, resourceTime: undefined }) };
    await expect(runImages(history, { variant: withoutTimes })).rejects.toThrow(/wrong tags|fails without a reason/);
  });
});

describe('answers: an operation that was canceled answers neither success nor failure', () => {
  // The build of the canceled update fails in the later update, which has the ID of the same request.
  const history: ImageHistory = {
    events: [deploy('one'), deploy('broken', { siblingFailsAfter: 10_000 }), deploy('three', { reuseRequestIds: true })],
    builds: [{ durationMs: 20_000 }, { durationMs: 20_000 }, { durationMs: 120_000 }],
  };

  test('the later update succeeds with the rule', async () => {
    await expect(runImages(history)).resolves.toMatchObject({ successes: 2 });
  });

  test('the failure of the canceled update fails the later update without the rule', async () => {
    await expect(runImages(history, { hidesStack: true })).resolves.toMatchObject({ successes: 1, rollbacks: 2 });
  });
});
