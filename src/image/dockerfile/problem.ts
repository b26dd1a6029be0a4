import type { SynthesisErrorCode, SynthesisWarningCode } from '../../contract/diagnostics';

/** What is wrong with a Dockerfile: an error if it cannot work, and a warning if it may. */
export interface Problem {
  readonly line?: number;
  readonly error?: SynthesisErrorCode;
  readonly warning?: SynthesisWarningCode;
  /** Continues "line 3 of the Dockerfile". */
  readonly text: string;
}

/** The message of a problem. */
export function messageOf({ line, text }: Problem): string {
  return `code: ${line === undefined ? '' : `line ${line} of `}the Dockerfile ${text}`;
}
