/** What a stack is doing. `unknown`: CloudFormation denied the call or did not answer. */
export type Phase = 'forward' | 'rollback' | 'cleanup' | 'delete' | 'idle' | 'unknown';

/** What CloudFormation shows about the stack and one resource. Members that it did not show are absent. */
export interface StackView {
  /** Whether a later call may show more, for example because CloudFormation limits the rate of calls. */
  readonly isIncomplete?: boolean;
  readonly stackStatus?: string;
  /** Start of the stack's current or last operation, in ISO 8601. */
  readonly stackTime?: string;
  readonly resourceStatus?: string;
  /** When the resource got this status, in ISO 8601. */
  readonly resourceTime?: string;
  /** Whether CloudFormation says that the stack does not have this resource. */
  readonly resourceIsAbsent?: boolean;
  readonly physicalId?: string;
}

/** Whether the view shows a stack operation that has not ended. */
export function isInProgress({ stackStatus }: StackView): boolean {
  return stackStatus !== undefined && phaseOf(stackStatus) !== 'idle';
}

export function phaseOf(stackStatus: string | undefined): Phase {
  if (stackStatus === undefined) return 'unknown';
  if (!stackStatus.endsWith('_IN_PROGRESS')) return 'idle';
  if (stackStatus.includes('ROLLBACK')) return 'rollback';
  if (stackStatus === 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS') return 'cleanup';
  return stackStatus === 'DELETE_IN_PROGRESS' ? 'delete' : 'forward';
}
