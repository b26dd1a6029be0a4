import type { ErrorDialect } from './errors';
import type { Shape, StructureShape } from './validation';
import { boolean, integer, list, map, structure, text } from './validation';

/** One operation: its request, its input and its successful response. */
export interface Operation {
  readonly name: OperationName;
  readonly method: string;
  /** Path with `{member}` for members of the input. */
  readonly path: string;
  readonly input: StructureShape;
  /** Members of the input that are sent in the query, by their name there. */
  readonly query: Readonly<Record<string, string>>;
  readonly status: number;
  readonly dialect: ErrorDialect;
  readonly readOnly: boolean;
}

export type OperationName =
  | 'CreateMicrovmImage' | 'UpdateMicrovmImage' | 'GetMicrovmImage' | 'ListMicrovmImages' | 'DeleteMicrovmImage'
  | 'GetMicrovmImageVersion' | 'ListMicrovmImageVersions' | 'UpdateMicrovmImageVersion' | 'DeleteMicrovmImageVersion'
  | 'GetMicrovmImageBuild' | 'ListMicrovmImageBuilds' | 'ListManagedMicrovmImages' | 'ListManagedMicrovmImageVersions'
  | 'RunMicrovm' | 'GetMicrovm' | 'ListMicrovms' | 'SuspendMicrovm' | 'ResumeMicrovm' | 'TerminateMicrovm'
  | 'CreateMicrovmAuthToken' | 'CreateMicrovmShellAuthToken'
  | 'TagResource' | 'UntagResource' | 'ListTags'
  | 'CreateNetworkConnector' | 'UpdateNetworkConnector' | 'GetNetworkConnector' | 'ListNetworkConnectors'
  | 'ListNetworkConnectorVersions' | 'DeleteNetworkConnector';

const NO_SPACE = '[^\\s]+';
const IAM_ROLE = 'arn:aws[a-z\\-]*:iam::[0-9]{12}:role/?[a-zA-Z_0-9+=,.@\\-_/]+';
const TAG_TEXT = '([\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*)';

const identifier = text({ min: 1, max: 256, required: true });
const version = text({ min: 1, max: 2048, pattern: NO_SPACE });
const requiredVersion = text({ min: 1, max: 2048, pattern: NO_SPACE, required: true });
const clientToken = text({ min: 1, max: 128 });
const roleArn = text({ min: 20, max: 2048, pattern: IAM_ROLE });
const toggle = text({ values: ['DISABLED', 'ENABLED'] });
const connectorArn = text({ min: 1, max: 2048 });
const tagKey = text({ min: 1, max: 128, pattern: TAG_TEXT });
const tags = map(tagKey, text({ min: 0, max: 256, pattern: TAG_TEXT }));
const paging = { maxResults: integer({ min: 1, max: 50 }), nextToken: text() };
const pagingQuery = { maxResults: 'maxResults', nextToken: 'nextToken' };

const logging = structure({
  disabled: structure({}),
  cloudWatch: structure({
    logGroup: text({ min: 1, max: 512, pattern: '[a-zA-Z0-9_\\-/.#]+' }),
    logStream: text({ min: 1, max: 512, pattern: '[^:*]*' }),
  }),
});

const runtimeHookTimeout = integer({ min: 1, max: 60 });
const imageHookTimeout = integer({ min: 1, max: 3600 });
const hooks = structure({
  port: integer({ min: 1, max: 65535 }),
  microvmHooks: structure({
    run: toggle,
    runTimeoutInSeconds: runtimeHookTimeout,
    resume: toggle,
    resumeTimeoutInSeconds: runtimeHookTimeout,
    suspend: toggle,
    suspendTimeoutInSeconds: runtimeHookTimeout,
    terminate: toggle,
    terminateTimeoutInSeconds: runtimeHookTimeout,
  }),
  microvmImageHooks: structure({
    ready: toggle,
    readyTimeoutInSeconds: imageHookTimeout,
    validate: toggle,
    validateTimeoutInSeconds: imageHookTimeout,
  }),
});

/** Members that creating and updating an image have in common. */
const imageConfiguration: Record<string, Shape> = {
  baseImageArn: text({ min: 1, max: 2048, pattern: NO_SPACE, required: true }),
  baseImageVersion: version,
  buildRoleArn: text({ min: 20, max: 2048, pattern: IAM_ROLE, required: true }),
  description: text(),
  codeArtifact: structure({ uri: text({ min: 1, max: 2048, pattern: NO_SPACE }) }, { required: true }),
  logging,
  egressNetworkConnectors: list(connectorArn, { min: 0, max: 1 }),
  cpuConfigurations: list(structure({ architecture: text({ values: ['ARM_64'], required: true }) })),
  resources: list(structure({ minimumMemoryInMiB: integer({ required: true }) }), { min: 0, max: 1 }),
  additionalOsCapabilities: list(text({ values: ['ALL'] })),
  hooks,
  environmentVariables: map(text({ min: 1, max: 256, pattern: NO_SPACE }), text({ min: 0, max: 4096, sensitive: true }), { min: 0, max: 50 }),
  clientToken,
};

const port = integer({ min: 1, max: 65535 });
const allowedPorts = list(structure({
  port,
  range: structure({ startPort: integer({ min: 1, max: 65535, required: true }), endPort: integer({ min: 1, max: 65535, required: true }) }),
  allPorts: structure({}),
}), { min: 1, required: true });

const REGION = '(eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\\d{1}';
const TAGGABLE = `arn:(aws[a-zA-Z-]*):lambda:${REGION}:\\d{12}:(function:[a-zA-Z0-9-_]+(:(\\$LATEST|[a-zA-Z0-9-_]+))?|layer:([a-zA-Z0-9-_]+)`
  + '|code-signing-config:csc-[a-z0-9]{17}|event-source-mapping:[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}'
  + '|(capacity-provider|network-connector|microvm-image):[a-zA-Z0-9-_]+)';
const taggable = text({ min: 1, max: 10000, pattern: TAGGABLE, required: true });

const connectorName = text({
  min: 1,
  max: 140,
  pattern: `(arn:aws[a-zA-Z-]*:lambda:${REGION}:\\d{12}:network-connector:[a-zA-Z0-9-_]+(:[1-9][0-9]*)?)|[a-zA-Z0-9_-]{1,64}`,
  required: true,
});
const connectorIdentifier = text({ min: 1, max: 140, required: true });
const connectorState = text({ values: ['PENDING', 'ACTIVE', 'INACTIVE', 'FAILED', 'DELETING', 'DELETE_FAILED'] });
const operatorRole = text({ min: 0, max: 10000, pattern: 'arn:(aws[a-zA-Z-]*)?:iam::\\d{12}:role/?[a-zA-Z_0-9+=,.@\\-_/]+' });
const vpcEgress = structure({
  SubnetIds: list(text({ min: 0, max: 1024, pattern: 'subnet-[0-9a-z]*' }), { min: 1, max: 16 }),
  SecurityGroupIds: list(text({ min: 0, max: 1024, pattern: 'sg-[0-9a-zA-Z]*' }), { min: 0, max: 16 }),
  NetworkProtocol: text({ values: ['IPv4', 'DualStack'] }),
  AssociatedComputeResourceTypes: list(text({ values: ['MicroVm', 'WebFunction'] }), { min: 1, max: 1 }),
  ElasticIpConfiguration: structure({ Type: text({ values: ['None', 'ServiceManaged'], required: true }) }),
});
const markers = { Marker: text(), MaxItems: integer({ min: 1, max: 100 }) };
const markersQuery = { Marker: 'Marker', MaxItems: 'MaxItems' };

const IMAGES = '/2025-09-09/microvm-images';
const MANAGED_IMAGES = '/2025-09-09/managed-microvm-images';
const MICROVMS = '/2025-09-09/microvms';
const TAGS = '/2017-03-31/tags/{Resource}';
const CONNECTORS = '/2026-04-04/network-connectors';

export const OPERATIONS: readonly Operation[] = [
  microvms('CreateMicrovmImage', 'POST', IMAGES, {
    name: text({ min: 1, max: 64, pattern: '[a-zA-Z0-9-_]+', required: true }),
    ...imageConfiguration,
    tags,
  }, { status: 201 }),
  microvms('UpdateMicrovmImage', 'PUT', `${IMAGES}/{imageIdentifier}`, { imageIdentifier: identifier, ...imageConfiguration }),
  microvms('GetMicrovmImage', 'GET', `${IMAGES}/{imageIdentifier}`, { imageIdentifier: identifier }),
  microvms('ListMicrovmImages', 'GET', IMAGES, { ...paging, nameFilter: version }, { query: { ...pagingQuery, nameFilter: 'nameFilter' } }),
  microvms('DeleteMicrovmImage', 'DELETE', `${IMAGES}/{imageIdentifier}`, { imageIdentifier: identifier }),

  microvms('GetMicrovmImageVersion', 'GET', `${IMAGES}/{imageIdentifier}/versions/{imageVersion}`, {
    imageIdentifier: identifier,
    imageVersion: requiredVersion,
  }),
  microvms('ListMicrovmImageVersions', 'GET', `${IMAGES}/{imageIdentifier}/versions`, { imageIdentifier: identifier, ...paging }, {
    query: pagingQuery,
  }),
  microvms('UpdateMicrovmImageVersion', 'PATCH', `${IMAGES}/{imageIdentifier}/versions/{imageVersion}`, {
    imageIdentifier: identifier,
    imageVersion: requiredVersion,
    status: text({ values: ['ACTIVE', 'INACTIVE'], required: true }),
  }),
  microvms('DeleteMicrovmImageVersion', 'DELETE', `${IMAGES}/{imageIdentifier}/versions/{imageVersion}`, {
    imageIdentifier: identifier,
    imageVersion: requiredVersion,
  }),

  microvms('GetMicrovmImageBuild', 'GET', `${IMAGES}/{imageIdentifier}/versions/{imageVersion}/builds/{buildId}`, {
    imageIdentifier: identifier,
    imageVersion: requiredVersion,
    buildId: requiredVersion,
  }),
  microvms('ListMicrovmImageBuilds', 'GET', `${IMAGES}/{imageIdentifier}/versions/{imageVersion}/builds`, {
    imageIdentifier: identifier,
    imageVersion: requiredVersion,
    ...paging,
    architecture: text({ values: ['ARM_64'] }),
    chipset: text({ values: ['GRAVITON'] }),
    chipsetGeneration: version,
  }, { query: { ...pagingQuery, architecture: 'architecture', chipset: 'chipset', chipsetGeneration: 'chipsetGeneration' } }),

  microvms('ListManagedMicrovmImages', 'GET', MANAGED_IMAGES, paging, { query: pagingQuery }),
  microvms('ListManagedMicrovmImageVersions', 'GET', `${MANAGED_IMAGES}/{imageIdentifier}/versions`, {
    imageIdentifier: identifier,
    ...paging,
  }, { query: pagingQuery }),

  microvms('RunMicrovm', 'POST', MICROVMS, {
    ingressNetworkConnectors: list(connectorArn, { min: 0, max: 10 }),
    egressNetworkConnectors: list(connectorArn, { min: 0, max: 10 }),
    imageIdentifier: identifier,
    imageVersion: version,
    executionRoleArn: roleArn,
    idlePolicy: structure({
      maxIdleDurationSeconds: integer({ min: 60, required: true }),
      suspendedDurationSeconds: integer({ min: 0, required: true }),
      autoResumeEnabled: boolean({ required: true }),
    }),
    logging,
    runHookPayload: text({ min: 0, max: 4096, sensitive: true }),
    maximumDurationInSeconds: integer({ min: 1, max: 28800 }),
    clientToken,
  }),
  microvms('GetMicrovm', 'GET', `${MICROVMS}/{microvmIdentifier}`, { microvmIdentifier: identifier }),
  microvms('ListMicrovms', 'GET', MICROVMS, { ...paging, imageIdentifier: text({ min: 1, max: 256 }), imageVersion: text() }, {
    query: { ...pagingQuery, imageIdentifier: 'imageIdentifier', imageVersion: 'imageVersion' },
  }),
  microvms('SuspendMicrovm', 'POST', `${MICROVMS}/{microvmIdentifier}/suspend`, { microvmIdentifier: identifier }),
  microvms('ResumeMicrovm', 'POST', `${MICROVMS}/{microvmIdentifier}/resume`, { microvmIdentifier: identifier }),
  microvms('TerminateMicrovm', 'DELETE', `${MICROVMS}/{microvmIdentifier}`, { microvmIdentifier: identifier }),
  // The model has no upper limit for the expiry, but the service does.
  microvms('CreateMicrovmAuthToken', 'POST', `${MICROVMS}/{microvmIdentifier}/auth-token`, {
    microvmIdentifier: identifier,
    expirationInMinutes: integer({ min: 1, max: 60, required: true }),
    allowedPorts,
  }),
  microvms('CreateMicrovmShellAuthToken', 'POST', `${MICROVMS}/{microvmIdentifier}/shell-auth-token`, {
    microvmIdentifier: identifier,
    expirationInMinutes: integer({ min: 1, max: 60, required: true }),
  }),

  microvms('TagResource', 'POST', TAGS, { Resource: taggable, Tags: { ...tags, required: true } }, { status: 204 }),
  microvms('UntagResource', 'DELETE', TAGS, { Resource: taggable, TagKeys: list(tagKey, { required: true }) }, {
    status: 204,
    query: { TagKeys: 'tagKeys' },
  }),
  microvms('ListTags', 'GET', TAGS, { Resource: taggable }),

  core('CreateNetworkConnector', 'POST', CONNECTORS, {
    Name: connectorName,
    Configuration: structure({ VpcEgressConfiguration: vpcEgress }, { required: true }),
    OperatorRole: operatorRole,
    ClientToken: text({ min: 1, max: 64 }),
    Tags: tags,
  }, { status: 202 }),
  core('UpdateNetworkConnector', 'PUT', `${CONNECTORS}/{Identifier}`, {
    Identifier: connectorIdentifier,
    Configuration: structure({ VpcEgressConfiguration: vpcEgress }),
    OperatorRole: operatorRole,
    ClientToken: text({ min: 1, max: 64 }),
  }, { status: 202 }),
  core('GetNetworkConnector', 'GET', `${CONNECTORS}/{Identifier}`, { Identifier: connectorIdentifier }),
  core('ListNetworkConnectors', 'GET', CONNECTORS, { State: connectorState, ...markers }, { query: { State: 'State', ...markersQuery } }),
  core('ListNetworkConnectorVersions', 'GET', `${CONNECTORS}/{Identifier}/versions`, {
    Identifier: connectorIdentifier,
    State: connectorState,
    ...markers,
  }, { query: { State: 'State', ...markersQuery } }),
  core('DeleteNetworkConnector', 'DELETE', `${CONNECTORS}/{Identifier}`, { Identifier: connectorIdentifier }, { status: 202 }),
];

interface Extras {
  readonly status?: number;
  readonly query?: Record<string, string>;
}

function microvms(name: OperationName, method: string, path: string, members: Record<string, Shape>, extras: Extras = {}): Operation {
  return operation('microvms', name, method, path, members, extras);
}

function core(name: OperationName, method: string, path: string, members: Record<string, Shape>, extras: Extras = {}): Operation {
  return operation('core', name, method, path, members, extras);
}

function operation(
  dialect: ErrorDialect, name: OperationName, method: string, path: string, members: Record<string, Shape>, extras: Extras,
): Operation {
  const input = structure(members);
  return { name, method, path, input, query: extras.query ?? {}, status: extras.status ?? 200, dialect, readOnly: method === 'GET' };
}

/** Finds the operation for a method and path, with the members of its input that are in the path. */
export function route(method: string, path: string): { operation: Operation; pathMembers: Record<string, string> } | undefined {
  const parts = path.split('/').map(decode);
  for (const candidate of OPERATIONS) {
    const pattern = candidate.path.split('/');
    if (candidate.method !== method || pattern.length !== parts.length) continue;
    const pathMembers: Record<string, string> = {};
    const fits = pattern.every((part, index) => {
      const member = /^\{(\w+)\}$/.exec(part)?.[1];
      if (member === undefined) return part === parts[index];
      pathMembers[member] = parts[index];
      return parts[index] !== '';
    });
    if (fits) return { operation: candidate, pathMembers };
  }
  return undefined;
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
