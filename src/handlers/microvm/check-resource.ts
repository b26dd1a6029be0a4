import { reconcileCheck } from './check';
import type { MicrovmStep } from './input';
import type { ObservedLaunches } from './observed';
import { MicrovmResource } from './resource';
import type { MicrovmProperties } from '../../contract/microvm';
import type { ResourceEvent } from '../engine/event';

/** Stays the same: a check has nothing that could be replaced. */
export function launchCheckPhysicalId(event: ResourceEvent<MicrovmProperties>): string {
  return event.RequestType === 'Delete' ? event.PhysicalResourceId! : `launch-check:${event.LogicalResourceId}`;
}

/** Launches and looks like a MicroVM, by other rules. */
export class MicrovmLaunchCheckResource extends MicrovmResource {
  public override reconcile(seen: ObservedLaunches): MicrovmStep {
    return reconcileCheck(this.situation(seen));
  }
}
