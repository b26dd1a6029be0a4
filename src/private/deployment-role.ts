import type { Stack } from 'aws-cdk-lib';
import { DefaultStackSynthesizer } from 'aws-cdk-lib';

/**
 * Returns the ARN of the role with which CloudFormation deploys a stack, with placeholders as in `Fn::Sub`. A nested
 * stack has the role of its parent. Undefined if the app does not know it.
 */
export function deploymentRoleArn({ nestedStackParent, synthesizer }: Stack): string | undefined {
  if (nestedStackParent) return deploymentRoleArn(nestedStackParent);
  return synthesizer instanceof DefaultStackSynthesizer ? synthesizer.cloudFormationExecutionRoleArn : undefined;
}
