import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type { IConstruct } from 'constructs';
import { checkConnectorArn } from './connector-arn';
import { managedConnectorArn, withVersions } from '../private/arns';

/**
 * A way out, as the service and policies need it.
 */
export interface MicrovmEgressConfig {
  /**
   * The ARN of the network connector to send to the service.
   */
  readonly networkConnectorArn: string;

  /**
   * The ARNs on which `lambda:PassNetworkConnector` is needed, and no others.
   */
  readonly passableArns: string[];
}

/**
 * The way out of a MicroVM, or of the build of an image, to the network.
 *
 * | | the managed internet connector | a network connector of your own |
 * | --- | --- | --- |
 * | reaches | the internet | what the subnets' routes and the security groups allow, which is the internet only through a NAT gateway |
 * | TCP | yes | yes |
 * | UDP | no, outbound UDP is blocked | yes |
 * | DNS | through a local stub resolver | through a local stub resolver, which asks the VPC's resolver |
 * | IPv6 | no | with a dual-stack connector |
 * | fixed source address | no | that of the NAT gateway |
 *
 * Containers that run inside a MicroVM cannot reach the stub resolver: give them `--dns 169.254.169.253`. Security groups
 * do not filter the VPC's resolver, so a connector that denies everything still resolves names, which is a way out for data;
 * use Route 53 Resolver DNS Firewall where that matters.
 *
 * It is always sent explicitly: the service gives internet access to whatever names no connector.
 *
 * @example
 * import type { Stack } from 'aws-cdk-lib';
 * import type { NetworkConnector } from 'cdk-lambda-microvms';
 * import { MicrovmCode, MicrovmEgress, MicrovmImage, MicrovmIngress, MicrovmLauncher } from 'cdk-lambda-microvms';
 *
 * declare const stack: Stack;
 * declare const internal: NetworkConnector;
 *
 * const image = new MicrovmImage(stack, 'Sandbox', {
 *   code: MicrovmCode.fromDirectory('sandbox'),
 *   buildEgress: MicrovmEgress.internet(), // packages are fetched when it is built
 * });
 * new MicrovmLauncher(stack, 'Launcher', {
 *   image,
 *   ingress: MicrovmIngress.http(),
 *   egress: MicrovmEgress.connector(internal), // what runs reaches the VPC alone
 * });
 */
export abstract class MicrovmEgress {
  /**
   * The internet, through the connector that AWS provides (`INTERNET_EGRESS`): TCP only.
   */
  public static internet(): MicrovmEgress {
    return new InternetEgress();
  }

  /**
   * A VPC, through a network connector: a `NetworkConnector`, an L1, an aws-cdk-lib `lambda.NetworkConnector` or an import.
   *
   * It replaces the way to the internet. For a build this means that base images and packages must be reachable from the
   * connector's subnets: `public.ecr.aws` needs a NAT gateway or a private mirror, and package managers may need port 80.
   *
   * @param connector a connector for MicroVMs, in the same account and Region.
   */
  public static connector(connector: lambda.INetworkConnectorRef): MicrovmEgress {
    return new ConnectorEgress(connector);
  }

  /**
   * What to send and what to allow for it.
   *
   * @param scope where it is used; its stack gives partition and Region.
   */
  public abstract bind(scope: IConstruct): MicrovmEgressConfig;
}

class InternetEgress extends MicrovmEgress {
  public bind(scope: IConstruct): MicrovmEgressConfig {
    const arn = managedConnectorArn(scope, 'INTERNET_EGRESS');
    return { networkConnectorArn: arn, passableArns: [arn] };
  }
}

class ConnectorEgress extends MicrovmEgress {
  public constructor(private readonly connector: lambda.INetworkConnectorRef) {
    super();
  }

  public bind(scope: IConstruct): MicrovmEgressConfig {
    const arn = this.connector.networkConnectorRef.networkConnectorArn;
    checkConnectorArn('egress', 'MicrovmEgressConnectorInvalid', arn, scope);
    return { networkConnectorArn: arn, passableArns: withVersions(arn) };
  }
}
