/** Where the parameters of catalogues are; the guardrail keeps others from writing there. */
export const CATALOG_PATH = '/network-connectors';
