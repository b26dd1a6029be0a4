import { IMAGE } from './lifecycle';
import type { TrialLimits } from './trial';
import { ours, TYPICAL } from './trial';
import { POLL_INTERVAL } from '../../../src/handlers/engine/operation';
import type { Template } from '../../histories/cloudformation';
import { DEFAULT_TIMES } from '../../simulator/settings';
import type { Row } from '../row';
import { atMost, atMostTimes } from '../row';

const IMAGES = 60;
const SLOTS = 5;

/** How long a build occupies a slot, in milliseconds. */
const SLOT_TIME = 150_000;

/** As others report it, for the whole account (https://github.com/aws/aws-sam-cli/issues/2671). */
const DESCRIBED_STACKS = 5;

/** Many images in one stack, of which the service builds only a few at a time. */
export async function queueRows(): Promise<Row[]> {
  const { duration, idle } = await buildAll({});
  const limited = await buildAll({ describedStacks: DESCRIBED_STACKS });
  const ideal = { of: 'the ideal schedule', value: inSeconds(IMAGES / SLOTS * SLOT_TIME) };
  const what = `${IMAGES} images of one stack, ${SLOTS} built at a time for ${inSeconds(SLOT_TIME)} s`;
  return [
    { what, unit: 's', ours: duration, others: [ideal], goals: [atMostTimes(1.1, ideal, duration)] },
    { what: `${what}: longest time that a slot is free`, unit: 's', ours: idle, others: [], goals: [atMost(inSeconds(POLL_INTERVAL), idle)] },
    {
      what: `${what}, if the account may describe ${DESCRIBED_STACKS} stacks a second`,
      unit: 's',
      ours: limited.duration,
      others: [ideal],
      goals: [atMostTimes(1.15, ideal, limited.duration)],
    },
  ];
}

/** In seconds. */
interface Result {
  readonly duration: number;
  /** The longest time that a slot was free while an image waited for one. */
  readonly idle: number;
}

async function buildAll(limits: TrialLimits): Promise<Result> {
  const times = { ...TYPICAL, build: SLOT_TIME - DEFAULT_TIMES.buildPending };
  const { clock, simulator, stack, otherCalls } = ours(IMAGE.resourceType, times, { ...limits, concurrentBuilds: SLOTS });
  const logicalIds = Array.from({ length: IMAGES }, (_, index) => `Image${index}`);
  const template = Object.fromEntries(logicalIds.map(logicalId => [logicalId, IMAGE.properties({ stackId: stack.id, logicalId }, 1)])) as Template;
  const begun = clock.now();
  const status = await clock.complete(stack.deploy(template));
  // If a build were starved, its resource would fail at its own deadline, and the stack with it.
  if (status !== 'CREATE_COMPLETE') throw new Error(`the stack of many images ends as ${status}: ${stack.reasons.join('; ')}`);

  const built = simulator.images().filter(({ name, versions }) => name in template && versions.length === 1).length;
  if (built !== IMAGES) throw new Error(`${built} of ${IMAGES} images have one version`);
  const starts = simulator.startedBuilds().map(({ startedAt }) => startedAt);
  const duration = clock.now() - begun;
  const described = otherCalls.filter(call => call === 'DescribeStacks').length;
  console.log(`${IMAGES} images: ${(described * 1000 / duration).toFixed(2)} DescribeStacks a second; limits: ${JSON.stringify(limits)}`);
  return {
    duration: inSeconds(duration),
    idle: inSeconds(Math.max(...starts.slice(SLOTS).map((start, index) => start - (starts[index] + SLOT_TIME)))),
  };
}

function inSeconds(milliseconds: number): number {
  return milliseconds / 1000;
}
