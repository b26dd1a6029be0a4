import type { IConstruct } from 'constructs';
import { managedConnectorArn } from '../private/arns';

/**
 * A way in, as the service and policies need it.
 */
export interface MicrovmIngressConfig {
  /**
   * The ARNs of the network connectors to send to the service; `lambda:PassNetworkConnector` is needed on each.
   */
  readonly networkConnectorArns: string[];

  /**
   * Whether requests can reach the MicroVM, so that a token for its endpoint is of use.
   */
  readonly admitsRequests: boolean;

  /**
   * Whether a shell can be opened, so that a token for one can be minted.
   */
  readonly admitsShell: boolean;
}

/**
 * The way into a MicroVM, through the connectors that AWS provides. It is fixed at launch.
 *
 * Every MicroVM has an endpoint of its own on the internet, which answers to bearer tokens only; the choice is what a token can open.
 *
 * | | requests | ports | shell |
 * | --- | --- | --- | --- |
 * | `none()` | no | none | no |
 * | `http()` | HTTP/1.1, HTTP/2, gRPC, WebSockets, server-sent events | those that the token allows | no |
 * | `httpWithShell()` | the same | those that the token allows | as root |
 * | `allPorts()` | the same | those that the token allows | no |
 *
 * It is always sent explicitly: the service opens HTTP to whatever names no ingress.
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
 * new MicrovmLauncher(stack, 'Workbench', { image, ingress: MicrovmIngress.httpWithShell(), egress: MicrovmEgress.internet() });
 */
export class MicrovmIngress {
  /**
   * Nothing comes in (`NO_INGRESS`). The MicroVM still has a host name, which answers nobody.
   */
  public static none(): MicrovmIngress {
    return new MicrovmIngress(['NO_INGRESS'], false, false);
  }

  /**
   * HTTP with a token (`HTTP_INGRESS`).
   */
  public static http(): MicrovmIngress {
    return new MicrovmIngress(['HTTP_INGRESS'], true, false);
  }

  /**
   * HTTP with a token, and a root shell with a token of its own kind (`HTTP_INGRESS` and `SHELL_INGRESS`).
   *
   * With a shell come the credentials of the execution role.
   */
  public static httpWithShell(): MicrovmIngress {
    return new MicrovmIngress(['HTTP_INGRESS', 'SHELL_INGRESS'], true, true);
  }

  /**
   * All ports with a token (`ALL_INGRESS`). No shell: the service mints no shell tokens for it.
   */
  public static allPorts(): MicrovmIngress {
    return new MicrovmIngress(['ALL_INGRESS'], true, false);
  }

  private constructor(private readonly connectors: string[], private readonly admitsRequests: boolean, private readonly admitsShell: boolean) {}

  /**
   * What to send and what to allow for it.
   *
   * @param scope where it is used; its stack gives partition and Region.
   */
  public bind(scope: IConstruct): MicrovmIngressConfig {
    return {
      networkConnectorArns: this.connectors.map(name => managedConnectorArn(scope, name)),
      admitsRequests: this.admitsRequests,
      admitsShell: this.admitsShell,
    };
  }
}
