import { IMAGE } from './lifecycle';
import type { Trial } from './trial';
import { ours, TYPICAL } from './trial';
import type { Template } from '../../histories/cloudformation';
import { DEFAULT_TIMES } from '../../simulator/settings';
import type { Row } from '../row';
import { atMost, atMostTimes } from '../row';

const IMAGES = 60;
const SLOTS = 5;

/** How long a build occupies a slot, in milliseconds. */
const SLOT_TIME = 150_000;

const MOST_IDLE_SECONDS = 6;

/** As others report it, for the whole account (https://github.com/aws/aws-sam-cli/issues/2671). */
const DESCRIBED_STACKS = 5;

/** Many images in one stack, of which the service builds only a few at a time. */
export async function queueRows(): Promise<Row[]> {
  const { duration, idle } = await create();
  const updated = await update();
  const ideal = { of: 'the ideal schedule', value: inSeconds(IMAGES / SLOTS * SLOT_TIME) };
  const what = `${IMAGES} images of one stack, ${SLOTS} built at a time for ${inSeconds(SLOT_TIME)} s`;
  return [
    { what, unit: 's', ours: duration, others: [ideal], goals: [atMostTimes(1.1, ideal, duration)] },
    { what: `${what}: longest time that a slot is free`, unit: 's', ours: idle, others: [], goals: [atMost(MOST_IDLE_SECONDS, idle)] },
    {
      what: `${what}: an update, if the account may describe ${DESCRIBED_STACKS} stacks a second`,
      unit: 's',
      ours: updated.duration,
      others: [ideal],
      goals: [atMostTimes(1.15, ideal, updated.duration)],
    },
  ];
}

/** In seconds. */
interface Result {
  readonly duration: number;
  /** The longest time that a slot was free while an image waited for one. */
  readonly idle: number;
}

const TIMES = { ...TYPICAL, build: SLOT_TIME - DEFAULT_TIMES.buildPending };

async function create(): Promise<Result> {
  return buildAll(ours(IMAGE.resourceType, TIMES, { concurrentBuilds: SLOTS }), 1);
}

/** Before each change and each end, the operation of an update describes the stack. */
async function update(): Promise<Result> {
  const trial = ours(IMAGE.resourceType, TIMES, { concurrentBuilds: IMAGES, describedStacks: DESCRIBED_STACKS });
  await buildAll(trial, 1);
  trial.simulator.changeSettings({ limits: { concurrentBuilds: SLOTS } });
  return buildAll(trial, 2);
}

async function buildAll({ clock, simulator, stack, otherCalls }: Trial, generation: number): Promise<Result> {
  const logicalIds = Array.from({ length: IMAGES }, (_, index) => `Image${index}`);
  const propertiesOf = (logicalId: string) => IMAGE.properties({ stackId: stack.id, logicalId }, generation);
  const template = Object.fromEntries(logicalIds.map(logicalId => [logicalId, propertiesOf(logicalId)])) as Template;
  const begun = clock.now();
  const otherCallsBefore = otherCalls.length;
  const status = await clock.complete(stack.deploy(template));
  // If a build were starved, its resource would fail at its own deadline, and the stack with it.
  if (!/^(CREATE|UPDATE)_COMPLETE$/.test(status)) throw new Error(`the stack of many images ends as ${status}: ${stack.reasons.join('; ')}`);
  const built = simulator.images().filter(({ name, versions }) => name in template && versions.length === generation).length;
  if (built !== IMAGES) throw new Error(`${built} of ${IMAGES} images have ${generation} versions`);

  const starts = simulator.startedBuilds().map(({ startedAt }) => startedAt).slice(-IMAGES);
  const duration = clock.now() - begun;
  const described = otherCalls.slice(otherCallsBefore).filter(call => call === 'DescribeStacks').length;
  console.log(`${IMAGES} images, generation ${generation}: ${(described * 1000 / duration).toFixed(2)} DescribeStacks a second`);
  return {
    duration: inSeconds(duration),
    idle: inSeconds(Math.max(...starts.slice(SLOTS).map((start, index) => start - (starts[index] + SLOT_TIME)))),
  };
}

function inSeconds(milliseconds: number): number {
  return milliseconds / 1000;
}
