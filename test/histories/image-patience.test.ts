import { MICROVM_IMAGE_RESOURCE_TYPE } from '../../src/contract/image';
import type { Properties, StackModel } from '../../tools/histories/cloudformation';
import type { ImageSpec } from '../../tools/histories/image-history';
import { imageProperties } from '../../tools/histories/image-history';
import type { Variant } from '../../tools/histories/test-bed';
import { bound, imageArn, TestBed } from '../../tools/histories/test-bed';
import type { ServiceRequest, ServiceResponse } from '../../tools/simulator/messages';
import { serviceError } from '../handlers/engine/inputs';

jest.mock('../../src/private/bundle', () => jest.requireActual('../support/no-bundle'));

const ONE: ImageSpec = { name: 'a1', content: 'one', retained: 2 };
const MINUTE = 60_000;

/** A stack with one image, on the virtual clock. */
class Fixture {
  public readonly testBed: TestBed;
  private readonly stack: StackModel;

  public constructor(variant: Variant = {}, buildMs = 60_000, private readonly timeoutSeconds = 3_000) {
    this.testBed = new TestBed({ variant, buildPlan: () => ({ durationMs: buildMs }) });
    this.stack = this.testBed.stack('patience', MICROVM_IMAGE_RESOURCE_TYPE);
  }

  /** Deploys an image, and returns how the deployment ended and how many minutes it took. */
  public async deploy(spec: ImageSpec): Promise<{ status: string; minutes: number }> {
    const properties = { ...imageProperties(spec, { stackId: this.stack.id, logicalId: 'A' }), TimeoutSeconds: String(this.timeoutSeconds) };
    return this.timed(this.stack.deploy({ A: properties as unknown as Properties }));
  }

  public async delete(): Promise<{ status: string; minutes: number }> {
    return this.timed(this.stack.delete());
  }

  public get reasons(): string[] {
    return this.stack.reasons;
  }

  private async timed(operation: Promise<string>): Promise<{ status: string; minutes: number }> {
    const { clock } = this.testBed;
    const startedAt = clock.now();
    const status = await clock.complete(operation);
    const minutes = (clock.now() - startedAt) / MINUTE;
    // Deployments do not follow each other within seconds.
    await clock.run(clock.now() + 5 * MINUTE);
    return { status, minutes };
  }
}

/** A service that never deletes a version. */
function deletingNothing(name: string): Variant {
  return { images: service => ({ ...bound(service), deleteVersion: async () => { throw serviceError(name, 'x'); } }) };
}

describe.each(['InternalServerException', 'ConflictException', 'ThrottlingException', 'ValidationException', 'AccessDeniedException'])(
  'while no version can be deleted, because of %s', name => {
    test('an update takes a minute more, however long the build took', async () => {
      for (const buildMs of [60_000, 40 * MINUTE]) {
        const fixture = new Fixture(deletingNothing(name), buildMs);
        for (const content of ['one', 'two']) await fixture.deploy({ ...ONE, content });
        const { status, minutes } = await fixture.deploy({ ...ONE, content: 'three' });
        expect(status).toBe('UPDATE_COMPLETE');
        expect(minutes).toBeLessThan(buildMs / MINUTE + 2);
        expect(fixture.testBed.simulator.versions('a1')).toHaveLength(3);
      }
    });
  });

/** Lets the service list many terminated MicroVMs of an image before all others, with 100 ms a page. */
function withTerminated(fixture: Fixture, name: string, rows: number): { pages: number } {
  const { simulator, clock } = fixture.testBed;
  const handle = simulator.handle.bind(simulator);
  const count = { pages: 0 };
  const terminated = { microvmId: 'microvm-old', state: 'TERMINATED', imageArn: imageArn(name), imageVersion: '1.0', startedAt: 0 };
  simulator.handle = async (request: ServiceRequest): Promise<ServiceResponse> => {
    if (request.method !== 'GET' || !request.path.endsWith('/microvms')) return handle(request);
    count.pages++;
    await clock.sleep(100);
    const { nextToken = 'old 0', maxResults, ...query } = request.query as Record<string, string>;
    const [, from] = /^old (\d+)$/.exec(nextToken) ?? [];
    if (from === undefined) return handle(request);
    const size = Number(maxResults ?? 10);
    const next = Number(from) + size;
    if (next >= rows) return handle({ ...request, query });
    const body = JSON.stringify({ items: Array.from({ length: size }, () => terminated), nextToken: `old ${next}` });
    return { status: 200, headers: { 'content-type': 'application/json' }, body } as ServiceResponse;
  };
  return count;
}

describe('with 24,000 terminated MicroVMs', () => {
  const deployed = async (spec: ImageSpec = ONE, timeoutSeconds = 3_000) => {
    const fixture = new Fixture({}, 60_000, timeoutSeconds);
    for (const content of ['one', 'two']) await fixture.deploy({ ...spec, content });
    return fixture;
  };

  test('an update with a version to delete takes less than a minute more', async () => {
    const fixture = await deployed();
    const count = withTerminated(fixture, 'a1', 24_000);
    const { status, minutes } = await fixture.deploy({ ...ONE, content: 'three' });
    expect(status).toBe('UPDATE_COMPLETE');
    expect(minutes).toBeLessThan(1 + 1.5);
    expect(count.pages).toBeLessThan(250);
  });

  test.each(['ON_DELETE', 'NEVER'] as const)('a deletion succeeds: %s', async termination => {
    const fixture = await deployed({ ...ONE, termination });
    withTerminated(fixture, 'a1', 24_000);
    const { status, minutes } = await fixture.delete();
    expect(status).toBe('DELETE_COMPLETE');
    expect(minutes).toBeLessThan(3);
  });

  test('a deletion with NEVER fails while a MicroVM runs, because the service rejects it', async () => {
    const fixture = await deployed({ ...ONE, termination: 'NEVER' }, 180);
    withTerminated(fixture, 'a1', 24_000);
    const { id } = fixture.testBed.simulator.launchMicrovm('a1');
    await expect(fixture.delete()).resolves.toMatchObject({ status: 'DELETE_FAILED' });
    expect(fixture.testBed.simulator.microvms().find(microvm => microvm.id === id)).toMatchObject({ state: 'RUNNING' });
  });
});

test.each(['ON_DELETE', 'NEVER'] as const)('a deletion fails after about five minutes if a MicroVM runs after 24,000 terminated ones, and says why: %s', async termination => {
  const fixture = new Fixture();
  await fixture.deploy({ ...ONE, termination });
  withTerminated(fixture, 'a1', 24_000);
  fixture.testBed.simulator.launchMicrovm('a1');
  const { status, minutes } = await fixture.delete();
  expect(status).toBe('DELETE_FAILED');
  expect(minutes).toBeGreaterThanOrEqual(5);
  expect(minutes).toBeLessThan(6.5);
  const reasons = fixture.reasons.join('\n');
  expect(reasons).toContain('[MicrovmImageInUse]');
  expect(reasons).toContain('Cannot delete microvm image with running microvms.');
  expect(reasons).toContain(`'aws lambda-microvms list-microvms --image-identifier ${imageArn('a1')}'`);
});

test('a deletion finds the running MicroVM after 15,000 terminated ones, and terminates it', async () => {
  const fixture = new Fixture();
  await fixture.deploy(ONE);
  withTerminated(fixture, 'a1', 15_000);
  fixture.testBed.simulator.launchMicrovm('a1');
  await expect(fixture.delete()).resolves.toMatchObject({ status: 'DELETE_COMPLETE' });
});

test('an image with 50 versions of another tool fails at once', async () => {
  const fixture = new Fixture();
  const { simulator } = fixture.testBed;
  const image = simulator.addForeignImage('a1');
  const { versions: [first] } = image;
  await fixture.testBed.clock.run(fixture.testBed.clock.now() + 5 * MINUTE);
  Object.assign(image, { versions: Array.from({ length: 50 }, (_, index) => ({ ...first, number: index + 1 })) });
  const { minutes } = await fixture.deploy({ ...ONE, adopt: true });
  expect(fixture.reasons.join()).toContain('[MicrovmImageVersionQuotaReached]');
  expect(minutes).toBeLessThan(3);
});
