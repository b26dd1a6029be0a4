import { LambdaMicrovmsClient } from '@aws-sdk/client-lambda-microvms';
import type { WorkflowDependencies } from './workflow';
import { LAUNCH_REQUEST_VARIABLE } from '../../contract/workflow';
import { CallLimits, CLIENT_SETTINGS, WORK_LIMIT } from '../engine/calls';
import { SYSTEM_CLOCK } from '../engine/clock';
import type { LaunchRequest } from '../microvm/launch';
import { MicrovmClient } from '../microvm/service';

/** Creates the dependencies of a deployed function, which uses its own role. */
export function workflowDependencies(): WorkflowDependencies {
  const limits = new CallLimits(SYSTEM_CLOCK, SYSTEM_CLOCK.now() + WORK_LIMIT);
  return {
    clock: SYSTEM_CLOCK,
    microvms: new MicrovmClient(new LambdaMicrovmsClient(CLIENT_SETTINGS), limits, SYSTEM_CLOCK),
    request: JSON.parse(process.env[LAUNCH_REQUEST_VARIABLE]!) as LaunchRequest,
  };
}
