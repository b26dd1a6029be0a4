import * as path from 'node:path';

/** The text of the service models that the library was checked against. */
export const SERVICE_MODEL_FILE = path.join(__dirname, '..', '..', 'docs', 'design', 'service-model.txt');
