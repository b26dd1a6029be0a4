import { accessDenied, validationError } from './errors';

/** Partition, Region and account of the simulated service. */
export interface Home {
  readonly region: string;
  readonly account: string;
}

const MANAGED_CONNECTORS = ['HTTP_INGRESS', 'ALL_INGRESS', 'SHELL_INGRESS', 'NO_INGRESS', 'INTERNET_EGRESS'] as const;
export type ManagedConnector = typeof MANAGED_CONNECTORS[number];

export function partitionOf(region: string): string {
  if (region.startsWith('cn-')) return 'aws-cn';
  return region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
}

export function imageArn(home: Home, name: string): string {
  return `arn:${partitionOf(home.region)}:lambda:${home.region}:${home.account}:microvm-image:${name}`;
}

export function managedImageArn(home: Home, name: string): string {
  return imageArn({ ...home, account: 'aws' }, name);
}

export function connectorArn(home: Home, id: string): string {
  return `arn:${partitionOf(home.region)}:lambda:${home.region}:${home.account}:network-connector:${id}`;
}

/** The ARN of a key or alias that a request names by ARN, alias or ID. */
export function keyArn(home: Home, identifier: string): string {
  if (identifier.startsWith('arn:')) return identifier;
  const name = identifier.startsWith('alias/') ? identifier : `key/${identifier}`;
  return `arn:${partitionOf(home.region)}:kms:${home.region}:${home.account}:${name}`;
}

export function managedConnectorArn(home: Home, connector: ManagedConnector): string {
  return `arn:${partitionOf(home.region)}:lambda:${home.region}:aws:network-connector:aws-network-connector:${connector}`;
}

/** The managed connector of an ARN; undefined for a connector of an account. */
export function managedConnectorOf(home: Home, arn: string): ManagedConnector | undefined {
  const match = /^arn:[^:]+:lambda:[^:]*:([^:]*):network-connector:(.+)$/.exec(arn);
  if (match === null) throw validationError(`Malformed network connector ARN: ${arn}`);
  if (match[1] !== 'aws') return undefined;
  const known = MANAGED_CONNECTORS.find(connector => managedConnectorArn(home, connector) === arn);
  if (known === undefined) throw validationError(`Unrecognized managed network connector ARN: ${arn}`);
  return known;
}

/**
 * Checks that an identifier is the ARN of an image in this account.
 * The live service accepts only full ARNs. It denies access to any ARN of another account, which includes the form
 * with a slash.
 */
export function checkImageIdentifier(home: Home, identifier: string, action: string, caller: string): void {
  if (!identifier.startsWith('arn:')) {
    throw validationError(action === 'RunMicrovm' ? "Malformed ARN - doesn't start with 'arn:'" : `Invalid ARN format: ${identifier}`);
  }
  const [, partition, service, region, account, type, name, ...rest] = identifier.split(':');
  if (service !== 'lambda' || account === undefined) throw validationError(`Invalid ARN format: ${identifier}`);
  const ours = partition === partitionOf(home.region) && region === home.region && account === home.account
    && type === 'microvm-image' && name !== undefined && rest.length === 0;
  if (!ours) throw accessDenied(denialByResource(caller, action, identifier));
}

export function denialByResource(caller: string, action: string, resource: string): string {
  return `User: ${caller} is not authorized to perform: lambda:${action} on resource: ${resource} `
    + `because no resource-based policy allows the lambda:${action} action`;
}

export function denialByIdentity(caller: string, action: string, resource: string): string {
  return `User: ${caller} is not authorized to perform: ${action} on resource: ${resource} `
    + `because no identity-based policy allows the ${action} action`;
}
