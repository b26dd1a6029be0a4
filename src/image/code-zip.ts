import * as fs from 'fs';
import * as path from 'path';
import * as assets from 'aws-cdk-lib/aws-s3-assets';
import type { Construct } from 'constructs';
import type { LocatedCode } from './code-config';
import { assetLocation } from './code-config';
import { DOCKERFILE, likeliestDockerfile } from './code-dockerfile';
import { allOf } from './dockerfile/contents';
import { ValidationError } from '../private/errors';
import { zipEntries, zipEntryText } from '../private/zip';

/** Locates code in a ZIP file, which becomes an asset. */
export function zipCode(scope: Construct, given: string): LocatedCode {
  const file = path.resolve(given);
  if (!fs.existsSync(file) || !fs.statSync(file).isFile()) {
    throw new ValidationError('MicrovmCodeNotFound',
      `code: '${given}' is not a file (looked for ${file}); pass the path of a ZIP file`, scope);
  }
  const entries = zipEntries(file);
  if (entries === undefined) {
    throw new ValidationError('MicrovmCodeNotZip', `code: '${given}' is not a ZIP file; zip it, or use MicrovmCode.fromDirectory()`, scope);
  }
  const names = entries.map(({ name }) => name);
  const dockerfile = entries.find(({ name }) => name === DOCKERFILE);
  if (dockerfile === undefined) {
    const likely = likeliestDockerfile(names);
    throw new ValidationError('MicrovmCodeDockerfileNotFound',
      `code: '${given}' has no Dockerfile at its root${likely ? `, only '${likely}'` : ''}; zip the contents of the directory, not the directory`, scope);
  }
  const text = zipEntryText(file, dockerfile);
  return {
    config: assetLocation(new assets.Asset(scope, 'Code', { path: file })),
    dockerfile: text === undefined ? undefined : { text, contents: allOf(names) },
  };
}
