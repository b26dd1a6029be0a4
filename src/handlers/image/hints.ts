import type { HintRule } from '../engine/hints';

/** Members of the service's requests, and the properties of the construct that they come from. */
const PROPERTIES: [member: RegExp, property: string][] = [
  [/cpuConfigurations|architecture/i, 'architectures'],
  [/base ?image/i, 'baseImage'],
  [/\bkms|encryption ?key/i, 'encryptionKey'],
  [/environmentVariables|AWS_REGION/, 'environment'],
  [/\bhooks?\b|Hook/, 'hooks'],
  [/memory|resources/i, 'memory'],
  [/egress|network ?connector/i, 'buildEgress'],
  [/capabilit/i, 'osCapabilities'],
  [/codeArtifact|s3:\/\/|\bS3\b/, 'code'],
  [/buildRole|assume|iam:PassRole/i, 'buildRole'],
  [/logging|logGroup/i, 'logging'],
  [/\btags?\b|\bTag/, 'tags'],
  [/description/i, 'description'],
  [/'name'/, 'microvmImageName'],
];

/** Properties by the action that was denied. The names of roles and resources in a denial say nothing. */
const PROPERTIES_OF_ACTIONS: Record<string, string> = {
  'iam:PassRole': 'buildRole',
  'lambda:PassNetworkConnector': 'buildEgress',
  'lambda:TagResource': 'tags',
  'kms:DescribeKey': 'encryptionKey',
  'kms:GenerateDataKey': 'encryptionKey',
  'kms:Decrypt': 'encryptionKey',
  'kms:CreateGrant': 'encryptionKey',
};

/** Returns the property of the construct that a message of the service is about, if the message says so. */
export function propertyOf(message: string): string | undefined {
  const [, denied] = /not authorized to perform: (\S+)/.exec(message) ?? [];
  if (denied !== undefined) return PROPERTIES_OF_ACTIONS[denied];
  return PROPERTIES.find(([member]) => member.test(message))?.[1];
}

/**
 * What to check first after a failed build or a rejected request (codes and messages: service-facts.md, 1.1 and 3.1).
 */
export const IMAGE_HINTS: HintRule[] = [
  {
    when: /unable to assume|assume the role/i,
    property: 'buildRole',
    text: 'its trust policy must allow lambda.amazonaws.com sts:AssumeRole; if it requires aws:SourceArn, try sourceArnCondition: false on MicrovmBuildRole',
  },
  {
    when: /S3_ACCESS_DENIED/,
    property: 'buildRole',
    text: 'it must allow s3:GetObject on the object of the code, and kms:Decrypt if the bucket is encrypted with a key of its own',
  },
  { when: /S3_NO_SUCH_(KEY|BUCKET)|S3_INVALID_OBJECT/, property: 'code', text: 'the object does not exist or cannot be read' },
  { when: /S3_CROSS_REGION_ACCESS_DENIED/, property: 'code', text: 'the bucket must be in the Region of the image' },
  { when: /ARCHIVE_DOCKERFILE_NOT_FOUND|ARCHIVE_INVALID/, property: 'code', text: 'it must be a ZIP file with a Dockerfile at its root' },
  {
    when: /\bkms|encryption ?key/i,
    property: 'encryptionKey',
    text: 'the key must be enabled and in the Region of the image, and its key policy must let IAM policies of this account decide',
  },
  {
    when: /deprecated|recalled/i,
    property: 'baseImage',
    text: 'AWS accepts no builds on this version any more; omit the version to use the newest available one',
  },
  { when: /DISK_STORAGE_FULL/, property: 'memory', text: 'a larger tier has a larger disk' },
  {
    when: /(Ready|Validate) hook/,
    property: 'hooks',
    text: 'the server must listen on 0.0.0.0 and the port of the hooks, and answer 503 until it is ready',
  },
  {
    when: /CONTAINER_BUILD_FAILED|container image build failed/,
    property: 'code',
    text: 'the Dockerfile does not build; or the build cannot reach a base image or package through buildEgress',
  },
];
