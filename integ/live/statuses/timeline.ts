import type { Observation } from './contract';
import type { ObservedStory, Step, StepName } from './story';
import { describeOperation, GRACE } from '../../../src/handlers/engine/operation';
import { isCurrent } from '../../../src/handlers/engine/fence';
import type { Say } from '../probes/probe';

/** A line of the timeline: what CloudFormation showed to a request, and what the library's fence makes of it. */
export interface Moment extends Observation {
  readonly step: StepName;
  /** Seconds since the step began. */
  readonly after: number;
  /** The fence takes the request as one that CloudFormation still waits for. */
  readonly current: boolean;
  /** CloudFormation has said by then that it does not. */
  readonly cancelled: boolean;
}

/** All observations, in the order in which they were made. */
export function timeline({ steps, observations }: ObservedStory): Moment[] {
  const firsts = new Map<string, Observation>();
  return observations.map(observation => {
    const { request, at, view } = observation;
    const key = `${request.RequestId} ${request.RequestType}`;
    const first = firsts.get(key) ?? observation;
    firsts.set(key, first);
    const step = stepOf(steps, request.StackId, first.at);
    // Of a poll only what identifies it is looked at.
    const event = { ...request, ResourceProperties: undefined, PhysicalResourceId: request.PhysicalResourceId ?? request.LogicalResourceId };
    const Operation = describeOperation({ ...request, ResourceProperties: undefined }, first.view, Date.parse(first.at));
    const failed = cancellation(step, first);
    return {
      ...observation,
      step: step?.name ?? 'create',
      after: step === undefined ? 0 : (Date.parse(at) - beginOf(step)) / 1000,
      current: isCurrent({ ...event, Operation }, view),
      cancelled: failed !== undefined && Date.parse(at) >= failed,
    };
  });
}

/** What the timeline says about the facts of CloudFormation. */
export function judge(story: ObservedStory, say: Say): void {
  const moments = timeline(story);
  if (moments.length === 0) return;
  judgeCurrent(moments, say);
  judgeCancellation(story, moments, say);
  judgeStackTime(moments, say);
  judgeRollback(moments, say);
}

function judgeCurrent(moments: Moment[], say: Say): void {
  const refused = moments.filter(({ current, cancelled }) => !current && !cancelled);
  if (refused.length === 0) say('requestsAreCurrent', 'yes', `${moments.filter(({ cancelled }) => !cancelled).length} observations; the clean-ups: ${cleanUps(moments)}`);
  else say('requestsAreCurrent', 'no', refused.map(inWords).join('; '));
}

function judgeCancellation({ steps }: ObservedStory, moments: Moment[], say: Say): void {
  const slow = moments.filter(({ step, request }) => step === 'cancelled create' && request.LogicalResourceId === 'Slow');
  const step = steps.find(({ name }) => name === 'cancelled create');
  const create = slow.find(({ request }) => request.RequestType === 'Create');
  const cancelledAt = create && cancellation(step, create);
  const fenced = slow.find(({ request, current, cancelled }) => request.RequestType === 'Create' && cancelled && !current);
  if (cancelledAt === undefined) {
    say('cancelledIsFenced', 'unclear', 'nothing was cancelled');
  } else if (fenced === undefined) {
    say('cancelledIsFenced', 'no', `cancelled, and never shown as that: ${slow.map(inWords).join('; ')}`);
  } else {
    const lag = Date.parse(fenced.at) - cancelledAt;
    say('cancelledIsFenced', lag <= GRACE ? 'yes' : 'no', `${lag / 1000} s after its event: ${inWords(fenced)}`);
  }
  const deleted = slow.find(({ request }) => request.RequestType === 'Delete');
  if (cancelledAt === undefined || deleted === undefined) say('cancelledDelete', 'unclear', 'nothing was cancelled, or it was not deleted');
  else say('cancelledDelete', deleted.request.PhysicalResourceId === 'observed-a' ? 'no' : 'yes', inWords(deleted));
}

function judgeStackTime(moments: Moment[], say: Say): void {
  const forward = moments.filter(({ view: { stackStatus } }) => /^(CREATE|UPDATE|DELETE)_IN_PROGRESS$/.test(stackStatus ?? ''));
  const times = new Map<StepName, Set<string>>();
  for (const { step, view } of forward) times.set(step, (times.get(step) ?? new Set()).add(view.stackTime ?? 'none'));
  const evidence = [...times].map(([step, seen]) => `${step}: ${[...seen].join(', ')}`).join('; ');
  // A deletion shows the time of what came before it.
  const updates = [...times].filter(([step]) => !step.endsWith('deletion')).map(([, seen]) => [...seen]);
  const steady = updates.every(seen => seen.length === 1);
  const distinct = new Set(updates.flat()).size === updates.flat().length;
  say('stackTimeOfOperation', updates.length < 2 ? 'unclear' : steady && distinct ? 'yes' : 'no', evidence);
}

function judgeRollback(moments: Moment[], say: Say): void {
  const requests = firstOfEach(moments.filter(({ step, request }) => step === 'rolled-back replacement' && request.LogicalResourceId === 'One'));
  const back = requests.slice(1);
  const sequence = requests.map(({ request }) => `${request.RequestType}(${request.PhysicalResourceId})`).join(', ');
  if (back.length === 0) say('rollbackOfReplacement', 'unclear', `only ${sequence}`);
  else say('rollbackOfReplacement', back[0].request.RequestType === 'Update' ? 'yes' : 'no', sequence);
}

function firstOfEach(moments: Moment[]): Moment[] {
  const keys = moments.map(({ request }) => `${request.RequestId} ${request.RequestType}`);
  return moments.filter((_, index) => keys.indexOf(keys[index]) === index);
}

function cleanUps(moments: Moment[]): string {
  return moments.filter(({ view }) => view.stackStatus?.includes('CLEANUP')).map(inWords).join('; ') || 'none was seen';
}

function inWords({ step, after, request, view }: Moment): string {
  const id = request.PhysicalResourceId ?? '-';
  return `${step} +${after.toFixed(1)} s: ${request.RequestType}(${id}) of ${request.LogicalResourceId} sees ${view.resourceStatus ?? 'no resource'} `
    + `${view.physicalId ?? '-'}, ${view.stackStatus}`;
}

/** When CloudFormation gave the resource up, after the request had come and before it was answered. */
function cancellation(step: Step | undefined, { request, at }: Observation): number | undefined {
  if (request.RequestType === 'Delete') return undefined;
  const event = step?.events.find(({ LogicalResourceId, ResourceStatus, ResourceStatusReason, Timestamp }) =>
    LogicalResourceId === request.LogicalResourceId && ResourceStatus?.endsWith('_FAILED') && /cancelled/i.test(ResourceStatusReason ?? '')
    && Timestamp!.getTime() >= Date.parse(at) - 1_000);
  return event?.Timestamp?.getTime();
}

/** The step in which a request came: the last one of its stack that had begun. */
function stepOf(steps: readonly Step[], stackId: string, at: string): Step | undefined {
  const own = steps.filter(step => step.stackId === stackId);
  return own.filter(step => beginOf(step) <= Date.parse(at)).pop() ?? own[0];
}

function beginOf({ events }: Step): number {
  return events[0]?.Timestamp?.getTime() ?? 0;
}
