import type * as lambda from 'aws-cdk-lib/aws-lambda';

/**
 * The network connectors of an account that a guardrail lets developers use.
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
   * These and no others. How many fit is limited by the sizes of policies; a guardrail with too many fails, and says so.
   */
  public static only(...connectors: lambda.INetworkConnectorRef[]): AllowedNetworkConnectors {
    return new AllowedNetworkConnectors(connectors);
  }

  /**
   * All that there are, now and later. It is sound because nobody but the network team can make one, and its size never grows.
   */
  public static allInAccount(): AllowedNetworkConnectors {
    return new AllowedNetworkConnectors();
  }

  private constructor(private readonly connectors?: lambda.INetworkConnectorRef[]) {}

  /**
   * Undefined: all.
   *
   * @internal
   */
  public _arns(): string[] | undefined {
    return this.connectors?.map(connector => connector.networkConnectorRef.networkConnectorArn);
  }
}

/**
 * The network connectors that AWS provides.
 */
export enum ManagedNetworkConnector {
  /**
   * Ingress by the endpoint of a MicroVM, with a token.
   */
  HTTP_INGRESS = 'HTTP_INGRESS',

  /**
   * No ingress.
   */
  NO_INGRESS = 'NO_INGRESS',

  /**
   * Ingress to all ports.
   */
  ALL_INGRESS = 'ALL_INGRESS',

  /**
   * A root shell, with a token.
   */
  SHELL_INGRESS = 'SHELL_INGRESS',

  /**
   * The internet.
   */
  INTERNET_EGRESS = 'INTERNET_EGRESS',
}
