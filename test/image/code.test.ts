import * as fs from 'fs';
import * as path from 'path';
import { App, Aws, CfnParameter, Fn, Stack } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { zipSync, strToU8 } from 'fflate';
import { MicrovmArchitecture, MicrovmCode, MicrovmHooks } from '../../src';
import { directoryWith } from '../support/directories';
import { DOCKERFILE, propertiesOf, testImage, testStack } from '../support/stacks';
import { uploaded } from '../support/uploaded';

jest.mock('../../src/private/bundle', () => jest.requireActual('../support/no-bundle'));

const FILES = { 'Dockerfile': DOCKERFILE, 'server.js': 'listen()' };

function zipFile(files: Record<string, string>, comment = 0): string {
  const zip = Buffer.from(zipSync(Object.fromEntries(Object.entries(files).map(([name, text]) => [name, strToU8(text)]))));
  zip.writeUInt16LE(comment, zip.length - 2);
  const file = path.join(directoryWith({}), 'code.zip');
  fs.writeFileSync(file, Buffer.concat([zip, Buffer.alloc(comment, '#')]));
  return file;
}

describe('code from a ZIP file', () => {
  test('is uploaded unchanged', () => {
    expect(propertiesOf(testImage({ code: MicrovmCode.fromZip(zipFile(FILES)) })).CodeUri).toMatch(/^s3:\/\/.*\.zip$/);
  });

  test('can end with a comment', () => {
    expect(() => testImage({ code: MicrovmCode.fromZip(zipFile(FILES, 300)) })).not.toThrow();
  });

  test.each<[string, () => string, string]>([
    ['no file', () => '/nowhere.zip', "code: '/nowhere.zip' is not a file (looked for /nowhere.zip); pass the path of a ZIP file"],
    ['a directory', () => directoryWith(FILES), 'MicrovmCodeNotFound'],
    ['an undefined path', () => undefined as any, 'MicrovmPropertyTypeInvalid'],
    ['a file that is not a ZIP file', () => path.join(directoryWith({ 'a.zip': 'not a zip file' }), 'a.zip'), 'MicrovmCodeNotZip'],
    ['an empty file', () => path.join(directoryWith({ 'a.zip': '' }), 'a.zip'), 'is not a ZIP file; zip it, or use MicrovmCode.fromDirectory()'],
    ['no Dockerfile', () => zipFile({ 'server.js': '' }), 'has no Dockerfile at its root; zip the contents of the directory'],
    ['a Dockerfile below the root', () => zipFile({ 'app/Dockerfile': '' }), "has no Dockerfile at its root, only 'app/Dockerfile'"],
    ['an empty Dockerfile', () => zipFile({ Dockerfile: '' }), 'MicrovmCodeDockerfileInvalid'],
    ['a source that is not in it', () => zipFile({ 'Dockerfile': `${DOCKERFILE}\nCOPY app.py /`, 'src/app.py': '' }), "copies 'app.py', which is not in the code; did you mean 'src/app.py'?"],
  ])('fails on %s', (_, file, message) => {
    expect(() => testImage({ code: MicrovmCode.fromZip(file()) })).toThrow(message);
  });
});

describe('code from a bucket', () => {
  const bound = (key: string, contentHash = 'abc') => {
    const stack = testStack();
    return propertiesOf(testImage({ code: MicrovmCode.fromBucket(s3.Bucket.fromBucketName(stack, 'Bucket', 'artifacts'), key, { contentHash }) }, stack));
  };

  test('becomes a URI and a hash', () => {
    expect(bound('images/sandbox.zip')).toMatchObject({ CodeUri: 's3://artifacts/images/sandbox.zip', CodeHash: 'abc' });
  });

  test('accepts tokens as key and hash', () => {
    const stack = testStack();
    const text = new CfnParameter(stack, 'Text').valueAsString;
    const code = MicrovmCode.fromBucket(new s3.Bucket(stack, 'Bucket', { encryptionKey: new kms.Key(stack, 'Key') }), text, { contentHash: text });
    expect(propertiesOf(testImage({ code }, stack)).CodeHash).toEqual({ Ref: 'Text' });
  });

  test.each([['a b.zip'], ['*.zip'], ['a?.zip'], ['${aws:x}.zip'], [''], ['k'.repeat(1025)]])('fails on the key %p', key => {
    expect(() => bound(key)).toThrow('MicrovmCodeObjectKeyInvalid');
  });

  test('fails on an empty hash', () => {
    expect(() => bound('a.zip', '')).toThrow('MicrovmCodeContentHashInvalid');
  });
});

describe('inline code', () => {
  test('has its Dockerfile at the root, and files next to and below it', () => {
    expect(uploaded(MicrovmCode.fromInline(DOCKERFILE, { 'server.sh': 'x', 'app/main.py': 'y' }))).toEqual(['Dockerfile', 'app/main.py', 'server.sh']);
  });

  test('has the same key for the same text', () => {
    const uri = () => propertiesOf(testImage({ code: MicrovmCode.fromInline(DOCKERFILE, { a: 'b' }) })).CodeUri;
    expect(uri()).toBe(uri());
  });

  test('has another key for other line ends', () => {
    const uri = (text: string) => propertiesOf(testImage({ code: MicrovmCode.fromInline(DOCKERFILE, { 'start.sh': text }) })).CodeUri;
    expect(uri('#!/bin/sh\n')).not.toBe(uri('#!/bin/sh\r\n'));
  });

  test('works without asset staging', () => {
    const stack = new Stack(new App({ context: { 'aws:cdk:disable-asset-staging': true } }), 'Test');
    expect(() => propertiesOf(testImage({ code: MicrovmCode.fromInline(DOCKERFILE) }, stack))).not.toThrow();
  });

  test.each<[string, string, Record<string, string>]>([
    ['an empty Dockerfile', ' \n', {}],
    ['a second Dockerfile', DOCKERFILE, { Dockerfile: 'x' }],
    ['an absolute path', DOCKERFILE, { '/etc/passwd': 'x' }],
    ['a path outside of the directory', DOCKERFILE, { '../x': 'x' }],
    ['a path that leaves the directory later', DOCKERFILE, { 'a/../../x': 'x' }],
    ['an empty path', DOCKERFILE, { '': 'x' }],
    ['the path of a directory', DOCKERFILE, { 'a/': 'x' }],
    ['a path with a backslash', DOCKERFILE, { 'a\\b': 'x' }],
    ['a file where another file needs a directory', DOCKERFILE, { 'a': 'x', 'a/b': 'y' }],
    ['a file in the Dockerfile', DOCKERFILE, { 'Dockerfile/a': 'x' }],
  ])('fails on %s', (_, dockerfile, files) => {
    expect(() => testImage({ code: MicrovmCode.fromInline(dockerfile, files) })).toThrow('MicrovmCodeInlineInvalid');
  });

  test('fails on a Dockerfile that Docker does not accept, or that copies a file that does not exist', () => {
    expect(() => testImage({ code: MicrovmCode.fromInline('CMD ["true"]') })).toThrow('has CMD before the first FROM');
    expect(() => testImage({ code: MicrovmCode.fromInline(`${DOCKERFILE}\nCOPY server.py /`, { 'server.js': '' }) })).toThrow("did you mean 'server.js'?");
    expect(() => testImage({ code: MicrovmCode.fromInline('FROM --platform=linux/amd64 x'), architectures: [MicrovmArchitecture.X86_64] })).not.toThrow();
    expect(() => testImage({ code: MicrovmCode.fromInline('FROM --platform=linux/amd64 x') })).toThrow('MicrovmCodeDockerfilePlatformInvalid at Test/Image');
  });

  test('warns once of what may not work, with a code that users can acknowledge', () => {
    const stack = testStack();
    const architectures = [MicrovmArchitecture.ARM_64, MicrovmArchitecture.X86_64];
    testImage({ code: MicrovmCode.fromInline(`${DOCKERFILE}\nEXPOSE 80`), hooks: MicrovmHooks.withReady({ port: 8080 }), architectures }, stack);
    const expected = Match.stringLikeRegexp('hooks.port is 8080.*ack: cdk-lambda-microvms:dockerfileHooksPortNotExposed');
    expect(Annotations.fromStack(stack).findWarning('*', expected)).toHaveLength(1);
  });

  test('accepts tokens of the account and the Region if the stack knows them', () => {
    const stack = testStack();
    const env = `${stack.account} ${Aws.REGION} ${Aws.PARTITION} ${Fn.sub('${AWS::URLSuffix} ${!x}')}`;
    const image = testImage({ code: MicrovmCode.fromInline(DOCKERFILE, { env }) }, stack);
    const output = App.of(image)!.synth().directory;
    const [file] = (fs.readdirSync(output, { recursive: true }) as string[]).filter(name => path.basename(name) === 'env');
    expect(fs.readFileSync(path.join(output, file), 'utf8')).toBe('123456789012 eu-west-1 aws amazonaws.com ${x}');
  });

  test('fails on tokens', () => {
    const stack = testStack();
    expect(() => testImage({ code: MicrovmCode.fromInline(`FROM ${stack.stackId}`) }, stack)).toThrow(/code: 'Dockerfile' contains a token, whose value is known only during the deployment/);
    expect(() => testImage({ code: MicrovmCode.fromInline(DOCKERFILE, { a: stack.stackId }) }, stack, 'Other')).toThrow(/code: 'a' contains a token/);
  });
});
