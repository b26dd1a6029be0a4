import type { Clock } from './clock';
import type { Operation } from './operation';
import { GRACE } from './operation';

/** How often a missing item is observed before it counts as absent, and how long to wait in between. */
interface Confirmation {
  readonly observations: number;
  readonly interval: number;
}

const THOROUGH: Confirmation = { observations: 3, interval: 3_000 };

/** For a deletion right after the grace, in which calls of earlier operations have taken effect. */
const AFTER_GRACE: Confirmation = { observations: 3, interval: 1_500 };

/** For the deletion of something whose creation ended long ago. */
const BRIEF: Confirmation = { observations: 2, interval: 1_500 };

/** How late the service may show the effect of a call. */
const SHOWS_AFTER = 6_000;

/** Observes again while the item is absent, because the service may show it late. */
export async function confirmAbsence<Found>(
  observe: () => Promise<Found | 'absent'>, clock: Clock, operation: Operation,
): Promise<Found | 'absent'> {
  const { observations, interval } = confirmationFor(operation);
  for (let count = 1; ; count++) {
    const found = await observe();
    if (found !== 'absent' || count === observations) return found;
    await clock.sleep(interval);
  }
}

function confirmationFor({ type, mayFollowAnother, now, startedAt }: Operation): Confirmation {
  if (type !== 'Delete') return THOROUGH;
  return mayFollowAnother && now < startedAt + GRACE + SHOWS_AFTER ? AFTER_GRACE : BRIEF;
}
