import { hintsFor, renderHint } from '../../../src/handlers/engine/hints';
import { IMAGE_HINTS, propertyOf } from '../../../src/handlers/image/hints';

describe('the property that a message of the service is about', () => {
  test.each([
    ["1 validation error detected: Value '999' at 'baseImageVersion' failed to satisfy constraint", 'baseImage'],
    ['The environment variable key AWS_REGION is reserved', 'environment'],
    ["Value at 'environmentVariables' failed to satisfy constraint", 'environment'],
    ['The ready hook must be enabled when a MicroVM hook is enabled', 'hooks'],
    ['At least one MicroVM hook or MicroVM image hook must be enabled when the hooks port is specified', 'hooks'],
    ['The requested memory size 1000 MiB is not supported. Supported memory sizes are [512, 1024, 2048, 4096, 8192]', 'memory'],
    ['Malformed network connector ARN', 'buildEgress'],
    ["Value '[a, b]' at 'egressNetworkConnectors' failed to satisfy constraint", 'buildEgress'],
    ["Value at 'additionalOsCapabilities' failed to satisfy constraint", 'osCapabilities'],
    ['Invalid code artifact URI: registry/image. The URI must have the form s3://bucket/key', 'code'],
    ["Value at 'codeArtifact.uri' failed to satisfy constraint", 'code'],
    ['The service is unable to assume the provided role', 'buildRole'],
    ["Value at 'buildRoleArn' failed to satisfy constraint", 'buildRole'],
    ["Value at 'logging.cloudWatch.logGroup' failed to satisfy constraint", 'logging'],
    ["Value at 'tags' failed to satisfy constraint", 'tags'],
    ["Value at 'description' failed to satisfy constraint", 'description'],
    ["Value 'bad name!' at 'name' failed to satisfy constraint", 'microvmImageName'],
    ['AccessDeniedException: User: arn:aws:sts::123456789012:assumed-role/tags is not authorized to perform: lambda:CreateMicrovmImage on resource: *', undefined],
    ['AccessDeniedException: User: u is not authorized to perform: iam:PassRole on resource: arn:aws:iam::123456789012:role/memory', 'buildRole'],
    ['AccessDeniedException: User: u is not authorized to perform: lambda:PassNetworkConnector on resource: x', 'buildEgress'],
    ["Value at 'cpuConfigurations.1.member.architecture' failed to satisfy constraint", 'architectures'],
    ['Base image version 1 does not support architecture X86_64', 'architectures'],
    ["Value at 'kmsKeyIdentifier' failed to satisfy constraint", 'encryptionKey'],
    ['KMS key is disabled', 'encryptionKey'],
    ['AccessDeniedException: User: u is not authorized to perform: kms:CreateGrant on resource: arn:aws:kms:us-east-1:123456789012:key/1', 'encryptionKey'],
    ['something else', undefined],
  ])('%s', (message, property) => {
    expect(propertyOf(message)).toBe(property);
  });
});

describe('the hint for the reason of a failed build', () => {
  test.each([
    ['The service is unable to assume the provided role', /^hint: buildRole: .*sourceArnCondition/],
    ['S3_ACCESS_DENIED', /^hint: buildRole: .*s3:GetObject/],
    ['S3_NO_SUCH_KEY', /^hint: code: the object does not exist/],
    ['S3_NO_SUCH_BUCKET', /^hint: code: the object does not exist/],
    ['S3_INVALID_OBJECT', /^hint: code: the object does not exist/],
    ['S3_CROSS_REGION_ACCESS_DENIED', /^hint: code: .*Region/],
    ['ARCHIVE_DOCKERFILE_NOT_FOUND', /^hint: code: .*Dockerfile at its root/],
    ['ARCHIVE_INVALID', /^hint: code: it must be a ZIP/],
    ['DISK_STORAGE_FULL', /^hint: memory: a larger tier/],
    ['Ready hook check failed: the application returned a client error (HTTP 4xx) response', /^hint: hooks: .*0\.0\.0\.0/],
    ['Validate hook invocation timed out after PT10M', /^hint: hooks: /],
    ['CONTAINER_BUILD_FAILED', /^hint: code: the Dockerfile does not build/],
    ['The container image build failed.', /^hint: code: the Dockerfile does not build/],
    ['Base image version 3 has been recalled', /^hint: baseImage: .*newest available/],
    ['Base image version 3 is deprecated', /^hint: baseImage: .*newest available/],
    ['The KMS key cannot be used', /^hint: encryptionKey: .*key policy/],
  ])('%s', (reason, hint) => {
    expect(hintsFor(reason, IMAGE_HINTS).map(renderHint)).toEqual([expect.stringMatching(hint)]);
  });

  test('does not exist for an unknown reason', () => {
    expect(hintsFor('INTERNAL_PLATFORM_ERROR', IMAGE_HINTS)).toEqual([]);
  });

  test('appears once if both generations failed for the same reason', () => {
    expect(hintsFor('Graviton 3: The container image build failed.\nGraviton 4: The container image build failed.', IMAGE_HINTS)).toHaveLength(1);
  });
});

test.each([
  ['Invalid base image version: 999', 'baseImage'],
  ['the stage of the build is unknown', undefined],
])('the message "%s" is about %s', (message, property) => {
  expect(propertyOf(message)).toBe(property);
});
