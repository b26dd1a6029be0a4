import type * as ecr from 'aws-cdk-lib/aws-ecr';
import type { Construct } from 'constructs';
import { archiveAsset } from './code-archive';
import type { LocatedCode } from './code-config';
import { assetLocation } from './code-config';
import { DOCKERFILE } from './code-dockerfile';
import { fileInFile, isArchivePath } from './code-paths';
import { allOf } from './dockerfile/contents';
import { imageUri } from './ecr-image';
import { ValidationError } from '../private/errors';
import { textAtSynth } from '../private/text-at-synth';

/** Locates code that is given as texts, which become an asset. */
export function inlineCode(scope: Construct, dockerfile: string, files: Readonly<Record<string, string>>): LocatedCode {
  if (dockerfile.trim() === '') fail(scope, 'the Dockerfile is empty; pass its text, which needs a FROM line');
  for (const name of Object.keys(files)) {
    if (name === DOCKERFILE || !isArchivePath(name)) {
      fail(scope, `'${name}' is not a valid path of a file; use a relative path such as 'app/server.js', other than '${DOCKERFILE}'`);
    }
  }
  const texts = Object.entries({ ...files, [DOCKERFILE]: dockerfile }).map(([name, text]) => ({ path: name, text: textOf(scope, name, text) }));
  const paths = texts.map(({ path }) => path);
  const conflict = fileInFile(paths);
  if (conflict) fail(scope, `'${conflict.file}' is a file, so it cannot contain '${conflict.other}'; rename one of them`);
  const asset = archiveAsset(scope, texts.map(({ path, text }) => ({ path, source: { text }, executable: false })));
  return { config: assetLocation(asset), dockerfile: { text: texts.find(({ path }) => path === DOCKERFILE)!.text, contents: allOf(paths) } };
}

/** Locates code that consists of an image in a private repository. */
export function ecrImageCode(scope: Construct, repository: ecr.IRepositoryRef, tagOrDigest: string): LocatedCode {
  const { config, dockerfile } = inlineCode(scope, `FROM ${imageUri(scope, repository, tagOrDigest)}\n`, {});
  return { config: { ...config, repositories: [repository] }, dockerfile };
}

function textOf(scope: Construct, name: string, text: string): string {
  return textAtSynth(scope, text)
    ?? fail(scope, `'${name}' contains a token, whose value is known only during the deployment; pass this value in environment, or set env on the stack `
      + 'if it is the account or the Region; for an image in ECR, use MicrovmCode.fromEcrImage()');
}

function fail(scope: Construct, message: string): never {
  throw new ValidationError('MicrovmCodeInlineInvalid', `code: ${message}`, scope);
}
