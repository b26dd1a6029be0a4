import type { ObservedConnector } from './observed';

/** Returns what was observed of a connector, in a few short values for the log. */
export function inBrief(observed: ObservedConnector | undefined): Record<string, unknown> | undefined {
  if (!observed?.connector) return undefined;
  if (observed.connector === 'absent') return { connector: 'absent' };
  const { connector: { state, updateStatus, version }, versions, users } = observed;
  return {
    connector: state,
    ...version !== undefined && { version },
    ...updateStatus && { update: updateStatus },
    ...versions && { versions: versions.map(each => `${each.version} ${each.state}`).join(', ') },
    ...users && { microvms: users.known.length, ...!users.isComplete && { listed: 'not all' } },
  };
}
