import { createHash } from 'crypto';
import { Names } from 'aws-cdk-lib';
import type { CfnStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { shortHash } from '../private/names';

const MAX_PREFIX = 40;
const MAX_STATE_MACHINE_NAME = 80;

/**
 * Returns the beginning of the names of all state machines of a network team, and of their executions. Policies need
 * it, because the names that CloudFormation generates for state machines do not contain the name of the stack.
 */
export function stateMachinePrefix(networkTeamPath: string): string {
  const words = networkTeamPath.slice(1, -1).replace(/[^A-Za-z0-9]+/g, '-');
  if (words.length < MAX_PREFIX) return `${words}-`;
  return `${words.slice(0, MAX_PREFIX - 9)}${createHash('sha256').update(networkTeamPath).digest('hex').slice(0, 8)}-`;
}

/** Names a state machine of the team, unless it has a name. */
export function nameStateMachine(stateMachine: CfnStateMachine, networkTeamPath: string): void {
  if (stateMachine.stateMachineName !== undefined) return;
  const prefix = stateMachinePrefix(networkTeamPath);
  const hash = shortHash(stateMachine, stateMachine.stack.stackName, stateMachine.node.addr);
  const maxLength = MAX_STATE_MACHINE_NAME - prefix.length - hash.length - 1;
  stateMachine.stateMachineName = `${prefix}${Names.uniqueResourceName(stateMachine, { maxLength, separator: '-' })}-${hash}`;
}
