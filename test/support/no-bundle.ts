import { directoryWith } from './directories';

/**
 * Replaces src/private/bundle.ts: tests of constructs need no handler, and their asset hashes must not depend on it.
 */
export const HANDLER_FILE = 'index.js';
export const HANDLER_BUNDLE = directoryWith({ [HANDLER_FILE]: 'exports.handler = () => {};' });
