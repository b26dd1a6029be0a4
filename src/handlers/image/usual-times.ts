import type { UsualTime } from '../engine/pace';

/** A build takes 2 to 6 minutes (service-facts.md, 5). */
export const BUILD: UsualTime = { from: 110_000, to: 360_000 };
