import * as path from 'path';

/** Where the local AWS keeps what outlives one run: the virtual environment and logs. Not under version control. */
export const CACHE_DIRECTORY = path.resolve(__dirname, '..', '..', '.cache', 'local-aws');
