import { Annotations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import type { SynthesisWarningCode } from '../contract/diagnostics';
import { addressOf } from '../contract/diagnostics';

/** Warns of something that is often a mistake. Users who know that it is correct acknowledge the code. */
export function warn(code: SynthesisWarningCode, message: string, scope: IConstruct): void {
  Annotations.of(scope).addWarningV2(code, `${message}; see ${addressOf(code)}`);
}

/**
 * Warns during validation, when acknowledgements already exist. aws-cdk-lib then considers only those of the constructs
 * around the one with the warning. So a child gets the warning, and an acknowledgement of the scope counts.
 */
export function warnLate(code: SynthesisWarningCode, message: string, scope: IConstruct): void {
  warn(code, message, scope.node.defaultChild ?? scope.node.children[0] ?? scope);
}
