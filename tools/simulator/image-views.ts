import { notFound } from './errors';
import type { Build, Image, ImageConfiguration, ImageVersion } from './rows';
import { CHIPSETS } from './rows';

// How the API presents images, versions and builds.

export function unknownImage(arn: string): never {
  throw notFound(`MicroVMImage not found for MicroVMImageID: ${arn}`);
}

export function isBusy(image: Image): boolean {
  return image.state === 'CREATING' || image.state === 'UPDATING' || image.state === 'DELETING';
}

export function describeConfiguration(configuration: ImageConfiguration): object {
  return {
    baseImageArn: configuration.baseImageArn,
    baseImageVersion: configuration.baseImageVersion,
    buildRoleArn: configuration.buildRoleArn,
    description: configuration.description ?? null,
    codeArtifact: configuration.codeArtifact,
    logging: configuration.logging ?? null,
    egressNetworkConnectors: configuration.egressNetworkConnectors,
    cpuConfigurations: configuration.cpuConfigurations ?? null,
    resources: configuration.resources,
    additionalOsCapabilities: configuration.additionalOsCapabilities ?? null,
    hooks: configuration.hooks ?? null,
    environmentVariables: configuration.environmentVariables ?? null,
    ...describeKey(configuration),
  };
}

/** How the service answers without a key was never recorded. The member is omitted then. */
export function describeKey({ kmsKeyIdentifier }: { readonly kmsKeyIdentifier?: string }): object {
  return kmsKeyIdentifier === undefined ? {} : { kmsKeyIdentifier };
}

export function summary(image: Image): object {
  return {
    id: image.id,
    imageArn: image.arn,
    name: image.name,
    state: image.state,
    latestActiveImageVersion: latestActive(image),
    latestFailedImageVersion: latestFailed(image),
    createdAt: image.createdAt / 1000,
  };
}

export function versionName(number: number): string {
  return `${number}.0`;
}

export function latestActive(image: Image): string | null {
  return latest(image.versions.filter(isRunnable));
}

export function latestFailed(image: Image): string | null {
  return latest(image.versions.filter(({ state }) => state === 'FAILED'));
}

/** Whether MicroVMs can be launched from a version. */
export function isRunnable(version: ImageVersion): boolean {
  return version.state === 'SUCCESSFUL' && version.status === 'ACTIVE';
}

export function isBuilding(version: ImageVersion): boolean {
  return version.state === 'PENDING' || version.state === 'IN_PROGRESS';
}

function latest(versions: readonly ImageVersion[]): string | null {
  return versions.length === 0 ? null : versionName(Math.max(...versions.map(({ number }) => number)));
}

export function describeVersion(image: Image, version: ImageVersion): object {
  return {
    ...describeConfiguration(version.configuration),
    imageArn: image.arn,
    imageVersion: versionName(version.number),
    state: version.state,
    status: version.status,
    // Also null after a failure: the builds have the reason.
    stateReason: null,
    tags: Object.keys(image.tags).length > 0 ? image.tags : null,
    createdAt: version.createdAt / 1000,
    updatedAt: version.updatedAt / 1000,
    versionStateTimeBucket: `${version.state}#${hour(version.updatedAt)}`,
  };
}

export function describeBuild(image: Image, version: ImageVersion, build: Build): object {
  return {
    imageArn: image.arn,
    imageVersion: versionName(version.number),
    buildId: build.id,
    buildState: build.state,
    architecture: build.architecture,
    chipset: CHIPSETS[build.architecture].chipset,
    chipsetGeneration: build.generation,
    stateReason: build.reason ?? null,
    terminationReasonCode: null,
    createdAt: build.createdAt / 1000,
  };
}

/** Year, month, day and hour, two digits each. */
function hour(time: number): string {
  return new Date(time).toISOString().replace(/\D/g, '').slice(2, 10);
}
