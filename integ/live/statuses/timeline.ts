import type { Observation } from './contract';
import type { ObservedScenario, Step, StepName } from './scenario';
import { currentPhase, fits } from '../../../src/handlers/engine/fence';
import { describeOperation, GRACE } from '../../../src/handlers/engine/operation';
import { phaseOf } from '../../../src/handlers/engine/stack';
import type { Settle } from '../probes/probe';

/** A row of the timeline: what CloudFormation showed during a request, and the result of the fence of the library. */
export interface TimelineEntry extends Observation {
  readonly step: StepName;
  /** Seconds since the step began. */
  readonly after: number;
  /** Whether the fence treats the request as one that CloudFormation still waits for. */
  readonly current: boolean;
  /** Whether CloudFormation had canceled the request by then. */
  readonly canceled: boolean;
}

/** Returns all observations in the order in which they were made. */
export function timeline({ steps, observations }: ObservedScenario): TimelineEntry[] {
  const firsts = new Map<string, Observation>();
  return observations.map(observation => {
    const { request, at, view } = observation;
    const key = `${request.RequestId} ${request.RequestType}`;
    const first = firsts.get(key) ?? observation;
    firsts.set(key, first);
    const step = stepOf(steps, request.StackId, first.at);
    // The fence only reads the properties that identify the operation.
    const event = { ...request, ResourceProperties: undefined, PhysicalResourceId: request.PhysicalResourceId ?? request.LogicalResourceId };
    const Operation = describeOperation({ ...request, ResourceProperties: undefined }, first.view, Date.parse(first.at));
    const failed = cancellation(step, first);
    return {
      ...observation,
      step: step?.name ?? 'create',
      after: step === undefined ? 0 : (Date.parse(at) - beginOf(step)) / 1000,
      current: currentPhase({ ...event, Operation }, view) !== undefined,
      canceled: failed !== undefined && Date.parse(at) >= failed,
    };
  });
}

/** Settles the facts about CloudFormation from the timeline. */
export function evaluate(scenario: ObservedScenario, settle: Settle): void {
  const entries = timeline(scenario);
  if (entries.length === 0) return;
  evaluateCurrent(entries, settle);
  evaluateFirstLooks(entries, settle);
  evaluateCancellation(scenario, entries, settle);
  evaluateStackTime(entries, settle);
  evaluateRollback(entries, settle);
}

function evaluateCurrent(entries: TimelineEntry[], settle: Settle): void {
  const rejected = entries.filter(({ current, canceled }) => !current && !canceled);
  if (rejected.length === 0) settle('requestsAreCurrent', 'yes', `${entries.filter(({ canceled }) => !canceled).length} observations; cleanups: ${cleanups(entries)}`);
  else settle('requestsAreCurrent', 'no', rejected.map(describeEntry).join('; '));
}

/** What `onEvent` sees: the observer looks as soon as a request arrives. */
function evaluateFirstLooks(entries: TimelineEntry[], settle: Settle): void {
  const firsts = firstOfEach(entries);
  const late = firsts.filter(entry => !showsRequest(entry));
  const evidence = (late.length === 0 ? firsts : late).map(entry => `${describeEntry(entry)}, ${shownAfter(entries, entry)}`).join('; ');
  settle('firstLook', late.length === 0 ? 'yes' : 'no', evidence);
  const lags = firsts.flatMap(first => {
    const time = firstShown(entries, first)?.view.resourceTime;
    return time === undefined ? [] : [Date.parse(time) - Date.parse(first.at)];
  });
  if (lags.length === 0) settle('resourceTimeOfRequest', 'unclear', 'no time of a resource was shown');
  else settle('resourceTimeOfRequest', Math.max(...lags) <= 1_000 ? 'yes' : 'no', `from ${Math.min(...lags)} to ${Math.max(...lags)} ms after the first look`);
}

/** Whether CloudFormation shows the operation of a request, as it does after any delay. */
function showsRequest({ request, view }: TimelineEntry): boolean {
  const { RequestType, PhysicalResourceId = '' } = request;
  const isInProgress = !['idle', 'unknown'].includes(phaseOf(view.stackStatus));
  return isInProgress && !view.resourceIsAbsent && fits({ RequestType, PhysicalResourceId }, view);
}

function firstShown(entries: TimelineEntry[], first: TimelineEntry): TimelineEntry | undefined {
  return entries.find(entry => isSameRequest(entry, first) && showsRequest(entry));
}

function shownAfter(entries: TimelineEntry[], first: TimelineEntry): string {
  const shown = firstShown(entries, first);
  if (shown === undefined) return 'never shown in progress';
  return `shown in progress ${((Date.parse(shown.at) - Date.parse(first.at)) / 1000).toFixed(1)} s later`;
}

function isSameRequest(a: TimelineEntry, b: TimelineEntry): boolean {
  return a.request.RequestId === b.request.RequestId && a.request.RequestType === b.request.RequestType;
}

function evaluateCancellation({ steps }: ObservedScenario, entries: TimelineEntry[], settle: Settle): void {
  const slow = entries.filter(({ step, request }) => step === 'canceled create' && request.LogicalResourceId === 'Slow');
  const step = steps.find(({ name }) => name === 'canceled create');
  const create = slow.find(({ request }) => request.RequestType === 'Create');
  const canceledAt = create && cancellation(step, create);
  const fenced = slow.find(({ request, current, canceled }) => request.RequestType === 'Create' && canceled && !current);
  if (canceledAt === undefined) {
    settle('canceledIsFenced', 'unclear', 'nothing was canceled');
  } else if (fenced === undefined) {
    settle('canceledIsFenced', 'no', `canceled, but CloudFormation never showed it: ${slow.map(describeEntry).join('; ')}`);
  } else {
    const lag = Date.parse(fenced.at) - canceledAt;
    settle('canceledIsFenced', lag <= GRACE ? 'yes' : 'no', `${lag / 1000} s after the event of the cancellation: ${describeEntry(fenced)}`);
  }
  const deleted = slow.find(({ request }) => request.RequestType === 'Delete');
  if (canceledAt === undefined || deleted === undefined) settle('canceledDelete', 'unclear', 'nothing was canceled, or the resource was not deleted');
  else settle('canceledDelete', deleted.request.PhysicalResourceId === 'observed-a' ? 'no' : 'yes', describeEntry(deleted));
}

function evaluateStackTime(entries: TimelineEntry[], settle: Settle): void {
  const forward = entries.filter(({ view: { stackStatus } }) => /^(CREATE|UPDATE|DELETE)_IN_PROGRESS$/.test(stackStatus ?? ''));
  const times = new Map<StepName, Set<string>>();
  for (const { step, view } of forward) times.set(step, (times.get(step) ?? new Set()).add(view.stackTime ?? 'none'));
  const evidence = [...times].map(([step, seen]) => `${step}: ${[...seen].join(', ')}`).join('; ');
  // A deletion shows the time of the operation before it.
  const updates = [...times].filter(([step]) => !step.endsWith('deletion')).map(([, seen]) => [...seen]);
  const steady = updates.every(seen => seen.length === 1);
  const distinct = new Set(updates.flat()).size === updates.flat().length;
  settle('stackTimeOfOperation', updates.length < 2 ? 'unclear' : steady && distinct ? 'yes' : 'no', evidence);
}

function evaluateRollback(entries: TimelineEntry[], settle: Settle): void {
  const requests = firstOfEach(entries.filter(({ step, request }) => step === 'rolled-back replacement' && request.LogicalResourceId === 'One'));
  const back = requests.slice(1);
  const sequence = requests.map(({ request }) => `${request.RequestType}(${request.PhysicalResourceId})`).join(', ');
  if (back.length === 0) settle('rollbackOfReplacement', 'unclear', `only these requests: ${sequence}`);
  else settle('rollbackOfReplacement', back[0].request.RequestType === 'Update' ? 'yes' : 'no', sequence);
}

function firstOfEach(entries: TimelineEntry[]): TimelineEntry[] {
  const keys = entries.map(({ request }) => `${request.RequestId} ${request.RequestType}`);
  return entries.filter((_, index) => keys.indexOf(keys[index]) === index);
}

function cleanups(entries: TimelineEntry[]): string {
  return entries.filter(({ view }) => view.stackStatus?.includes('CLEANUP')).map(describeEntry).join('; ') || 'none';
}

function describeEntry({ step, after, request, view }: TimelineEntry): string {
  const id = request.PhysicalResourceId ?? '-';
  return `${step} +${after.toFixed(1)} s: ${request.RequestType}(${id}) of ${request.LogicalResourceId} sees ${view.resourceStatus ?? 'no resource'} `
    + `${view.physicalId ?? '-'}, ${view.stackStatus}`;
}

/** Time at which CloudFormation canceled the resource, between the arrival of the request and its answer. */
function cancellation(step: Step | undefined, { request, at }: Observation): number | undefined {
  if (request.RequestType === 'Delete') return undefined;
  const event = step?.events.find(({ LogicalResourceId, ResourceStatus, ResourceStatusReason, Timestamp }) =>
    LogicalResourceId === request.LogicalResourceId && ResourceStatus?.endsWith('_FAILED') && /cancelled/i.test(ResourceStatusReason ?? '')
    && Timestamp!.getTime() >= Date.parse(at) - 1_000);
  return event?.Timestamp?.getTime();
}

/** Returns the step in which a request arrived: the last step of its stack that had started. */
function stepOf(steps: readonly Step[], stackId: string, at: string): Step | undefined {
  const own = steps.filter(step => step.stackId === stackId);
  return own.filter(step => beginOf(step) <= Date.parse(at)).pop() ?? own[0];
}

function beginOf({ events }: Step): number {
  return events[0]?.Timestamp?.getTime() ?? 0;
}
