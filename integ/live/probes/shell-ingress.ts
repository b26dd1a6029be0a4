import { CreateMicrovmShellAuthTokenCommand } from '@aws-sdk/client-lambda-microvms';
import type { Probe } from './probe';
import { outcome } from './probe';
import type { ProbeContext } from './probe-context';

/** Which ingress connectors allow a shell. */
export const shellIngress: Probe = {
  name: 'shell ingress',
  facts: ['shellAlone', 'shellWithHttp', 'shellWithAll'],
  async run(context, settle) {
    const asked = { shellAlone: ['SHELL_INGRESS'], shellWithHttp: ['HTTP_INGRESS', 'SHELL_INGRESS'], shellWithAll: ['ALL_INGRESS'] } as const;
    for (const fact of ['shellAlone', 'shellWithHttp', 'shellWithAll'] as const) {
      const token = await outcome(() => shellToken(context, asked[fact]));
      settle(fact, token.rejected === undefined ? 'yes' : 'no', token.rejected ?? 'the service issued a token');
    }
  },
};

async function shellToken(context: ProbeContext, names: readonly string[]): Promise<void> {
  const { partition, region } = context.account;
  const ingressNetworkConnectors = names.map(name => `arn:${partition}:lambda:${region}:aws:network-connector:aws-network-connector:${name}`);
  const { microvmId: microvmIdentifier } = await context.launchAndWait({ ingressNetworkConnectors });
  await context.service.send(new CreateMicrovmShellAuthTokenCommand({ microvmIdentifier, expirationInMinutes: 1 }));
}
