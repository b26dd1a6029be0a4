import type { MicrovmImageProperties } from '../../contract/image';
import { DEFAULT_BASE_IMAGE, DEFAULT_BUILD_EGRESS, MICROVM_IMAGE_DEFAULTS } from '../../contract/image';
import type { ResourceEvent } from '../engine/event';

/** The properties as CloudFormation delivers them. Templates leave out defaults, and older releases lack members. */
export type DeliveredProperties = Partial<MicrovmImageProperties>;

/** Properties in which every member with a default has a value. Older releases may lack other members. */
export type CompleteProperties = MicrovmImageProperties & Required<Pick<MicrovmImageProperties, keyof typeof MICROVM_IMAGE_DEFAULTS | 'BaseImageArn' | 'BuildEgressArn'>>;

/** Adds the values of absent members. */
export function completed(event: ResourceEvent, properties: DeliveredProperties): CompleteProperties {
  return {
    BaseImageArn: arnBeside(event, `microvm-image:${DEFAULT_BASE_IMAGE}`, 'aws'),
    BuildEgressArn: arnBeside(event, `network-connector:aws-network-connector:${DEFAULT_BUILD_EGRESS}`, 'aws'),
    ...MICROVM_IMAGE_DEFAULTS,
    ...Object.fromEntries(Object.entries(properties).filter(([, value]) => value !== undefined)),
  } as CompleteProperties;
}

/** Returns the ARN of a resource in Lambda, in the Region of the stack and, by default, in its account. */
export function arnBeside({ StackId: stackId }: ResourceEvent, resource: string, account?: string): string {
  const [, partition, , region, ownAccount] = stackId.split(':');
  return `arn:${partition}:lambda:${region}:${account ?? ownAccount}:${resource}`;
}
