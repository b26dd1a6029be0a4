import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { checkArgument, having, instanceOf, listOf } from '../private/property-types';

/**
 * Network connectors that a `NetworkConnectorGuardrail` permits developers to use.
 *
 * @example
 * import type { Stack } from 'aws-cdk-lib';
 * import { AllowedNetworkConnectors, NetworkConnector, NetworkConnectorGuardrail } from 'cdk-lambda-microvms';
 *
 * declare const stack: Stack;
 *
 * const internal = NetworkConnector.fromNetworkConnectorName(stack, 'Internal', 'internal');
 * new NetworkConnectorGuardrail(stack, 'Guardrail', {
 *   allowed: AllowedNetworkConnectors.only(internal),
 *   networkTeamPath: '/network-team/',
 *   boundaryName: 'developer-boundary',
 * });
 */
export class AllowedNetworkConnectors {
  /**
   * Permits these connectors and no others.
   *
   * With one stack of the network team and one permission set, about 27 connectors fit into a boundary, and 28 into a
   * service control policy. If a guardrail has too many, synth fails with `NetworkConnectorGuardrailTooLarge`.
   */
  public static only(...connectors: lambda.INetworkConnectorRef[]): AllowedNetworkConnectors {
    checkArgument('allowed', connectors, listOf('network connectors', having('a network connector', 'networkConnectorRef')));
    return new AllowedNetworkConnectors(connectors);
  }

  /**
   * Permits all connectors of the account, present and future.
   *
   * Under the guardrail, only the network team can create connectors, so developers cannot add one of their own. A
   * connector that they created before the guardrail is permitted: delete it first. The policies have the same size for
   * any number of connectors.
   */
  public static allInAccount(): AllowedNetworkConnectors {
    return new AllowedNetworkConnectors();
  }

  private constructor(private readonly connectors?: lambda.INetworkConnectorRef[]) {}

  /**
   * The ARNs of the permitted connectors; undefined if all connectors of the account are permitted.
   *
   * @internal
   */
  public _arns(): string[] | undefined {
    return this.connectors?.map(connector => connector.networkConnectorRef.networkConnectorArn);
  }
}

/**
 * Network connectors that AWS provides in every account.
 */
export enum ManagedNetworkConnector {
  /**
   * HTTP ingress through the endpoint of a MicroVM, with an endpoint token.
   */
  HTTP_INGRESS = 'HTTP_INGRESS',

  /**
   * No ingress.
   */
  NO_INGRESS = 'NO_INGRESS',

  /**
   * Ingress to all ports, with an endpoint token.
   */
  ALL_INGRESS = 'ALL_INGRESS',

  /**
   * A root shell, with a shell token.
   */
  SHELL_INGRESS = 'SHELL_INGRESS',

  /**
   * Egress to the internet.
   */
  INTERNET_EGRESS = 'INTERNET_EGRESS',
}

export const ALLOWED_CONNECTORS = instanceOf('AllowedNetworkConnectors', AllowedNetworkConnectors, 'AllowedNetworkConnectors.only(connector)');
