import { createHash } from 'crypto';
import * as fs from 'fs';
import * as path from 'path';
import { HANDLER_BUNDLE, HANDLER_FILE } from './bundle';

/** A copy of this library. An app has several if its dependencies bring their own. */
export interface LibraryCopy {
  readonly version: string;
  /** The directory of the package. */
  readonly location: string;
  /** A hash of the code of the handler. It is read on demand, because most apps have one copy. */
  bundleHash(): string;
}

const LOCATION = path.join(__dirname, '..', '..');

/** The copy that contains this module. */
export const THIS_COPY: LibraryCopy = {
  get version(): string {
    return JSON.parse(fs.readFileSync(path.join(LOCATION, 'package.json'), 'utf8')).version;
  },
  location: LOCATION,
  bundleHash: () => createHash('sha256').update(fs.readFileSync(path.join(HANDLER_BUNDLE, HANDLER_FILE))).digest('hex'),
};
