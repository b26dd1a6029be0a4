import type * as lambda from 'aws-cdk-lib/aws-lambda';

/**
 * The network connectors of an account that a guardrail permits developers to use.
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
   * The size limits of IAM policies limit the number of connectors. Synthesis fails if a guardrail has too many.
   */
  public static only(...connectors: lambda.INetworkConnectorRef[]): AllowedNetworkConnectors {
    return new AllowedNetworkConnectors(connectors);
  }

  /**
   * Permits all connectors of the account, present and future.
   *
   * This is safe because only the network team can create connectors. The size of the policies does not grow with the
   * number of connectors.
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
 * The network connectors that AWS provides in every account.
 */
export enum ManagedNetworkConnector {
  /**
   * Ingress through the endpoint of a MicroVM, with a token.
   */
  HTTP_INGRESS = 'HTTP_INGRESS',

  /**
   * No ingress.
   */
  NO_INGRESS = 'NO_INGRESS',

  /**
   * Ingress to all ports, with a token.
   */
  ALL_INGRESS = 'ALL_INGRESS',

  /**
   * A root shell, with a token.
   */
  SHELL_INGRESS = 'SHELL_INGRESS',

  /**
   * Egress to the internet.
   */
  INTERNET_EGRESS = 'INTERNET_EGRESS',
}
