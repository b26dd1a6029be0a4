import { managedConnectorArn, managedConnectorOf } from './arns';
import { accessDenied, notFound, validationError } from './errors';
import type { Architecture, CpuConfiguration, Hooks, ImageConfiguration, Logging, ManagedImageVersion } from './rows';
import { ARCHITECTURES } from './rows';
import type { Input, World } from './world';

const MEMORY_TIERS_MIB = [512, 1024, 2048, 4096, 8192];
const DEFAULT_MEMORY_MIB = 2048;
const RESERVED_ENVIRONMENT = ['AWS_REGION'];

/** The rules for the configuration of an image that are not in the model. @returns the configuration with defaults. */
export function imageConfiguration(world: World, input: Input): ImageConfiguration {
  checkRole(world, input.buildRoleArn);
  checkCode(input.codeArtifact);
  checkLogging(input.logging);
  checkHooks(input.hooks);
  const memory = input.resources?.[0]?.minimumMemoryInMiB ?? DEFAULT_MEMORY_MIB;
  if (!MEMORY_TIERS_MIB.includes(memory)) {
    throw validationError(`The requested memory size ${memory} MiB is not supported. Supported memory sizes are [${MEMORY_TIERS_MIB.join(', ')}]`);
  }
  checkKey(world, input.kmsKeyIdentifier);
  const reserved = RESERVED_ENVIRONMENT.find(key => input.environmentVariables?.[key] !== undefined);
  if (reserved !== undefined) throw validationError(`The environment variable key ${reserved} is reserved`);
  return {
    baseImageArn: input.baseImageArn,
    baseImageVersion: baseImageVersion(world, input.baseImageArn, input.baseImageVersion, architecturesOf(input.cpuConfigurations)),
    buildRoleArn: input.buildRoleArn,
    description: input.description,
    codeArtifact: input.codeArtifact,
    logging: input.logging,
    egressNetworkConnectors: egressConnectors(world, input.egressNetworkConnectors),
    cpuConfigurations: input.cpuConfigurations,
    resources: [{ minimumMemoryInMiB: memory }],
    additionalOsCapabilities: input.additionalOsCapabilities,
    hooks: input.hooks,
    environmentVariables: input.environmentVariables,
    kmsKeyIdentifier: input.kmsKeyIdentifier,
  };
}

/** The effective egress. A request without egress has internet access. */
export function egressConnectors(world: World, asked: string[] | undefined, otherwise?: readonly string[]): readonly string[] {
  const arns = asked ?? [];
  for (const arn of arns) {
    const managed = managedConnectorOf(world, arn);
    if (managed === undefined) checkConnector(world, arn);
    else if (managed !== 'INTERNET_EGRESS') throw validationError(`Network connector ${arn} is not an egress connector`);
  }
  return arns.length > 0 ? arns : otherwise ?? [managedConnectorArn(world, 'INTERNET_EGRESS')];
}

export function checkRole(world: World, roleArn: string | undefined): void {
  if (roleArn === undefined) return;
  if (roleArn.split(':')[4] !== world.account) throw accessDenied('Cross-account pass role is not allowed.');
  if (world.faults.roleIsUnassumable?.(roleArn, world.clock.now())) {
    throw validationError('The service is unable to assume the role provided. Please verify the trust policy on the role.');
  }
}

/** A union has exactly one member: `disabled` and `cloudWatch` exclude each other. */
export function checkLogging(logging: Logging | undefined): void {
  if (logging !== undefined && Object.keys(logging).length !== 1) {
    throw validationError('logging must have exactly one of the members [disabled, cloudWatch]');
  }
}

/** The permissions of the caller on the key are checked with all others (permissions.ts). */
export function checkKey(world: World, identifier: string | undefined): void {
  if (identifier === undefined) return;
  const region = identifier.startsWith('arn:') ? identifier.split(':')[3] : world.region;
  if (region !== world.region) throw validationError(`The KMS key ${identifier} must be in the Region ${world.region}`);
  if (world.faults.keyIsUnusable?.(identifier, world.clock.now())) {
    throw validationError(`The service is unable to use the KMS key provided: ${identifier}. Please verify the state and the policy of the key.`);
  }
}

/** The architectures that a version is built for. */
export function architecturesOf(cpuConfigurations: readonly CpuConfiguration[] | undefined): Architecture[] {
  const asked = new Set((cpuConfigurations ?? []).map(({ architecture }) => architecture));
  return asked.size === 0 ? ['ARM_64'] : ARCHITECTURES.filter(architecture => asked.has(architecture));
}

function checkConnector(world: World, arn: string): void {
  const id = arn.split(':')[6];
  const connector = world.connectors.get(id);
  if (connector === undefined || !arn.startsWith(connector.arn)) throw notFound(`Network connector not found: ${arn}`);
  if (connector.state !== 'ACTIVE') throw validationError(`Network connector ${arn} is not active`);
  const types = connector.versions[connector.versions.length - 1].configuration.AssociatedComputeResourceTypes;
  if (!types.includes('MicroVm')) throw validationError(`Network connector ${arn} is not configured with a valid compute type`);
}

function checkCode(code: { uri?: string }): void {
  if (code.uri === undefined) throw validationError('codeArtifact must have exactly one of the members [uri]');
  if (!/^s3:\/\/[a-z0-9][a-z0-9.-]+\/.+$/.test(code.uri)) {
    throw validationError(`Invalid code artifact URI: ${code.uri}. The URI must have the form s3://bucket/key`);
  }
}

function checkHooks(hooks: Hooks | undefined): void {
  if (hooks === undefined) return;
  const enabled = (group: object | undefined) => Object.values(group ?? {}).includes('ENABLED');
  const runtime = enabled(hooks.microvmHooks);
  const any = runtime || enabled(hooks.microvmImageHooks);
  if (hooks.port !== undefined && !any) {
    throw validationError('At least one MicroVM hook or MicroVM image hook must be enabled when the hooks port is specified');
  }
  if (hooks.port === undefined && any) throw validationError('The hooks port must be specified when a MicroVM hook or MicroVM image hook is enabled');
  if (runtime && hooks.microvmImageHooks?.ready !== 'ENABLED') {
    throw validationError('The ready hook must be enabled when a MicroVM hook is enabled');
  }
}

/**
 * Requests use `1`, answers contain `1.0`. The form of the answer is not accepted in requests.
 *
 * A deprecated version can still be requested, a recalled one cannot.
 */
function baseImageVersion(world: World, arn: string, asked: string | undefined, architectures: readonly Architecture[]): string {
  if (!arn.startsWith('arn:')) throw validationError(`Invalid ARN format: ${arn}`);
  const managed = world.managedImages.get(arn);
  if (managed === undefined) throw notFound(`MicroVMImage not found for MicroVMImageID: ${arn}`);
  const supports = (version: ManagedImageVersion) => architectures.every(architecture => (version.architectures ?? ['ARM_64']).includes(architecture));
  const found = asked === undefined
    ? managed.versions.find(version => version.status === 'AVAILABLE' && supports(version))
    : managed.versions.find(({ version, status }) => version === asked && status !== 'RECALLED');
  if (found === undefined) throw validationError(`Invalid base image version: ${asked ?? 'no version is available'}`);
  if (!supports(found)) throw validationError(`The base image version ${found.version} does not support the CPU architectures [${architectures.join(', ')}]`);
  return `${found.version}.0`;
}
