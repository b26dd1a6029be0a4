import { Aspects, CfnOutput, CfnParameter, CfnResource, Duration, NestedStack, PhysicalName, RemovalPolicy, Size, Stack, Token } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as ssm from 'aws-cdk-lib/aws-ssm';
import { encryptionKey, KEY } from './support';
import {
  MicrovmArchitecture, MicrovmBaseImage, MicrovmBuildRole, MicrovmCode, MicrovmEgress, MicrovmHooks, MicrovmImage, MicrovmLogging, MicrovmMemory,
  MicrovmOsCapabilities, MicrovmTermination,
} from '../../src';
import type { MicrovmImageProperties } from '../../src/contract/image';
import { ACCOUNT, DOCKERFILE, propertiesOf, REGION, testApp, testConnector, testImage, testStack, variables } from '../support/stacks';

jest.mock('../../src/private/bundle', () => jest.requireActual('../support/no-bundle'));

describe('a MicrovmImage with its required props only', () => {
  test('has the properties without a default', () => {
    expect(propertiesOf(testImage())).toEqual({
      ServiceToken: { 'Fn::GetAtt': [expect.stringMatching(/^CdkLambdaMicrovmsProviderframeworkonEvent/), 'Arn'] },
      ResourceRoleArn: { 'Fn::GetAtt': [expect.stringMatching(/^ImageResourceRole/), 'Arn'] },
      ImageName: 'Test-Image-1EAB812B',
      BuildRoleArn: { 'Fn::GetAtt': [expect.stringMatching(/^ImageBuildRole/), 'Arn'] },
      CodeUri: expect.stringMatching(/^s3:\/\/cdk-hnb659fds-assets-.*\.zip$/),
      MemoryMiB: '2048',
      LogGroupName: { Ref: expect.stringMatching(/^ImageLogGroup/) },
    });
  });

  test('leaves out what the handler assumes, even if it is given', () => {
    const given = testImage({
      baseImage: MicrovmBaseImage.AL2023,
      buildEgress: MicrovmEgress.internet(),
      retainedVersions: 3,
      microvmTermination: MicrovmTermination.ON_DELETE,
      adoptExisting: false,
      deleteAdopted: false,
      showBuildLogInErrors: true,
      deploymentTimeout: Duration.minutes(50),
    });
    expect(propertiesOf(given)).toEqual(propertiesOf(testImage()));
  });

  test('is deleted with its log group, which has a retention of one month', () => {
    const stack = testStack();
    testImage({}, stack);
    const template = Template.fromStack(stack);
    template.hasResource('Custom::MicrovmImage', { DeletionPolicy: 'Delete', UpdateReplacePolicy: 'Delete' });
    for (const group of Object.values(template.findResources('AWS::Logs::LogGroup'))) {
      expect(group).toMatchObject({ DeletionPolicy: 'Delete', Properties: { RetentionInDays: 30 } });
    }
  });

  test('depends on its build role and on the policy that grants add to the role', () => {
    const stack = testStack();
    const image = testImage({}, stack);
    new s3.Bucket(stack, 'Bucket').grantRead(image.buildRole);
    Template.fromStack(stack).hasResource('Custom::MicrovmImage', {
      DependsOn: [Match.stringLikeRegexp('^ImageBuildRoleDefaultPolicy')], Properties: { BuildRoleArn: { 'Fn::GetAtt': Match.anyValue() } },
    });
  });

  test('contains no literal partition, account or Region', () => {
    const stack = new Stack(testApp(), 'Anywhere');
    testImage({}, stack);
    const template = JSON.stringify(Template.fromStack(stack).toJSON());
    expect(template).not.toContain('arn:aws:');
    expect(template).not.toContain(ACCOUNT);
    expect(template).not.toContain(REGION);
  });

  test('synthesizes the same template twice', () => {
    const template = () => {
      const stack = testStack();
      testImage({ environment: { B: '1', A: '2' } }, stack);
      return Template.fromStack(stack).toJSON();
    };
    expect(template()).toEqual(template());
  });
});

describe('the props of a MicrovmImage', () => {
  test('become properties of the resource, as strings', () => {
    const stack = testStack();
    const connector = testConnector(stack);
    const logGroup = new logs.LogGroup(stack, 'Group');
    const properties = propertiesOf(testImage({
      microvmImageName: 'sandbox_1',
      description: 'runs untrusted code',
      baseImage: MicrovmBaseImage.managed('al2024-1').withVersion('7'),
      architectures: [MicrovmArchitecture.X86_64, MicrovmArchitecture.ARM_64],
      rebuildTrigger: 'june',
      memory: MicrovmMemory.of(Size.gibibytes(4)),
      hooks: MicrovmHooks.withReady({
        port: 8080,
        ready: { timeout: Duration.minutes(60) },
        validate: {},
        run: {},
        resume: {},
        suspend: { timeout: Duration.minutes(1) },
        terminate: {},
      }),
      environment: { LEVEL: 'debug', EMPTY: '' },
      osCapabilities: MicrovmOsCapabilities.ALL,
      encryptionKey: encryptionKey(stack),
      buildEgress: MicrovmEgress.connector(connector),
      logging: MicrovmLogging.logGroup(logGroup),
      showBuildLogInErrors: false,
      retainedVersions: 40,
      microvmTermination: MicrovmTermination.NEVER,
      adoptExisting: true,
      deleteAdopted: true,
      deploymentTimeout: Duration.minutes(55),
      tags: { team: 'sandboxes' },
    }, stack));
    const expected: Partial<Record<keyof MicrovmImageProperties, unknown>> = {
      ImageName: 'sandbox_1',
      Description: 'runs untrusted code',
      BaseImageArn: arnWith(`:lambda:${REGION}:aws:microvm-image:al2024-1`),
      BaseImageVersion: '7',
      Architectures: ['ARM_64', 'X86_64'],
      RebuildTrigger: 'june',
      MemoryMiB: '4096',
      Hooks: { Port: '8080', Ready: '3600', Validate: '30', Run: '1', Resume: '1', Suspend: '60', Terminate: '1' },
      Environment: { LEVEL: 'debug', EMPTY: '' },
      OsCapabilities: ['ALL'],
      KmsKeyArn: KEY,
      BuildEgressArn: { Ref: 'Connector' },
      LogGroupName: { Ref: expect.stringMatching(/^Group/) },
      ShowBuildLogInErrors: 'false',
      RetainedVersions: '40',
      MicrovmTermination: 'NEVER',
      AdoptExisting: 'true',
      DeleteAdopted: 'true',
      TimeoutSeconds: '3300',
      Tags: [{ Key: 'team', Value: 'sandboxes' }],
    };
    expect(properties).toMatchObject(expected);
    expect(everyScalarIsText(properties)).toBe(true);
  });

  test.each([
    [undefined, undefined],
    [[MicrovmArchitecture.ARM_64], undefined],
    [[MicrovmArchitecture.X86_64], ['X86_64']],
    [[MicrovmArchitecture.X86_64, MicrovmArchitecture.ARM_64], ['ARM_64', 'X86_64']],
  ])('contain the architectures in one order, and nothing for the default: %j', (architectures, expected) => {
    expect(propertiesOf(testImage({ architectures })).Architectures).toEqual(expected);
  });

  test('contain the ARN of the key of the app, and the image shows the key', () => {
    const stack = testStack();
    const key = new kms.CfnKey(stack, 'Key');
    const image = testImage({ encryptionKey: key }, stack);
    expect(image.encryptionKey).toBe(key);
    expect(propertiesOf(image).KmsKeyArn).toEqual({ 'Fn::GetAtt': ['Key', 'Arn'] });
  });

  test('can be tokens', () => {
    const stack = testStack();
    const text = new CfnParameter(stack, 'Text').valueAsString;
    const number = new CfnParameter(stack, 'Number', { type: 'Number' }).valueAsNumber;
    const properties = propertiesOf(testImage({
      microvmImageName: text,
      description: text,
      rebuildTrigger: text,
      hooks: MicrovmHooks.validateOnly({ port: number, timeout: Duration.seconds(number) }),
      memory: MicrovmMemory.of(Size.mebibytes(number)),
      environment: { NAME: text },
      retainedVersions: number,
      deploymentTimeout: Duration.seconds(number),
      tags: { key: text },
      baseImage: MicrovmBaseImage.AL2023.withVersion(text),
    }, stack));
    expect(properties).toMatchObject({
      ImageName: { Ref: 'Text' },
      BaseImageVersion: { Ref: 'Text' },
      Hooks: { Port: { Ref: 'Number' }, Validate: { Ref: 'Number' } },
      MemoryMiB: { Ref: 'Number' },
      RetainedVersions: { Ref: 'Number' },
      TimeoutSeconds: { Ref: 'Number' },
    });
  });

  test('can be followed by applyRemovalPolicy', () => {
    const stack = testStack();
    testImage({}, stack).applyRemovalPolicy(RemovalPolicy.RETAIN);
    Template.fromStack(stack).hasResource('Custom::MicrovmImage', { DeletionPolicy: 'Retain' });
  });

  test('include each size of memory', () => {
    const tiers = [MicrovmMemory.MIB_512, MicrovmMemory.GIB_1, MicrovmMemory.GIB_2, MicrovmMemory.GIB_4, MicrovmMemory.GIB_8];
    expect(tiers.map(memory => memory.size.toMebibytes())).toEqual([512, 1024, 2048, 4096, 8192]);
    expect(propertiesOf(testImage({ memory: MicrovmMemory.MIB_512 })).MemoryMiB).toBe('512');
  });
});

describe('overrides of the requests', () => {
  test('are in the template as JSON', () => {
    const image = testImage();
    image.addRequestOverride('hooks.port', 9000);
    image.addRequestOverride('invented.0.member', { deep: true });
    expect(JSON.parse(propertiesOf(image).RequestOverrides)).toEqual({ 'hooks.port': 9000, 'invented.0.member': { deep: true } });
    expect(propertiesOf(testImage())).not.toHaveProperty('RequestOverrides');
  });

  test.each(['name', 'description', 'tags', 'tags.team', 'imageIdentifier', 'clientToken', 'baseImageArn', 'baseImageVersion', 'cpuConfigurations.0.architecture'])('fail on what deployments need themselves: %s', path => {
    expect(() => testImage().addRequestOverride(path, 'x')).toThrow(new RegExp(`addRequestOverride: '${path}' cannot be overridden; .*\\[MicrovmRequestOverrideInvalid at Test/Image\\]`));
  });

  test('fail on a path without a name, and without a value', () => {
    expect(() => testImage().addRequestOverride('hooks..port', 1)).toThrow('MicrovmRequestOverrideInvalid');
    expect(() => testImage().addRequestOverride('hooks.port', undefined)).toThrow('MicrovmRequestOverrideInvalid');
  });
});

describe('the name of an image', () => {
  test('is derived from the names of stack and construct, not from the content', () => {
    expect(propertiesOf(testImage({ description: 'one' })).ImageName).toBe(propertiesOf(testImage({ description: 'two' })).ImageName);
  });

  test('is valid for long paths with unusual characters', () => {
    const stack = testStack(testApp(), 'A-stack-with-a-rather-long-name-that-goes-on');
    const { ImageName: name } = propertiesOf(testImage({}, stack, 'An image / with (odd) characters: äöü and a very long name indeed'));
    expect(name).toMatch(/^[a-zA-Z0-9_-]{1,64}$/);
  });

  test('differs between nested stacks with the same id', () => {
    const names = ['One', 'Two'].map(id => {
      const nested = new NestedStack(testStack(testApp(), id), 'Nested');
      return propertiesOf(testImage({}, nested as Stack)).ImageName;
    });
    expect(names[0]).not.toBe(names[1]);
  });
});

describe('invalid props', () => {
  test.each<[string, () => unknown, string]>([
    ['a name with a slash', () => testImage({ microvmImageName: 'a/b' }), "microvmImageName: 'a/b' (3 characters) is not valid; use 1 to 64 characters, letters, digits, hyphens and underscores [MicrovmImageNameInvalid at Test/Image]"],
    ['an empty name', () => testImage({ microvmImageName: '' }), 'MicrovmImageNameInvalid'],
    ['a name of 65 characters', () => testImage({ microvmImageName: 'x'.repeat(65) }), 'MicrovmImageNameInvalid'],
    ['one retained version', () => testImage({ retainedVersions: 1 }), 'retainedVersions: 1 is not valid; use a whole number from 2 to 40'],
    ['41 retained versions', () => testImage({ retainedVersions: 41 }), 'MicrovmImageRetainedVersionsInvalid'],
    ['half a retained version', () => testImage({ retainedVersions: 2.5 }), 'MicrovmImageRetainedVersionsInvalid'],
    ['a timeout of 59 seconds', () => testImage({ deploymentTimeout: Duration.seconds(59) }), 'deploymentTimeout: 59 seconds is not valid; use 1 to 55 minutes, in whole seconds'],
    ['a timeout of 56 minutes', () => testImage({ deploymentTimeout: Duration.minutes(56) }), 'MicrovmImageTimeoutInvalid'],
    ['a memory of 3 GiB', () => MicrovmMemory.of(Size.gibibytes(3)), 'memory: 3072 MiB is not a size that the service offers; use 512, 1024, 2048, 4096 or 8192 MiB'],
    ['100 KiB of memory', () => MicrovmMemory.of(Size.kibibytes(100)), 'MicrovmMemoryInvalid'],
    ['no architecture', () => testImage({ architectures: [] }), 'architectures: [] is not valid; name at least one architecture, and each only once [MicrovmImageArchitecturesInvalid at Test/Image]'],
    ['an architecture twice', () => testImage({ architectures: [MicrovmArchitecture.X86_64, MicrovmArchitecture.X86_64] }), 'architectures: [X86_64, X86_64] is not valid'],
    ['a base image by ARN', () => MicrovmBaseImage.managed('arn:aws:x'), 'MicrovmBaseImageNameInvalid'],
    ['the form in which the service shows a base image version', () => MicrovmBaseImage.AL2023.withVersion('1.0'), "baseImage: '1.0' (3 characters) is not valid; use 1 to 9 characters, digits only, as in '1'"],
    ['a word for a base image version', () => MicrovmBaseImage.AL2023.withVersion('newest'), 'MicrovmBaseImageVersionInvalid'],
    ['adoption of a generated name', () => testImage({ adoptExisting: true }), 'adoptExisting: true needs the name of the image to take over; set microvmImageName [MicrovmImageAdoptionInvalid at Test/Image]'],
    ['a managed connector instead of a connector of the account', () => {
      const networkConnectorArn = `arn:aws:lambda:${REGION}:aws:network-connector:aws-network-connector:INTERNET_EGRESS`;
      testImage({ buildEgress: MicrovmEgress.connector({ networkConnectorRef: { networkConnectorArn } } as any) });
    }, 'MicrovmEgress.internet() for the internet [MicrovmEgressConnectorInvalid at Test/Image]'],
    ['a build role for another image', () => {
      const stack = testStack();
      testImage({ microvmImageName: 'one', buildRole: new MicrovmBuildRole(stack, 'Role', { microvmImageName: 'two' }) }, stack);
    }, "buildRole: Test/Role is for images named 'two', but this image is named 'one'; use the same name for both"],
  ])('fails on %s', (_, make, message) => {
    expect(make).toThrow(message);
  });

  test('fails on properties that are too long for the state machine', () => {
    const environment = Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`V${index}`, 'x'.repeat(4000)]));
    const image = testImage({ environment });
    expect(() => propertiesOf(image)).toThrow(/environment: the properties of the image have 12\d{4} bytes; at most 100000 can be deployed; .*\[MicrovmImagePropertiesTooLarge\]/);
  });

  test('accepts the limits', () => {
    expect(() => propertiesOf(testImage({
      microvmImageName: 'x'.repeat(64), retainedVersions: 2, deploymentTimeout: Duration.minutes(1), environment: variables(100),
    }))).not.toThrow();
  });
});

describe('attributes', () => {
  test('are known from the name, except the versions', () => {
    const stack = testStack();
    const image = testImage({}, stack);
    const id = stack.resolve((image.node.defaultChild as CfnResource).logicalId);
    const arn = { 'Fn::Sub': `arn:\${AWS::Partition}:lambda:${REGION}:${ACCOUNT}:microvm-image:Test-Image-1EAB812B` };
    expect(stack.resolve(image.microvmImageArn)).toEqual(arn);
    expect(stack.resolve(image.microvmImageRef.imageArn)).toEqual(arn);
    expect(image.microvmImageName).toBe('Test-Image-1EAB812B');
    expect(stack.resolve(image.microvmImageVersion)).toEqual({ 'Fn::GetAtt': [id, 'ImageVersion'] });
    expect(stack.resolve(image.baseImageVersion)).toEqual({ 'Fn::GetAtt': [id, 'BaseImageVersion'] });
  });

  test('have a generated name, if the CDK may ask for one', () => {
    const image = testImage({ microvmImageName: PhysicalName.GENERATE_IF_NEEDED });
    expect(image.microvmImageName).toBe('Test-Image-1EAB812B');
    expect(propertiesOf(image).ImageName).toBe('Test-Image-1EAB812B');
  });

  test('let another stack read the ARN and the name, without an export', () => {
    const app = testApp();
    const image = testImage({}, testStack(app, 'Producer'));
    const reader = testStack(app, 'Reader');
    new ssm.StringParameter(reader, 'Parameter', { stringValue: `${image.microvmImageName} ${image.microvmImageArn}` });
    const template = JSON.stringify(Template.fromStack(reader).toJSON());
    expect(template).toContain('microvm-image:Producer-Image-');
    expect(template).not.toContain('Fn::ImportValue');
  });

  test.each(['microvmImageVersion', 'baseImageVersion'] as const)('fails if another stack reads %s', attribute => {
    const app = testApp();
    const image = testImage({}, testStack(app, 'Producer'));
    new CfnOutput(testStack(app, 'Reader'), 'Version', { value: `v${image[attribute]}` });
    expect(() => app.synth()).toThrow(new RegExp(`${attribute}: stack 'Reader' cannot read this value, because deployments change it .*; (use a launcher in the stack of the image|read it in)`));
  });

  test('let a nested stack read the version', () => {
    const stack = testStack();
    const image = testImage({}, stack);
    const nested = new NestedStack(stack, 'Nested');
    new ssm.StringParameter(nested, 'Parameter', { stringValue: image.microvmImageVersion });
    Template.fromStack(nested).hasResourceProperties('AWS::SSM::Parameter', { Value: { Ref: Match.stringLikeRegexp('ImageVersion') } });
  });
});

describe('imports', () => {
  const ARN = 'arn:aws-cn:lambda:cn-north-1:111122223333:microvm-image:sandbox';

  test('by ARN and by attributes keep account, Region and partition', () => {
    const stack = testStack();
    for (const image of [
      MicrovmImage.fromMicrovmImageArn(stack, 'ByArn', ARN),
      MicrovmImage.fromMicrovmImageAttributes(stack, 'ByAttributes', { microvmImageArn: ARN }),
    ]) {
      expect(image.microvmImageArn).toBe(ARN);
      expect(image.microvmImageName).toBe('sandbox');
      expect(image.microvmImageRef.imageArn).toBe(ARN);
      expect(image.env).toEqual({ account: '111122223333', region: 'cn-north-1' });
      expect(MicrovmImage.isMicrovmImage(image)).toBe(false);
    }
    expect(stack.node.findAll().filter(CfnResource.isCfnResource)).toEqual([]);
  });

  test('by name are in the account and Region of the stack', () => {
    const stack = testStack();
    const image = MicrovmImage.fromMicrovmImageName(stack, 'ByName', 'sandbox');
    const arn = `:lambda:${REGION}:${ACCOUNT}:microvm-image:sandbox`;
    expect(stack.resolve(image.microvmImageArn)).toEqual({ 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, arn]] });
    expect(stack.resolve(image.microvmImageName)).toBe('sandbox');
  });

  test('accept tokens', () => {
    const stack = testStack();
    const image = MicrovmImage.fromMicrovmImageArn(stack, 'ByToken', new CfnParameter(stack, 'Arn').valueAsString);
    expect(Token.isUnresolved(image.microvmImageName)).toBe(true);
  });

  test.each([
    'arn:aws:lambda:eu-west-1:123456789012:microvm-image/sandbox',
    'arn:aws:lambda:eu-west-1:123456789012:microvm-image:sandbox:3.0',
    'arn:aws:lambda::123456789012:microvm-image:sandbox',
    'arn:aws:lambda:eu-west-1::microvm-image:sandbox',
    'arn:aws:lambda:eu-west-1:123456789012:microvm-image:sand.box',
    'sandbox',
  ])('fail on %s', arn => {
    expect(() => MicrovmImage.fromMicrovmImageArn(testStack(), 'Import', arn)).toThrow(/microvmImageArn: .* is not the ARN of an image; .*colon before the name and no version \[MicrovmImageArnInvalid at Test\]/);
  });

  test('fail on an invalid name', () => {
    expect(() => MicrovmImage.fromMicrovmImageName(testStack(), 'Import', 'a b')).toThrow('MicrovmImageNameInvalid');
  });

  test('are not recognized as a MicrovmImage', () => {
    expect(MicrovmImage.isMicrovmImage(testImage())).toBe(true);
    for (const other of [undefined, null, 'image', {}]) expect(MicrovmImage.isMicrovmImage(other)).toBe(false);
  });
});

describe('logical ids', () => {
  test('of build role, log group and resource do not depend on the name of the image', () => {
    const idsOf = (microvmImageName: string) => {
      const stack = testStack();
      testImage({ microvmImageName }, stack);
      return Object.keys(Template.fromStack(stack).toJSON().Resources).filter(id => !id.startsWith('ImageResourceRole'));
    };
    expect(idsOf('one')).toEqual(idsOf('two'));
  });
});

describe('several images', () => {
  test('can use the same code', () => {
    const stack = testStack();
    const code = MicrovmCode.fromInline(DOCKERFILE);
    expect(() => ['One', 'Two'].map(id => testImage({ code }, stack, id))).not.toThrow();
  });

  test('are each visited once by aspects', () => {
    const stack = testStack();
    const image = testImage({}, stack);
    const visited: string[] = [];
    Aspects.of(stack).add({ visit: node => { if (MicrovmImage.isMicrovmImage(node)) visited.push(node.node.path); } });
    propertiesOf(image);
    expect(visited).toEqual(['Test/Image']);
  });
});

function arnWith(end: string) {
  return { 'Fn::Sub': `arn:\${AWS::Partition}${end}` };
}

function everyScalarIsText(value: any): boolean {
  return value !== null && typeof value === 'object' ? Object.values(value).every(everyScalarIsText) : typeof value === 'string';
}
