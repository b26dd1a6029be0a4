import * as fs from 'fs';
import type * as os from 'os';
import * as path from 'path';
import { App, Aws, CfnParameter, Fn, Stack } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { zipSync, strToU8 } from 'fflate';
import { MicrovmArchitecture, MicrovmCode, MicrovmHooks } from '../../src';
import { directoryWith } from '../support/directories';
import { DOCKERFILE, propertiesOf, testApp, testImage, testStack } from '../support/stacks';

jest.mock('../../src/private/bundle', () => jest.requireActual('../support/no-bundle'));

const FILES = { 'Dockerfile': DOCKERFILE, 'server.js': 'listen()' };

/** Returns the files that a deployment uploads for the code of an image. */
function uploaded(code: MicrovmCode): string[] {
  const app = testApp();
  testImage({ code }, testStack(app));
  const directory = app.synth().directory;
  const assets = fs.readdirSync(directory).filter(name => fs.existsSync(path.join(directory, name, 'Dockerfile')));
  expect(assets).toHaveLength(1);
  return (fs.readdirSync(path.join(directory, assets[0]), { recursive: true }) as string[])
    .filter(name => fs.statSync(path.join(directory, assets[0], name)).isFile())
    .sort();
}

function zipFile(files: Record<string, string>, comment = 0): string {
  const zip = Buffer.from(zipSync(Object.fromEntries(Object.entries(files).map(([name, text]) => [name, strToU8(text)]))));
  zip.writeUInt16LE(comment, zip.length - 2);
  const file = path.join(directoryWith({}), 'code.zip');
  fs.writeFileSync(file, Buffer.concat([zip, Buffer.alloc(comment, '#')]));
  return file;
}

describe('code from a directory', () => {
  test('includes everything that is not excluded by default', () => {
    const directory = directoryWith({ ...FILES, 'app/main.py': '', '.dockerignore': 'docs', 'package-lock.json': '{}', '.env.example': 'A=', '.yarn/releases/yarn.cjs': '' });
    expect(uploaded(MicrovmCode.fromDirectory(directory))).toEqual(['.dockerignore', '.env.example', '.yarn/releases/yarn.cjs', 'Dockerfile', 'app/main.py', 'package-lock.json', 'server.js']);
  });

  test('excludes version control, dependencies, env files, keys, state files and caches, at any depth', () => {
    const directory = directoryWith({
      ...FILES,
      '.git/config': '',
      '.gitignore': '',
      'node_modules/x/index.js': '',
      'app/node_modules/y/index.js': '',
      '.venv/bin/python': '',
      'app/__pycache__/a.pyc': '',
      '.env': 'SECRET=1',
      'app/.env.production': 'SECRET=1',
      'prod.env': '',
      'tls/server.key': '',
      'tls/server.pem': '',
      'id_rsa': '',
      'a.p12': '',
      '.aws/credentials': '',
      '.npmrc': '',
      'terraform.tfstate': '',
      'terraform.tfstate.backup': '',
      '.terraform/x': '',
      'cdk.out/manifest.json': '',
      '.cache/x': '',
      '.DS_Store': '',
    });
    expect(uploaded(MicrovmCode.fromDirectory(directory))).toEqual(['Dockerfile', 'server.js']);
  });

  test('adds the patterns of the user to the default ones, and includes files again', () => {
    const directory = directoryWith({ ...FILES, 'docs/a.md': '', '.env': '', 'node_modules/x/index.js': '', 'ca.pem': '' });
    expect(uploaded(MicrovmCode.fromDirectory(directory, { exclude: ['docs', '!node_modules', '!ca.pem'] })))
      .toEqual(['Dockerfile', 'ca.pem', 'node_modules/x/index.js', 'server.js']);
  });

  test('has another key for other content, and the same key if only excluded files change', () => {
    const uri = (files: Record<string, string>) =>
      propertiesOf(testImage({ code: MicrovmCode.fromDirectory(directoryWith({ ...FILES, ...files })) })).CodeUri;
    expect(uri({})).toBe(uri({ '.env': 'A=1', 'node_modules/x.js': '' }));
    expect(uri({})).not.toBe(uri({ 'server.js': 'listen(1)' }));
  });

  test.each<[string, () => string, object, string | RegExp]>([
    ['no directory', () => '/nowhere/at/all', {}, "code: '/nowhere/at/all' is not a directory (looked for /nowhere/at/all); pass the path of a directory"],
    ['a file in place of the directory', () => path.join(directoryWith(FILES), 'Dockerfile'), {}, 'MicrovmCodeNotFound'],
    ['no Dockerfile', () => directoryWith({ 'app/index.js': '' }), {}, /code: \/.*cdk-lambda-microvms-test-\w+ has no file named Dockerfile at its root; add one under exactly this name/],
    ['a Dockerfile in a subdirectory', () => directoryWith({ 'build/Dockerfile': '', 'node_modules/a/Dockerfile': '', 'a/b/c/d/Dockerfile': '' }), {}, "only 'build/Dockerfile'; add one"],
    ['a Dockerfile with another ending', () => directoryWith({ 'Dockerfile.microvm': '', 'Dockerfile.microvm.dockerignore': '', 'sub/Dockerfile': '' }), {}, "only 'Dockerfile.microvm'; add one"],
    ['a Dockerfile in lower case', () => directoryWith({ dockerfile: '' }), {}, "only 'dockerfile'"],
    ['a directory named Dockerfile', () => directoryWith({ 'Dockerfile/x': '' }), {}, /code: \/.*\/Dockerfile is a directory; pass a directory that has it as a file \[MicrovmCodeDockerfileNotFound at/],
    ['an excluded Dockerfile', () => directoryWith(FILES), { exclude: ['d*'] }, /code: exclude \["d\*"\] excludes the Dockerfile in '.*' \(patterns ignore upper and lower case\); add '!Dockerfile' to include it \[MicrovmCodeDockerfileExcluded at Test\/Image\]/],
    ['an empty Dockerfile', () => directoryWith({ Dockerfile: '' }), {}, 'code: the Dockerfile is empty; it needs a FROM line [MicrovmCodeDockerfileInvalid at Test/Image]'],
    ['a source that is left out by default', () => directoryWith({ 'Dockerfile': `${DOCKERFILE}\nCOPY certs/root.crt /x`, 'certs/root.crt': '' }), {},
      "line 2 of the Dockerfile copies 'certs/root.crt', which is left out by default (*.crt); include it with exclude: ['!certs/root.crt']"],
    ['a source that exclude leaves out', () => directoryWith({ 'Dockerfile': `${DOCKERFILE}\nCOPY docs /x`, 'docs/a': '' }), { exclude: ['docs'] }, "which exclude leaves out (docs); include it with exclude: ['!docs']"],
    ['a source that does not exist', () => directoryWith({ Dockerfile: `${DOCKERFILE}\nCOPY a /x` }), {}, 'MicrovmCodeDockerfileSourceNotFound at Test/Image'],
  ])('fails on %s, with the path', (_, directory, options, message) => {
    expect(() => testImage({ code: MicrovmCode.fromDirectory(directory(), options) })).toThrow(message);
  });
});

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

  test('has the same key for the same text, and leaves nothing in the temporary directory', () => {
    const directory = directoryWith({});
    const tmpdir = jest.spyOn(jest.requireActual<typeof os>('os'), 'tmpdir').mockReturnValue(directory);
    try {
      const uri = () => propertiesOf(testImage({ code: MicrovmCode.fromInline(DOCKERFILE, { a: 'b' }) })).CodeUri;
      expect(uri()).toBe(uri());
      expect(tmpdir).toHaveBeenCalled();
    } finally {
      tmpdir.mockRestore();
    }
    expect(fs.readdirSync(directory).filter(name => name.startsWith('microvm-code-'))).toEqual([]);
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
    ['a file below a file', DOCKERFILE, { 'a': 'x', 'a/b': 'y' }],
    ['a file below the Dockerfile', DOCKERFILE, { 'Dockerfile/a': 'x' }],
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
