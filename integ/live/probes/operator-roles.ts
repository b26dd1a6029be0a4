import type { Probe } from './probe';
import { outcome } from './probe';

/** Which trust policies of an operator role work. The service uses the role when a connector is created. */
export const operatorRoles: Probe = {
  name: 'operator roles',
  facts: ['operatorOtherPrincipal', 'operatorSourceAccount', 'operatorConnectorTag'],
  async run(context, settle) {
    const roles = {
      operatorOtherPrincipal: context.outputs.OtherPrincipalRoleArn,
      operatorSourceAccount: context.outputs.SourceAccountRoleArn,
      operatorConnectorTag: context.outputs.ConnectorTagRoleArn,
    };
    // All at once, because each connector takes minutes to become active.
    await Promise.all((['operatorOtherPrincipal', 'operatorSourceAccount', 'operatorConnectorTag'] as const).map(async fact => {
      const created = await outcome(() => context.connectors.create(roles[fact]));
      if (created.rejected !== undefined) return settle(fact, 'no', created.rejected);
      const { State: state, StateReasonCode: code, StateReason: reason } = await context.connectors.untilSettled(created.answer);
      settle(fact, state === 'ACTIVE' ? 'yes' : 'no', `the connector is ${[state, code, reason].filter(Boolean).join(': ')}`);
    }));
  },
};
