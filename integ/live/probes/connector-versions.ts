import type { Probe } from './probe';
import { outcome } from './probe';

/** What an update of a connector may change, and what becomes of its versions. */
export const connectorVersions: Probe = {
  name: 'connector versions',
  facts: ['connectorProtocol', 'connectorVersions'],
  async ask(lab, say) {
    const { connectors, outputs: { OperatorRoleArn, SubnetIds } } = lab;
    const arn = await connectors.create(OperatorRoleArn);
    await connectors.untilSettled(arn);
    const protocol = await outcome(() => connectors.update(arn, OperatorRoleArn, { NetworkProtocol: 'DualStack' }));
    if (protocol.refused === undefined) {
      const { LastUpdateStatus: status, LastUpdateStatusReason: reason } = await connectors.untilSettled(arn);
      say('connectorProtocol', status === 'Successful' ? 'yes' : 'no', `the update is ${[status, reason].filter(Boolean).join(': ')}`);
    } else {
      say('connectorProtocol', 'no', protocol.refused);
      await connectors.update(arn, OperatorRoleArn, { SubnetIds: SubnetIds.split(',').slice(0, 1) });
      await connectors.untilSettled(arn);
    }
    const before = await outcome(() => connectors.versions(arn));
    if (before.refused !== undefined) return say('connectorVersions', 'no', before.refused);
    const oldest = Math.min(...before.answer);
    const deleted = await outcome(() => connectors.delete(`${arn}:${oldest}`));
    if (deleted.refused !== undefined) return say('connectorVersions', 'no', deleted.refused);
    const after = await connectors.versionsWithout(arn, oldest);
    say('connectorVersions', after.includes(oldest) ? 'unclear' : 'yes', `before ${before.answer.join(', ')}; after the deletion ${after.join(', ')}`);
  },
};
