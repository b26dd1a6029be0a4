import { LambdaMicrovmsClient, ListManagedMicrovmImageVersionsCommand } from '@aws-sdk/client-lambda-microvms';
import type { CallLimits } from './engine/calls';
import { CLIENT_SETTINGS } from './engine/calls';
import type { Clock } from './engine/clock';
import { SYSTEM_CLOCK } from './engine/clock';
import { isDeniedWithoutMessage } from './engine/errors';

/** How often the service must deny a call, and how long to wait in between. A failure of its gateway may look alike. */
const ATTEMPTS = 3;
const PAUSE = 2_000;

/**
 * Returns whether the service exists in the Region of a stack, as far as one call shows.
 *
 * The function role may list the versions of base images. In a Region without the service, even that call is denied,
 * without a message (service-facts.md, 1.0).
 */
export function serviceAvailability(client: LambdaMicrovmsClient, limits: CallLimits, clock: Clock): (stackId: string) => Promise<boolean> {
  const answers = async (stackId: string): Promise<boolean> => {
    const [, partition, , region] = stackId.split(':');
    const imageIdentifier = `arn:${partition}:lambda:${region}:aws:microvm-image:al2023-1`;
    try {
      await client.send(new ListManagedMicrovmImageVersionsCommand({ imageIdentifier }), limits.options());
      return true;
    } catch (error) {
      return !isDeniedWithoutMessage(error);
    }
  };
  return async stackId => {
    for (let attempt = 1; attempt < ATTEMPTS; attempt++) {
      if (await answers(stackId)) return true;
      await clock.sleep(PAUSE);
    }
    return answers(stackId);
  };
}

const functionRole = new LambdaMicrovmsClient(CLIENT_SETTINGS);

export function regionOfStack(limits: CallLimits): { isServiceAvailable: (stackId: string) => Promise<boolean> } {
  return { isServiceAvailable: serviceAvailability(functionRole, limits, SYSTEM_CLOCK) };
}
