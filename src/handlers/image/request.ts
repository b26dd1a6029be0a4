import type { UpdateMicrovmImageRequest } from '@aws-sdk/client-lambda-microvms';
import type { Marker } from './marker';
import { withMarker } from './marker';
import type { CompleteProperties } from './properties';
import type { Source } from './source';
import { sourceOf } from './source';
import type { HookProperties, MicrovmImageProperties } from '../../contract/image';
import { canonicalJson, hash } from '../engine/fingerprint';
import { applyOverrides } from '../engine/request-body';

/** The members of a request that creating an image and building a version share. */
export type BuildRequest = Omit<UpdateMicrovmImageRequest, 'imageIdentifier' | 'clientToken'> & {
  /** The installed client does not know this member. */
  readonly kmsKeyIdentifier?: string;
};

/** The architectures of an image whose properties name none. */
const DEFAULT_ARCHITECTURES = ['ARM_64'];

export function architecturesOf(properties: Pick<MicrovmImageProperties, 'Architectures'>): string[] {
  return properties.Architectures ?? DEFAULT_ARCHITECTURES;
}

/**
 * Returns a hash of all properties that create a new version.
 *
 * It covers neither name and tags nor the base image version, unless that is pinned: the deployment resolves it.
 */
export function fingerprintOf(properties: CompleteProperties): string {
  const content = { ...contentOf(properties), description: properties.Description, baseImageVersion: properties.BaseImageVersion };
  const overrides = properties.RequestOverrides === undefined ? [] : [properties.RequestOverrides];
  return hash(canonicalJson(content), properties.RebuildTrigger ?? '', properties.CodeHash ?? '', ...overrides).slice(0, 16);
}

export function buildRequest(properties: CompleteProperties, baseImageVersion: string, marker: Marker): BuildRequest {
  return { ...contentOf(properties), baseImageVersion, description: withMarker(properties.Description, marker) };
}

/** Returns what the requests for these properties build from, after the overrides of the user. */
export function requestedSource(properties: CompleteProperties): Source {
  return sourceOf(applyOverrides(contentOf(properties), properties.RequestOverrides));
}

/** Returns what a version consists of, except its description and its base image version. */
function contentOf(properties: CompleteProperties): Omit<BuildRequest, 'description' | 'baseImageVersion'> {
  return {
    baseImageArn: properties.BaseImageArn,
    buildRoleArn: properties.BuildRoleArn,
    codeArtifact: { uri: properties.CodeUri },
    logging: properties.LogGroupName ? { cloudWatch: { logGroup: properties.LogGroupName } } : { disabled: {} },
    egressNetworkConnectors: [properties.BuildEgressArn],
    // The installed client knows no other architecture than ARM_64, but sends every one.
    cpuConfigurations: architecturesOf(properties).map(architecture => ({ architecture: architecture as 'ARM_64' })),
    resources: [{ minimumMemoryInMiB: Number(properties.MemoryMiB) }],
    ...(properties.OsCapabilities?.length ? { additionalOsCapabilities: properties.OsCapabilities as BuildRequest['additionalOsCapabilities'] } : {}),
    ...(properties.Hooks ? { hooks: hooksOf(properties.Hooks) } : {}),
    ...(properties.Environment ? { environmentVariables: properties.Environment } : {}),
    ...(properties.KmsKeyArn ? { kmsKeyIdentifier: properties.KmsKeyArn } : {}),
  };
}

function hooksOf(hooks: HookProperties): BuildRequest['hooks'] {
  const microvmHooks = {
    ...hook('run', hooks.Run), ...hook('resume', hooks.Resume), ...hook('suspend', hooks.Suspend), ...hook('terminate', hooks.Terminate),
  };
  const microvmImageHooks = { ...hook('ready', hooks.Ready), ...hook('validate', hooks.Validate) };
  return {
    port: Number(hooks.Port),
    ...(Object.keys(microvmHooks).length > 0 ? { microvmHooks } : {}),
    microvmImageHooks,
  };
}

function hook(name: string, timeout: string | undefined): Record<string, 'ENABLED' | number> {
  return timeout === undefined ? {} : { [name]: 'ENABLED', [`${name}TimeoutInSeconds`]: Number(timeout) };
}
