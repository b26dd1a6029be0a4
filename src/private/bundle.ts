import * as path from 'path';

/**
 * The directory of the bundled handler. The path is the same from src and from lib.
 *
 * This module is separate from handler-function.ts, so that tests can replace it by test/support/no-bundle.ts.
 */
export const HANDLER_BUNDLE = path.join(__dirname, '..', '..', 'lib', 'handlers');

/** The only file in that directory that is deployed. */
export const HANDLER_FILE = 'index.js';
