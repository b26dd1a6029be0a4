import type { Stack } from 'aws-cdk-lib';

/** Returns the stack and those in which it is nested, the innermost first. */
export function stacksAround(stack: Stack): Stack[] {
  return stack.nestedStackParent ? [stack, ...stacksAround(stack.nestedStackParent)] : [stack];
}

/** Returns the stack that is deployed together with those that are nested in it. */
export function outermost(stack: Stack): Stack {
  return stacksAround(stack).at(-1)!;
}
