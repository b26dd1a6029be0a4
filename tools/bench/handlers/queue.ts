import { IMAGE } from './life';
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

/** Measures a stack with many images, of which the service builds few at a time. */
export async function queueRows(): Promise<Row[]> {
  const times = { ...TYPICAL, build: SLOT_TIME - DEFAULT_TIMES.buildPending };
  const { clock, simulator, stack } = ours(IMAGE.resourceType, times, { concurrentBuilds: SLOTS });
  const logicalIds = Array.from({ length: IMAGES }, (_, index) => `Image${index}`);
  const template = Object.fromEntries(logicalIds.map(logicalId => [logicalId, IMAGE.properties({ stackId: stack.id, logicalId }, 1)])) as Template;
  const begun = clock.now();
  const status = await clock.complete(stack.deploy(template));
  // An image that never gets a slot would fail at its deadline, and with it the stack.
  if (status !== 'CREATE_COMPLETE') throw new Error(`the stack of many images ends as ${status}: ${stack.reasons.join('; ')}`);

  const seconds = (milliseconds: number) => milliseconds / 1000;
  const ideal = { of: 'the ideal schedule', value: seconds(IMAGES / SLOTS * SLOT_TIME) };
  const duration = seconds(clock.now() - begun);
  const starts = simulator.startedBuilds().map(({ startedAt }) => startedAt);
  const idle = seconds(Math.max(...starts.slice(SLOTS).map((start, index) => start - (starts[index] + SLOT_TIME))));
  const what = `${IMAGES} images of one stack, ${SLOTS} built at a time for ${seconds(SLOT_TIME)} s`;
  return [
    { what, unit: 's', ours: duration, others: [ideal], goals: [atMostTimes(1.1, ideal, duration)] },
    { what: `${what}: longest time that a slot is free`, unit: 's', ours: idle, others: [], goals: [atMost(seconds(POLL_INTERVAL), idle)] },
  ];
}
