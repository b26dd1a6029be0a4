import type { ResourceType } from './life';
import { CONNECTOR, createTime, IMAGE, MICROVM } from './life';
import type { Contender, ServiceTimes } from './trial';
import { naive, ours, TYPICAL } from './trial';
import { DEFAULT_TIMES } from '../../simulator/settings';
import type { Row } from '../row';
import { atMost, lessThan } from '../row';

const PROVIDER = 'CDK\'s Provider with its defaults';

/**
 * How many durations of the service are averaged, and their range in milliseconds.
 *
 * One duration alone would show by chance how soon after the end the next poll happens.
 */
const SAMPLES = 60;
const SPREAD = 30_000;

/** Returns the times of a sample in which the service takes longer than in the shortest one, in milliseconds. */
type Sample = (more: number) => ServiceTimes;
type OwnTime = (times: ServiceTimes) => number;

const buildTakes: Sample = more => ({ ...TYPICAL, build: TYPICAL.build + more });
const imageTime: OwnTime = ({ build }) => DEFAULT_TIMES.buildPending + build + DEFAULT_TIMES.imageSettling;
const connectorTakes: Sample = more => ({ ...TYPICAL, connector: TYPICAL.connector + more });
/** One to four seconds. */
const launchTakes: Sample = more => ({ ...TYPICAL, launch: 1_000 + more / 10 });

/**
 * Measures how long a deployment takes in addition to the time of the service.
 *
 * With polls at equal intervals, an end is observed half an interval late on average. The handlers make half the calls of
 * a naive handler, and so observe the end of long operations slightly later. A launch takes seconds, and one poll waits
 * for it.
 */
export async function timeRows(): Promise<Row[]> {
  const row = async (type: ResourceType, sample: Sample, ownTime: OwnTime, limit?: number): Promise<Row> => {
    const value = await average(ours, type, sample, ownTime);
    const other = { of: PROVIDER, value: await average(naive, type, sample, ownTime) };
    const goals = [lessThan(other, value), ...limit === undefined ? [] : [atMost(limit, value)]];
    return { what: `deployment beyond the service's own time: ${type.name}`, unit: 's', ours: value, others: [other], goals };
  };
  return [
    await row(CONNECTOR, connectorTakes, ({ connector }) => connector),
    await row(IMAGE, buildTakes, imageTime, 10),
    await row(MICROVM, launchTakes, ({ launch }) => launch),
  ];
}

/** Returns the average in seconds. */
async function average(contender: Contender, type: ResourceType, sample: Sample, ownTime: OwnTime): Promise<number> {
  let sum = 0;
  for (let index = 0; index < SAMPLES; index++) {
    const times = sample(index * SPREAD / SAMPLES);
    sum += await createTime(contender, type, times) - ownTime(times);
  }
  return sum / SAMPLES / 1000;
}
