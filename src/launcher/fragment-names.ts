import { Stack } from 'aws-cdk-lib';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import { ValidationError } from '../private/errors';
import { shortHash } from '../private/names';

/** The limit of Step Functions, in characters. */
const LONGEST_STATE_NAME = 80;
/** The longest part that a fragment adds to the prefix, and a number that is easy to remember. */
const LONGEST_PREFIX = 50;

/**
 * Returns the path of a fragment in its stack, for the names of its states. They must be unique in a state machine,
 * which may contain several fragments with one ID in different scopes.
 */
export function stateNamePrefix(fragment: Construct): string {
  const path = fragment.node.path.slice(Stack.of(fragment).node.path.length).replace(/^\//, '');
  if (path.length <= LONGEST_PREFIX) return path;
  const hash = shortHash(fragment, path);
  return `${path.slice(0, LONGEST_PREFIX - hash.length - 1)}-${hash}`;
}

/** Returns an error if the user's own prefix (`prefixStates`, `toSingleState`) makes a name too long. */
export function longStateNames(fragment: sfn.StateMachineFragment): string[] {
  const [long] = fragment.node.findAll().filter(construct => construct instanceof sfn.State)
    .map(state => state.stateId)
    .filter(name => name.length > LONGEST_STATE_NAME);
  return long === undefined ? [] : [new ValidationError('MicrovmStateMachineFragmentInvalid',
    `prefixStates: the state '${long}' has a name of ${long.length} characters; Step Functions accepts ${LONGEST_STATE_NAME}, so use a shorter prefix or construct ID`,
    fragment).message];
}
