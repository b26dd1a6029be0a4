/**
 * The function of Custom::Observed. It observes what CloudFormation shows about its own request, and then answers it.
 */
import { request as httpsRequest } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { CloudFormationClient, DescribeStackResourceCommand, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import type { Observation, ObservedRequest, View } from './contract';

const POLL_INTERVAL = 1_000;

const cloudFormation = new CloudFormationClient({});

export async function handler(event: ObservedRequest & { readonly ResponseURL: string }): Promise<void> {
  const { Id, WatchSeconds, Fails } = event.ResourceProperties;
  await watch(event, Number(WatchSeconds) * 1_000);
  await answer(event.ResponseURL, {
    Status: event.RequestType !== 'Delete' && Fails === 'true' ? 'FAILED' : 'SUCCESS',
    Reason: 'the template requested this failure',
    PhysicalResourceId: event.RequestType === 'Delete' ? event.PhysicalResourceId : `observed-${Id}`,
    StackId: event.StackId,
    RequestId: event.RequestId,
    LogicalResourceId: event.LogicalResourceId,
  });
}

/** Observes at least once. Continues when the request is canceled, as the waiter of the Provider framework does. */
async function watch(event: ObservedRequest, time: number): Promise<void> {
  const { RequestType, RequestId, StackId, LogicalResourceId, ResourceType, PhysicalResourceId } = event;
  const request = { RequestType, RequestId, StackId, LogicalResourceId, ResourceType, PhysicalResourceId };
  const end = Date.now() + time;
  let last = '';
  do {
    const view = await observe(request);
    if (JSON.stringify(view) !== last) {
      const observation: Observation = { request, at: new Date().toISOString(), view };
      console.log(JSON.stringify(observation));
    }
    last = JSON.stringify(view);
    await sleep(Math.min(POLL_INTERVAL, time));
  } while (Date.now() < end);
}

/** Uses the same times as the handlers of the library. */
async function observe({ StackId, LogicalResourceId }: Observation['request']): Promise<View> {
  const [stacks, resource] = await Promise.allSettled([
    cloudFormation.send(new DescribeStacksCommand({ StackName: StackId })),
    cloudFormation.send(new DescribeStackResourceCommand({ StackName: StackId, LogicalResourceId })),
  ]);
  const stack = stacks.status === 'fulfilled' ? stacks.value.Stacks?.[0] : undefined;
  const detail = resource.status === 'fulfilled' ? resource.value.StackResourceDetail : undefined;
  return {
    stackStatus: stack?.StackStatus,
    stackTime: (stack?.LastUpdatedTime ?? stack?.CreationTime)?.toISOString(),
    lastUpdatedTime: stack?.LastUpdatedTime?.toISOString(),
    resourceStatus: detail?.ResourceStatus,
    physicalId: detail?.PhysicalResourceId,
    resourceTime: detail?.LastUpdatedTimestamp?.toISOString(),
    ...resource.status === 'rejected' ? { resourceIsAbsent: /^Resource .* does not exist/.test((resource.reason as Error).message) } : {},
  };
}

async function answer(url: string, response: object): Promise<void> {
  const body = JSON.stringify(response);
  await new Promise<void>((resolve, reject) => {
    const request = httpsRequest(url, { method: 'PUT', headers: { 'content-type': '', 'content-length': Buffer.byteLength(body) } }, reply => {
      reply.resume();
      reply.once('end', resolve);
    });
    request.once('error', reject);
    request.end(body);
  });
}
