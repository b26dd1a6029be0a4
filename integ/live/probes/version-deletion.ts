import { setTimeout as sleep } from 'node:timers/promises';
import {
  DeleteMicrovmImageVersionCommand, GetMicrovmImageCommand, GetMicrovmImageVersionCommand, UpdateMicrovmImageCommand,
  UpdateMicrovmImageVersionCommand,
} from '@aws-sdk/client-lambda-microvms';
import type { Probe } from './probe';
import { outcome } from './probe';
import type { ProbeContext } from './probe-context';

const POLL_INTERVAL = 5_000;
/** A build takes two to six minutes. */
const TIMEOUT = 1_200_000;
const EFFECT_DELAY = 10_000;

/**
 * Builds another version without a connector. Then sets the first version to INACTIVE and deletes it while its
 * MicroVM runs.
 */
export const versionDeletion: Probe = {
  name: 'version deletion',
  facts: ['buildEgress', 'buildEgressShown', 'inactiveWithMicrovm', 'versionWithMicrovm'],
  async run(context, settle) {
    const { ImageArn: imageIdentifier, ImageVersion: imageVersion } = context.outputs;
    const { service } = context;
    const { microvmId } = await context.launchAndWait({ imageVersion });
    const built = await buildWithoutConnector(context);
    // The Dockerfile installs packages, so the build needs the internet.
    settle('buildEgress', built.state === 'SUCCESSFUL' ? 'yes' : 'unclear', `version ${built.imageVersion}, whose Dockerfile installs packages, is ${built.state}`);
    const egress = built.egressNetworkConnectors ?? [];
    settle('buildEgressShown', egress.length > 0 ? 'yes' : 'no', egress.length > 0 ? egress.join(', ') : 'the version shows no connector');

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

async function buildWithoutConnector(context: ProbeContext) {
  const { service, outputs: { ImageArn: imageIdentifier, ImageVersion } } = context;
  const first = await service.send(new GetMicrovmImageVersionCommand({ imageIdentifier, imageVersion: ImageVersion }));
  const { imageVersion } = await service.send(new UpdateMicrovmImageCommand({
    imageIdentifier,
    baseImageArn: first.baseImageArn,
    buildRoleArn: first.buildRoleArn,
    codeArtifact: first.codeArtifact,
    resources: first.resources,
    hooks: first.hooks,
    logging: first.logging,
  }));
  const end = Date.now() + TIMEOUT;
  for (;;) {
    const { state } = await service.send(new GetMicrovmImageCommand({ imageIdentifier }));
    if (state !== 'UPDATING') return service.send(new GetMicrovmImageVersionCommand({ imageIdentifier, imageVersion }));
    if (Date.now() > end) throw new Error(`version ${imageVersion} is still being built`);
    await sleep(context.account.endpoint === undefined ? POLL_INTERVAL : POLL_INTERVAL / 25);
  }
}
