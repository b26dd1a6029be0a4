import type { UsualTime } from '../engine/pace';

/** A creation took 4 min 18 s, and takes seconds in other reports (service-facts.md, 1.3). */
export const CONNECTOR_CHANGE: UsualTime = { from: 220_000, to: 300_000 };

/** Nobody has published how long it takes. It has to delete network interfaces. */
export const CONNECTOR_DELETION: UsualTime = { from: 40_000, to: 120_000 };
