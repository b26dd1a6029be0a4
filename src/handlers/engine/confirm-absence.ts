import type { Clock } from './clock';
import type { Operation } from './operation';

/** How often a missing item is observed before it counts as absent, and how long to wait in between. */
interface Confirmation {
  readonly observations: number;
  readonly interval: number;
}

const THOROUGH: Confirmation = { observations: 3, interval: 3_000 };

/** For the deletion of something whose creation ended long ago. */
const BRIEF: Confirmation = { observations: 2, interval: 2_000 };

/** Observes again while the item is absent, because the service may show it late. */
export async function confirmAbsence<Found>(
  observe: () => Promise<Found | 'absent'>, clock: Clock, { type, mayFollowAnother }: Operation,
): Promise<Found | 'absent'> {
  const { observations, interval } = type === 'Delete' && !mayFollowAnother ? BRIEF : THOROUGH;
  for (let count = 1; ; count++) {
    const found = await observe();
    if (found !== 'absent' || count === observations) return found;
    await clock.sleep(interval);
  }
}
