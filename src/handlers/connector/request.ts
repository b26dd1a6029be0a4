import type { ConnectorRequest, VpcEgressConfiguration } from './lambda-core';
import type { NetworkProtocolProperty } from '../../contract/connector';
import { applyOverrides } from '../engine/request-body';

/** What the service shows as `Type` of the elastic IPs. */
export type ElasticIps = 'ServiceManaged' | 'None';

/** The settings that requests to create and to update a connector share. */
export interface Settings {
  readonly subnetIds: string[];
  readonly securityGroupIds: string[];
  readonly networkProtocol: NetworkProtocolProperty;
  readonly operatorRoleArn: string;
  /** Absent: the request does not mention them, so that a service which does not know them accepts it. */
  readonly elasticIps?: ElasticIps;
  /** Overrides of the request, in JSON. */
  readonly requestOverrides?: string;
}

/** The settings of a connector as a request asks for them, or as an answer shows them. */
export interface ShownSettings {
  readonly subnetIds: string[];
  readonly securityGroupIds: string[];
  readonly networkProtocol?: NetworkProtocolProperty;
  readonly operatorRoleArn?: string;
  readonly elasticIps?: ElasticIps;
}

/**
 * Returns the members that requests to create and to update a connector share, with the overrides of the user.
 *
 * The service requires every member except elastic IPs, although its model calls them optional (service-facts.md, 1.3).
 */
export function requestOf(settings: Settings): ConnectorRequest {
  return applyOverrides({
    Configuration: {
      VpcEgressConfiguration: {
        SubnetIds: settings.subnetIds,
        SecurityGroupIds: settings.securityGroupIds,
        NetworkProtocol: settings.networkProtocol,
        AssociatedComputeResourceTypes: ['MicroVm'],
        ...settings.elasticIps && { ElasticIpConfiguration: { Type: settings.elasticIps } },
      },
    },
    OperatorRole: settings.operatorRoleArn,
  }, settings.requestOverrides);
}

/** Returns the settings that a request or an answer contains. */
export function settingsIn({ Configuration: configuration, OperatorRole: operatorRoleArn }: Partial<ConfigurationAnswer>): ShownSettings {
  const egress = configuration?.VpcEgressConfiguration;
  return {
    subnetIds: egress?.SubnetIds ?? [],
    securityGroupIds: egress?.SecurityGroupIds ?? [],
    networkProtocol: egress?.NetworkProtocol as NetworkProtocolProperty | undefined,
    operatorRoleArn,
    elasticIps: egress?.ElasticIpConfiguration?.Type as ElasticIps | undefined,
  };
}

interface ConfigurationAnswer {
  readonly Configuration: { readonly VpcEgressConfiguration?: Partial<VpcEgressConfiguration> };
  readonly OperatorRole: string;
}
