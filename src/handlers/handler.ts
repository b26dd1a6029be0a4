import type { IsCompleteAnswer, OnEventAnswer, PollEvent, ResourceEvent } from './event';
import type { MicrovmImageProperties } from './image/contract';
import { MICROVM_IMAGE_RESOURCE_TYPE } from './image/contract';
import type { ImageWorld } from './image/resource';
import { imagePhysicalId, MicrovmImageResource, resolveImage } from './image/resource';
import { describeOperation, FENCE_FRESHNESS, isCurrent, operationOf } from './operation';
import { poll } from './poll';
import type { StackViewer } from './service';

/** All that the handlers need of the world outside; made anew for each invocation, which has its own time limit. */
export interface World extends ImageWorld {
  readonly viewStack: StackViewer;
}

export type Handler = (event: ResourceEvent | PollEvent) => Promise<OnEventAnswer | IsCompleteAnswer>;

/** One function is both handlers of the provider. */
export function createHandler(world: () => World): Handler {
  return async event => 'Operation' in event ? isComplete(event, world()) : onEvent(event, world());
}

/** Describes the operation and changes nothing: a throw here would make CloudFormation forget a half-made resource. */
async function onEvent(event: ResourceEvent, world: World): Promise<OnEventAnswer> {
  const imageEvent = asImageEvent(event);
  const stack = await world.viewStack(event.StackId, event.LogicalResourceId).catch(() => ({}));
  // If nothing can be resolved now, the polls try again and say why they cannot.
  const resolved = await resolveImage(imageEvent, world).catch(() => undefined);
  return { PhysicalResourceId: imagePhysicalId(imageEvent), Operation: describeOperation(event, stack, world.clock.now(), resolved) };
}

async function isComplete(event: PollEvent, world: World): Promise<IsCompleteAnswer> {
  const imageEvent = asImageEvent(event);
  const operation = operationOf(event, Number(imageEvent.ResourceProperties.TimeoutSeconds), world.clock.now());
  return poll(new MicrovmImageResource(imageEvent, operation, world), () => isStillCurrent(event, world));
}

/** An answer that took long may be out of date: then the next poll asks again. */
async function isStillCurrent(event: PollEvent, { clock, viewStack }: World): Promise<boolean> {
  const asked = clock.now();
  try {
    const stack = await viewStack(event.StackId, event.LogicalResourceId);
    return isCurrent(event, stack) && clock.now() - asked <= FENCE_FRESHNESS;
  } catch {
    return false;
  }
}

function asImageEvent<Event extends ResourceEvent>(event: Event): Event & ResourceEvent<MicrovmImageProperties> {
  if (event.ResourceType !== MICROVM_IMAGE_RESOURCE_TYPE) throw new Error(`no handler for resources of type ${event.ResourceType}`);
  return event as Event & ResourceEvent<MicrovmImageProperties>;
}
