import type { Properties } from './cloudformation';
import { connectorProperties } from './connector-history';
import type { Conditions, Event } from './history';
import { imageProperties } from './image-history';
import { executionRoleArn } from './microvm-history';
import type { ResourceLocation } from './roles';
import { launchResourceRole, REGION } from './roles';
import { imageArn } from './test-bed';
import { NETWORK_CONNECTOR_RESOURCE_TYPE } from '../../src/contract/connector';
import { MICROVM_IMAGE_RESOURCE_TYPE } from '../../src/contract/image';
import type { MicrovmProperties } from '../../src/contract/microvm';
import { MICROVM_RESOURCE_TYPE } from '../../src/contract/microvm';

/**
 * The only resource of its kind in a stack: a connector, an image, or a MicroVM of the image with the connector.
 *
 * The names of all kinds have a part that changes, so that each can be replaced.
 */
export interface StackSpec {
  readonly name: string;
  /** Content of the image, subnet of the connector, or maximum duration of the MicroVM in minutes. */
  readonly value: string;
}

/** The logical IDs, with the types of the resources. */
export const TYPES = {
  Connector: NETWORK_CONNECTOR_RESOURCE_TYPE,
  Image: MICROVM_IMAGE_RESOURCE_TYPE,
  Microvm: MICROVM_RESOURCE_TYPE,
} as const;

export type StackEvent = Event<StackSpec>;

export interface StackHistory extends Conditions {
  readonly events: readonly StackEvent[];
}

/** Returns the properties of a resource. They may refer to attributes of the other resources. */
export function stackProperties(spec: StackSpec, location: ResourceLocation): Properties {
  switch (location.logicalId) {
    case 'Connector': return { ...connectorProperties({ name: spec.name, subnets: [spec.value] }, location) };
    case 'Image': return { ...imageProperties({ name: spec.name, content: spec.value, retained: 2 }, location) };
    default: return { ...microvmProperties(spec, location) };
  }
}

function microvmProperties({ name: image, value }: StackSpec, location: ResourceLocation): MicrovmProperties {
  const roleArn = executionRoleArn(location.stackId, location.logicalId);
  return {
    ResourceRoleArn: launchResourceRole('microvm', location, { image, hasHealthCheck: false, executionRoleArn: roleArn, usesConnector: true }),
    LaunchRequest: JSON.stringify({
      imageIdentifier: imageArn(image),
      imageVersion: '${Image.ImageVersion}',
      executionRoleArn: roleArn,
      ingressNetworkConnectors: [`arn:aws:lambda:${REGION}:aws:network-connector:aws-network-connector:HTTP_INGRESS`],
      egressNetworkConnectors: ['${Connector.ConnectorArn}'],
      maximumDurationInSeconds: Number(value) * 60,
      logging: { disabled: {} },
    }),
    TimeoutSeconds: '3000',
  };
}
