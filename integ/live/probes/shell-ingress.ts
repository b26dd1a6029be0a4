import { CreateMicrovmShellAuthTokenCommand } from '@aws-sdk/client-lambda-microvms';
import type { Lab } from './lab';
import type { Probe } from './probe';
import { outcome } from './probe';

/** Which ways in have a shell. */
export const shellIngress: Probe = {
  name: 'shell ingress',
  facts: ['shellAlone', 'shellWithHttp', 'shellWithAll'],
  async ask(lab, say) {
    const asked = { shellAlone: ['SHELL_INGRESS'], shellWithHttp: ['HTTP_INGRESS', 'SHELL_INGRESS'], shellWithAll: ['ALL_INGRESS'] } as const;
    for (const fact of ['shellAlone', 'shellWithHttp', 'shellWithAll'] as const) {
      const token = await outcome(() => shellToken(lab, asked[fact]));
      say(fact, token.refused === undefined ? 'yes' : 'no', token.refused ?? 'a token was given');
    }
  },
};

async function shellToken(lab: Lab, names: readonly string[]): Promise<void> {
  const { partition, region } = lab.account;
  const ingressNetworkConnectors = names.map(name => `arn:${partition}:lambda:${region}:aws:network-connector:aws-network-connector:${name}`);
  const { microvmId: microvmIdentifier } = await lab.launchAndWait({ ingressNetworkConnectors });
  await lab.service.send(new CreateMicrovmShellAuthTokenCommand({ microvmIdentifier, expirationInMinutes: 1 }));
}
