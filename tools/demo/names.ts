/** The stacks of the demo. Names or tags of all their resources contain these names. */
export const DEMO_STACK = 'MicrovmDemo';
export const NETWORK_STACK = `${DEMO_STACK}Network`;
export const DEVELOPER_STACK = `${DEMO_STACK}Developer`;
export const LAUNCHER_STACK = `${DEMO_STACK}Launcher`;

/** The network team's roles have this path. Its app is deployed with a bootstrap of its own. */
export const TEAM = { networkTeamPath: '/network-team/', qualifier: 'netteam' };

/** Names that the network team and the developers agree on. */
export const CATALOG = 'demo';
export const CONNECTOR = 'internal';

/** The function that launches MicroVMs. */
export const BACKEND = `${LAUNCHER_STACK}Backend`;
