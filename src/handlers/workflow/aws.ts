import { LambdaMicrovmsClient } from '@aws-sdk/client-lambda-microvms';
import type { WorkflowWorld } from './workflow';
import { LAUNCH_REQUEST_VARIABLE } from '../../contract/workflow';
import { CallLimits, CLIENT_SETTINGS, SYSTEM_CLOCK, WORK_LIMIT } from '../engine/control-plane';
import type { LaunchRequest } from '../microvm/launch';
import { MicrovmClient } from '../microvm/service';

/** The world as a deployed function finds it, with its own role. */
export function workflowWorld(): WorkflowWorld {
  const limits = new CallLimits(SYSTEM_CLOCK, SYSTEM_CLOCK.now() + WORK_LIMIT);
  return {
    clock: SYSTEM_CLOCK,
    microvms: new MicrovmClient(new LambdaMicrovmsClient(CLIENT_SETTINGS), limits, SYSTEM_CLOCK),
    request: JSON.parse(process.env[LAUNCH_REQUEST_VARIABLE]!) as LaunchRequest,
  };
}
