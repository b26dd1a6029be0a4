/** Members of the service's requests and the properties of the construct that they come from. */
const PROPERTIES: [member: RegExp, property: string][] = [
  [/base ?image/i, 'baseImage'],
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

/** Of what a caller may not do; names of roles and resources in the words tell nothing. */
const PROPERTIES_OF_ACTIONS: Record<string, string> = {
  'iam:PassRole': 'buildRole',
  'lambda:PassNetworkConnector': 'buildEgress',
  'lambda:TagResource': 'tags',
};

/** The property of the construct that words of the service are about, if they tell. */
export function propertyOf(words: string): string | undefined {
  const [, denied] = /not authorized to perform: (\S+)/.exec(words) ?? [];
  if (denied !== undefined) return PROPERTIES_OF_ACTIONS[denied];
  return PROPERTIES.find(([member]) => member.test(words))?.[1];
}

/** What to look at first for a reason of a failed build, or of a refusal. Codes and sentences: service facts 1.1 and 3.1. */
const HINTS: [reason: RegExp, hint: string][] = [
  [/unable to assume|assume the role/i,
    'hint: buildRole: its trust policy must allow lambda.amazonaws.com sts:AssumeRole; if it asks for aws:SourceArn, try sourceArnCondition: false on MicrovmBuildRole'],
  [/S3_ACCESS_DENIED/, 'hint: buildRole: it must be allowed s3:GetObject on the object of the code, and kms:Decrypt if the bucket has a key of its own'],
  [/S3_NO_SUCH_(KEY|BUCKET)|S3_INVALID_OBJECT/, 'hint: code: the object is not there or not readable'],
  [/S3_CROSS_REGION_ACCESS_DENIED/, 'hint: code: the bucket must be in the Region of the image'],
  [/ARCHIVE_DOCKERFILE_NOT_FOUND|ARCHIVE_INVALID/, 'hint: code: it must be a ZIP with a Dockerfile at its root'],
  [/DISK_STORAGE_FULL/, 'hint: memory: a larger tier has a larger disk'],
  [/(Ready|Validate) hook/, 'hint: hooks: the server must listen on 0.0.0.0 and the port of the hooks, and answer 503 until it is ready'],
  [/CONTAINER_BUILD_FAILED|container image build failed/, 'hint: code: the Dockerfile does not build; a base image or package may also be out of reach through buildEgress'],
];

export function hintsFor(reasons: string): string[] {
  return HINTS.filter(([reason]) => reason.test(reasons)).map(([, hint]) => hint);
}
