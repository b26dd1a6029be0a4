import { LambdaMicrovmsClient, ListManagedMicrovmImageVersionsCommand } from '@aws-sdk/client-lambda-microvms';
import type { CallLimits } from './engine/calls';
import { CLIENT_SETTINGS } from './engine/calls';
import { isDeniedWithoutMessage } from './engine/errors';

/**
 * Returns whether the service exists in the Region of a stack, as far as one call shows.
 *
 * The function role may list the versions of base images. In a Region without the service, even that call is denied,
 * without a message (service-facts.md, 1.0).
 */
export function serviceAvailability(client: LambdaMicrovmsClient, limits: CallLimits): (stackId: string) => Promise<boolean> {
  return async stackId => {
    const [, partition, , region] = stackId.split(':');
    const imageIdentifier = `arn:${partition}:lambda:${region}:aws:microvm-image:al2023-1`;
    try {
      await client.send(new ListManagedMicrovmImageVersionsCommand({ imageIdentifier }), limits.options());
      return true;
    } catch (error) {
      return !isDeniedWithoutMessage(error);
    }
  };
}

const functionRole = new LambdaMicrovmsClient(CLIENT_SETTINGS);

export function regionOfStack(limits: CallLimits): { isServiceAvailable: (stackId: string) => Promise<boolean> } {
  return { isServiceAvailable: serviceAvailability(functionRole, limits) };
}
