import * as fs from 'fs';
import * as path from 'path';
import * as assets from 'aws-cdk-lib/aws-s3-assets';
import type { Construct } from 'constructs';
import type { MicrovmCodeConfig } from './code-config';
import { assetLocation } from './code-config';
import { DOCKERFILE } from './code-dockerfile';
import { ValidationError } from '../private/errors';
import { zipEntryNames } from '../private/zip';

/** Returns the location of code from a ZIP file, which becomes an asset. */
export function zipCode(scope: Construct, given: string): MicrovmCodeConfig {
  const file = path.resolve(given ?? '');
  if (!fs.existsSync(file) || !fs.statSync(file).isFile()) {
    throw new ValidationError('MicrovmCodeNotFound',
      `code: '${given}' is not a file (looked for ${file}); pass the path of a ZIP file`, scope);
  }
  const names = zipEntryNames(file);
  if (names === undefined) {
    throw new ValidationError('MicrovmCodeNotZip', `code: '${given}' is not a ZIP file; zip it, or use MicrovmCode.fromDirectory()`, scope);
  }
  if (!names.includes(DOCKERFILE)) {
    const nearest = names.find(name => path.posix.basename(name).toLowerCase() === DOCKERFILE.toLowerCase());
    throw new ValidationError('MicrovmCodeDockerfileNotFound',
      `code: '${given}' has no Dockerfile at its root${nearest ? `, only '${nearest}'` : ''}; zip the contents of the directory, not the directory`, scope);
  }
  return assetLocation(new assets.Asset(scope, 'Code', { path: file }));
}
