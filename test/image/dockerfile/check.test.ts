import { Stack } from 'aws-cdk-lib';
import type { Checked } from './support';
import { pulledBy, warningsOf } from './support';
import { collect } from '../../../src/image/code-collection';
import { allOf } from '../../../src/image/dockerfile/contents';
import { directoryWith } from '../../support/directories';

const FROM = 'FROM alpine\n';

/** The first line of the error without its code, or of the only warning. */
function resultOf(dockerfile: string, use: Checked = {}): string {
  try {
    const warnings = warningsOf(dockerfile, use);
    expect(warnings.length).toBeLessThanOrEqual(1);
    return warnings.length === 0 ? 'fine' : `warning: ${warnings[0]}`;
  } catch (error) {
    return (error as Error).message.split('\n')[0];
  }
}

describe('a Dockerfile that Docker cannot parse fails:', () => {
  test.each<[string, string, string]>([
    ['an empty file', '', 'code: the Dockerfile is empty; it needs a FROM line [MicrovmCodeDockerfileInvalid at Test]'],
    ['white space and comments', '\uFEFF# nothing\n\n  # here\n', 'code: the Dockerfile is empty; it needs a FROM line'],
    ['no FROM line', 'ARG A=1\n', 'code: the Dockerfile has no FROM line'],
    ['an instruction before FROM', 'RUN true\nFROM alpine\n', 'code: line 1 of the Dockerfile has RUN before the first FROM, where only ARG may be'],
    ['a misspelled FROM', 'FORM alpine\n', 'code: line 1 of the Dockerfile has the unknown instruction FORM; did you mean FROM?'],
    ['a misspelled instruction after others', `${FROM}\n# x\nCPOY a b\n`, 'code: line 4 of the Dockerfile has the unknown instruction CPOY; did you mean COPY?'],
    ['a line that is no instruction', `${FROM}hello world\n`, 'code: line 2 of the Dockerfile has the unknown instruction HELLO [Micro'],
    ['a line that should be continued', `${FROM}RUN apt-get install -y\n  curl\n`, 'code: line 3 of the Dockerfile has the unknown instruction CURL'],
    ['a misspelled flag', `${FROM}COPY --form=a b /c\n`, 'code: line 2 of the Dockerfile has the unknown flag --form; did you mean --from?'],
    ['FROM without an image', 'FROM\n', 'code: line 1 of the Dockerfile has FROM with 0 arguments; use an image'],
    ['FROM with two words', 'FROM alpine builder\n', 'has FROM with 2 arguments; use an image, or an image, AS and the name of a stage'],
    ['a stage with an invalid name', 'FROM alpine AS 1st\n', "has the invalid name '1st' for a stage"],
    ['COPY without a destination', `${FROM}COPY a\n`, 'has COPY without a source or without a destination'],
    ['ADD in the JSON form without a destination', `${FROM}ADD ["a"]\n`, 'has ADD without a source or without a destination'],
    ['ENV without a value', `${FROM}ENV A\n`, 'has ENV A without a value'],
    ['ENV with blanks in a value', `${FROM}ENV A=1 2\n`, "has '2' without = in ENV; put a value with blanks into quotes"],
    ['SHELL in the shell form', `${FROM}SHELL /bin/bash -c\n`, 'has SHELL without a JSON array'],
    ['an instruction without arguments', `${FROM}WORKDIR\n`, 'has WORKDIR without an argument'],
    ['a here-document that does not end', `${FROM}RUN <<EOF\ntrue\n`, 'code: line 2 of the Dockerfile has a here-document that does not end'],
    ['a URL for COPY', `${FROM}COPY https://example.com/a /a\n`, "code: line 2 of the Dockerfile copies the URL 'https://example.com/a'; use ADD"],
    ['an argument without a value in FROM', 'ARG TAG\nFROM alpine:$TAG\n', 'code: line 2 of the Dockerfile uses $TAG in FROM, which has no value'],
    ['an unknown variable in FROM', 'FROM ${BASE}\n', 'code: line 1 of the Dockerfile uses $BASE in FROM, which has no value'],
    ['a stage by a number that does not exist', 'FROM alpine\nFROM alpine\nCOPY --from=1 /a /a\n', 'code: line 3 of the Dockerfile copies from the stage 1, but there are only the stages 0 to 0 before it'],
  ])('%s', (_, dockerfile, message) => {
    expect(resultOf(dockerfile)).toContain(message);
    expect(resultOf(dockerfile)).toContain('[MicrovmCodeDockerfileInvalid at Test]');
  });
});

describe('a source that is not uploaded fails:', () => {
  const missing = (what: string) => `code: line 2 of the Dockerfile copies '${what}', which is not in the code; `;
  const files = ['requirements.in', 'app/settings.json', 'Server.js'];

  test.each<[string, string, string]>([
    ['a file that does not exist', 'COPY data.csv /', `${missing('data.csv')}add it to the code, or remove the line`],
    ['a file with a similar name', 'COPY requirements.on /', `${missing('requirements.on')}did you mean 'requirements.in'?`],
    ['a file in another directory', 'COPY settings.json /', `${missing('settings.json')}did you mean 'app/settings.json'?`],
    ['a file in other letters', 'COPY server.js /', `${missing('server.js')}did you mean 'Server.js'?`],
    ['one of several', 'COPY app Server.js package.json /x/', missing('package.json')],
    ['beside a pattern', 'COPY app package-lock.json* package.json /x/', missing('package.json')],
    ['a directory', 'ADD src /src', missing('src')],
    ['in the JSON form', 'COPY ["a b.txt", "/x"]', missing('a b.txt')],
    ['with the value of ENV', 'ENV D=nowhere\nCOPY ${D}/x /', "line 3 of the Dockerfile copies 'nowhere/x'"],
    ['with the default of ARG', 'ARG D=nowhere\nCOPY $D/x /', "copies 'nowhere/x'"],
    ['a bind mount', 'RUN --mount=type=bind,source=uv.lock,target=uv.lock true', missing('uv.lock')],
    ['a bind mount without a type', 'RUN --mount=src=uv.lock,dst=/uv.lock true', missing('uv.lock')],
    ['with --parents', 'COPY --parents app/./x.txt /', missing('app/./x.txt')],
    ['below a stage by a continued line', 'COPY \\\n  # why\n  gone.txt \\\n  /x', missing('gone.txt')],
  ])('%s', (_, instructions, message) => {
    expect(resultOf(`${FROM}${instructions}\n`, { files })).toContain(message);
    expect(resultOf(`${FROM}${instructions}\n`, { files })).toContain('[MicrovmCodeDockerfileSourceNotFound at Test]');
  });

  test('one of a stage that the image copies from', () => {
    expect(resultOf('FROM alpine AS a\nCOPY gone /\nFROM alpine\nRUN --mount=from=a,target=/x true\n')).toContain("line 2 of the Dockerfile copies 'gone'");
  });

  test('one that exists for one architecture only', () => {
    const dockerfile = 'FROM alpine\nARG TARGETARCH\nCOPY app-$TARGETARCH /app\n';
    expect(resultOf(dockerfile, { files: ['app-arm64'] })).toBe('fine');
    expect(resultOf(dockerfile, { files: ['app-arm64'], architectures: ['ARM_64', 'X86_64'] })).toContain("copies 'app-amd64'");
  });

  test('nothing, if the contents are not known', () => {
    expect(resultOf(`${FROM}COPY anything /\n`, { contents: { ...allOf([]), files: undefined } })).toBe('fine');
  });
});

describe('a pattern that matches nothing', () => {
  test('is a warning if nothing else is copied, because Docker continues', () => {
    expect(resultOf(`${FROM}COPY *.jar /\n`)).toMatch(/^warning: code: line 2 of the Dockerfile copies '\*\.jar', which matches no file of the code; see .*cdk-lambda-microvms:dockerfileCopiesNothing\]$/);
    expect(resultOf(`${FROM}COPY *.jar a /x/\n`, { files: ['a'] })).toBe('fine');
  });

  test('does not match across directories', () => {
    expect(resultOf(`${FROM}COPY *.jar /\n`, { files: ['target/a.jar'] })).toContain('matches no file');
    expect(resultOf(`${FROM}COPY **/*.jar /\n`, { files: ['target/a.jar'] })).toBe('fine');
  });
});

describe('a source that is left out fails with the fix:', () => {
  const directory = directoryWith({ 'Dockerfile': FROM, '.npmrc': '', 'package.json': '', 'certs/corp.crt': '', 'node_modules/a/index.js': '', 'docs/a.txt': '', 'tls/a.key': '', 'tls/README.md': '' });
  const contents = (...exclude: string[]) => collect(new Stack(), {
    directory, dockerfile: 'Dockerfile', exclude: ['docs', ...exclude], followsExternalLinks: false, files: {}, outputs: [],
  }).contents;

  test.each<[string, string, string]>([
    ['a file', 'COPY package.json .npmrc ./', "copies '.npmrc', which is left out by default (.npmrc); include it with exclude: ['!.npmrc']"],
    ['a file in a directory', 'COPY certs/corp.crt /etc/', "which is left out by default (*.crt); include it with exclude: ['!certs/corp.crt']"],
    ['a directory of which nothing is left', 'COPY certs /etc/', "which is left out by default (*.crt); include it with exclude: ['!certs/**']"],
    ['a directory that is left out', 'COPY node_modules /x/', "(node_modules); include it with exclude: ['!node_modules']"],
    ['a file in a directory that is left out', 'COPY node_modules/a/index.js /x/', "(node_modules); include it with exclude: ['!node_modules']"],
    ['one that the user leaves out', 'COPY docs/a.txt /x/', "which exclude leaves out (docs); include it with exclude: ['!docs']"],
    ['one of a bind mount', 'RUN --mount=type=bind,source=.npmrc,target=.npmrc true', "include it with exclude: ['!.npmrc']"],
  ])('%s', (_, instruction, message) => {
    const result = resultOf(`${FROM}${instruction}\n`, { contents: contents() });
    expect(result).toContain(message);
    expect(result).toContain('[MicrovmCodeDockerfileSourceNotFound at Test]');
    // The fix is right.
    const fix = /exclude: \['(.*)'\]/.exec(result)![1];
    expect(resultOf(`${FROM}${instruction}\n`, { contents: contents(fix) })).toBe('fine');
  });

  test('one that .dockerignore leaves out', () => {
    const ignored = { ...allOf(['Dockerfile']), leftOut: () => ({ pattern: 'docs', source: '.dockerignore' as const }) };
    expect(resultOf(`${FROM}COPY docs/a.txt /\n`, { contents: ignored })).toContain("copies 'docs/a.txt', which .dockerignore leaves out (docs); add the line !docs to it");
  });

  test('as a warning, if the pattern makes the file optional', () => {
    expect(resultOf(`${FROM}COPY package.json .npmrc* ./\n`, { contents: contents() })).toMatch(/^warning: code: line 2 .* copies '\.npmrc\*', which matches only '\.npmrc', which is left out by default/);
  });

  test.each([
    ['COPY .npmrc* ./', '.npmrc'],
    ['COPY certs/*.crt /etc/', 'certs/corp.crt'],
    ['COPY *_modules /x/', 'node_modules'],
    ['COPY t?s/a.k* /x/', 'tls/a.key'],
  ])('with the fix of each pattern: %s', (instruction, path) => {
    expect(resultOf(`${FROM}${instruction}\n`, { contents: contents() })).toContain(`which matches only '${path}', which is left out by default`);
    expect(resultOf(`${FROM}${instruction}\n`, { contents: contents() })).toContain(`include it with exclude: ['!${path}']`);
    expect(resultOf(`${FROM}${instruction}\n`, { contents: contents(`!${path}`) })).toBe('fine');
  });

  test('an empty directory, which the upload does not contain', () => {
    const empty = { ...allOf(['Dockerfile']), isEmptyDirectory: (path: string) => path === 'cache' };
    expect(resultOf(`${FROM}COPY cache /cache\n`, { contents: empty })).toContain("copies 'cache', an empty directory, and the upload contains no empty directories; use RUN mkdir instead");
  });

  test('not a directory of which a part is left', () => {
    expect(resultOf(`${FROM}COPY tls /tls\n`, { contents: contents() })).toBe('fine');
  });
});

describe('a platform', () => {
  test('of the final image that does not fit the architecture fails', () => {
    const message = 'code: line 1 of the Dockerfile is for the platform linux/amd64, but architectures of the image contains ARM_64; use a FROM line for linux/arm64, or change architectures '
      + '[MicrovmCodeDockerfilePlatformInvalid at Test]';
    expect(resultOf('FROM --platform=linux/amd64 python:3.12\n')).toBe(message);
    expect(resultOf('FROM --platform=linux/amd64 python:3.12 AS base\nFROM base\n')).toBe(message);
    expect(resultOf('FROM --platform=linux/amd64 python:3.12\n', { architectures: ['X86_64'] })).toBe('fine');
    expect(resultOf('ARG P=linux/x86_64\nFROM --platform=$P python:3.12\n')).toContain('linux/x86_64');
    expect(resultOf('FROM --platform=windows/amd64 x\n', { architectures: ['X86_64'] })).toContain('windows/amd64');
    expect(resultOf('FROM --platform=linux/arm/v7 x\n')).toContain('linux/arm/v7');
  });

  test('must fit all architectures of an image', () => {
    expect(resultOf('FROM --platform=linux/arm64 x\n', { architectures: ['ARM_64', 'X86_64'] })).toContain('but architectures of the image contains X86_64');
  });

  test('of another stage is a warning if the stage runs programs', () => {
    const dockerfile = 'FROM --platform=linux/amd64 node AS build\nRUN npm ci\nFROM alpine\nCOPY --from=build /x /x\n';
    expect(resultOf(dockerfile)).toMatch(/^warning: code: line 1 .*is for linux\/amd64, but the image is for linux\/arm64; .*cdk-lambda-microvms:dockerfilePlatformDiffers\]$/);
  });

  test('is also that of an image for one processor', () => {
    expect(resultOf('FROM amd64/python:3.12\n')).toContain('line 1 of the Dockerfile is for the platform linux/amd64');
    expect(resultOf('FROM docker.io/arm32v7/python\n')).toContain('linux/arm/v7');
    expect(resultOf('FROM arm64v8/python\n', { architectures: ['X86_64'] })).toContain('linux/arm64, but architectures of the image contains X86_64');
    expect(resultOf('FROM arm64v8/python\n')).toBe('fine');
    expect(resultOf('FROM ghcr.io/amd64/python\n')).toBe('fine');
  });

  test('in a tag is a warning, because the tag may mean something else', () => {
    expect(resultOf('FROM public.ecr.aws/lambda/python:3.12-x86_64\n')).toMatch(/^warning: code: line 1 .*is for x86_64, but the image is for linux\/arm64.*cdk-lambda-microvms:dockerfilePlatformDiffers\]$/);
    expect(resultOf('FROM public.ecr.aws/lambda/python:3.12-arm64\n')).toBe('fine');
    expect(resultOf('FROM x:1-amd64 AS files\nFROM alpine\nCOPY --from=files /a /a\n')).toBe('fine');
  });
});

describe('a mount of', () => {
  test.each([
    ['a secret', 'type=secret,id=npm', "mounts the secret 'npm', which builds of the service do not have"],
    ['a secret as a variable', 'type=secret,id=npm,env=TOKEN', "the secret 'npm'"],
    ['an SSH agent', 'type=ssh', 'mounts an SSH agent'],
    ['an optional secret', 'type=secret,id=npm,required=false', 'mounts the secret'],
  ])('%s is a warning, because the instruction runs without', (_, mount, message) => {
    expect(resultOf(`${FROM}RUN --mount=${mount} true\n`)).toMatch(/^warning: code: line 2 .*cdk-lambda-microvms:dockerfileSecretMissing\]$/);
    expect(resultOf(`${FROM}RUN --mount=${mount} true\n`)).toContain(message);
  });

  test.each(['type=secret,id=npm,required=true', 'type=secret,id=npm,required', 'type=ssh,required=true'])('a required one fails: %s', mount => {
    expect(resultOf(`${FROM}RUN --mount=${mount} true\n`)).toMatch(/requires .*, which builds of the service do not have; .* \[MicrovmCodeDockerfileSecretMissing at Test\]$/);
  });
});

describe('the port of hooks', () => {
  test.each<[string, string, boolean]>([
    ['nothing exposed', '', true],
    ['exposed', 'EXPOSE 8080', true],
    ['exposed with others', 'EXPOSE 80\nEXPOSE 8080/tcp 90', true],
    ['in a range', 'EXPOSE 8000-8100', true],
    ['in a variable', 'ENV PORT=8080\nEXPOSE $PORT', true],
    ['in a variable of the base image', 'EXPOSE $PORT', true],
    ['another port', 'EXPOSE 3000', false],
    ['UDP only', 'EXPOSE 8080/udp', false],
    ['a variable with another port', 'ARG P=3000\nEXPOSE ${P}', false],
  ])('%s', (_, instructions, isFine) => {
    const result = resultOf(`${FROM}${instructions}\n`, { hooksPort: 8080 });
    expect(result).toMatch(isFine ? /^fine$/ : /^warning: code: line \d of the Dockerfile exposes .*, but hooks\.port is 8080; .*cdk-lambda-microvms:dockerfileHooksPortNotExposed\]$/);
  });

  test('is looked for in the stages that the image is built on, not in others', () => {
    expect(resultOf('FROM alpine AS base\nEXPOSE 8080\nFROM base\nEXPOSE 90\n', { hooksPort: 8080 })).toBe('fine');
    expect(resultOf('FROM alpine AS build\nEXPOSE 90\nFROM alpine\nCOPY --from=build / /\n', { hooksPort: 8080 })).toBe('fine');
  });
});

test('a stage that is named before it begins is a warning', () => {
  expect(resultOf('FROM alpine\nCOPY --from=build /a /a\nFROM alpine AS build\nFROM alpine\nCOPY --from=0 /a /a\n'))
    .toMatch(/^warning: code: line 2 .*copies from 'build', which is not an earlier stage.*cdk-lambda-microvms:dockerfileStageLater\]$/);
});

test('the images that a build pulls are those of the stages that it needs', () => {
  expect(pulledBy('ARG V=3\nFROM a:$V AS x\nFROM unused\nFROM scratch\nFROM x\nCOPY --from=x / /\nCOPY --from=b:1 / /\nRUN --mount=from=c,target=/c true\n'))
    .toEqual(['a:3', 'b:1', 'c']);
});
