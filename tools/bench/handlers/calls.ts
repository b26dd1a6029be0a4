import type { ResourceType, Step } from './life';
import { CONNECTOR, deployment, IMAGE, measureLife, MICROVM, STEPS } from './life';
import type { Contender } from './trial';
import { naive, ours } from './trial';
import type { Row } from '../row';
import { atMostTimes } from '../row';

const NAIVE = 'a poll every 5 s with two calls';

/**
 * Counts the calls to the service of MicroVMs and connectors.
 *
 * Calls to CloudFormation (by the fence, before each change and each end) and to Parameter Store are printed separately. A
 * container of the handler assumes each role once in ten minutes.
 */
export async function callRows(): Promise<Row[]> {
  const rows: Row[] = [];
  for (const type of [IMAGE, CONNECTOR]) {
    rows.push(row(
      `calls per minute while waiting for ${type === IMAGE ? 'the build of an image' : 'a connector'}`,
      await callsPerMinute(ours, type), await callsPerMinute(naive, type),
    ));
  }
  for (const type of [IMAGE, CONNECTOR, MICROVM]) {
    const lives = { ours: await measureLife(ours, type), naive: await measureLife(naive, type) };
    for (const step of STEPS) console.log(`${type.name}, ${step}: ${described(lives.ours[step])}; naive: ${described(lives.naive[step])}`);
    const total = (life: typeof lives.ours) => STEPS.reduce((sum, step) => sum + life[step].calls.length, 0);
    rows.push(row(`calls for ${type === IMAGE ? 'an' : 'a'} ${type.name}: ${STEPS.join(', ')}`, total(lives.ours), total(lives.naive)));
  }
  return rows;
}

function row(what: string, value: number, naiveValue: number): Row {
  const other = { of: NAIVE, value: naiveValue };
  return { what, unit: '', ours: value, others: [other], goals: [atMostTimes(0.5, other, value)] };
}

const MINUTES = 2;

/** Counts calls after the service has begun its work, which takes longer than the measurement. */
async function callsPerMinute(contender: Contender, type: ResourceType): Promise<number> {
  const trial = contender(type.resourceType);
  const { clock, simulator } = trial;
  void deployment(trial, type, 1);
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
