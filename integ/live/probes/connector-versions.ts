import type { Probe } from './probe';
import { outcome } from './probe';

/** Which properties of a connector an update may change, and what happens to the versions of the connector. */
export const connectorVersions: Probe = {
  name: 'connector versions',
  facts: ['connectorProtocol', 'connectorVersions'],
  async run(context, settle) {
    const { connectors, outputs: { OperatorRoleArn, SubnetIds } } = context;
    const arn = await connectors.create(OperatorRoleArn);
    await connectors.untilSettled(arn);
    const protocol = await outcome(() => connectors.update(arn, OperatorRoleArn, { NetworkProtocol: 'DualStack' }));
    if (protocol.rejected === undefined) {
      const { LastUpdateStatus: status, LastUpdateStatusReason: reason } = await connectors.untilSettled(arn);
      settle('connectorProtocol', status === 'Successful' ? 'yes' : 'no', `the status of the update is ${[status, reason].filter(Boolean).join(': ')}`);
    } else {
      settle('connectorProtocol', 'no', protocol.rejected);
      await connectors.update(arn, OperatorRoleArn, { SubnetIds: SubnetIds.split(',').slice(0, 1) });
      await connectors.untilSettled(arn);
    }
    const before = await outcome(() => connectors.versions(arn));
    if (before.rejected !== undefined) return settle('connectorVersions', 'no', before.rejected);
    const oldest = Math.min(...before.answer);
    const deleted = await outcome(() => connectors.delete(`${arn}:${oldest}`));
    if (deleted.rejected !== undefined) return settle('connectorVersions', 'no', deleted.rejected);
    const after = await connectors.versionsWithout(arn, oldest);
    settle('connectorVersions', after.includes(oldest) ? 'unclear' : 'yes', `before the deletion: ${before.answer.join(', ')}; after it: ${after.join(', ')}`);
  },
};
