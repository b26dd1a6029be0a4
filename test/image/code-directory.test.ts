import * as fs from 'fs';
import * as path from 'path';
import type { BundlingOptions } from 'aws-cdk-lib';
import { App, AssetHashType, AssetStaging, DockerImage, NestedStack, Stack, Stage, SymlinkFollowMode } from 'aws-cdk-lib';
import * as assets from 'aws-cdk-lib/aws-s3-assets';
import type { MicrovmCodeDirectoryOptions } from '../../src';
import { MicrovmCode } from '../../src';
import { directoryWith } from '../support/directories';
import { DOCKERFILE, propertiesOf, testApp, testImage, testStack } from '../support/stacks';
import { uploaded, uploadedDirectory } from '../support/uploaded';

jest.mock('../../src/private/bundle', () => jest.requireActual('../support/no-bundle'));

const FILES = { 'Dockerfile': DOCKERFILE, 'server.js': 'listen()' };

const from = (files: Record<string, string>, options?: MicrovmCodeDirectoryOptions) => MicrovmCode.fromDirectory(directoryWith(files), options);
const keyOf = (code: MicrovmCode) => propertiesOf(testImage({ code })).CodeUri;
const text = (directory: string, name: string) => fs.readFileSync(path.join(directory, name), 'utf8');

describe('what is uploaded', () => {
  test('is everything that is not excluded by default', () => {
    expect(uploaded(from({ ...FILES, 'app/main.py': '', 'package-lock.json': '{}', '.env.example': 'A=', '.yarn/releases/yarn.cjs': '', 'a b/ü.txt': '' })))
      .toEqual(['.env.example', '.yarn/releases/yarn.cjs', 'Dockerfile', 'a b/ü.txt', 'app/main.py', 'package-lock.json', 'server.js']);
  });

  test('is without version control, dependencies, env files, keys, state files and caches, at any depth', () => {
    const code = from({
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
    expect(uploaded(code)).toEqual(['Dockerfile', 'server.js']);
  });

  test('is without what the user excludes, and with what the user includes again', () => {
    const files = { ...FILES, 'docs/a.md': '', '.env': '', 'node_modules/x/index.js': '', 'ca.pem': '' };
    expect(uploaded(from(files, { exclude: ['docs', '!node_modules', '!ca.pem'] }))).toEqual(['Dockerfile', 'ca.pem', 'node_modules/x/index.js', 'server.js']);
  });

  test('is without what .dockerignore excludes, and without the ignore file', () => {
    const files = { ...FILES, '.dockerignore': '\uFEFF# only the app\r\n*\r\n!app\r\n', 'app/main.py': '', 'app/.env': '', 'data/a.csv': '' };
    expect(uploaded(from(files))).toEqual(['Dockerfile', 'app/main.py']);
    expect(uploaded(from(files, { exclude: ['!data'] }))).toEqual(['Dockerfile', 'app/main.py', 'data/a.csv']);
  });

  test.each(['d*', 'Dockerfile', 'Docker*', '*', '/**'])('has the Dockerfile also with exclude %s', pattern => {
    expect(uploaded(from(FILES, { exclude: [pattern, 'server.js'] }))).toEqual(['Dockerfile']);
  });

  test('has the Dockerfile also if .dockerignore excludes it', () => {
    expect(uploaded(from({ ...FILES, '.dockerignore': 'Dockerfile\n.dockerignore\n' }))).toEqual(['Dockerfile', 'server.js']);
  });

  test('has the modes 0644 and 0755, whatever the modes of the directory are', () => {
    const directory = directoryWith({ ...FILES, 'start.sh': '' });
    fs.chmodSync(path.join(directory, 'start.sh'), 0o700);
    fs.chmodSync(path.join(directory, 'server.js'), 0o600);
    const place = uploadedDirectory(MicrovmCode.fromDirectory(directory));
    expect(['start.sh', 'server.js'].map(name => (fs.statSync(path.join(place, name)).mode % 0o1000).toString(8))).toEqual(['755', '644']);
  });
});

describe('the key of the code', () => {
  const base = keyOf(from(FILES));
  const changed = (change: (directory: string) => void) => {
    const directory = directoryWith(FILES);
    change(directory);
    return keyOf(MicrovmCode.fromDirectory(directory));
  };

  test.each<[string, (file: string, directory: string) => void]>([
    ['the content', file => fs.writeFileSync(file, 'listen(1)')],
    ['the executable bit', file => fs.chmodSync(file, 0o755)],
    ['line ends', file => fs.writeFileSync(file, 'listen()\r\n')],
    ['the name', (file, directory) => fs.renameSync(file, path.join(directory, 'server.mjs'))],
    ['the set of files', (_, directory) => fs.writeFileSync(path.join(directory, 'a'), '')],
    ['the place of a byte', (file, directory) => { fs.writeFileSync(file, 'listen('); fs.writeFileSync(path.join(directory, 'server.jt'), ')'); }],
    ['the Dockerfile', (_, directory) => fs.writeFileSync(path.join(directory, 'Dockerfile'), 'FROM scratch')],
  ])('changes with %s', (_, change) => {
    expect(changed(directory => change(path.join(directory, 'server.js'), directory))).not.toBe(base);
  });

  test.each<[string, (file: string, directory: string) => void]>([
    ['another directory', () => {}],
    ['the umask', file => fs.chmodSync(file, 0o600)],
    ['executable bits of others', file => fs.chmodSync(file, 0o655)],
    ['the time of the last change', file => fs.utimesSync(file, 1, 1)],
    ['an excluded file', (_, directory) => fs.writeFileSync(path.join(directory, '.env'), 'A=1')],
    ['an ignore file that excludes nothing', (_, directory) => fs.writeFileSync(path.join(directory, '.dockerignore'), '# nothing\n')],
    ['an empty directory, which no clone and no ZIP file has', (_, directory) => fs.mkdirSync(path.join(directory, 'empty'))],
    ['the order in which files were created', (file, directory) => {
      const dockerfile = path.join(directory, 'Dockerfile');
      fs.rmSync(file);
      fs.rmSync(dockerfile);
      fs.writeFileSync(file, FILES['server.js']);
      fs.writeFileSync(dockerfile, FILES.Dockerfile);
    }],
  ])('does not change with %s', (_, change) => {
    expect(changed(directory => change(path.join(directory, 'server.js'), directory))).toBe(base);
  });

  test('does not change with a file that .dockerignore leaves out', () => {
    const [one, other] = ['first', 'second'].map(note => keyOf(from({ ...FILES, '.dockerignore': 'notes', 'notes/a.md': note })));
    expect(one).toBe(other);
  });

  test('distinguishes line ends', () => {
    expect(keyOf(from({ ...FILES, 'start.sh': '#!/bin/sh\r\n' }))).not.toBe(keyOf(from({ ...FILES, 'start.sh': '#!/bin/sh\n' })));
  });

  test('changes with the salt of the app', () => {
    const salted = testStack(testApp({ '@aws-cdk/core:assetHashSalt': 'x' }));
    expect(propertiesOf(testImage({ code: from(FILES) }, salted)).CodeUri).not.toBe(base);
  });
});

describe('the Dockerfile', () => {
  const monorepo = {
    'Dockerfile': 'FROM root',
    'docker/microvm/Dockerfile': 'FROM microvm',
    'docker/microvm/Dockerfile.dockerignore': 'docs\n',
    '.dockerignore': 'app\n',
    'app/main.py': '',
    'docs/a.md': '',
  };

  test.each([['Dockerfile.microvm'], ['./Dockerfile.microvm']])('can have another name, here %s', dockerfile => {
    const place = uploadedDirectory(from({ 'Dockerfile': 'FROM root', 'Dockerfile.microvm': 'FROM microvm' }, { dockerfile }));
    expect(text(place, 'Dockerfile')).toBe('FROM microvm');
  });

  test('can be in a subdirectory, with an ignore file of its own', () => {
    const place = uploadedDirectory(from(monorepo, { dockerfile: 'docker/microvm/Dockerfile' }));
    expect(text(place, 'Dockerfile')).toBe('FROM microvm');
    expect(fs.existsSync(path.join(place, 'app/main.py'))).toBe(true);
    expect(fs.existsSync(path.join(place, 'docs'))).toBe(false);
  });

  test('has the ignore file at the root if it has none of its own', () => {
    const { 'docker/microvm/Dockerfile.dockerignore': _, ...files } = monorepo;
    expect(uploaded(from(files, { dockerfile: 'docker/microvm/Dockerfile' }))).toEqual(['Dockerfile', 'docker/microvm/Dockerfile', 'docs/a.md']);
  });

  test('can have an ignore file of its own at the root', () => {
    expect(uploaded(from({ ...FILES, 'Dockerfile.dockerignore': 'server.js', '.dockerignore': 'a', 'a': '' }))).toEqual(['Dockerfile', 'a']);
  });

  test('can be in a directory that is excluded', () => {
    expect(uploaded(from({ 'a[1].Dockerfile': DOCKERFILE, 'a[1].Dockerfile.dockerignore': 'b', 'b': '', 'c': '' }, { dockerfile: 'a[1].Dockerfile' })))
      .toEqual(['Dockerfile', 'a[1].Dockerfile', 'c']);
    expect(uploaded(from({ 'build/Dockerfile': DOCKERFILE, '.dockerignore': 'build' }, { dockerfile: 'build/Dockerfile' }))).toEqual(['Dockerfile']);
  });

  test.each<[string, Record<string, string>, MicrovmCodeDirectoryOptions, string | RegExp]>([
    ['exists nowhere', { 'server.js': '' }, {}, /code: \/.*cdk-lambda-microvms-test-\w+ has no file named Dockerfile at its root; add one under exactly this name \[MicrovmCodeDockerfileNotFound at Test\/Image\]/],
    ['is in a subdirectory', { 'app/build/Dockerfile': '' }, {}, "only 'app/build/Dockerfile'; rename it, or set dockerfile: 'app/build/Dockerfile'"],
    ['has a suffix', { 'Dockerfile.prod': '', 'Dockerfile.prod.dockerignore': '' }, {}, "set dockerfile: 'Dockerfile.prod'"],
    ['has a prefix', { 'prod.Dockerfile': '' }, {}, "set dockerfile: 'prod.Dockerfile'"],
    ['is in lower case', { dockerfile: '' }, {}, "only 'dockerfile'; rename it, or set dockerfile: 'dockerfile'"],
    ['is of another tool', { Containerfile: '' }, {}, "set dockerfile: 'Containerfile'"],
    ['is a directory', { 'Dockerfile/x': '' }, {}, "has no file named Dockerfile at its root, 'Dockerfile' is a directory; add one"],
    ['is in dependencies only', { 'node_modules/x/Dockerfile': '' }, {}, 'add one under exactly this name'],
    ['is not the one that is named', { 'Dockerfile.prod': '' }, { dockerfile: 'Dockerfile.test' }, "has no file 'Dockerfile.test', only 'Dockerfile.prod'"],
    ['is not in the directory that is named', { Dockerfile: '' }, { dockerfile: 'build/Dockerfile' }, 'MicrovmCodeDockerfileNotFound'],
  ])('fails if it %s', (_, files, options, message) => {
    expect(() => testImage({ code: from(files, options) })).toThrow(message);
  });
});

describe('more files', () => {
  test('are added under their paths, and replace those of the directory', () => {
    const other = directoryWith({ 'dist/runner.mjs': 'run()', 'dist/deep/a.js': '', 'dist/.env': '', 'server.js': 'other()' });
    const place = uploadedDirectory(from({ ...FILES, '.dockerignore': 'build' }, {
      files: { 'runner.mjs': path.join(other, 'dist/runner.mjs'), 'build': path.join(other, 'dist'), 'server.js': path.join(other, 'server.js') },
    }));
    expect((fs.readdirSync(place, { recursive: true }) as string[]).sort()).toEqual(['Dockerfile', 'build', 'build/deep', 'build/deep/a.js', 'build/runner.mjs', 'runner.mjs', 'server.js']);
    expect(text(place, 'server.js')).toBe('other()');
  });

  test('can be a directory that is excluded by default, which the user names', () => {
    const other = directoryWith({ 'a/index.js': '' });
    expect(uploaded(from(FILES, { files: { node_modules: other } }))).toEqual(['Dockerfile', 'node_modules/a/index.js', 'server.js']);
  });

  test('can contain the Dockerfile', () => {
    const other = directoryWith({ 'microvm.txt': 'FROM other' });
    expect(text(uploadedDirectory(from({ 'server.js': '' }, { files: { Dockerfile: path.join(other, 'microvm.txt') } })), 'Dockerfile')).toBe('FROM other');
  });

  test('change the key', () => {
    const file = path.join(directoryWith({ a: 'x' }), 'a');
    const key = () => keyOf(from(FILES, { files: { a: file } }));
    const before = key();
    fs.writeFileSync(file, 'y');
    expect(key()).not.toBe(before);
  });

  const here = __filename;
  test.each<[string, MicrovmCodeDirectoryOptions | object, string]>([
    ['a source that does not exist', { files: { a: '/nowhere/a' } }, "code: files: 'a' is to be copied from /nowhere/a, which does not exist; correct the path, or build it first [MicrovmCodeNotFound at Test/Image]"],
    ['an absolute path', { files: { '/a': here } }, 'MicrovmCodeOptionsInvalid'],
    ['a path that leaves the upload', { files: { '../a': here } }, "code: files: '../a' is not a valid path in the upload"],
    ['a source that is no text', { files: { a: 1 } }, 'code.files.a: the number 1 is not valid; pass a string'],
    ['two Dockerfiles', { files: { Dockerfile: here }, dockerfile: 'Dockerfile' }, "'Dockerfile' is also set by dockerfile: 'Dockerfile'"],
    ['a file where another file needs a directory', { files: { 'server.js/a': here } }, "code: files: 'server.js' is a file, so it cannot contain 'server.js/a'"],
    ['exclude as a text', { exclude: '*.log' }, "code.exclude: the text '*.log' is not valid; pass a list of strings, or omit it [MicrovmPropertyTypeInvalid]"],
    ['exclude with something undefined', { exclude: [undefined] }, 'code.exclude.0: the value is missing'],
    ['a Dockerfile outside of the directory', { dockerfile: '../Dockerfile' }, "dockerfile: \"../Dockerfile\" is not a path in the directory; use a relative path such as 'docker/Dockerfile'"],
    ['an absolute path of the Dockerfile', { dockerfile: '/a/Dockerfile' }, 'MicrovmCodeOptionsInvalid'],
  ])('fails on %s', (_, options, message) => {
    expect(() => testImage({ code: from(FILES, options) })).toThrow(message);
  });
});

describe('symbolic links', () => {
  const withLink = (link: string, target: string, more: Record<string, string> = {}) => {
    const directory = directoryWith({ ...FILES, 'lib/a.js': 'a()', ...more });
    fs.mkdirSync(path.dirname(path.join(directory, link)), { recursive: true });
    fs.symlinkSync(target, path.join(directory, link));
    return directory;
  };
  const outside = directoryWith({ 'private.txt': 'secret', 'deep/b.txt': '' });

  test('inside of the directory become copies', () => {
    expect(uploaded(MicrovmCode.fromDirectory(withLink('current', 'lib')))).toEqual(['Dockerfile', 'current/a.js', 'lib/a.js', 'server.js']);
    expect(uploaded(MicrovmCode.fromDirectory(withLink('lib/b.js', '../server.js')))).toEqual(['Dockerfile', 'lib/a.js', 'lib/b.js', 'server.js']);
  });

  test('have the same key as copies', () => {
    expect(keyOf(MicrovmCode.fromDirectory(withLink('b.js', 'lib/a.js')))).toBe(keyOf(from({ ...FILES, 'lib/a.js': 'a()', 'b.js': 'a()' })));
  });

  test('to something excluded are left out', () => {
    expect(uploaded(MicrovmCode.fromDirectory(withLink('config', '.env', { '.env': '' })))).not.toContain('config');
    expect(uploaded(MicrovmCode.fromDirectory(withLink('all', 'lib', { 'lib/.env': '', 'lib/b.js': '' }), { exclude: ['/lib/b.js'] })))
      .toEqual(['Dockerfile', 'all/a.js', 'lib/a.js', 'server.js']);
  });

  test('that are excluded may lead anywhere', () => {
    expect(uploaded(MicrovmCode.fromDirectory(withLink('tmp', '/nowhere'), { exclude: ['tmp'] }))).not.toContain('tmp');
  });

  test.each([SymlinkFollowMode.EXTERNAL, SymlinkFollowMode.ALWAYS])('out of the directory become copies with %s', followSymlinks => {
    expect(uploaded(MicrovmCode.fromDirectory(withLink('more', outside), { followSymlinks }))).toEqual(['Dockerfile', 'lib/a.js', 'more/deep/b.txt', 'more/private.txt', 'server.js']);
  });

  test.each<[string, string, string, SymlinkFollowMode | undefined, string]>([
    ['out of the directory', 'abs', path.join(outside, 'private.txt'), undefined, `'abs' is a link to '${fs.realpathSync(outside)}/private.txt', outside of the directory; copy the target`],
    ['out of the directory with NEVER', 'abs', outside, SymlinkFollowMode.NEVER, 'MicrovmCodeLinkInvalid at Test/Image'],
    ['out of the directory with BLOCK_EXTERNAL', 'abs', outside, SymlinkFollowMode.BLOCK_EXTERNAL, "leave it out with exclude: ['/abs']"],
    ['out of the directory, relative', 'lib/up', `../../${path.basename(outside)}`, undefined, "'lib/up' is a link to"],
    ['to nothing', 'dangling', 'nowhere', undefined, "'dangling' is a link to 'nowhere', which does not exist"],
    ['to nothing with ALWAYS', 'dangling', 'nowhere', SymlinkFollowMode.ALWAYS, 'MicrovmCodeLinkInvalid'],
    ['to a path in a file', 'dangling', 'server.js/a', undefined, 'MicrovmCodeLinkInvalid'],
    ['to itself', 'self', 'self', undefined, "'self' is a link to 'self', which does not exist or is a link to itself"],
    ['to the directory that contains it', 'loop', '.', undefined, 'a directory that contains the link; remove the link'],
    ['to a directory above it', 'lib/loop', '..', SymlinkFollowMode.ALWAYS, "'lib/loop' is a link to"],
  ])('fail if they lead %s', (_, link, target, followSymlinks, message) => {
    expect(() => testImage({ code: MicrovmCode.fromDirectory(withLink(link, target), { followSymlinks }) })).toThrow(message);
  });

  test('fail if two directories contain each other', () => {
    const directory = withLink('lib/other', '../other', { 'other/b.js': '' });
    fs.symlinkSync('../lib', path.join(directory, 'other/lib'));
    expect(() => testImage({ code: MicrovmCode.fromDirectory(directory) })).toThrow('MicrovmCodeLinkInvalid');
  });

  test('fail if the Dockerfile is one that leads out of the directory', () => {
    const directory = directoryWith({ 'server.js': '' });
    fs.symlinkSync(path.join(directoryWith(FILES), 'Dockerfile'), path.join(directory, 'Dockerfile'));
    expect(() => testImage({ code: MicrovmCode.fromDirectory(directory) })).toThrow(/'Dockerfile' is a link to/);
    expect(uploaded(MicrovmCode.fromDirectory(directory, { followSymlinks: SymlinkFollowMode.EXTERNAL }))).toEqual(['Dockerfile', 'server.js']);
  });

  test('can lead to the directory itself from outside', () => {
    const link = path.join(directoryWith({}), 'link');
    fs.symlinkSync(directoryWith(FILES), link);
    expect(uploaded(MicrovmCode.fromDirectory(link))).toEqual(['Dockerfile', 'server.js']);
  });
});

describe('output of the app in the directory', () => {
  test('is left out, whatever its name is', () => {
    const directory = directoryWith(FILES);
    const app = () => new App({ outdir: path.join(directory, 'build/out'), analyticsReporting: false });
    expect(uploaded(MicrovmCode.fromDirectory(directory), app())).toEqual(['Dockerfile', 'server.js']);
    expect(uploaded(MicrovmCode.fromDirectory(directory), app())).toEqual(['Dockerfile', 'server.js']);
  });

  test('is left out also if another synthesis wrote it under another name', () => {
    const directory = directoryWith({ ...FILES, 'old/manifest.json': '{}', 'old/cdk.out': '{}', 'old/asset.1/a': '', 'app/manifest.json': '{}' });
    expect(uploaded(MicrovmCode.fromDirectory(directory))).toEqual(['Dockerfile', 'app/manifest.json', 'server.js']);
  });
});

describe('a build step', () => {
  const local = (build: (output: string) => void): BundlingOptions & { runs: number } => {
    const bundling = {
      image: DockerImage.fromRegistry('unused'),
      runs: 0,
      local: { tryBundle(output: string) { bundling.runs++; build(output); return true; } },
    };
    return bundling;
  };
  const write = (files: Record<string, string>) => (output: string) => Object.entries(files).forEach(([name, content]) => {
    fs.mkdirSync(path.dirname(path.join(output, name)), { recursive: true });
    fs.writeFileSync(path.join(output, name), content);
  });

  test('gives the content, and the directory the Dockerfile', () => {
    const bundling = local(write({ 'node_modules/a/index.js': '', 'main.js': '' }));
    expect(uploaded(from(FILES, { bundling }))).toEqual(['Dockerfile', 'main.js', 'node_modules/a/index.js']);
  });

  test('can write the Dockerfile, and a single file', () => {
    const place = uploadedDirectory(from(FILES, { bundling: local(write({ Dockerfile: 'FROM built' })) }));
    expect(fs.readdirSync(place)).toEqual(['Dockerfile']);
    expect(text(place, 'Dockerfile')).toBe('FROM built');
    expect(uploaded(from(FILES, { bundling: local(write({ 'app.zip': '' })) }))).toEqual(['Dockerfile', 'app.zip']);
  });

  test('can be combined with exclude, files and another Dockerfile', () => {
    const bundling = local(write({ 'main.js': '', 'main.js.map': '' }));
    expect(uploaded(from({ 'Dockerfile.microvm': 'FROM x' }, { bundling, dockerfile: 'Dockerfile.microvm', exclude: ['*.map'], files: { a: __filename } })))
      .toEqual(['Dockerfile', 'a', 'main.js']);
  });

  test('runs once for two images of an app, and again in the next synthesis, whose modes count', () => {
    const directory = directoryWith(FILES);
    const outdir = directoryWith({});
    let mode = 0o644;
    const bundling = local(output => fs.writeFileSync(path.join(output, 'start.sh'), '', { mode }));
    const keys = () => {
      AssetStaging.clearAssetHashCache(); // as another process has none
      const stack = new Stack(new App({ outdir, analyticsReporting: false }), 'Test');
      const code = MicrovmCode.fromDirectory(directory, { bundling: { ...bundling, runs: undefined } as BundlingOptions });
      return ['One', 'Two'].map(id => testImage({ code }, stack, id)).map(image => propertiesOf(image).CodeUri);
    };
    const [one, two] = keys();
    expect([two, bundling.runs]).toEqual([one, 1]);
    mode = 0o755;
    expect(keys()[0]).not.toBe(one);
    expect(bundling.runs).toBe(2);
  });

  test('has a key of its own for outputs that differ in modes alone, in one app', () => {
    const stack = testStack();
    const [one, two] = [0o644, 0o755].map((mode, index) => {
      const bundling = { ...local(output => fs.writeFileSync(path.join(output, 'start.sh'), '', { mode })), command: [`${mode}`] };
      testImage({ code: from(FILES, { bundling }) }, stack, `Image${index}`);
      return stack.node.findChild(`Image${index}`).node.findChild('Code') as assets.Asset;
    });
    expect(one.s3ObjectKey).not.toBe(two.s3ObjectKey);
  });

  test('leaves another asset with the same content in its place', () => {
    const app = testApp();
    const stack = testStack(app);
    const bundling = local(write({ 'main.js': '' }));
    const other = new assets.Asset(stack, 'Other', { path: directoryWith(FILES), bundling, assetHashType: AssetHashType.OUTPUT });
    testImage({ code: from(FILES, { bundling }) }, stack);
    expect(fs.existsSync(path.join(app.synth().directory, other.assetPath, 'main.js'))).toBe(true);
  });

  test('does not run for a stack that the command does not deploy', () => {
    const bundling = local(() => {});
    const stack = testStack(testApp({ 'aws:cdk:bundling-stacks': [] }));
    expect(propertiesOf(testImage({ code: from(FILES, { bundling }) }, stack)).CodeUri).toBeDefined();
    expect(bundling.runs).toBe(0);
  });

  test('fails without a Dockerfile on either side', () => {
    expect(() => testImage({ code: from({ a: '' }, { bundling: local(write({ b: '' })) }) })).toThrow('MicrovmCodeDockerfileNotFound');
  });
});

describe('staging', () => {
  test('happens once for several images with the same code, also in stages and nested stacks', () => {
    const app = testApp();
    const code = from(FILES);
    const stage = new Stage(app, 'Prod');
    for (const stack of [new Stack(app, 'One'), new Stack(app, 'Two'), new Stack(stage, 'Three')]) {
      testImage({ code }, stack);
      testImage({ code }, new NestedStack(stack, 'Nested') as Stack);
    }
    const { directory } = app.synth();
    expect(fs.readdirSync(directory).filter(name => fs.existsSync(path.join(directory, name, 'server.js')))).toHaveLength(1);
    const assembly = path.join(directory, 'assembly-Prod');
    const manifests = fs.readdirSync(assembly).filter(name => name.endsWith('.assets.json'));
    const files = manifests.flatMap(name => Object.values<any>(JSON.parse(text(assembly, name)).files));
    const paths = files.map(({ source }) => path.join(assembly, source.path));
    expect(new Set(paths.filter(place => fs.existsSync(path.join(place, 'server.js')))).size).toBe(1);
  });

  test('leaves no incomplete directory, and does not copy again what is staged', () => {
    const outdir = directoryWith({});
    const directory = directoryWith(FILES);
    const place = uploadedDirectory(MicrovmCode.fromDirectory(directory), new App({ outdir, analyticsReporting: false }));
    const before = fs.statSync(path.join(place, 'server.js'));
    expect(uploadedDirectory(MicrovmCode.fromDirectory(directory), new App({ outdir, analyticsReporting: false }))).toBe(place);
    expect(fs.statSync(path.join(place, 'server.js')).ctimeMs).toBe(before.ctimeMs);
    expect(fs.readdirSync(outdir).filter(name => name.includes(path.basename(place)))).toEqual([path.basename(place)]);
  });

  test('can be disabled', () => {
    const stack = testStack(testApp({ 'aws:cdk:disable-asset-staging': true }));
    expect(propertiesOf(testImage({ code: from(FILES) }, stack)).CodeUri).toBe(keyOf(from(FILES)));
  });
});

test.each<[string, () => string, string]>([
  ['no directory', () => '/nowhere/at/all', "code: '/nowhere/at/all' is not a directory (looked for /nowhere/at/all); pass the path of a directory"],
  ['an empty path, which would be the working directory', () => '', "code: '' is not a directory"],
  ['an undefined path', () => undefined as any, 'MicrovmPropertyTypeInvalid'],
  ['a file in place of the directory', () => path.join(directoryWith(FILES), 'Dockerfile'), 'MicrovmCodeNotFound'],
])('fails on %s', (_, directory, message) => {
  expect(() => testImage({ code: MicrovmCode.fromDirectory(directory()) })).toThrow(message);
});

test.each(['readdirSync', 'openSync'] as const)('fails on what cannot be read, with its path (%s)', call => {
  const directory = directoryWith(FILES);
  const code = MicrovmCode.fromDirectory(directory);
  const stack = testStack();
  const original = fs[call] as any;
  const spy = jest.spyOn(jest.requireActual<typeof fs>('fs'), call).mockImplementation((place: any, ...others: any[]): any => {
    if (String(place).startsWith(directory)) throw Object.assign(new Error('EACCES'), { code: 'EACCES', path: place });
    return original(place, ...others);
  });
  try {
    expect(() => testImage({ code }, stack)).toThrow(/code: \/.*cdk-lambda-microvms-test-.* cannot be read \(EACCES\); .* \[MicrovmCodeNotReadable at Test\/Image\]/);
  } finally {
    spy.mockRestore();
  }
});
