import * as path from 'path';

export const REPOSITORY = path.resolve(__dirname, '..', '..');
export const INTEG = path.join(REPOSITORY, 'integ');

/** What is made here; what outlives a run are Python's virtual environment and Maven's repository. Not under version control. */
export const CACHE = path.join(REPOSITORY, '.cache', 'bindings');
export const PACKAGES = path.join(CACHE, 'packages');
export const TEMPLATES = path.join(CACHE, 'templates');
