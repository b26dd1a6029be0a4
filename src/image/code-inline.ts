import { Token } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { archiveAsset } from './code-archive';
import type { MicrovmCodeConfig } from './code-config';
import { assetLocation } from './code-config';
import { DOCKERFILE } from './code-dockerfile';
import { fileInFile, isArchivePath } from './code-paths';
import { ValidationError } from '../private/errors';

/** Returns the location of code that is given as texts, which become an asset. */
export function inlineCode(scope: Construct, dockerfile: string, files: Readonly<Record<string, string>>): MicrovmCodeConfig {
  if (typeof dockerfile !== 'string' || dockerfile.trim() === '') fail(scope, 'the Dockerfile is empty; pass its text, which needs a FROM line');
  for (const [name, text] of Object.entries(files)) {
    if (name === DOCKERFILE || !isArchivePath(name)) {
      fail(scope, `'${name}' is not a valid path of a file; use a relative path such as 'app/server.js', other than '${DOCKERFILE}'`);
    }
    if (typeof text !== 'string') fail(scope, `the text of '${name}' is ${JSON.stringify(text)}; pass a text`);
    requirePlainText(scope, name, text);
  }
  requirePlainText(scope, DOCKERFILE, dockerfile);
  const texts = { ...files, [DOCKERFILE]: dockerfile };
  const conflict = fileInFile(Object.keys(texts));
  if (conflict) fail(scope, `'${conflict.file}' is a file, so that there can be no '${conflict.other}'; rename one of them`);
  return assetLocation(archiveAsset(scope, Object.entries(texts).map(([name, text]) => ({ path: name, source: { text }, executable: false }))));
}

function requirePlainText(scope: Construct, name: string, text: string): void {
  if (Token.isUnresolved(text)) fail(scope, `'${name}' contains a token, whose value is known only during the deployment; pass this value in environment`);
}

function fail(scope: Construct, message: string): never {
  throw new ValidationError('MicrovmCodeInlineInvalid', `code: ${message}`, scope);
}
