import type { DeploymentErrorCode } from '../../contract/diagnostics';
import type { LaunchedMicrovm, WorkflowEvent } from '../../contract/workflow';
import type { Clock } from '../engine/control-plane';
import { sortOf } from '../engine/errors';
import type { LaunchRequest } from '../microvm/launch';
import { isAlive } from '../microvm/observed';
import type { MicrovmService } from '../microvm/service';

/** What a workflow's function needs of the world. */
export interface WorkflowWorld {
  readonly clock: Clock;
  readonly microvms: Pick<MicrovmService, 'launch' | 'microvm' | 'terminate'>;
  readonly request: LaunchRequest;
}

/** What a state of a workflow asks for. Its states retry what may pass; each action can be repeated. */
export async function work(event: WorkflowEvent, world: WorkflowWorld): Promise<LaunchedMicrovm> {
  switch (event.action) {
    case 'launch': return launch(event, world);
    case 'look': return look(event, world);
    case 'terminate': return terminate(event, world);
  }
}

async function launch(event: WorkflowEvent, { clock, microvms, request }: WorkflowWorld): Promise<LaunchedMicrovm> {
  const { token } = event.microvm;
  const { id } = await microvms.launch(requestOf(event, request), token);
  return { token, microvmId: id, state: 'PENDING', launchedAt: clock.now() };
}

/** Fails when there is nothing to wait for any more. */
async function look({ microvm, timeout = 120 }: WorkflowEvent, { clock, microvms }: WorkflowWorld): Promise<LaunchedMicrovm> {
  const { microvmId: id = '', launchedAt = clock.now() } = microvm;
  const found = await microvms.microvm(id);
  if (found !== 'absent' && !isAlive(found)) throw named('MicrovmEndedEarly', `MicroVM ${id} ended early: ${found.stateReason ?? 'the service gives no reason'}`);
  const isRunning = found !== 'absent' && found.state !== 'PENDING';
  if (!isRunning && clock.now() > launchedAt + timeout * 1000) {
    throw named('MicrovmLaunchTimedOut', `MicroVM ${id} does not run ${timeout} seconds after its launch; give it more time by launchTimeout`);
  }
  return found === 'absent' ? microvm : { ...microvm, endpoint: found.endpoint, imageVersion: found.imageVersion, state: found.state };
}

/** By its token if its id never arrived: the same token gives the same MicroVM, and what the service refuses now has launched nothing. */
async function terminate(event: WorkflowEvent, { microvms, request }: WorkflowWorld): Promise<LaunchedMicrovm> {
  const { microvm } = event;
  try {
    const { id } = microvm.microvmId === undefined ? await microvms.launch(requestOf(event, request), microvm.token) : { id: microvm.microvmId };
    await microvms.terminate(id);
  } catch (error) {
    if (sortOf(error) !== 'notFound' && sortOf(error) !== 'invalid') throw error;
  }
  return microvm;
}

function requestOf({ payload }: WorkflowEvent, request: LaunchRequest): LaunchRequest {
  return payload === undefined ? request : { ...request, runHookPayload: payload } as LaunchRequest;
}

/** States tell errors apart by their names, and show them beside the message. */
function named(name: DeploymentErrorCode, message: string): Error {
  return Object.assign(new Error(message), { name });
}
