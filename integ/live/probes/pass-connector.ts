import type { Probe } from './probe';
import { isDenied, outcome } from './probe';
import { allow } from './statements';

/** Which connectors a caller may pass to RunMicrovm, and in which form. */
export const passConnector: Probe = {
  name: 'lambda:PassNetworkConnector',
  facts: ['passConnector', 'passConnectorPattern', 'passConnectorVersions', 'qualifiedConnector', 'twoEgress'],
  async run(context, settle) {
    const { account: { partition, region }, outputs: { ConnectorArn, ExecutionRoleArn } } = context;
    const managed = (name: string) => `arn:${partition}:lambda:${region}:aws:network-connector:aws-network-connector:${name}`;
    const [ingress, internet] = [managed('HTTP_INGRESS'), managed('INTERNET_EGRESS')];
    const mayPass = async (...connectors: string[]) => context.serviceUnder(
      allow('lambda:RunMicrovm', '*'), allow('iam:PassRole', ExecutionRoleArn), allow('lambda:PassNetworkConnector', connectors),
    );
    const by = await mayPass(ingress, ConnectorArn);
    const listed = await outcome(() => context.launch({ egressNetworkConnectors: [ConnectorArn] }, by));
    const other = await outcome(() => context.launch({ egressNetworkConnectors: [internet] }, by));
    const holds = listed.rejected === undefined && isDenied(other);
    settle('passConnector', holds ? 'yes' : isDenied(listed) || other.rejected === undefined ? 'no' : 'unclear',
      `a connector in the policy: ${listed.rejected ?? 'launched'}; another connector: ${other.rejected ?? 'launched'}`);

    const byPattern = await mayPass(`arn:${partition}:lambda:*:aws:network-connector:aws-network-connector:*`);
    const pattern = await outcome(() => context.launch({ egressNetworkConnectors: [internet] }, byPattern));
    settle('passConnectorPattern', pattern.rejected === undefined ? 'yes' : isDenied(pattern) ? 'no' : 'unclear', pattern.rejected ?? 'launched');
    const byVersion = await mayPass(ingress, `${ConnectorArn}:*`);
    const versions = await outcome(() => context.launch({ egressNetworkConnectors: [ConnectorArn] }, byVersion));
    settle('passConnectorVersions', versions.rejected === undefined ? 'yes' : isDenied(versions) ? 'no' : 'unclear', versions.rejected ?? 'launched');

    const { Version: version = 1 } = await context.connectors.get(ConnectorArn);
    const qualified = await outcome(() => context.launchAndWait({ egressNetworkConnectors: [`${ConnectorArn}:${version}`] }));
    settle('qualifiedConnector', qualified.rejected === undefined ? 'yes' : 'no', qualified.rejected ?? 'a MicroVM runs with the qualified ARN');
    const two = await outcome(() => context.launchAndWait({ egressNetworkConnectors: [ConnectorArn, internet] }));
    settle('twoEgress', two.rejected === undefined ? 'yes' : 'no', two.rejected ?? `a MicroVM runs with ${two.answer.egressNetworkConnectors?.join(', ')}`);
  },
};
