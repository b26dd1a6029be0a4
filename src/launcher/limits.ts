/** A MicroVM lives for 8 hours at most, in seconds; the time in suspension counts: service facts 1.2. */
export const LONGEST_LIFE = 28_800;

/** A hook's payload that a deployment launches with is written down with the launch, whose record has room for this many characters of JSON. */
export const LONGEST_PAYLOAD = 2_048;
