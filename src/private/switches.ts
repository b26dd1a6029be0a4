import type { IConstruct } from 'constructs';

/**
 * Context keys that weaken conditions that nobody has verified against live AWS. They are part of the public API. Each
 * one permits as little as possible in addition; docs/guides/security.md says what.
 */
export type ConditionSwitch = 'cdk-lambda-microvms:tagConditions' | 'cdk-lambda-microvms:placementConditions';

/** Whether the context of a construct weakens conditions. On the command line, `false` is a text. */
export function isOff(scope: IConstruct, key: ConditionSwitch): boolean {
  const context: unknown = scope.node.tryGetContext(key);
  return context === false || context === 'false';
}
