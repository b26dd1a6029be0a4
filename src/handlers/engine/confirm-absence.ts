import type { Clock } from './control-plane';

/** How often, and how far apart, something missing is looked for before it counts as gone. */
const LOOKS = 3;
const BETWEEN_LOOKS = 3_000;

/** Looks once more, and again, as long as it is absent: that may be a delay of the service. */
export async function confirmAbsence<Found>(look: () => Promise<Found | 'absent'>, clock: Clock): Promise<Found | 'absent'> {
  for (let looks = 1; ; looks++) {
    const found = await look();
    if (found !== 'absent' || looks === LOOKS) return found;
    await clock.sleep(BETWEEN_LOOKS);
  }
}
