import type { ResourceType, Step } from './lifecycle';
import { CONNECTOR, deployment, IMAGE, measureLifecycle, MICROVM, STEPS } from './lifecycle';
import type { Implementation } from './trial';
import { naive, ours } from './trial';
import type { Row } from '../row';
import { atMostTimes } from '../row';

const NAIVE = 'a poll every 5 s with two calls';

/**
 * Calls to the MicroVM and connector API. Calls to CloudFormation (a fence before each change and each end) and to
 * Parameter Store are printed separately. A container of the handler assumes each role once in ten minutes.
 */
export async function callRows(): Promise<Row[]> {
  const rows: Row[] = [];
  for (const kind of [IMAGE, CONNECTOR]) {
    rows.push(row(
      `calls per minute while waiting for ${kind === IMAGE ? 'the build of an image' : 'a connector'}`,
      await callsPerMinute(ours, kind), await callsPerMinute(naive, kind), 0.5,
    ));
  }
  for (const kind of [IMAGE, CONNECTOR, MICROVM]) {
    const results = { ours: await measureLifecycle(ours, kind), naive: await measureLifecycle(naive, kind) };
    for (const step of STEPS) console.log(`${kind.name}, ${step}: ${described(results.ours[step])}; naive: ${described(results.naive[step])}`);
    const total = (steps: typeof results.ours) => STEPS.reduce((sum, step) => sum + steps[step].calls.length, 0);
    // A MicroVM runs after seconds, so little of its life is spent waiting.
    rows.push(row(`calls for ${kind === IMAGE ? 'an' : 'a'} ${kind.name}: ${STEPS.join(', ')}`, total(results.ours), total(results.naive), kind === MICROVM ? 0.6 : 0.5));
  }
  return rows;
}

function row(what: string, value: number, naiveValue: number, factor: number): Row {
  const other = { of: NAIVE, value: naiveValue };
  return { what, unit: '', ours: value, others: [other], goals: [atMostTimes(factor, other, value)] };
}

const MINUTES = 2;

/** Counts from when the service has started the work, which takes longer than the measurement. */
async function callsPerMinute(implementation: Implementation, kind: ResourceType): Promise<number> {
  const trial = implementation(kind.resourceType);
  const { clock, simulator } = trial;
  void deployment(trial, kind, 1);
  await clock.run(() => simulator.isSettling());
  const before = simulator.calls().length;
  await clock.run(clock.now() + MINUTES * 60_000);
  return (simulator.calls().length - before) / MINUTES;
}

function described({ calls, otherCalls }: Step): string {
  const counts = new Map<string, number>();
  for (const call of [...calls, ...otherCalls]) counts.set(call, (counts.get(call) ?? 0) + 1);
  return `${calls.length} calls and ${otherCalls.length} others (${[...counts].map(([call, count]) => `${count} ${call}`).join(', ')})`;
}
