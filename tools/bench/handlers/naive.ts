import type { LambdaMicrovmsClient, RunMicrovmCommandInput } from '@aws-sdk/client-lambda-microvms';
import {
  CreateMicrovmImageCommand, DeleteMicrovmImageCommand, GetMicrovmCommand, GetMicrovmImageCommand, ListMicrovmImageVersionsCommand,
  ListMicrovmsCommand, RunMicrovmCommand, TerminateMicrovmCommand, UpdateMicrovmImageCommand,
} from '@aws-sdk/client-lambda-microvms';
import type { NetworkConnectorProperties } from '../../../src/contract/connector';
import { NETWORK_CONNECTOR_RESOURCE_TYPE } from '../../../src/contract/connector';
import { MICROVM_IMAGE_RESOURCE_TYPE } from '../../../src/contract/image';
import type { MicrovmProperties } from '../../../src/contract/microvm';
import { MICROVM_RESOURCE_TYPE } from '../../../src/contract/microvm';
import { LambdaCoreClient } from '../../../src/handlers/connector/lambda-core';
import { CallLimits } from '../../../src/handlers/engine/calls';
import { SYSTEM_CLOCK } from '../../../src/handlers/engine/clock';
import { classify } from '../../../src/handlers/engine/errors';
import type { IsCompleteAnswer, OnEventAnswer, ResourceEvent } from '../../../src/handlers/engine/event';
import type { Handler } from '../../../src/handlers/handler';
import { buildRequest } from '../../../src/handlers/image/request';
import type { WrittenProperties } from '../../histories/image-history';

/**
 * The minimum for a type of resource: one request, then one call for the resource and one for its list until it is
 * ready.
 */
interface NaiveKind<Properties> {
  /** @returns the physical ID. */
  request(event: ResourceEvent<Properties>): Promise<string>;
  isReady(physicalId: string): Promise<boolean>;
}

/**
 * A simple handler: it sends its request in `onEvent` and polls with two calls. It ignores owners and concurrent
 * changes, does not reuse existing versions, and leaves all old versions behind.
 */
export function naiveHandler(client: LambdaMicrovmsClient): Handler {
  const kinds: Record<string, NaiveKind<any>> = {
    [MICROVM_IMAGE_RESOURCE_TYPE]: images(client),
    [NETWORK_CONNECTOR_RESOURCE_TYPE]: connectors(client),
    [MICROVM_RESOURCE_TYPE]: microvms(client),
  };
  return async event => {
    const kind = kinds[event.ResourceType];
    return 'Operation' in event ? isComplete(event, kind) : onEvent(event, kind);
  };
}

async function onEvent(event: ResourceEvent, kind: NaiveKind<any>): Promise<OnEventAnswer> {
  return { PhysicalResourceId: await kind.request(event), Operation: { Id: event.RequestId, Phase: 'unknown', StartedAt: 0 } };
}

async function isComplete({ RequestType: type, PhysicalResourceId: physicalId = '' }: ResourceEvent, kind: NaiveKind<any>): Promise<IsCompleteAnswer> {
  try {
    return { IsComplete: await kind.isReady(physicalId) };
  } catch (error) {
    if (type === 'Delete' && classify(error) === 'notFound') return { IsComplete: true };
    throw error;
  }
}

function images(client: LambdaMicrovmsClient): NaiveKind<WrittenProperties> {
  return {
    request: async ({ RequestType: type, ResourceProperties: properties }) => {
      const arn = properties.ImageArn;
      const request = buildRequest(properties, '1', { fingerprint: '0', operationId: '0' });
      if (type === 'Create') await client.send(new CreateMicrovmImageCommand({ ...request, name: properties.ImageName }));
      if (type === 'Update') await client.send(new UpdateMicrovmImageCommand({ ...request, imageIdentifier: arn }));
      if (type === 'Delete') await client.send(new DeleteMicrovmImageCommand({ imageIdentifier: arn }));
      return arn;
    },
    isReady: async arn => {
      const { state } = await client.send(new GetMicrovmImageCommand({ imageIdentifier: arn }));
      const { items = [] } = await client.send(new ListMicrovmImageVersionsCommand({ imageIdentifier: arn }));
      return (state === 'CREATED' || state === 'UPDATED') && items[0].state === 'SUCCESSFUL';
    },
  };
}

function connectors(client: LambdaMicrovmsClient): NaiveKind<NetworkConnectorProperties> {
  const core = new LambdaCoreClient(client, new CallLimits(SYSTEM_CLOCK, Infinity));
  return {
    request: async ({ RequestType: type, RequestId: id, ResourceProperties: properties }) => {
      const name = properties.ConnectorName;
      const egress = {
        SubnetIds: properties.SubnetIds,
        SecurityGroupIds: properties.SecurityGroupIds,
        NetworkProtocol: properties.NetworkProtocol,
        AssociatedComputeResourceTypes: ['MicroVm'],
      };
      const request = { Configuration: { VpcEgressConfiguration: egress }, OperatorRole: properties.OperatorRoleArn, ClientToken: id };
      if (type === 'Create') await core.createNetworkConnector({ ...request, Name: name, Tags: {} });
      if (type === 'Update') await core.updateNetworkConnector(name, request);
      if (type === 'Delete') await core.deleteNetworkConnector(name);
      return name;
    },
    isReady: async name => {
      const { State: state, LastUpdateStatus: update } = await core.getNetworkConnector(name);
      await core.listNetworkConnectorVersions(name);
      return state === 'ACTIVE' && update !== 'InProgress';
    },
  };
}

function microvms(client: LambdaMicrovmsClient): NaiveKind<MicrovmProperties> {
  return {
    request: async ({ RequestType: type, PhysicalResourceId: id, ResourceProperties: properties }) => {
      if (type === 'Delete') {
        await client.send(new TerminateMicrovmCommand({ microvmIdentifier: id }));
        return id!;
      }
      const { microvmId } = await client.send(new RunMicrovmCommand(JSON.parse(properties.LaunchRequest) as RunMicrovmCommandInput));
      return microvmId!;
    },
    isReady: async id => {
      const { state, imageArn } = await client.send(new GetMicrovmCommand({ microvmIdentifier: id }));
      await client.send(new ListMicrovmsCommand({ imageIdentifier: imageArn }));
      return state === 'RUNNING' || state === 'TERMINATED';
    },
  };
}
