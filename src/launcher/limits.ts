/** A MicroVM lives for 8 hours at most, in seconds; the time in suspension counts: service facts 1.2. */
export const LONGEST_LIFE = 28_800;
