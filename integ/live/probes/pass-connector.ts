import type { Probe } from './probe';
import { isDenied, outcome } from './probe';
import { allow } from './statements';

/** What a launcher may pass, and in which form. */
export const passConnector: Probe = {
  name: 'lambda:PassNetworkConnector',
  facts: ['passConnector', 'qualifiedConnector', 'twoEgress'],
  async ask(lab, say) {
    const { account: { partition, region }, outputs: { ConnectorArn, ExecutionRoleArn } } = lab;
    const managed = (name: string) => `arn:${partition}:lambda:${region}:aws:network-connector:aws-network-connector:${name}`;
    const [ingress, internet] = [managed('HTTP_INGRESS'), managed('INTERNET_EGRESS')];
    const by = await lab.serviceUnder(
      allow('lambda:RunMicrovm', '*'), allow('iam:PassRole', ExecutionRoleArn), allow('lambda:PassNetworkConnector', [ingress, ConnectorArn]),
    );
    const listed = await outcome(() => lab.launch({ egressNetworkConnectors: [ConnectorArn] }, by));
    const other = await outcome(() => lab.launch({ egressNetworkConnectors: [internet] }, by));
    const holds = listed.refused === undefined && isDenied(other);
    say('passConnector', holds ? 'yes' : isDenied(listed) || other.refused === undefined ? 'no' : 'unclear',
      `the listed: ${listed.refused ?? 'launched'}; another: ${other.refused ?? 'launched'}`);

    const { Version: version = 1 } = await lab.connectors.get(ConnectorArn);
    const qualified = await outcome(() => lab.launchAndWait({ egressNetworkConnectors: [`${ConnectorArn}:${version}`] }));
    say('qualifiedConnector', qualified.refused === undefined ? 'yes' : 'no', qualified.refused ?? 'a MicroVM runs with it');
    const two = await outcome(() => lab.launchAndWait({ egressNetworkConnectors: [ConnectorArn, internet] }));
    say('twoEgress', two.refused === undefined ? 'yes' : 'no', two.refused ?? `a MicroVM runs, with ${two.answer.egressNetworkConnectors?.join(', ')}`);
  },
};
