import { awsWorld } from './aws';
import { createHandler } from './handler';
import type { LaunchedMicrovm, WorkflowEvent } from '../contract/workflow';
import { workflowWorld } from './workflow/aws';
import { work } from './workflow/workflow';

/** Of the provider: both of its handlers. */
export const handler = createHandler(awsWorld);

/** Of the states of a workflow. */
export const workflow = async (event: WorkflowEvent): Promise<LaunchedMicrovm> => work(event, workflowWorld());
