import { reconcileCheck } from './check';
import type { MicrovmStep } from './input';
import type { ObservedLaunches } from './observed';
import { MicrovmResource } from './resource';
import type { MicrovmProperties } from '../../contract/microvm';
import type { ResourceEvent } from '../engine/event';

const PHYSICAL_ID_PREFIX = 'launch-check:';

export function isLaunchCheckId(physicalId: string): boolean {
  return physicalId.startsWith(PHYSICAL_ID_PREFIX);
}

/** The physical ID never changes, because a launch check has nothing to replace. */
export function launchCheckPhysicalId(event: ResourceEvent<MicrovmProperties>): string {
  return event.RequestType === 'Delete' ? event.PhysicalResourceId! : `${PHYSICAL_ID_PREFIX}${event.LogicalResourceId}`;
}

/** Launches and observes like a `MicrovmResource`, with the rules of a launch check. */
export class MicrovmLaunchCheckResource extends MicrovmResource {
  public override reconcile(observed: ObservedLaunches): MicrovmStep {
    return reconcileCheck(this.input(observed));
  }
}
