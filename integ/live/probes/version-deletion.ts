import { setTimeout as sleep } from 'node:timers/promises';
import {
  DeleteMicrovmImageVersionCommand, GetMicrovmImageCommand, GetMicrovmImageVersionCommand, UpdateMicrovmImageCommand,
  UpdateMicrovmImageVersionCommand,
} from '@aws-sdk/client-lambda-microvms';
import type { Lab } from './lab';
import type { Probe } from './probe';
import { outcome } from './probe';

const LOOK_EVERY = 5_000;
/** A build takes two to six minutes. */
const PATIENCE = 1_200_000;
const TO_SEE_AN_EFFECT = 10_000;

/** One more version, built without naming a connector; then the first one is retired and deleted under a MicroVM that runs. */
export const versionDeletion: Probe = {
  name: 'version deletion',
  facts: ['buildEgress', 'buildEgressShown', 'inactiveWithMicrovm', 'versionWithMicrovm'],
  async ask(lab, say) {
    const { ImageArn: imageIdentifier, ImageVersion: imageVersion } = lab.outputs;
    const { service } = lab;
    const { microvmId } = await lab.launchAndWait({ imageVersion });
    const built = await buildWithoutConnector(lab);
    // Its Dockerfile installs packages.
    say('buildEgress', built.state === 'SUCCESSFUL' ? 'yes' : 'unclear', `version ${built.imageVersion} is ${built.state}, by a Dockerfile that installs packages`);
    const egress = built.egressNetworkConnectors ?? [];
    say('buildEgressShown', egress.length > 0 ? 'yes' : 'no', egress.length > 0 ? egress.join(', ') : 'the version names none');

    const look = async () => {
      await sleep(lab.account.endpoint === undefined ? TO_SEE_AN_EFFECT : 0);
      return (await lab.until(microvmId!, 'RUNNING', 'SUSPENDED', 'TERMINATING', 'TERMINATED')).state!;
    };
    await service.send(new UpdateMicrovmImageVersionCommand({ imageIdentifier, imageVersion, status: 'INACTIVE' }));
    const retired = await look();
    say('inactiveWithMicrovm', retired === 'RUNNING' ? 'yes' : 'no', `the MicroVM is ${retired}`);
    const deleted = await outcome(() => service.send(new DeleteMicrovmImageVersionCommand({ imageIdentifier, imageVersion })));
    say('versionWithMicrovm', deleted.refused === undefined ? 'yes' : 'no', `${deleted.refused ?? 'accepted'}; the MicroVM is ${await look()}`);
  },
};

async function buildWithoutConnector(lab: Lab) {
  const { service, outputs: { ImageArn: imageIdentifier, ImageVersion } } = lab;
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
  const end = Date.now() + PATIENCE;
  for (;;) {
    const { state } = await service.send(new GetMicrovmImageCommand({ imageIdentifier }));
    if (state !== 'UPDATING') return service.send(new GetMicrovmImageVersionCommand({ imageIdentifier, imageVersion }));
    if (Date.now() > end) throw new Error(`version ${imageVersion} is still being built`);
    await sleep(lab.account.endpoint === undefined ? LOOK_EVERY : LOOK_EVERY / 25);
  }
}
