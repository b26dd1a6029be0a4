import { setTimeout as sleep } from 'node:timers/promises';
import { CloudWatchLogsClient, DescribeLogStreamsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { DeleteMicrovmImageVersionCommand, GetMicrovmImageVersionCommand, UpdateMicrovmImageVersionCommand } from '@aws-sdk/client-lambda-microvms';
import { requestBuild, untilBuilt } from './builds';
import type { Probe } from './probe';
import { outcome } from './probe';
import type { ProbeContext } from './probe-context';

const EFFECT_DELAY = 10_000;

/**
 * Builds another version without a connector and without logs:CreateLogGroup. Then sets the first version to INACTIVE
 * and deletes it while its MicroVM runs.
 */
export const versionDeletion: Probe = {
  name: 'version deletion',
  facts: ['buildEgress', 'buildEgressShown', 'buildCreateLogGroup', 'inactiveWithMicrovm', 'versionWithMicrovm'],
  async run(context, settle) {
    const { ImageArn: imageIdentifier, ImageVersion: imageVersion, NoLogGroupRoleArn } = context.outputs;
    const { service } = context;
    const { microvmId } = await context.launchAndWait({ imageVersion });
    const { logging } = await service.send(new GetMicrovmImageVersionCommand({ imageIdentifier, imageVersion }));
    const built = await untilBuilt(context, await requestBuild(context, { buildRoleArn: NoLogGroupRoleArn }));
    // The Dockerfile installs packages, so the build needs the internet.
    settle('buildEgress', built.state === 'SUCCESSFUL' ? 'yes' : 'unclear', `version ${built.imageVersion}, whose Dockerfile installs packages, is ${built.state}`);
    const egress = built.egressNetworkConnectors ?? [];
    settle('buildEgressShown', egress.length > 0 ? 'yes' : 'no', egress.length > 0 ? egress.join(', ') : 'the version shows no connector');

    const [complete, incomplete] = await logStreams(context, logging!.cloudWatch!.logGroup!, imageVersion, built.imageVersion!);
    settle('buildCreateLogGroup', complete === 0 ? 'unclear' : incomplete === 0 ? 'yes' : 'no',
      `log streams of version ${imageVersion}, built with the role of the library: ${complete}; of version ${built.imageVersion}, built without the action: ${incomplete}`);

    const observe = async () => {
      await sleep(context.account.endpoint === undefined ? EFFECT_DELAY : 0);
      return (await context.until(microvmId!, 'RUNNING', 'SUSPENDED', 'TERMINATING', 'TERMINATED')).state!;
    };
    await service.send(new UpdateMicrovmImageVersionCommand({ imageIdentifier, imageVersion, status: 'INACTIVE' }));
    const retired = await observe();
    settle('inactiveWithMicrovm', retired === 'RUNNING' ? 'yes' : 'no', `the MicroVM is ${retired}`);
    const deleted = await outcome(() => service.send(new DeleteMicrovmImageVersionCommand({ imageIdentifier, imageVersion })));
    settle('versionWithMicrovm', deleted.rejected === undefined ? 'yes' : 'no', `${deleted.rejected ?? 'accepted'}; the MicroVM is ${await observe()}`);
  },
};

/** Counts the log streams of each version. Their names contain the version in brackets (service-facts.md, 5). */
async function logStreams({ account }: ProbeContext, logGroupName: string, ...versions: string[]): Promise<number[]> {
  const logs = new CloudWatchLogsClient(account.client);
  const { logStreams: streams = [] } = await logs.send(new DescribeLogStreamsCommand({ logGroupName, orderBy: 'LastEventTime', descending: true }));
  const names = streams.map(({ logStreamName }) => logStreamName ?? '');
  return versions.map(version => names.filter(name => name.includes(`[${version}]`) || name.includes(`[${Number(version)}]`)).length);
}
