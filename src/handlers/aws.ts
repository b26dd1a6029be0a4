import { connectorServices } from './connector/service';
import { CallLimits, WORK_LIMIT } from './engine/calls';
import { SYSTEM_CLOCK } from './engine/clock';
import { controlPlane } from './engine/control-plane';
import { writeLine } from './engine/log';
import type { Dependencies } from './handler';
import { imageServices } from './image/service';
import { launchServices } from './microvm/service';
import { regionOfStack } from './region';

/** Creates the dependencies of a deployed handler, for one invocation. */
export function awsDependencies(): Dependencies {
  const limits = new CallLimits(SYSTEM_CLOCK, SYSTEM_CLOCK.now() + WORK_LIMIT);
  const { viewStack, assumeRole } = controlPlane(SYSTEM_CLOCK, limits);
  return {
    clock: SYSTEM_CLOCK,
    random: Math.random,
    viewStack,
    log: writeLine,
    ...regionOfStack(limits),
    ...imageServices(assumeRole, limits),
    ...connectorServices(assumeRole, limits),
    ...launchServices(assumeRole, limits),
  };
}
