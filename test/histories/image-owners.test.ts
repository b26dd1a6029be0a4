import type { MicrovmImageProperties } from '../../src/contract/image';
import { MICROVM_IMAGE_RESOURCE_TYPE } from '../../src/contract/image';
import type { Circumstances, Properties, StackModel, Template } from '../../tools/histories/cloudformation';
import type { ImageSpec } from '../../tools/histories/image-history';
import { imageProperties } from '../../tools/histories/image-history';
import type { TestBedOptions } from '../../tools/histories/test-bed';
import { TestBed } from '../../tools/histories/test-bed';
import type { Tags } from '../../tools/simulator/rows';

jest.mock('../../src/private/bundle', () => jest.requireActual('../support/no-bundle'));

const ONE: ImageSpec = { name: 'a1', content: 'one', retained: 2 };
const TWO: ImageSpec = { ...ONE, content: 'two' };

/** A stack with images beside those of others, on the virtual clock. */
class Fixture {
  public readonly testBed: TestBed;
  private readonly stack: StackModel;

  public constructor(options: TestBedOptions = {}) {
    const failures = { 3: 'The container image build failed.', 4: 'The container image build failed.' };
    this.testBed = new TestBed({ buildPlan: ({ configuration }) => configuration.codeArtifact.uri.includes('broken') ? { failures } : undefined, ...options });
    this.stack = this.testBed.stack('owners', MICROVM_IMAGE_RESOURCE_TYPE);
  }

  public async addForeignImage(name: string, tags: Tags): Promise<void> {
    this.testBed.simulator.addForeignImage(name, tags);
    await this.minutes(5);
  }

  public async deploy(spec: ImageSpec, more: Partial<MicrovmImageProperties> = {}, circumstances: Circumstances = {}): Promise<string> {
    const properties = { ...imageProperties(spec, { stackId: this.stack.id, logicalId: 'A' }), ...more };
    return this.finished(this.stack.deploy({ A: properties as unknown as Properties } satisfies Template, circumstances));
  }

  public async delete(): Promise<string> {
    return this.finished(this.stack.delete());
  }

  public tagsOf(name: string): Tags | undefined {
    return this.testBed.simulator.image(name)?.tags;
  }

  public get reasons(): string {
    return this.stack.reasons.join('\n');
  }

  private async finished(operation: Promise<string>): Promise<string> {
    const status = await this.testBed.clock.complete(operation);
    await this.minutes(5);
    return status;
  }

  private async minutes(count: number): Promise<void> {
    await this.testBed.clock.run(this.testBed.clock.now() + count * 60_000);
  }
}

describe('the tags of an image that was adopted', () => {
  const tags = (team: string, ...others: string[]) => ({ Tags: [{ Key: 'team', Value: team }, ...others.map(Key => ({ Key, Value: 'ours' }))] });
  const THEIRS = { team: 'theirs', cost: '7' };
  const adopt: ImageSpec = { ...ONE, adopt: true };

  test('are as before when the image is given back, although the template had the same keys', async () => {
    const fixture = new Fixture();
    await fixture.addForeignImage('a1', THEIRS);
    await expect(fixture.deploy(adopt, tags('ours'))).resolves.toBe('CREATE_COMPLETE');
    expect(fixture.tagsOf('a1')).toMatchObject({ team: 'ours', cost: '7' });
    await expect(fixture.deploy({ ...adopt, content: 'two' }, tags('ours', 'cost'))).resolves.toBe('UPDATE_COMPLETE');
    expect(fixture.tagsOf('a1')).toMatchObject({ team: 'ours', cost: 'ours' });
    await expect(fixture.delete()).resolves.toBe('DELETE_COMPLETE');
    expect(fixture.tagsOf('a1')).toEqual(THEIRS);
  });

  test('are as before when the keys leave the template', async () => {
    const fixture = new Fixture();
    await fixture.addForeignImage('a1', THEIRS);
    await fixture.deploy(adopt, tags('ours', 'more'));
    await expect(fixture.deploy(adopt, { Tags: [] })).resolves.toBe('UPDATE_COMPLETE');
    expect(fixture.tagsOf('a1')).toMatchObject(THEIRS);
    expect(fixture.tagsOf('a1')).not.toHaveProperty('more');
    await fixture.delete();
    expect(fixture.tagsOf('a1')).toEqual(THEIRS);
  });

  test.each([true, false])('keep what their owner sets after the keys have left the template (with another update: %s)', async updates => {
    const fixture = new Fixture();
    await fixture.addForeignImage('a1', THEIRS);
    await fixture.deploy(adopt, tags('ours'));
    await fixture.deploy(adopt, { Tags: [] });
    Object.assign(fixture.tagsOf('a1')!, { team: 'theirs again' });
    if (updates) {
      await fixture.deploy({ ...adopt, content: 'two' }, { Tags: [] });
      expect(fixture.tagsOf('a1')).toMatchObject({ team: 'theirs again' });
      expect(fixture.tagsOf('a1')).not.toHaveProperty('cdk-lambda-microvms:was:team');
    }
    await fixture.delete();
    expect(fixture.tagsOf('a1')).toEqual({ ...THEIRS, team: 'theirs again' });
  });

  test('are as before when the image is given back after the rollback of an update that removed the keys', async () => {
    const fixture = new Fixture();
    await fixture.addForeignImage('a1', THEIRS);
    await fixture.deploy(adopt, tags('ours'));
    await expect(fixture.deploy(adopt, { Tags: [] }, { siblingFailsAfter: 300_000 })).resolves.toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(fixture.tagsOf('a1')).toMatchObject({ team: 'ours' });
    await fixture.delete();
    expect(fixture.tagsOf('a1')).toEqual(THEIRS);
  });

  test('are as before when the update that replaced them is rolled back', async () => {
    const fixture = new Fixture();
    await fixture.addForeignImage('a1', THEIRS);
    await fixture.deploy(adopt, { Tags: [] });
    const watched: unknown[] = [];
    const { simulator } = fixture.testBed;
    const handle = simulator.handle.bind(simulator);
    simulator.handle = async request => {
      if (request.method === 'POST' && request.path.includes('/tags/')) watched.push(JSON.parse(request.body!).Tags);
      return handle(request);
    };
    await expect(fixture.deploy(adopt, tags('ours'), { siblingFailsAfter: 300_000 })).resolves.toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(watched).toEqual([{ 'team': 'ours', 'cdk-lambda-microvms:was:team': 'theirs' }, { team: 'theirs' }]);
    expect(fixture.tagsOf('a1')).toMatchObject(THEIRS);
  });
});

describe('an image whose owner tags somebody has changed', () => {
  const changed = async (tags: Tags) => {
    const fixture = new Fixture();
    await fixture.deploy(ONE);
    Object.assign(fixture.testBed.simulator.image('a1')!, { tags });
    return fixture;
  };

  test.each([
    ['removed', {}, 'MicrovmImageExists'],
    ['replaced by those of another stack', { 'cdk-lambda-microvms:stack': 'other', 'cdk-lambda-microvms:resource': 'B' }, 'MicrovmImageOwnedElsewhere'],
  ])('rejects an update, whose rollback succeeds, and stays as it is: %s', async (_, tags, code) => {
    const fixture = await changed(tags);
    await expect(fixture.deploy(TWO)).resolves.toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(fixture.reasons).toContain(`[${code}]`);
    expect(fixture.tagsOf('a1')).toEqual(tags);
    expect(fixture.testBed.simulator.versions('a1')).toHaveLength(1);
    await expect(fixture.delete()).resolves.toBe('DELETE_COMPLETE');
    expect(fixture.tagsOf('a1')).toEqual(tags);
  });
});

describe('a service that ignores the filter of ListMicrovms', () => {
  /** Lets the service list the MicroVMs of all images. */
  function ignoringFilter(fixture: Fixture): Fixture {
    const { simulator } = fixture.testBed;
    const handle = simulator.handle.bind(simulator);
    simulator.handle = async request => {
      if (request.method !== 'GET' || !request.path.endsWith('/microvms')) return handle(request);
      const { imageIdentifier, ...query } = request.query as Record<string, string>;
      return handle({ ...request, query });
    };
    return fixture;
  }

  test('lets a deletion terminate the MicroVMs of this image only', async () => {
    const fixture = ignoringFilter(new Fixture());
    await fixture.addForeignImage('theirs', {});
    await fixture.deploy(ONE);
    const { simulator } = fixture.testBed;
    simulator.launchMicrovm('theirs');
    simulator.launchMicrovm('a1');
    await expect(fixture.delete()).resolves.toBe('DELETE_COMPLETE');
    expect(simulator.microvms().map(({ imageArn, state }) => [imageArn.split(':').pop(), state]).sort()).toEqual([['a1', 'TERMINATED'], ['theirs', 'RUNNING']]);
  });

  test('does not let the MicroVMs of another image reject a rename', async () => {
    const fixture = ignoringFilter(new Fixture());
    await fixture.addForeignImage('theirs', {});
    await fixture.deploy(ONE);
    fixture.testBed.simulator.launchMicrovm('theirs');
    await expect(fixture.deploy({ ...ONE, name: 'a2' })).resolves.toBe('UPDATE_COMPLETE');
  });
});

test('a rename while a MicroVM runs is rejected although CloudFormation shows nothing of the operation', async () => {
  const fixture = new Fixture({ hidesStack: true });
  await fixture.deploy(ONE);
  const microvm = fixture.testBed.simulator.launchMicrovm('a1');
  await fixture.deploy({ ...ONE, name: 'a2' });
  expect(fixture.reasons).toContain('[MicrovmImageInUse]');
  expect(fixture.testBed.simulator.microvms().find(({ id }) => id === microvm.id)).toMatchObject({ state: 'RUNNING' });
});

test('an update whose old properties lack the ARN succeeds, and so does the rollback of a failed one', async () => {
  const fixture = new Fixture();
  await fixture.deploy(ONE, { ImageArn: undefined });
  await expect(fixture.deploy(TWO)).resolves.toBe('UPDATE_COMPLETE');
  await fixture.deploy(ONE, { ImageArn: undefined });
  await expect(fixture.deploy({ ...ONE, content: 'broken' })).resolves.toBe('UPDATE_ROLLBACK_COMPLETE');
});
