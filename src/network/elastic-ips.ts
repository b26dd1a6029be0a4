/**
 * Whether the network interfaces of a connector have public IPv4 addresses.
 */
export enum NetworkConnectorElasticIps {
  /**
   * The network interfaces have no public address. MicroVMs reach the internet through a NAT gateway, if the subnets
   * have a route to one.
   */
  NONE = 'NONE',

  /**
   * The service allocates an Elastic IP address for each network interface. MicroVMs reach the internet from public
   * subnets, without a NAT gateway.
   *
   * The addresses belong to the connector's version: a change of subnets, security groups or operator role creates a
   * new version with new network interfaces. Not yet verified against live AWS.
   */
  SERVICE_MANAGED = 'SERVICE_MANAGED',
}

/** Whether the service allocates elastic IPs. */
export function hasElasticIps(elasticIps: NetworkConnectorElasticIps | undefined): boolean {
  return elasticIps === NetworkConnectorElasticIps.SERVICE_MANAGED;
}
