import type { ResourceType } from './lifecycle';
import { CONNECTOR, createTime, IMAGE, MICROVM } from './lifecycle';
import type { Implementation, ServiceTimes } from './trial';
import { naive, ours, TYPICAL } from './trial';
import { DEFAULT_TIMES } from '../../simulator/settings';
import type { Row } from '../row';
import { atMost, lessThan } from '../row';

const PROVIDER = 'CDK\'s Provider with its defaults';

/** When a poll sees a change depends on chance. So this many times, spread over whole intervals, are averaged. */
const SAMPLES = 60;
const SPREAD = 30_000;

/** The times of a sample, in which the service takes this many milliseconds longer than the minimum. */
type Sample = (more: number) => ServiceTimes;
type OwnTime = (times: ServiceTimes) => number;

const buildTakes: Sample = more => ({ ...TYPICAL, build: TYPICAL.build + more });
const imageTime: OwnTime = ({ build }) => DEFAULT_TIMES.buildPending + build + DEFAULT_TIMES.imageSettling;
const connectorTakes: Sample = more => ({ ...TYPICAL, connector: TYPICAL.connector + more });
/** From one to four seconds. */
const launchTakes: Sample = more => ({ ...TYPICAL, launch: 1_000 + more / 10 });

const MOST_SECONDS = 2.5;

/**
 * Duration of a deployment minus the time of the service itself.
 *
 * Polls at uniform intervals see a change half an interval late on average. A launch takes seconds, and one poll waits
 * for it.
 */
export async function timeRows(): Promise<Row[]> {
  const row = async (kind: ResourceType, sample: Sample, ownTime: OwnTime): Promise<Row> => {
    const value = await average(ours, kind, sample, ownTime);
    const other = { of: PROVIDER, value: await average(naive, kind, sample, ownTime) };
    const goals = [lessThan(other, value), atMost(MOST_SECONDS, value)];
    return { what: `deployment without the time of the service: ${kind.name}`, unit: 's', ours: value, others: [other], goals };
  };
  return [
    await row(CONNECTOR, connectorTakes, ({ connector }) => connector),
    await row(IMAGE, buildTakes, imageTime),
    await row(MICROVM, launchTakes, ({ launch }) => launch),
  ];
}

/** In seconds. */
async function average(implementation: Implementation, kind: ResourceType, sample: Sample, ownTime: OwnTime): Promise<number> {
  let sum = 0;
  for (let index = 0; index < SAMPLES; index++) {
    const times = sample(index * SPREAD / SAMPLES);
    sum += await createTime(implementation, kind, times) - ownTime(times);
  }
  return sum / SAMPLES / 1000;
}
