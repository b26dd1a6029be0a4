import type { StackEventSummary } from '../../tools/local-aws/cdk';

/** A measured duration. */
export interface Measurement {
  /** Name of the app, or `probes`. */
  readonly where: string;
  readonly what: string;
  readonly milliseconds: number;
}

export interface Creation {
  readonly stack: string;
  readonly logicalId: string;
  readonly physicalId: string;
  readonly type: string;
  readonly milliseconds: number;
}

/** How long CloudFormation took for each resource that it created, including the stacks. */
export function creations(events: readonly StackEventSummary[]): Creation[] {
  const created = events.filter(({ status }) => status === 'CREATE_COMPLETE');
  return created.flatMap(({ stack, logicalId, physicalId, type, time }) => {
    const begun = events.find(event => event.stack === stack && event.logicalId === logicalId && event.status === 'CREATE_IN_PROGRESS');
    return begun === undefined ? [] : [{ stack, logicalId, physicalId, type, milliseconds: time.getTime() - begun.time.getTime() }];
  });
}

/** Returns the reasons of the first failures. Resources that were only canceled because of them are left out. */
export function failureIn(events: readonly StackEventSummary[]): string | undefined {
  const failures = events.filter(({ status, reason }) => status.endsWith('_FAILED') && !/cancelled/i.test(reason));
  return failures.length === 0 ? undefined : failures.map(({ logicalId, reason }) => `${logicalId}: ${reason}`).join('; ');
}
