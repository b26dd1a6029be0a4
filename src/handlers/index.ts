import { awsDependencies } from './aws';
import { createHandler } from './handler';
import type { LaunchedMicrovm, WorkflowEvent } from '../contract/workflow';
import { workflowDependencies } from './workflow/aws';
import { work } from './workflow/workflow';

/** Both handlers of the provider. */
export const handler = createHandler(awsDependencies);

/** The function of state machine fragments. */
export const workflow = async (event: WorkflowEvent): Promise<LaunchedMicrovm> => work(event, workflowDependencies());
