/** The stacks of the demo; all that they make has these in its name or its tags. */
export const DEMO_STACK = 'MicrovmDemo';
export const NETWORK_STACK = `${DEMO_STACK}Network`;
export const DEVELOPER_STACK = `${DEMO_STACK}Developer`;
export const LAUNCHER_STACK = `${DEMO_STACK}Launcher`;

/** What the network team and the developers agree on. */
export const CATALOG = 'demo';
export const CONNECTOR = 'internal';

/** The function that launches MicroVMs. */
export const BACKEND = `${LAUNCHER_STACK}Backend`;
