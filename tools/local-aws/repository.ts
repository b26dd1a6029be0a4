import * as path from 'path';

/** Where the local AWS keeps its virtual environment and logs between runs. Not under version control. */
export const CACHE_DIRECTORY = path.resolve(__dirname, '..', '..', '.cache', 'local-aws');
