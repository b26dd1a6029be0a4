import { MICROVM_LAUNCH_CHECK_RESOURCE_TYPE } from '../../src/contract/microvm';
import { hash } from '../../src/handlers/engine/fingerprint';
import type { Launch } from '../../src/handlers/microvm/launch';
import type { Circumstances, Properties, StackModel } from '../../tools/histories/cloudformation';
import type { MicrovmSpec } from '../../tools/histories/microvm-history';
import { microvmProperties, UNHEALTHY } from '../../tools/histories/microvm-history';
import type { Variant } from '../../tools/histories/test-bed';
import { TestBed } from '../../tools/histories/test-bed';

jest.mock('../../src/private/bundle', () => jest.requireActual('../support/no-bundle'));

/**
 * Tests each rule of launch checks with a history that needs it. What happens is compared with what happens without
 * the rule.
 *
 * The handler has no switches: a rule is switched off by changing what the handler receives.
 */

const shared: MicrovmSpec = { image: 'good', lifetime: 480, hasHealthCheck: false };
const other: MicrovmSpec = { ...shared, image: 'other' };
const unhealthy: MicrovmSpec = { ...shared, image: UNHEALTHY, hasHealthCheck: true };

/** A stack with one launch check. */
class CheckedStack {
  public readonly stack: StackModel;
  private readonly testBed: TestBed;

  public constructor(variant: Variant) {
    const testBed: TestBed = new TestBed({
      variant,
      answerOfEndpoint: endpoint => {
        const microvm = testBed.simulator.microvms().find(({ endpointId }) => endpoint.startsWith(endpointId));
        return microvm?.imageArn.endsWith(UNHEALTHY) ? 500 : 200;
      },
    });
    this.testBed = testBed;
    for (const image of ['good', 'other', UNHEALTHY]) testBed.simulator.addForeignImage(image);
    this.stack = testBed.stack('checked', MICROVM_LAUNCH_CHECK_RESOURCE_TYPE);
  }

  /** Returns the final status of the stack. */
  public async deploy(spec: MicrovmSpec, circumstances: Circumstances = {}): Promise<string> {
    return this.testBed.clock.complete(this.begin(spec, circumstances));
  }

  public async begin(spec: MicrovmSpec, circumstances: Circumstances = {}): Promise<string> {
    const properties = microvmProperties('launch check', spec, { stackId: this.stack.id, logicalId: 'A' }) as unknown as Properties;
    return this.stack.deploy({ A: properties }, circumstances);
  }

  /** Deletes the stack. Returns its final status, and how many milliseconds that took. */
  public async delete(): Promise<{ status: string; duration: number }> {
    const { clock } = this.testBed;
    const begun = clock.now();
    const status = await clock.complete(this.stack.delete());
    return { status, duration: clock.now() - begun };
  }

  public async runUntil(isReached: () => boolean): Promise<void> {
    await this.testBed.clock.run(isReached);
  }

  public terminateAll(): void {
    for (const { id } of this.testBed.simulator.microvms()) this.testBed.simulator.terminateMicrovm(id);
  }

  /** Deletes all records, as a user may do. */
  public loseRecords(): void {
    (this.testBed.parameters.all() as Map<string, string>).clear();
  }

  public get launched(): number {
    return this.testBed.simulator.microvms().length;
  }

  public get alive(): number {
    return this.testBed.simulator.microvms().filter(({ state }) => state === 'PENDING' || state === 'RUNNING').length;
  }
}

function withLaunches(change: (launches: Launch[]) => Launch[]): Variant {
  return { launches: services => ({ ...services, ledger: { ...services.ledger, launches: async () => change(await services.ledger.launches()) } }) };
}

/** The handler takes every MicroVM for terminated that it should terminate. */
function withoutTermination(): Variant {
  const terminated = new Set<string>();
  return {
    launches: services => ({
      ...services,
      microvms: {
        ...services.microvms,
        terminate: async id => { terminated.add(id); },
        microvm: async id => {
          const microvm = await services.microvms.microvm(id);
          return terminated.has(id) && microvm !== 'absent' ? { ...microvm, state: 'TERMINATED' } : microvm;
        },
      },
    }),
  };
}

interface Rule {
  readonly rule: string;
  /** Plays the history, and returns what the rule is about. */
  readonly play: (checked: CheckedStack) => Promise<unknown>;
  readonly without: () => Variant;
  readonly expected: { readonly with: unknown; readonly without: unknown };
}

const rules: Rule[] = [
  {
    rule: 'record: a configuration that passed is not launched again',
    play: async checked => {
      await checked.deploy(shared);
      await checked.deploy({ ...shared, hasHealthCheck: true });
      return checked.launched;
    },
    without: () => withLaunches(launches => launches.map(launch => ({ ...launch, outcome: undefined, fingerprint: hash(launch.name) }))),
    expected: { with: 1, without: 2 },
  },
  {
    rule: 'record: the one of the previous configuration is kept, so that the deployment back launches nothing',
    play: async checked => {
      for (const spec of [shared, other, shared]) await checked.deploy(spec);
      return checked.launched;
    },
    without: () => withLaunches(launches => launches.slice(-1)),
    expected: { with: 2, without: 3 },
  },
  {
    rule: 'rollback: it launches nothing, although no record says that the old configuration passed',
    play: async checked => {
      await checked.deploy(shared);
      checked.loseRecords();
      const status = await checked.deploy(other, { siblingFailsAfter: 60_000 });
      return [status, checked.launched];
    },
    without: () => ({ view: view => ({ ...view, stackStatus: view.stackStatus?.replace('UPDATE_ROLLBACK_IN', 'UPDATE_IN') }) }),
    expected: { with: ['UPDATE_ROLLBACK_COMPLETE', 2], without: ['UPDATE_ROLLBACK_COMPLETE', 3] },
  },
  {
    rule: 'early end: it is tried again once, because another delivery may have terminated the MicroVM',
    play: async checked => {
      const deployment = checked.begin(shared);
      await checked.runUntil(() => checked.alive === 1);
      checked.terminateAll();
      await checked.runUntil(() => !checked.stack.status.endsWith('IN_PROGRESS'));
      return [await deployment, checked.launched];
    },
    // As if the first launch had been the second one.
    without: () => withLaunches(launches => launches.flatMap(launch => launch.name.includes('-') ? [] : [launch, { ...launch, name: `${launch.name}-2` }])),
    expected: { with: ['CREATE_COMPLETE', 2], without: ['ROLLBACK_COMPLETE', 1] },
  },
  {
    rule: 'success: no MicroVM is alive after it',
    play: async checked => [await checked.deploy(shared), checked.alive],
    without: withoutTermination,
    expected: { with: ['CREATE_COMPLETE', 0], without: ['CREATE_COMPLETE', 1] },
  },
  {
    rule: 'failure: no MicroVM is alive when the operation fails, and not only after the rollback',
    play: async checked => {
      const deployment = checked.begin(unhealthy);
      await checked.runUntil(() => checked.stack.reasons.length > 0);
      const { alive } = checked;
      await checked.runUntil(() => !checked.stack.status.endsWith('IN_PROGRESS'));
      return [await deployment, alive];
    },
    without: withoutTermination,
    expected: { with: ['ROLLBACK_COMPLETE', 0], without: ['ROLLBACK_COMPLETE', 1] },
  },
];

describe.each(rules)('$rule', ({ play, without, expected }) => {
  test('holds with the rule', async () => {
    expect(await play(new CheckedStack({}))).toEqual(expected.with);
  });

  test('does not hold without the rule', async () => {
    expect(await play(new CheckedStack(without()))).toEqual(expected.without);
  });
});

describe('the deletion of the stack', () => {
  const deletionAfter = async (prepare: (checked: CheckedStack) => Promise<unknown>) => {
    const checked = new CheckedStack({});
    await prepare(checked);
    return checked.delete();
  };

  test.each<[string, (checked: CheckedStack) => Promise<unknown>]>([
    ['the check has passed', async checked => checked.deploy(shared)],
    ['its records are lost', async checked => { await checked.deploy(shared); checked.loseRecords(); }],
  ])('takes less than three seconds after %s, because nothing is at stake', async (_, prepare) => {
    const { status, duration } = await deletionAfter(prepare);
    expect(status).toBe('DELETE_COMPLETE');
    expect(duration).toBeLessThan(3_000);
  });
});
