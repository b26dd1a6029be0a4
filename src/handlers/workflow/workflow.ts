import type { DeploymentErrorCode } from '../../contract/diagnostics';
import { addressOf } from '../../contract/diagnostics';
import type { LaunchedMicrovm, WorkflowEvent } from '../../contract/workflow';
import { DEFAULT_LAUNCH_TIMEOUT_SECONDS } from '../../contract/workflow';
import type { Clock } from '../engine/clock';
import { classify } from '../engine/errors';
import type { LaunchRequest } from '../microvm/launch';
import { isAlive } from '../microvm/observed';
import type { MicrovmService } from '../microvm/service';

/** What the function of a state machine fragment depends on. Tests pass fakes. */
export interface WorkflowDependencies {
  readonly clock: Clock;
  readonly microvms: Pick<MicrovmService, 'launch' | 'microvm' | 'terminate'>;
  readonly request: LaunchRequest;
}

/** Performs the action of one state. The states retry transient errors, and each action can be repeated. */
export async function work(event: WorkflowEvent, dependencies: WorkflowDependencies): Promise<LaunchedMicrovm> {
  switch (event.action) {
    case 'launch': return launch(event, dependencies);
    case 'describe': return describe(event, dependencies);
    case 'terminate': return terminate(event, dependencies);
  }
}

async function launch(event: WorkflowEvent, { clock, microvms, request }: WorkflowDependencies): Promise<LaunchedMicrovm> {
  const { token } = event.microvm;
  const { id } = await microvms.launch(requestOf(event, request), token);
  return { token, microvmId: id, state: 'PENDING', launchedAt: clock.now() };
}

/** Describes the MicroVM. Fails if it has terminated, or does not run in time. */
async function describe(event: WorkflowEvent, { clock, microvms }: WorkflowDependencies): Promise<LaunchedMicrovm> {
  const { microvm, timeout = DEFAULT_LAUNCH_TIMEOUT_SECONDS } = event;
  const { microvmId: id = '', launchedAt = clock.now() } = microvm;
  const found = await microvms.microvm(id);
  if (found !== 'absent' && !isAlive(found)) {
    throw workflowError('MicrovmTerminatedEarly', `MicroVM ${id} terminated early: ${found.stateReason ?? 'the service gave no reason'}`);
  }
  const isRunning = found !== 'absent' && found.state !== 'PENDING';
  if (!isRunning && clock.now() > launchedAt + timeout * 1000) {
    throw workflowError('MicrovmLaunchTimedOut',
      `MicroVM ${id} does not run ${timeout} seconds after its launch; to wait longer, increase launchTimeout`);
  }
  return found === 'absent' ? microvm : { ...microvm, endpoint: found.endpoint, imageVersion: found.imageVersion, state: found.state };
}

/**
 * Terminates the MicroVM, by its token if its ID never arrived: the same token gives the same MicroVM.
 *
 * A launch that the service rejects now launched nothing.
 */
async function terminate(event: WorkflowEvent, { microvms, request }: WorkflowDependencies): Promise<LaunchedMicrovm> {
  const { microvm } = event;
  try {
    const { id } = microvm.microvmId === undefined ? await microvms.launch(requestOf(event, request), microvm.token) : { id: microvm.microvmId };
    await microvms.terminate(id);
  } catch (error) {
    if (classify(error) !== 'notFound' && classify(error) !== 'invalid') throw error;
  }
  return microvm;
}

function requestOf({ payload: given, microvm }: WorkflowEvent, request: LaunchRequest): LaunchRequest {
  const payload = given ?? microvm.payload;
  if (payload === undefined) return request;
  return { ...request, runHookPayload: typeof payload === 'string' ? payload : JSON.stringify(payload) } as LaunchRequest;
}

/** State machines distinguish errors by name. */
function workflowError(name: DeploymentErrorCode, message: string): Error {
  return Object.assign(new Error(`${message}\n${addressOf(name)}`), { name });
}
