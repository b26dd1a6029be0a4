import { CloudWatchLogsClient, paginateDescribeLogGroups } from '@aws-sdk/client-cloudwatch-logs';
import { IAMClient, paginateListRoles } from '@aws-sdk/client-iam';
import { LambdaClient, paginateListFunctions } from '@aws-sdk/client-lambda';
import { LOCAL_CREDENTIALS } from '../aws/environment';
import type { LocalAws } from '../aws/local-aws';

/** What a stack has left in the local AWS after it was destroyed. */
export async function whatIsLeft(aws: LocalAws, stack: string): Promise<string[]> {
  const client = { endpoint: aws.url, region: aws.region, credentials: LOCAL_CREDENTIALS };
  const left = aws.simulator.images().map(image => `image ${image.name}`);
  left.push(...aws.simulator.microvms().filter(({ state }) => state !== 'TERMINATED').map(({ id }) => `MicroVM ${id}`));
  for await (const page of paginateListRoles({ client: new IAMClient(client) }, {})) left.push(...(page.Roles ?? []).map(role => `role ${role.RoleName}`));
  for await (const page of paginateListFunctions({ client: new LambdaClient(client) }, {})) {
    left.push(...(page.Functions ?? []).map(({ FunctionName }) => `function ${FunctionName}`));
  }
  for await (const page of paginateDescribeLogGroups({ client: new CloudWatchLogsClient(client) }, {})) {
    left.push(...(page.logGroups ?? []).map(({ logGroupName }) => `log group ${logGroupName}`));
  }
  return left.filter(name => /^(image|MicroVM) /.test(name) || name.includes(stack));
}
