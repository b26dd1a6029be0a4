/**
 * The handler of the app that tests the local AWS. It creates an image with the role of the resource, and reports to
 * a recorder.
 */
import { CloudFormationClient, DescribeStackResourceCommand, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import type {
  CreateMicrovmImageCommandInput,
  GetMicrovmImageCommandOutput,
} from '@aws-sdk/client-lambda-microvms';
import {
  CreateMicrovmImageCommand,
  DeleteMicrovmImageCommand,
  GetMicrovmImageCommand,
  LambdaMicrovmsClient,
} from '@aws-sdk/client-lambda-microvms';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';

interface Properties {
  readonly Name: string;
  readonly Arn: string;
  readonly RoleArn: string;
  readonly BuildRoleArn: string;
  readonly ConnectorArn: string;
  readonly Fails: 'true' | 'false';
  readonly OtherArn?: string;
  readonly OtherBuildRoleArn?: string;
}

interface Event {
  readonly RequestType: 'Create' | 'Update' | 'Delete';
  readonly StackId: string;
  readonly LogicalResourceId: string;
  readonly PhysicalResourceId: string;
  readonly ResourceProperties: Properties;
  /** Only isComplete receives this, from onEvent. */
  readonly Operation?: object;
}

const sts = new STSClient({});
const cloudFormation = new CloudFormationClient({});

/** One function serves as both handlers. Only isComplete receives the result of onEvent. */
export async function handler(event: Event): Promise<object> {
  return event.Operation ? isComplete(event) : onEvent(event);
}

async function onEvent(event: Event): Promise<object> {
  await record(event, 'onEvent', await shown(event));
  const { PhysicalResourceId, RequestType, ResourceProperties } = event;
  return { PhysicalResourceId: RequestType === 'Delete' ? PhysicalResourceId : ResourceProperties.Arn, Operation: {} };
}

async function isComplete(event: Event): Promise<object> {
  const service = await serviceFor(event);
  const image = await find(service, event.PhysicalResourceId);
  if (event.RequestType === 'Delete') {
    if (image && image.state !== 'DELETING') await service.send(new DeleteMicrovmImageCommand({ imageIdentifier: event.PhysicalResourceId }));
    return { IsComplete: !image };
  }
  if (!image) {
    await service.send(new CreateMicrovmImageCommand(requestOf(event.ResourceProperties)));
    return { IsComplete: false };
  }
  if (image.state !== 'CREATED') return { IsComplete: false };
  if (event.ResourceProperties.OtherArn) await record(event, 'isolation', await isolation(service, event.ResourceProperties));
  if (event.ResourceProperties.Fails === 'true') throw new Error('the image exists, but its operation fails');
  return { IsComplete: true };
}

async function serviceFor(event: Event): Promise<LambdaMicrovmsClient> {
  const { RoleArn } = event.ResourceProperties;
  const { Credentials: session } = await sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: event.LogicalResourceId, DurationSeconds: 900 }));
  const { AccessKeyId, SecretAccessKey, SessionToken } = session!;
  return new LambdaMicrovmsClient({ credentials: { accessKeyId: AccessKeyId!, secretAccessKey: SecretAccessKey!, sessionToken: SessionToken } });
}

async function find(service: LambdaMicrovmsClient, imageIdentifier: string): Promise<GetMicrovmImageCommandOutput | undefined> {
  try {
    return await service.send(new GetMicrovmImageCommand({ imageIdentifier }));
  } catch (error) {
    if ((error as Error).name === 'ResourceNotFoundException') return undefined;
    throw error;
  }
}

function requestOf(properties: Properties): CreateMicrovmImageCommandInput {
  return {
    name: properties.Name,
    baseImageArn: `${properties.Arn.split(':').slice(0, 4).join(':')}:aws:microvm-image:al2023-1`,
    buildRoleArn: properties.BuildRoleArn,
    codeArtifact: { uri: 's3://bucket/code.zip' },
    egressNetworkConnectors: [properties.ConnectorArn],
  };
}

/** Calls that the role of one image must not be able to make on the other image. */
async function isolation(service: LambdaMicrovmsClient, properties: Properties): Promise<object> {
  const own = requestOf({ ...properties, Name: 'never' });
  const handlerRole = new LambdaMicrovmsClient({});
  return {
    readsOther: await outcome(() => service.send(new GetMicrovmImageCommand({ imageIdentifier: properties.OtherArn }))),
    deletesOther: await outcome(() => service.send(new DeleteMicrovmImageCommand({ imageIdentifier: properties.OtherArn }))),
    passesOtherRole: await outcome(() => service.send(new CreateMicrovmImageCommand({ ...own, buildRoleArn: properties.OtherBuildRoleArn! }))),
    passesOtherConnector: await outcome(() => service.send(new CreateMicrovmImageCommand({
      ...own,
      egressNetworkConnectors: [`${properties.Arn.split(':').slice(0, 5).join(':')}:network-connector:nc-other`],
    }))),
    tagsAtCreation: await outcome(() => service.send(new CreateMicrovmImageCommand({ ...own, tags: { team: 'red' } }))),
    readsWithHandlerRole: await outcome(() => handlerRole.send(new GetMicrovmImageCommand({ imageIdentifier: properties.Arn }))),
    assumesBuildRole: await outcome(() => sts.send(new AssumeRoleCommand({ RoleArn: properties.BuildRoleArn, RoleSessionName: 'never' }))),
    describesOtherStack: await outcome(() => cloudFormation.send(new DescribeStacksCommand({ StackName: 'CDKToolkit' }))),
  };
}

async function outcome(call: () => Promise<unknown>): Promise<string> {
  try {
    await call();
    return 'allowed';
  } catch (error) {
    return `${(error as Error).name}: ${(error as Error).message}`;
  }
}

/** What CloudFormation shows about the operation. */
async function shown(event: Event): Promise<object> {
  const { StackId: StackName, LogicalResourceId } = event;
  const resource = await cloudFormation.send(new DescribeStackResourceCommand({ StackName, LogicalResourceId }));
  const stack = await cloudFormation.send(new DescribeStacksCommand({ StackName }));
  return {
    resourceStatus: resource.StackResourceDetail?.ResourceStatus,
    shownId: resource.StackResourceDetail?.PhysicalResourceId,
    updated: resource.StackResourceDetail?.LastUpdatedTimestamp,
    stackStatus: stack.Stacks?.[0].StackStatus,
  };
}

async function record(event: Event, what: string, details: object): Promise<void> {
  const { RequestType: request, LogicalResourceId: resource, PhysicalResourceId: id, ResourceProperties: { Name: name } } = event;
  await fetch(process.env.RECORDER_URL!, { method: 'POST', body: JSON.stringify({ what, request, resource, id, name, ...details }) });
}
