import { properties } from './inputs';
import type { MicrovmImageProperties } from '../../../src/contract/image';
import type { CompleteProperties } from '../../../src/handlers/image/properties';
import { buildRequest, fingerprintOf } from '../../../src/handlers/image/request';

const MARKER = { fingerprint: '0123456789abcdef', operationId: 'abcdef012345' };

/** The required properties only. */
const { Description, BaseImageVersion, CodeHash, RebuildTrigger, OsCapabilities, LogGroupName, Hooks, Environment, Tags, ...minimal } = properties();

describe('the fingerprint', () => {
  const differs = (change: Partial<MicrovmImageProperties>) => fingerprintOf(properties(change)) !== fingerprintOf(properties());

  test('stays the same between releases', () => {
    expect(fingerprintOf(properties())).toBe('db942cc14c78caf3');
    expect(fingerprintOf(minimal)).toBe('d9ef6bbcadfa22cf');
  });

  test.each<Partial<MicrovmImageProperties>>([
    { Description: 'for trusted code' },
    { BaseImageArn: 'arn:aws:lambda:us-east-1:aws:microvm-image:al2024-1' },
    { BaseImageVersion: '2' },
    { BaseImageVersion: undefined },
    { BuildRoleArn: 'arn:aws:iam::123456789012:role/other' },
    { CodeUri: 's3://assets/other.zip' },
    { CodeHash: 'ffffffff' },
    { RebuildTrigger: 'summer' },
    { MemoryMiB: '4096' },
    { OsCapabilities: undefined },
    { BuildEgressArn: 'arn:aws:lambda:us-east-1:123456789012:network-connector:nc-1' },
    { LogGroupName: undefined },
    { Hooks: { Port: '8080', Ready: '31' } },
    { Hooks: undefined },
    { Environment: { LEVEL: 'info' } },
    { Environment: undefined },
    { Architectures: ['X86_64'] },
    { Architectures: ['ARM_64', 'X86_64'] },
    { KmsKeyArn: 'arn:aws:kms:us-east-1:123456789012:key/0f2c' },
    { RequestOverrides: '{"hooks.port":9000}' },
  ])('depends on each property that makes a version: %j', change => {
    expect(differs(change)).toBe(true);
  });

  test.each<Partial<MicrovmImageProperties>>([
    { Tags: [] },
    { ImageName: 'other', ImageArn: 'arn:aws:lambda:us-east-1:123456789012:microvm-image:other' },
    { ResourceRoleArn: 'arn:aws:iam::123456789012:role/other' },
    { RetainedVersions: '9' },
    { MicrovmTermination: 'NEVER' },
    { AdoptExisting: 'true' },
    { DeleteAdopted: 'true' },
    { ShowBuildLogInErrors: 'false' },
    { TimeoutSeconds: '60' },
  ])('does not depend on the other properties, whose changes build nothing: %j', change => {
    expect(differs(change)).toBe(false);
  });

  test('does not depend on the order in which CloudFormation delivers properties', () => {
    const shuffled = Object.fromEntries(Object.entries(properties({ Environment: { PASSPHRASE: 'correct horse battery staple', LEVEL: 'debug' } })).reverse());
    expect(fingerprintOf(shuffled as unknown as CompleteProperties)).toBe(fingerprintOf(properties()));
  });

  test('distinguishes a rebuild trigger from a content hash', () => {
    expect(fingerprintOf({ ...minimal, RebuildTrigger: 'x' })).not.toBe(fingerprintOf({ ...minimal, CodeHash: 'x' }));
  });

  test('is the same for an empty list of capabilities and for none', () => {
    expect(fingerprintOf({ ...minimal, OsCapabilities: [] })).toBe(fingerprintOf(minimal));
  });
});

describe('the request of a build', () => {
  test('contains everything that the properties describe', () => {
    expect(buildRequest(properties(), '2', MARKER)).toEqual({
      baseImageArn: 'arn:aws:lambda:us-east-1:aws:microvm-image:al2023-1',
      baseImageVersion: '2',
      buildRoleArn: 'arn:aws:iam::123456789012:role/build',
      codeArtifact: { uri: 's3://assets/code.zip' },
      description: 'for untrusted code [cdk 0123456789abcdef/abcdef012345]',
      logging: { cloudWatch: { logGroup: '/aws/lambda-microvms/sandbox' } },
      egressNetworkConnectors: ['arn:aws:lambda:us-east-1:aws:network-connector:aws-network-connector:INTERNET_EGRESS'],
      cpuConfigurations: [{ architecture: 'ARM_64' }],
      resources: [{ minimumMemoryInMiB: 2048 }],
      additionalOsCapabilities: ['ALL'],
      hooks: {
        port: 8080,
        microvmImageHooks: { ready: 'ENABLED', readyTimeoutInSeconds: 30, validate: 'ENABLED', validateTimeoutInSeconds: 60 },
        microvmHooks: {
          run: 'ENABLED',
          runTimeoutInSeconds: 1,
          resume: 'ENABLED',
          resumeTimeoutInSeconds: 2,
          suspend: 'ENABLED',
          suspendTimeoutInSeconds: 3,
          terminate: 'ENABLED',
          terminateTimeoutInSeconds: 4,
        },
      },
      environmentVariables: { LEVEL: 'debug', PASSPHRASE: 'correct horse battery staple' },
    });
  });

  test('contains only what is required by default, but always the egress and the logging of the build', () => {
    expect(buildRequest(minimal, '2', MARKER)).toEqual({
      baseImageArn: 'arn:aws:lambda:us-east-1:aws:microvm-image:al2023-1',
      baseImageVersion: '2',
      buildRoleArn: 'arn:aws:iam::123456789012:role/build',
      codeArtifact: { uri: 's3://assets/code.zip' },
      description: ' [cdk 0123456789abcdef/abcdef012345]',
      logging: { disabled: {} },
      egressNetworkConnectors: ['arn:aws:lambda:us-east-1:aws:network-connector:aws-network-connector:INTERNET_EGRESS'],
      cpuConfigurations: [{ architecture: 'ARM_64' }],
      resources: [{ minimumMemoryInMiB: 2048 }],
    });
  });

  test('contains the architectures and the customer managed key', () => {
    const sealed = { ...minimal, Architectures: ['ARM_64', 'X86_64'], KmsKeyArn: 'arn:aws:kms:us-east-1:123456789012:key/0f2c' };
    expect(buildRequest(sealed, '2', MARKER)).toEqual({
      ...buildRequest(minimal, '2', MARKER),
      cpuConfigurations: [{ architecture: 'ARM_64' }, { architecture: 'X86_64' }],
      kmsKeyIdentifier: 'arn:aws:kms:us-east-1:123456789012:key/0f2c',
    });
  });

  test('enables only the hooks that have a timeout', () => {
    expect(buildRequest({ ...minimal, Hooks: { Port: '80', Ready: '5' } }, '2', MARKER).hooks)
      .toEqual({ port: 80, microvmImageHooks: { ready: 'ENABLED', readyTimeoutInSeconds: 5 } });
  });
});
