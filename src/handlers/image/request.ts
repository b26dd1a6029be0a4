import type { BuildRequest } from './service';
import type { HookProperties, MicrovmImageProperties } from '../../contract/image';
import { canonical } from '../engine/canonical';
import { hash } from '../engine/operation';

/** What tells the versions that we built apart; written at the end of a version's description, which the service echoes unchanged. */
export interface Marker {
  /** Of the content asked for. */
  readonly fingerprint: string;
  /** Of the operation that asked for it. */
  readonly operation: string;
}

export function describeWith(description: string | undefined, marker: Marker): string {
  return `${description ?? ''} [cdk ${marker.fingerprint}/${marker.operation}]`;
}

export function markerOf(description: string | undefined | null): Marker | undefined {
  const found = / \[cdk ([0-9a-f]+)\/([0-9a-f]+)\]$/.exec(description ?? '');
  return found ? { fingerprint: found[1], operation: found[2] } : undefined;
}

/** Equal for properties that ask for the same content: without name, tags and whatever the deployment resolves. */
export function fingerprintOf(properties: MicrovmImageProperties): string {
  const content = { ...contentOf(properties), description: properties.Description, baseImageVersion: properties.BaseImageVersion };
  return hash(canonical(content), properties.RebuildTrigger ?? '', properties.CodeHash ?? '').slice(0, 16);
}

export function buildRequest(properties: MicrovmImageProperties, baseImageVersion: string, marker: Marker): BuildRequest {
  return { ...contentOf(properties), baseImageVersion, description: describeWith(properties.Description, marker) };
}

/** What decides the content of a version, but for the description and the base image's version. */
function contentOf(properties: MicrovmImageProperties): Omit<BuildRequest, 'description' | 'baseImageVersion'> {
  return {
    baseImageArn: properties.BaseImageArn,
    buildRoleArn: properties.BuildRoleArn,
    codeArtifact: { uri: properties.CodeUri },
    logging: properties.LogGroupName ? { cloudWatch: { logGroup: properties.LogGroupName } } : { disabled: {} },
    egressNetworkConnectors: [properties.BuildEgressArn],
    cpuConfigurations: [{ architecture: 'ARM_64' }],
    resources: [{ minimumMemoryInMiB: Number(properties.MemoryMiB) }],
    ...(properties.OsCapabilities?.length ? { additionalOsCapabilities: properties.OsCapabilities as BuildRequest['additionalOsCapabilities'] } : {}),
    ...(properties.Hooks ? { hooks: hooksOf(properties.Hooks) } : {}),
    ...(properties.Environment ? { environmentVariables: properties.Environment } : {}),
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
