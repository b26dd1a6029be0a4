/** The stack of the demo; all that it makes has this in its name or its tags. */
export const DEMO_STACK = 'MicrovmDemo';
