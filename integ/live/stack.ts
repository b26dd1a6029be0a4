import type { CloudFormationClient, Stack } from '@aws-sdk/client-cloudformation';
import { DescribeStacksCommand } from '@aws-sdk/client-cloudformation';

/** @returns undefined if no stack has this name or ID. */
export async function findStack(client: CloudFormationClient, StackName: string): Promise<Stack | undefined> {
  const { Stacks: [stack] = [] } = await client.send(new DescribeStacksCommand({ StackName })).catch(missing);
  return stack;
}

function missing(error: Error): { Stacks: never[] } {
  if (!error.message.includes('does not exist')) throw error;
  return { Stacks: [] };
}
