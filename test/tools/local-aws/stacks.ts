import { setTimeout as sleep } from 'timers/promises';
import {
  Capability, CloudFormationClient, CreateStackCommand, DeleteStackCommand, DescribeStackEventsCommand, DescribeStacksCommand, UpdateStackCommand,
} from '@aws-sdk/client-cloudformation';
import type { LambdaMicrovmsClient } from '@aws-sdk/client-lambda-microvms';
import { ListMicrovmImagesCommand } from '@aws-sdk/client-lambda-microvms';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { LOCAL_CREDENTIALS } from '../../../tools/local-aws/environment';

export interface ClientProps {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: typeof LOCAL_CREDENTIALS;
  readonly maxAttempts: number;
}

/** Configuration of a client as root of the local AWS, without retries, which could hide an error. */
export function rootOf(aws: { readonly url: string; readonly region: string }): ClientProps {
  return { endpoint: aws.url, region: aws.region, credentials: LOCAL_CREDENTIALS, maxAttempts: 1 };
}

export interface StackOptions {
  /** The role that CloudFormation uses. @default - the caller */
  readonly roleArn?: string;
  /** @default - as in the template */
  readonly parameters?: Record<string, string>;
}

/** Deploys stacks without the CDK CLI, which takes longer. */
export class Stacks {
  private readonly client: CloudFormationClient;

  constructor(props: ClientProps) {
    this.client = new CloudFormationClient(props);
  }

  /** Resolves with the final status. */
  async create(name: string, template: object, options: StackOptions = {}): Promise<string> {
    await this.client.send(new CreateStackCommand(request(name, template, options)));
    return this.finalStatus(name);
  }

  async update(name: string, template: object, options: StackOptions = {}): Promise<string> {
    await this.client.send(new UpdateStackCommand(request(name, template, options)));
    return this.finalStatus(name);
  }

  async delete(name: string): Promise<string> {
    await this.client.send(new DeleteStackCommand({ StackName: name }));
    return this.finalStatus(name);
  }

  async outputs(name: string): Promise<Record<string, string>> {
    const { Stacks: [stack] = [] } = await this.client.send(new DescribeStacksCommand({ StackName: name }));
    return Object.fromEntries((stack.Outputs ?? []).map(({ OutputKey, OutputValue }) => [OutputKey!, OutputValue!]));
  }

  /** Reasons of failures by logical ID, the latest last. */
  async failures(name: string): Promise<string[]> {
    const { StackEvents = [] } = await this.client.send(new DescribeStackEventsCommand({ StackName: name }));
    return StackEvents.filter(({ ResourceStatus }) => ResourceStatus!.endsWith('_FAILED'))
      .map(({ LogicalResourceId, ResourceStatusReason }) => `${LogicalResourceId}: ${ResourceStatusReason}`).reverse();
  }

  async finalStatus(name: string): Promise<string> {
    for (;;) {
      const status = await this.status(name);
      if (!status.endsWith('_IN_PROGRESS')) return status;
      await sleep(100);
    }
  }

  private async status(name: string): Promise<string> {
    const { Stacks: [stack] = [] } = await this.client.send(new DescribeStacksCommand({ StackName: name })).catch(missing);
    return stack?.StackStatus ?? 'DELETE_COMPLETE';
  }
}

function missing(error: Error): { Stacks: never[] } {
  if (!error.message.includes('does not exist')) throw error;
  return { Stacks: [] };
}

function request(StackName: string, template: object, { roleArn, parameters = {} }: StackOptions) {
  return {
    StackName,
    TemplateBody: JSON.stringify(template),
    Capabilities: [Capability.CAPABILITY_NAMED_IAM],
    RoleARN: roleArn,
    Parameters: Object.entries(parameters).map(([ParameterKey, ParameterValue]) => ({ ParameterKey, ParameterValue })),
  };
}

/** Returns credentials of a session of a role. */
export async function assume(props: ClientProps, RoleArn: string): Promise<{ accessKeyId: string; secretAccessKey: string; sessionToken: string }> {
  const { Credentials } = await new STSClient(props).send(new AssumeRoleCommand({ RoleArn, RoleSessionName: 'test' }));
  return { accessKeyId: Credentials!.AccessKeyId!, secretAccessKey: Credentials!.SecretAccessKey!, sessionToken: Credentials!.SessionToken! };
}

/** Sends a request that no SDK client supports, signed with the credentials of a client. */
export async function sendTo(client: LambdaMicrovmsClient, method: string, requestPath: string, body?: object): Promise<void> {
  const command = new ListMicrovmImagesCommand({});
  command.middlewareStack.add(next => async args => {
    const text = body === undefined ? undefined : JSON.stringify(body);
    Object.assign(args.request as object, { method, path: requestPath, body: text });
    return next(args);
  }, { step: 'build' });
  await client.send(command);
}
