import { connectorServices } from './connector/service';
import { CallLimits, controlPlane, SYSTEM_CLOCK, WORK_LIMIT } from './engine/control-plane';
import type { World } from './handler';
import { imageServices } from './image/service';
import { launchServices } from './microvm/service';

/** The world as a deployed handler finds it. */
export function awsWorld(): World {
  const limits = new CallLimits(SYSTEM_CLOCK, SYSTEM_CLOCK.now() + WORK_LIMIT);
  const { viewStack, assumeRole } = controlPlane(SYSTEM_CLOCK, limits);
  return {
    clock: SYSTEM_CLOCK,
    random: Math.random,
    viewStack,
    ...imageServices(assumeRole, limits),
    ...connectorServices(assumeRole, limits),
    ...launchServices(assumeRole, limits),
  };
}
