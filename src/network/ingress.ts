import type { IConstruct } from 'constructs';
import { ManagedNetworkConnector } from './allowed-connectors';
import { managedConnectorArn } from '../private/arns';
import { instanceOf } from '../private/property-types';

/**
 * ARNs and capabilities of an ingress, for requests and policies. `MicrovmIngress.bind` returns them.
 */
export interface MicrovmIngressConfig {
  /**
   * The ARNs of the network connectors to send to the service. The caller needs `lambda:PassNetworkConnector` on each
   * of them.
   */
  readonly networkConnectorArns: string[];

  /**
   * Whether requests can reach the MicroVM. If not, endpoint tokens are of no use.
   */
  readonly admitsRequests: boolean;

  /**
   * Whether a shell can be opened. If not, the service creates no shell tokens.
   */
  readonly admitsShell: boolean;
}

/**
 * Network ingress of a MicroVM, through the connectors that AWS provides. The service fixes it at launch.
 *
 * Every MicroVM has its own endpoint on the internet, which answers only requests with a bearer token. The ingress
 * determines what a token can open.
 *
 * | | requests | ports | shell |
 * | --- | --- | --- | --- |
 * | `none()` | no | none | no |
 * | `http()` | HTTP/1.1, HTTP/2, gRPC, WebSockets, server-sent events | those that the token permits | no |
 * | `httpWithShell()` | as `http()` | those that the token permits | as root |
 * | `allPorts()` | as `http()` | those that the token permits | no |
 *
 * The library always sends the ingress explicitly, because the service opens HTTP for a launch that names no ingress
 * connector (service-facts.md, 4).
 *
 * @example
 * import type { Stack } from 'aws-cdk-lib';
 * import type { MicrovmImage } from 'cdk-lambda-microvms';
 * import { MicrovmEgress, MicrovmIngress, MicrovmLauncher } from 'cdk-lambda-microvms';
 *
 * declare const stack: Stack;
 * declare const image: MicrovmImage;
 *
 * new MicrovmLauncher(stack, 'Worker', { image, ingress: MicrovmIngress.none(), egress: MicrovmEgress.internet() });
 * new MicrovmLauncher(stack, 'Workbench', {
 *   image,
 *   ingress: MicrovmIngress.httpWithShell(),
 *   egress: MicrovmEgress.internet(),
 * });
 */
export class MicrovmIngress {
  /**
   * No ingress (`NO_INGRESS`). The MicroVM still has an endpoint, which answers no request.
   */
  public static none(): MicrovmIngress {
    return new MicrovmIngress([ManagedNetworkConnector.NO_INGRESS], false, false);
  }

  /**
   * HTTP with an endpoint token (`HTTP_INGRESS`).
   */
  public static http(): MicrovmIngress {
    return new MicrovmIngress([ManagedNetworkConnector.HTTP_INGRESS], true, false);
  }

  /**
   * HTTP with an endpoint token, and a root shell with a shell token (`HTTP_INGRESS` and `SHELL_INGRESS`).
   *
   * Whoever has a shell can read the credentials of the execution role.
   */
  public static httpWithShell(): MicrovmIngress {
    return new MicrovmIngress([ManagedNetworkConnector.HTTP_INGRESS, ManagedNetworkConnector.SHELL_INGRESS], true, true);
  }

  /**
   * Ingress to all ports with an endpoint token (`ALL_INGRESS`).
   *
   * The service creates no shell tokens for it (service-facts.md, 4).
   */
  public static allPorts(): MicrovmIngress {
    return new MicrovmIngress([ManagedNetworkConnector.ALL_INGRESS], true, false);
  }

  private constructor(
    private readonly connectors: ManagedNetworkConnector[], private readonly admitsRequests: boolean, private readonly admitsShell: boolean,
  ) {}

  /**
   * Returns the ARNs and capabilities that requests and policies need for this ingress.
   *
   * @param scope the construct that uses the ingress. Its stack determines partition and Region.
   */
  public bind(scope: IConstruct): MicrovmIngressConfig {
    return {
      networkConnectorArns: this.connectors.map(name => managedConnectorArn(scope, name)),
      admitsRequests: this.admitsRequests,
      admitsShell: this.admitsShell,
    };
  }
}

export const INGRESS = instanceOf('MicrovmIngress', MicrovmIngress, 'MicrovmIngress.http() or MicrovmIngress.none()');
