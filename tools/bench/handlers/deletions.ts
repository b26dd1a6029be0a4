import type { ResourceType } from './lifecycle';
import { CONNECTOR, deployment, IMAGE, LAUNCH_CHECK, measure, MICROVM } from './lifecycle';
import type { ServiceTimes, Trial } from './trial';
import { ours, TYPICAL } from './trial';
import type { Row } from '../row';
import { atMost } from '../row';

/** When a poll sees a change depends on chance. So this many times, spread over a few intervals, are measured. */
const SAMPLES = 12;
const SPREAD = 18_000;

/** The most seconds beyond the time of the service. */
const NOTHING_AT_STAKE = 3;
const OTHERWISE = 12;

/** Another resource fails after this time, when this one has long been created. */
const LONG_AFTER = 1_000_000;

/** Another resource fails after this time, when this one has not been requested yet. */
const AT_ONCE = 1;

interface Case {
  readonly what: string;
  readonly kind: ResourceType;
  /** The time of the service itself. */
  readonly ownTime: (times: ServiceTimes) => number;
  /** What somebody deletes before the deletion, if anything. */
  readonly before?: (trial: Trial) => Promise<void>;
}

const nothing = () => 0;

const EXISTING: readonly Case[] = [
  { what: 'image', kind: IMAGE, ownTime: ({ imageDeletion }) => imageDeletion },
  { what: 'connector', kind: CONNECTOR, ownTime: ({ connectorDeletion }) => connectorDeletion },
  { what: 'MicroVM', kind: MICROVM, ownTime: ({ termination }) => termination },
];

const ABSENT: readonly Case[] = [
  { what: 'launch check without a record', kind: LAUNCH_CHECK, ownTime: nothing, before: async ({ forgetLaunches }) => forgetLaunches?.() },
  { what: 'image that does not exist', kind: IMAGE, ownTime: nothing, before: async ({ simulator }) => simulator.deleteImage('A') },
];

/**
 * Duration of a deletion minus the time of the service itself, on average.
 *
 * In the deletion of a stack nothing else can be under way. In the rollback of a failed creation a call of it may still
 * take effect, and the deletion waits for that.
 */
export async function deletionRows(): Promise<Row[]> {
  return [
    ...await Promise.all(ABSENT.map(async each => row('deletion of the stack', each, deleteStack, NOTHING_AT_STAKE))),
    ...await Promise.all(EXISTING.map(async each => row('deletion of the stack', each, deleteStack, OTHERWISE))),
    ...await Promise.all(ABSENT.map(async each => row('rollback of its creation', each, rollBackAtOnce, OTHERWISE))),
    ...await Promise.all(EXISTING.map(async each => row('rollback of its creation', each, rollBackLongAfter, OTHERWISE))),
  ];
}

type Deletion = (trial: Trial, of: Case) => Promise<number>;

async function row(where: string, of: Case, deletion: Deletion, limit: number): Promise<Row> {
  const seconds: number[] = [];
  for (let index = 0; index < SAMPLES; index++) {
    const more = index * SPREAD / SAMPLES;
    const { imageDeletion, connectorDeletion, termination } = TYPICAL;
    // From five to eight seconds for a termination.
    const slower = { imageDeletion: imageDeletion + more, connectorDeletion: connectorDeletion + more, termination: termination + more / 6 };
    const times = { ...TYPICAL, ...slower };
    seconds.push((await deletion(ours(of.kind.resourceType, times), of) - of.ownTime(times)) / 1000);
  }
  const value = seconds.reduce((sum, each) => sum + each, 0) / SAMPLES;
  return { what: `deletion without the time of the service, ${where}: ${of.what}`, unit: 's', ours: value, others: [], goals: [atMost(limit, value)] };
}

const deleteStack: Deletion = async (trial, { kind, before }) => {
  await measure(trial, 'CREATE_COMPLETE', deployment(trial, kind, 1));
  await trial.clock.complete((before ?? noChange)(trial));
  return (await measure(trial, 'DELETE_COMPLETE', trial.stack.delete())).duration;
};

const rollBackLongAfter: Deletion = async (trial, { kind }) => rollBack(trial, kind, LONG_AFTER);

const rollBackAtOnce: Deletion = async (trial, { kind }) => rollBack(trial, kind, AT_ONCE);

/** Returns how long the rollback takes after another resource has failed. */
async function rollBack(trial: Trial, kind: ResourceType, siblingFailsAfter: number): Promise<number> {
  const deployed = deployment(trial, kind, 1, { siblingFailsAfter });
  await trial.clock.run(trial.clock.now() + siblingFailsAfter - 1);
  return (await measure(trial, 'ROLLBACK_COMPLETE', deployed)).duration;
}

async function noChange(): Promise<void> {}
