import type { ResourceType } from './life';
import { CONNECTOR, createTime, IMAGE, MICROVM } from './life';
import type { Contender, ServiceTimes } from './trial';
import { naive, ours, TYPICAL } from './trial';
import { DEFAULT_TIMES } from '../../simulator/settings';
import type { Row } from '../row';
import { atMost, lessThan } from '../row';

const PROVIDER = 'CDK\'s Provider with its defaults';

/** Where polls fall into the service's time is a matter of chance: so many times are averaged, spread over whole intervals. */
const SAMPLES = 60;
const SPREAD = 30_000;

/** The times of a sample that takes the service so much longer than the shortest, in milliseconds. */
type Sample = (more: number) => ServiceTimes;
type OwnTime = (times: ServiceTimes) => number;

const buildTakes: Sample = more => ({ ...TYPICAL, build: TYPICAL.build + more });
const imageTime: OwnTime = ({ build }) => DEFAULT_TIMES.buildPending + build + DEFAULT_TIMES.imageSettling;
const connectorTakes: Sample = more => ({ ...TYPICAL, connector: TYPICAL.connector + more });
/** From one second to four. */
const launchTakes: Sample = more => ({ ...TYPICAL, launch: 1_000 + more / 10 });

/**
 * What a deployment takes beyond the time of the service itself.
 *
 * Whoever looks at uniform intervals finds an end half an interval late: with half the calls of two every five seconds that is a little later
 * for what takes minutes. A launch is over in seconds, for which one poll waits.
 */
export async function timeRows(): Promise<Row[]> {
  const row = async (kind: ResourceType, sample: Sample, ownTime: OwnTime, limit?: number): Promise<Row> => {
    const value = await average(ours, kind, sample, ownTime);
    const other = { of: PROVIDER, value: await average(naive, kind, sample, ownTime) };
    const goals = [lessThan(other, value), ...limit === undefined ? [] : [atMost(limit, value)]];
    return { what: `deployment beyond the service's own time: ${kind.name}`, unit: 's', ours: value, others: [other], goals };
  };
  return [
    await row(CONNECTOR, connectorTakes, ({ connector }) => connector),
    await row(IMAGE, buildTakes, imageTime, 10),
    await row(MICROVM, launchTakes, ({ launch }) => launch),
  ];
}

/** In seconds. */
async function average(contender: Contender, kind: ResourceType, sample: Sample, ownTime: OwnTime): Promise<number> {
  let sum = 0;
  for (let index = 0; index < SAMPLES; index++) {
    const times = sample(index * SPREAD / SAMPLES);
    sum += await createTime(contender, kind, times) - ownTime(times);
  }
  return sum / SAMPLES / 1000;
}
