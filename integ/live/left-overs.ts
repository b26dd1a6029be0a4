import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { CloudWatchLogsClient, DeleteLogGroupCommand, DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { GetPolicyCommand, GetRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import { GetFunctionCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { GetMicrovmCommand, GetMicrovmImageCommand, LambdaMicrovmsClient } from '@aws-sdk/client-lambda-microvms';
import { GetParametersByPathCommand, SSMClient } from '@aws-sdk/client-ssm';
import type { Account } from './account';
import { coreClient } from './probes/connectors';
import { findStack } from './stack';
import { LEDGER_PATH } from '../../src/contract/microvm';
import type { StackEventSummary } from '../../tools/local-aws/cdk';

/** Looks for what stacks had, after they were deleted: their events name everything that they ever made, replaced and failed things included. */
export class LeftOvers {
  constructor(private readonly account: Account) {}

  async of(events: readonly StackEventSummary[]): Promise<string[]> {
    const made = new Map(events.filter(({ physicalId }) => physicalId !== '').map(event => [`${event.type} ${event.physicalId}`, event]));
    const left: string[] = [];
    for (const [name, { type, physicalId }] of made) {
      if (await this.isThere(type, physicalId)) left.push(name);
    }
    return left;
  }

  /** Lambda makes log groups of its own for functions that name none, and they outlive the stack. */
  async removeLogsOfFunctions(events: readonly StackEventSummary[]): Promise<void> {
    const logs = new CloudWatchLogsClient(this.account.client);
    for (const name of new Set(events.filter(({ type }) => type === 'AWS::Lambda::Function').map(({ physicalId }) => physicalId))) {
      if (name !== '') await logs.send(new DeleteLogGroupCommand({ logGroupName: `/aws/lambda/${name}` })).catch(() => undefined);
    }
  }

  private async isThere(type: string, id: string): Promise<boolean> {
    const { client } = this.account;
    const service = new LambdaMicrovmsClient(client);
    switch (type) {
      case 'AWS::CloudFormation::Stack': return this.stackIsThere(id);
      case 'AWS::IAM::Role': return exists(() => new IAMClient(client).send(new GetRoleCommand({ RoleName: id })));
      case 'AWS::IAM::ManagedPolicy': return exists(() => new IAMClient(client).send(new GetPolicyCommand({ PolicyArn: id })));
      case 'AWS::Lambda::Function': return exists(() => new LambdaClient(client).send(new GetFunctionCommand({ FunctionName: id })));
      case 'AWS::Logs::LogGroup': return this.logGroupIsThere(id);
      case 'Custom::MicrovmImage': return exists(() => service.send(new GetMicrovmImageCommand({ imageIdentifier: id })));
      case 'Custom::NetworkConnector': return exists(() => coreClient(this.account, service).getNetworkConnector(id));
      case 'Custom::Microvm': return this.microvmIsThere(service, id);
      default: return false;
    }
  }

  private async stackIsThere(id: string): Promise<boolean> {
    const stack = await findStack(new CloudFormationClient(this.account.client), id);
    if (stack !== undefined && stack.StackStatus !== 'DELETE_COMPLETE') return true;
    // Launches are written down under the uuid in the stack's id, until they have ended.
    const path = `${LEDGER_PATH}/${id.split('/').pop()}`;
    const ssm = new SSMClient(this.account.client);
    const { Parameters: launches = [] } = await ssm.send(new GetParametersByPathCommand({ Path: path, Recursive: true }));
    return launches.length > 0;
  }

  private async logGroupIsThere(name: string): Promise<boolean> {
    const { logGroups = [] } = await new CloudWatchLogsClient(this.account.client).send(new DescribeLogGroupsCommand({ logGroupNamePrefix: name }));
    return logGroups.some(({ logGroupName }) => logGroupName === name);
  }

  private async microvmIsThere(service: LambdaMicrovmsClient, id: string): Promise<boolean> {
    const { state } = await service.send(new GetMicrovmCommand({ microvmIdentifier: id })).catch(() => ({ state: 'TERMINATED' }));
    return state !== 'TERMINATED';
  }
}

/** "Not found" has a name of its own in each service; what else goes wrong counts as there, so that somebody looks. */
async function exists(look: () => Promise<unknown>): Promise<boolean> {
  return look().then(() => true, (error: Error) => !/NotFound|NoSuchEntity/.test(error.name));
}
