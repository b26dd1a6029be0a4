import * as path from 'path';

export const REPOSITORY = path.resolve(__dirname, '..', '..');
export const INTEG = path.join(REPOSITORY, 'integ');

/**
 * Output of this program. The virtual environment and the Maven repository are kept between runs. Not under version
 * control.
 */
export const CACHE = path.join(REPOSITORY, '.cache', 'bindings');
export const PACKAGES = path.join(CACHE, 'packages');
export const TEMPLATES = path.join(CACHE, 'templates');
