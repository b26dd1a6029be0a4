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

/**
 * Looks for resources of deleted stacks. The events of a stack list everything that it ever created, including
 * replaced and failed resources.
*/
export class Leftovers {
  constructor(private readonly account: Account) {}

  async of(events: readonly StackEventSummary[]): Promise<string[]> {
    const created = new Map(events.filter(({ physicalId }) => physicalId !== '').map(event => [`${event.type} ${event.physicalId}`, event]));
    const left: string[] = [];
    for (const [name, { type, physicalId }] of created) {
      if (await this.resourceExists(type, physicalId)) left.push(name);
    }
    return left;
  }

  /** Lambda creates log groups for functions without one. They remain when the stack is deleted. */
  async removeLogsOfFunctions(events: readonly StackEventSummary[]): Promise<void> {
    const logs = new CloudWatchLogsClient(this.account.client);
    for (const name of new Set(events.filter(({ type }) => type === 'AWS::Lambda::Function').map(({ physicalId }) => physicalId))) {
      if (name !== '') await logs.send(new DeleteLogGroupCommand({ logGroupName: `/aws/lambda/${name}` })).catch(() => undefined);
    }
  }

  private async resourceExists(type: string, id: string): Promise<boolean> {
    const { client } = this.account;
    const service = new LambdaMicrovmsClient(client);
    switch (type) {
      case 'AWS::CloudFormation::Stack': return this.stackExists(id);
      case 'AWS::IAM::Role': return exists(() => new IAMClient(client).send(new GetRoleCommand({ RoleName: id })));
      case 'AWS::IAM::ManagedPolicy': return exists(() => new IAMClient(client).send(new GetPolicyCommand({ PolicyArn: id })));
      case 'AWS::Lambda::Function': return exists(() => new LambdaClient(client).send(new GetFunctionCommand({ FunctionName: id })));
      case 'AWS::Logs::LogGroup': return this.logGroupExists(id);
      case 'Custom::MicrovmImage': return exists(() => service.send(new GetMicrovmImageCommand({ imageIdentifier: id })));
      case 'Custom::NetworkConnector': return exists(() => coreClient(this.account, service).getNetworkConnector(id));
      case 'Custom::Microvm': return this.microvmExists(service, id);
      default: return false;
    }
  }

  private async stackExists(id: string): Promise<boolean> {
    const stack = await findStack(new CloudFormationClient(this.account.client), id);
    if (stack !== undefined && stack.StackStatus !== 'DELETE_COMPLETE') return true;
    // The ledger holds each launch under the UUID of the stack until its MicroVM has terminated.
    const path = `${LEDGER_PATH}/${id.split('/').pop()}`;
    const ssm = new SSMClient(this.account.client);
    const { Parameters: launches = [] } = await ssm.send(new GetParametersByPathCommand({ Path: path, Recursive: true }));
    return launches.length > 0;
  }

  private async logGroupExists(name: string): Promise<boolean> {
    const { logGroups = [] } = await new CloudWatchLogsClient(this.account.client).send(new DescribeLogGroupsCommand({ logGroupNamePrefix: name }));
    return logGroups.some(({ logGroupName }) => logGroupName === name);
  }

  private async microvmExists(service: LambdaMicrovmsClient, id: string): Promise<boolean> {
    const { state } = await service.send(new GetMicrovmCommand({ microvmIdentifier: id })).catch(() => ({ state: 'TERMINATED' }));
    return state !== 'TERMINATED';
  }
}

/**
 * Each service names its "not found" error differently. Any other error counts as existing, so that somebody checks.
 */
async function exists(read: () => Promise<unknown>): Promise<boolean> {
  return read().then(() => true, (error: Error) => !/NotFound|NoSuchEntity/.test(error.name));
}
