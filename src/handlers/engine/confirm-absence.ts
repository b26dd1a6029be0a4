import type { Clock } from './clock';

/** How often a missing item is observed before it counts as deleted, and how long to wait in between. */
const ATTEMPTS = 3;
const INTERVAL = 3_000;

/** Observes again while the item is absent, because the service may show it late. */
export async function confirmAbsence<Found>(observe: () => Promise<Found | 'absent'>, clock: Clock): Promise<Found | 'absent'> {
  for (let attempt = 1; ; attempt++) {
    const found = await observe();
    if (found !== 'absent' || attempt === ATTEMPTS) return found;
    await clock.sleep(INTERVAL);
  }
}
