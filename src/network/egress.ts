import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type { IConstruct } from 'constructs';
import { ManagedNetworkConnector } from './allowed-connectors';
import { checkConnectorArn } from './connector-arn';
import { managedConnectorArn, withVersions } from '../private/arns';
import { checkArgument, having, instanceOf } from '../private/property-types';

/**
 * ARNs that requests and policies need for an egress. `MicrovmEgress.bind` returns them.
 */
export interface MicrovmEgressConfig {
  /**
   * The ARN of the network connector to send to the service.
   */
  readonly networkConnectorArn: string;

  /**
   * The ARNs on which the caller needs `lambda:PassNetworkConnector`, and no others.
   */
  readonly passableArns: string[];
}

/**
 * Network egress of a MicroVM, or of the builds of an image.
 *
 * | | the managed internet connector | a network connector of your own |
 * | --- | --- | --- |
 * | reaches | the internet | what the routes of the subnets and the security groups permit |
 * | internet | yes | only through a NAT gateway |
 * | TCP | yes | yes |
 * | UDP | no, outbound UDP is blocked | yes |
 * | DNS | through a local stub resolver | through a local stub resolver, which queries the resolver of the VPC |
 * | IPv6 | no | with a dual-stack connector |
 * | fixed source address | no | the address of the NAT gateway |
 *
 * Containers inside a MicroVM cannot reach the stub resolver. Start them with `--dns 169.254.169.253`.
 *
 * Security groups do not filter the resolver of the VPC. A connector whose security groups permit nothing still
 * resolves names, and DNS queries can carry data out of the VPC. To prevent that, use Route 53 Resolver DNS Firewall.
 *
 * The library always sends the egress explicitly, because the service gives internet access to a launch that names no
 * egress connector (service-facts.md, 4).
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
 *   buildEgress: MicrovmEgress.internet(), // builds fetch packages
 * });
 * new MicrovmLauncher(stack, 'Launcher', {
 *   image,
 *   ingress: MicrovmIngress.http(),
 *   egress: MicrovmEgress.connector(internal), // MicroVMs reach only the VPC
 * });
 */
export abstract class MicrovmEgress {
  /**
   * Egress to the internet through the connector `INTERNET_EGRESS`, which AWS provides. It permits TCP only.
   */
  public static internet(): MicrovmEgress {
    return new InternetEgress();
  }

  /**
   * Egress into a VPC through a network connector: a `NetworkConnector`, an L1, aws-cdk-lib's `lambda.NetworkConnector`
   * or an imported one.
   *
   * The connector replaces the path to the internet. A build must then reach base images and packages from the subnets
   * of the connector. `public.ecr.aws` needs a NAT gateway or a private mirror. Package managers may need port 80.
   *
   * @param connector a connector for MicroVMs, in the same account and Region.
   */
  public static connector(connector: lambda.INetworkConnectorRef): MicrovmEgress {
    checkArgument('egress', connector, having('a network connector', 'networkConnectorRef'));
    return new ConnectorEgress(connector);
  }

  /**
   * Returns the ARNs that requests and policies need for this egress.
   *
   * @param scope the construct that uses the egress. Its stack determines partition and Region.
   */
  public abstract bind(scope: IConstruct): MicrovmEgressConfig;

  /**
   * Does the same, and names the property of the user in errors.
   *
   * @internal
   */
  public _bindProperty(scope: IConstruct, property: string): MicrovmEgressConfig {
    void property;
    return this.bind(scope);
  }

  /**
   * The connector of the user; undefined for a connector of AWS.
   *
   * @internal
   */
  public get _connector(): lambda.INetworkConnectorRef | undefined {
    return undefined;
  }
}

class InternetEgress extends MicrovmEgress {
  public bind(scope: IConstruct): MicrovmEgressConfig {
    const arn = managedConnectorArn(scope, ManagedNetworkConnector.INTERNET_EGRESS);
    return { networkConnectorArn: arn, passableArns: [arn] };
  }
}

class ConnectorEgress extends MicrovmEgress {
  public constructor(private readonly connector: lambda.INetworkConnectorRef) {
    super();
  }

  public override get _connector(): lambda.INetworkConnectorRef {
    return this.connector;
  }

  public bind(scope: IConstruct): MicrovmEgressConfig {
    return this._bindProperty(scope, 'egress');
  }

  public override _bindProperty(scope: IConstruct, property: string): MicrovmEgressConfig {
    const arn = this.connector.networkConnectorRef.networkConnectorArn;
    checkConnectorArn(property, 'MicrovmEgressConnectorInvalid', arn, scope);
    return { networkConnectorArn: arn, passableArns: withVersions(arn) };
  }
}

export const EGRESS = instanceOf('MicrovmEgress', MicrovmEgress, 'MicrovmEgress.internet() or MicrovmEgress.connector(connector)');
