import { directoryWith } from './directories';

/** Stands for src/private/bundle.ts: tests of constructs need no handler, and their asset hashes do not change with it. */
export const HANDLER_FILE = 'index.js';
export const HANDLER_BUNDLE = directoryWith({ [HANDLER_FILE]: 'exports.handler = () => {};' });
