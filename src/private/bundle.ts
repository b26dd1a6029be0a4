import * as path from 'path';

/** Where the handler is, with its SDK: from src and from lib alike. */
export const HANDLER_BUNDLE = path.join(__dirname, '..', '..', 'lib', 'handlers');

/** The file in it. */
export const HANDLER_FILE = 'index.js';
