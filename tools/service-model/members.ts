import * as path from 'node:path';

/** The text of the service models that the library was checked against. */
export const SERVICE_MODEL_FILE = path.join(__dirname, '..', '..', 'docs', 'design', 'service-model.txt');

/** Where the value of an input member comes from. */
export type Setting =
  /** A property of the public surface, for example `MicrovmImageProps.hooks`. */
  | { readonly setBy: string }
  /** The handler sets the member, to what these words say. */
  | { readonly handler: string }
  /** Nothing of the library sets the member, for this reason. */
  | { readonly notSet: string };

/** Settings by the path of the member, as the text writes it. */
export type Settings = Readonly<Record<string, Setting>>;

const by = (setBy: string): Setting => ({ setBy });
const handler = (words: string): Setting => ({ handler: words });
const not = (reason: string): Setting => ({ notSet: reason });

const CLIENT_TOKEN = handler('the token of the operation, so that a repeated request has no second effect');
const PAGE_SIZE = not('pages of the default size suffice; the handler reads all pages');
const LARGEST_PAGE = handler('50, the maximum, because lists can be long');
const NEXT_PAGE = handler('the token of the next page');
const BY_USERS = not('users call this operation with a grant; the library does not call it');
const IMAGE = handler('the ARN of the image');
const VERSION = handler('the version');
const MICROVM = handler('the ID of the MicroVM');
const TAGGED = handler('the ARN of the image or of the connector');
const CONNECTOR = handler('the name, the ARN, or the ARN with a version');
const LOG_STREAM = not('the service names the streams; all builds and MicroVMs would share one with a name of ours');

/** The members that CreateMicrovmImage and UpdateMicrovmImage share. */
const BUILD: Settings = {
  'baseImageArn': by('MicrovmImageProps.baseImage'),
  'baseImageVersion': by('MicrovmImageProps.baseImage'),
  'buildRoleArn': by('MicrovmImageProps.buildRole'),
  'description': by('MicrovmImageProps.description'),
  'codeArtifact': by('MicrovmImageProps.code'),
  'codeArtifact.uri': by('MicrovmImageProps.code'),
  'logging': by('MicrovmImageProps.logging'),
  'logging.disabled': by('MicrovmImageProps.logging'),
  'logging.cloudWatch': by('MicrovmImageProps.logging'),
  'logging.cloudWatch.logGroup': by('MicrovmImageProps.logging'),
  'logging.cloudWatch.logStream': LOG_STREAM,
  'egressNetworkConnectors': by('MicrovmImageProps.buildEgress'),
  'cpuConfigurations': by('MicrovmImageProps.architectures'),
  'cpuConfigurations[].architecture': by('MicrovmImageProps.architectures'),
  'resources': by('MicrovmImageProps.memory'),
  'resources[].minimumMemoryInMiB': by('MicrovmImageProps.memory'),
  'additionalOsCapabilities': by('MicrovmImageProps.osCapabilities'),
  'hooks': by('MicrovmImageProps.hooks'),
  'hooks.port': by('MicrovmImageProps.hooks'),
  'hooks.microvmHooks': by('MicrovmImageProps.hooks'),
  'hooks.microvmHooks.run': by('MicrovmImageProps.hooks'),
  'hooks.microvmHooks.runTimeoutInSeconds': by('MicrovmImageProps.hooks'),
  'hooks.microvmHooks.resume': by('MicrovmImageProps.hooks'),
  'hooks.microvmHooks.resumeTimeoutInSeconds': by('MicrovmImageProps.hooks'),
  'hooks.microvmHooks.suspend': by('MicrovmImageProps.hooks'),
  'hooks.microvmHooks.suspendTimeoutInSeconds': by('MicrovmImageProps.hooks'),
  'hooks.microvmHooks.terminate': by('MicrovmImageProps.hooks'),
  'hooks.microvmHooks.terminateTimeoutInSeconds': by('MicrovmImageProps.hooks'),
  'hooks.microvmImageHooks': by('MicrovmImageProps.hooks'),
  'hooks.microvmImageHooks.ready': by('MicrovmImageProps.hooks'),
  'hooks.microvmImageHooks.readyTimeoutInSeconds': by('MicrovmImageProps.hooks'),
  'hooks.microvmImageHooks.validate': by('MicrovmImageProps.hooks'),
  'hooks.microvmImageHooks.validateTimeoutInSeconds': by('MicrovmImageProps.hooks'),
  'environmentVariables': by('MicrovmImageProps.environment'),
  'kmsKeyIdentifier': by('MicrovmImageProps.encryptionKey'),
  'clientToken': CLIENT_TOKEN,
};

/** The members that CreateNetworkConnector and UpdateNetworkConnector share. */
const CONFIGURATION: Settings = {
  'Configuration': by('NetworkConnectorProps.vpcSubnets'),
  'Configuration.VpcEgressConfiguration': by('NetworkConnectorProps.vpcSubnets'),
  'Configuration.VpcEgressConfiguration.SubnetIds': by('NetworkConnectorProps.vpcSubnets'),
  'Configuration.VpcEgressConfiguration.SecurityGroupIds': by('NetworkConnectorProps.securityGroups'),
  'Configuration.VpcEgressConfiguration.NetworkProtocol': by('NetworkConnectorProps.networkProtocol'),
  'Configuration.VpcEgressConfiguration.AssociatedComputeResourceTypes': handler('MicroVm, because this library is for MicroVMs'),
  'Configuration.VpcEgressConfiguration.ElasticIpConfiguration': by('NetworkConnectorProps.elasticIps'),
  'Configuration.VpcEgressConfiguration.ElasticIpConfiguration.Type': by('NetworkConnectorProps.elasticIps'),
  'OperatorRole': by('NetworkConnectorProps.operatorRole'),
  'ClientToken': CLIENT_TOKEN,
};

/**
 * Every input member of every operation that the handlers call, that the launch request is for, or that a grant allows.
 *
 * If the service adds a member, `npm run service-model` prints it, and a test asks for its entry here.
 */
export const MEMBERS: Readonly<Record<string, Settings>> = {
  CreateMicrovmAuthToken: {
    'microvmIdentifier': MICROVM,
    'expirationInMinutes': handler('one minute, which is enough for a health check'),
    'allowedPorts': by('MicrovmProps.healthCheck'),
    'allowedPorts[].port': by('MicrovmProps.healthCheck'),
    'allowedPorts[].range': not('a health check needs one port only'),
    'allowedPorts[].range.startPort': not('a health check needs one port only'),
    'allowedPorts[].range.endPort': not('a health check needs one port only'),
    'allowedPorts[].allPorts': not('a health check needs one port only'),
  },
  CreateMicrovmImage: {
    ...BUILD,
    name: by('MicrovmImageProps.microvmImageName'),
    tags: by('MicrovmImageProps.tags'),
  },
  CreateMicrovmShellAuthToken: { microvmIdentifier: BY_USERS, expirationInMinutes: BY_USERS },
  CreateNetworkConnector: {
    ...CONFIGURATION,
    Name: by('NetworkConnectorProps.networkConnectorName'),
    Tags: by('NetworkConnectorProps.tags'),
  },
  DeleteMicrovmImage: { imageIdentifier: IMAGE },
  DeleteMicrovmImageVersion: { imageIdentifier: IMAGE, imageVersion: VERSION },
  DeleteNetworkConnector: { Identifier: CONNECTOR },
  GetMicrovm: { microvmIdentifier: MICROVM },
  GetMicrovmImage: { imageIdentifier: IMAGE },
  GetMicrovmImageBuild: { imageIdentifier: BY_USERS, imageVersion: BY_USERS, buildId: BY_USERS },
  GetMicrovmImageVersion: { imageIdentifier: BY_USERS, imageVersion: BY_USERS },
  GetNetworkConnector: { Identifier: CONNECTOR },
  ListManagedMicrovmImageVersions: { maxResults: LARGEST_PAGE, nextToken: NEXT_PAGE, imageIdentifier: handler('the ARN of the base image') },
  ListMicrovmImageBuilds: {
    maxResults: LARGEST_PAGE,
    nextToken: NEXT_PAGE,
    imageIdentifier: IMAGE,
    imageVersion: VERSION,
    architecture: not('the error of a failed version shows the reasons of all its builds'),
    chipset: not('the error of a failed version shows the reasons of all its builds'),
    chipsetGeneration: not('the error of a failed version shows the reasons of all its builds'),
  },
  ListMicrovmImageVersions: { maxResults: LARGEST_PAGE, nextToken: NEXT_PAGE, imageIdentifier: IMAGE },
  ListMicrovms: {
    maxResults: LARGEST_PAGE,
    nextToken: NEXT_PAGE,
    imageIdentifier: IMAGE,
    imageVersion: not('one call answers which versions of the image are in use'),
  },
  ListNetworkConnectorVersions: {
    Identifier: CONNECTOR,
    State: not('the handler decides from the states of all versions'),
    Marker: NEXT_PAGE,
    MaxItems: PAGE_SIZE,
  },
  ListTags: { Resource: TAGGED },
  ResumeMicrovm: { microvmIdentifier: BY_USERS },
  RunMicrovm: {
    'ingressNetworkConnectors': by('MicrovmLauncherProps.ingress'),
    'egressNetworkConnectors': by('MicrovmLauncherProps.egress'),
    'imageIdentifier': by('MicrovmLauncherProps.image'),
    'imageVersion': by('MicrovmLauncherProps.imageVersion'),
    'executionRoleArn': by('MicrovmLauncherProps.executionRole'),
    'idlePolicy': by('MicrovmLauncherProps.idlePolicy'),
    'idlePolicy.maxIdleDurationSeconds': by('MicrovmLauncherProps.idlePolicy'),
    'idlePolicy.suspendedDurationSeconds': by('MicrovmLauncherProps.idlePolicy'),
    'idlePolicy.autoResumeEnabled': by('MicrovmLauncherProps.idlePolicy'),
    'logging': by('MicrovmLauncherProps.logging'),
    'logging.disabled': by('MicrovmLauncherProps.logging'),
    'logging.cloudWatch': by('MicrovmLauncherProps.logging'),
    'logging.cloudWatch.logGroup': by('MicrovmLauncherProps.logging'),
    'logging.cloudWatch.logStream': LOG_STREAM,
    'kmsKeyIdentifier': by('MicrovmLauncherProps.encryptionKey'),
    'runHookPayload': by('MicrovmProps.payload'),
    'maximumDurationInSeconds': by('MicrovmLauncherProps.maximumDuration'),
    'clientToken': CLIENT_TOKEN,
  },
  SuspendMicrovm: { microvmIdentifier: BY_USERS },
  TagResource: { Resource: TAGGED, Tags: handler('the tags of the properties and the owner tags') },
  TerminateMicrovm: { microvmIdentifier: MICROVM },
  UntagResource: { Resource: TAGGED, TagKeys: handler('the keys of tags that the properties no longer have') },
  UpdateMicrovmImage: { ...BUILD, imageIdentifier: IMAGE },
  UpdateMicrovmImageVersion: {
    imageIdentifier: IMAGE,
    imageVersion: VERSION,
    status: handler('ACTIVE for the version of the deployment, INACTIVE for one that was canceled'),
  },
  UpdateNetworkConnector: { ...CONFIGURATION, Identifier: CONNECTOR },
};

/**
 * Properties of the L1s of aws-cdk-lib that no operation has as a member. All others have the name of a member of the
 * operation that creates the resource, apart from the case of the first letter.
 */
export const L1_ONLY: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  CfnMicrovmImage: {
    'environmentVariables[].key': 'environmentVariables is a map in the API',
    'environmentVariables[].value': 'environmentVariables is a map in the API',
  },
  CfnNetworkConnector: {},
};
