import { createHandler } from './handler';
import type { LaunchedMicrovm, WorkflowEvent } from './workflow/contract';
import { work } from './workflow/workflow';
import { workflowWorld } from './workflow/world';
import { awsWorld } from './world';

/** Of the provider: both of its handlers. */
export const handler = createHandler(awsWorld);

/** Of the states of a workflow. */
export const workflow = async (event: WorkflowEvent): Promise<LaunchedMicrovm> => work(event, workflowWorld());
