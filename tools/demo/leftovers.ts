import { CloudWatchLogsClient, paginateDescribeLogGroups } from '@aws-sdk/client-cloudwatch-logs';
import { IAMClient, paginateListPolicies, paginateListRoles } from '@aws-sdk/client-iam';
import { LambdaClient, paginateListFunctions } from '@aws-sdk/client-lambda';
import { paginateGetParametersByPath, SSMClient } from '@aws-sdk/client-ssm';
import { LEDGER_PATH } from '../../src/contract/microvm';
import { LOCAL_CREDENTIALS } from '../local-aws/environment';
import type { LocalAws } from '../local-aws/local-aws';

/** Lists what destroyed stacks have left in the local AWS. The names of the stacks have a common prefix. */
export async function findLeftovers(aws: LocalAws, stacks: string): Promise<string[]> {
  const client = { endpoint: aws.url, region: aws.region, credentials: LOCAL_CREDENTIALS };
  const left = [
    ...aws.simulator.images().map(({ name }) => `image ${name}`),
    ...aws.simulator.connectors().map(({ name }) => `connector ${name}`),
    ...aws.simulator.microvms().filter(({ state }) => state !== 'TERMINATED').map(({ id }) => `MicroVM ${id}`),
  ];
  const iam = new IAMClient(client);
  for await (const page of paginateListRoles({ client: iam }, {})) left.push(...(page.Roles ?? []).map(role => `role ${role.RoleName}`));
  for await (const page of paginateListPolicies({ client: iam }, { Scope: 'Local' })) {
    left.push(...(page.Policies ?? []).map(policy => `policy ${policy.PolicyName}`));
  }
  for await (const page of paginateListFunctions({ client: new LambdaClient(client) }, {})) {
    left.push(...(page.Functions ?? []).map(({ FunctionName }) => `function ${FunctionName}`));
  }
  for await (const page of paginateDescribeLogGroups({ client: new CloudWatchLogsClient(client) }, {})) {
    left.push(...(page.logGroups ?? []).map(({ logGroupName }) => `log group ${logGroupName}`));
  }
  for await (const page of paginateGetParametersByPath({ client: new SSMClient(client) }, { Path: LEDGER_PATH, Recursive: true })) {
    left.push(...(page.Parameters ?? []).map(({ Name }) => `parameter ${Name}`));
  }
  return left.filter(name => /^(image|connector|MicroVM|parameter) /.test(name) || name.includes(stacks));
}
