import { createHandler } from './handler';
import { awsWorld } from './world';

export const handler = createHandler(awsWorld);
