import type { Probe } from './probe';
import { outcome } from './probe';

/** Which trust policies and conditions of an operator role the service gets along with: it tries the role when a connector is created. */
export const operatorRoles: Probe = {
  name: 'operator roles',
  facts: ['operatorOtherPrincipal', 'operatorSourceAccount', 'operatorConnectorTag'],
  async ask(lab, say) {
    const roles = {
      operatorOtherPrincipal: lab.outputs.OtherPrincipalRoleArn,
      operatorSourceAccount: lab.outputs.SourceAccountRoleArn,
      operatorConnectorTag: lab.outputs.ConnectorTagRoleArn,
    };
    // All at once: each takes minutes to become active.
    await Promise.all((['operatorOtherPrincipal', 'operatorSourceAccount', 'operatorConnectorTag'] as const).map(async fact => {
      const created = await outcome(() => lab.connectors.create(roles[fact]));
      if (created.refused !== undefined) return say(fact, 'no', created.refused);
      const { State: state, StateReasonCode: code, StateReason: reason } = await lab.connectors.untilSettled(created.answer);
      say(fact, state === 'ACTIVE' ? 'yes' : 'no', `the connector is ${[state, code, reason].filter(Boolean).join(': ')}`);
    }));
  },
};
