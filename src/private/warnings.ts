import { Annotations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import type { SynthesisWarningCode } from '../contract/diagnostics';

/** Something may be wrong. A user who knows that it is not acknowledges the code. */
export function warn(code: SynthesisWarningCode, message: string, scope: IConstruct): void {
  Annotations.of(scope).addWarningV2(code, message);
}
