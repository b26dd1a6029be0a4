import type { IConstruct } from 'constructs';

/**
 * Context keys that turn conditions off which nobody has verified against live AWS. They are part of the public API.
 * Each one opens as little as possible; docs/guides/security.md says what.
 */
export type ConditionSwitch = 'cdk-lambda-microvms:tagConditions' | 'cdk-lambda-microvms:placementConditions';

/** Whether the context of a construct turns conditions off. On the command line, `false` is a text. */
export function isOff(scope: IConstruct, key: ConditionSwitch): boolean {
  const context: unknown = scope.node.tryGetContext(key);
  return context === false || context === 'false';
}
