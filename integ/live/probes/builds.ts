import { setTimeout as sleep } from 'node:timers/promises';
import type {
  GetMicrovmImageVersionCommandOutput, LambdaMicrovmsClient, MicrovmImageBuildSummary, UpdateMicrovmImageRequest,
} from '@aws-sdk/client-lambda-microvms';
import {
  GetMicrovmImageCommand, GetMicrovmImageVersionCommand, ListMicrovmImageBuildsCommand, UpdateMicrovmImageCommand,
} from '@aws-sdk/client-lambda-microvms';
import type { ProbeContext } from './probe-context';
import { withMembers } from '../../../src/handlers/engine/request-body';

const POLL_INTERVAL = 5_000;
/** A build takes two to six minutes. */
const TIMEOUT = 1_200_000;

/**
 * Requests another version of the image of the stack, with the content of its first version and the given changes. The
 * version has no connector unless a change names one.
 *
 * @param dropped members that the installed client does not know, and would drop.
 * @returns the version.
 */
export async function requestBuild(
  context: ProbeContext, changes: Partial<UpdateMicrovmImageRequest> = {}, by: LambdaMicrovmsClient = context.service, dropped: object = {},
): Promise<string> {
  const { service, outputs: { ImageArn: imageIdentifier, ImageVersion } } = context;
  const first = await service.send(new GetMicrovmImageVersionCommand({ imageIdentifier, imageVersion: ImageVersion }));
  const command = new UpdateMicrovmImageCommand({
    imageIdentifier,
    baseImageArn: first.baseImageArn,
    buildRoleArn: first.buildRoleArn,
    codeArtifact: first.codeArtifact,
    resources: first.resources,
    hooks: first.hooks,
    logging: first.logging,
    ...changes,
  });
  const { imageVersion } = await by.send(withMembers(command, dropped));
  return imageVersion!;
}

/** Waits until the image builds nothing. @returns the version that was requested last. */
export async function untilBuilt(context: ProbeContext, imageVersion: string): Promise<GetMicrovmImageVersionCommandOutput> {
  const { service, outputs: { ImageArn: imageIdentifier } } = context;
  const end = Date.now() + TIMEOUT;
  for (;;) {
    const { state } = await service.send(new GetMicrovmImageCommand({ imageIdentifier }));
    if (state !== 'UPDATING') return service.send(new GetMicrovmImageVersionCommand({ imageIdentifier, imageVersion }));
    if (Date.now() > end) throw new Error(`version ${imageVersion} is still being built`);
    await sleep(context.account.endpoint === undefined ? POLL_INTERVAL : POLL_INTERVAL / 25);
  }
}

export async function buildsOf({ service, outputs }: ProbeContext, imageVersion: string): Promise<MicrovmImageBuildSummary[]> {
  const imageIdentifier = outputs.ImageArn;
  const { items = [] } = await service.send(new ListMicrovmImageBuildsCommand({ imageIdentifier, imageVersion }));
  return items;
}
