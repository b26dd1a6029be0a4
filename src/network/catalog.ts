import { Stack, Token } from 'aws-cdk-lib';
import type * as iam from 'aws-cdk-lib/aws-iam';
import * as ssm from 'aws-cdk-lib/aws-ssm';
import { Construct } from 'constructs';
import type { IConstruct } from 'constructs';
import { CATALOG_PATH } from './catalog-path';
import type { INetworkConnector } from './network-connector';
import { NetworkConnector } from './network-connector';
import type { TextRule } from '../private/errors';
import { checkText, ValidationError } from '../private/errors';
import { grantActions } from '../private/grant';
import { PERMISSIONS } from '../private/permissions';

/**
 * Network connectors under names.
 *
 * @example
 * import type { aws_iam as iam, Stack } from 'aws-cdk-lib';
 * import { NetworkConnectorCatalog } from 'cdk-lambda-microvms';
 *
 * declare const stack: Stack;
 * declare const backend: iam.Role;
 *
 * const connectors = NetworkConnectorCatalog.fromCatalogName(stack, 'Connectors', 'platform');
 * connectors.grantUse(backend, 'internal');
 */
export interface INetworkConnectorCatalog extends IConstruct {
  /**
   * The name of the catalogue.
   */
  readonly catalogName: string;

  /**
   * The connector that is published under a name.
   *
   * In another app than the catalogue's its ARN is resolved anew at each deployment, through a parameter of the template; a name that is not
   * published fails the deployment, with the path of the parameter in the error.
   */
  connector(connectorName: string): INetworkConnector;

  /**
   * Allows to use connectors and to find them by their names.
   *
   * @param connectorNames which ones. In the catalogue's own app none named means all that it holds, added before or after this call.
   */
  grantUse(grantee: iam.IGrantable, ...connectorNames: string[]): iam.Grant;
}

/**
 * Properties of a catalogue.
 */
export interface NetworkConnectorCatalogProps {
  /**
   * The name by which other apps find it: 1 to 64 letters, digits, dots, hyphens and underscores, unique in the account and Region. A change
   * publishes everything under new paths and takes the old ones away.
   */
  readonly catalogName: string;
}

/**
 * What is published with a connector.
 */
export interface NetworkConnectorPublicationOptions {
  /**
   * What the connector is for, for people: at most 900 characters. A change replaces nothing.
   *
   * @default - protocol and VPC id alone, as far as they are known
   */
  readonly description?: string;
}

const NAME = { minLength: 1, maxLength: 64, pattern: /^[a-zA-Z0-9_.-]+$/, allowed: 'letters, digits, dots, hyphens and underscores' };
const CATALOG_NAME: TextRule = { ...NAME, property: 'catalogName', code: 'NetworkConnectorCatalogNameInvalid' };
const CONNECTOR_NAME: TextRule = { ...NAME, property: 'connectorName', code: 'NetworkConnectorCatalogEntryInvalid' };
const DESCRIPTION: TextRule = {
  property: 'description', code: 'NetworkConnectorCatalogEntryInvalid', minLength: 0, maxLength: 900, allowed: 'in a sentence or two',
};

abstract class CatalogBase extends Construct implements INetworkConnectorCatalog {
  public readonly catalogName: string;

  public constructor(scope: Construct, id: string, catalogName: string) {
    super(scope, id);
    checkText(CATALOG_NAME, catalogName, this);
    this.catalogName = catalogName;
  }

  public abstract connector(connectorName: string): INetworkConnector;

  public grantUse(grantee: iam.IGrantable, ...connectorNames: string[]): iam.Grant {
    if (connectorNames.length === 0) {
      throw new ValidationError('NetworkConnectorCatalogGrantInvalid',
        'connectorNames: none is named, and only the app of the catalogue knows what it holds; name the connectors', this);
    }
    return this._grantUseOf(connectorNames, grantee);
  }

  /** @internal */
  protected _grantUseOf(connectorNames: string[], grantee: iam.IGrantable): iam.Grant {
    const read = grantActions(grantee, PERMISSIONS.catalog.read.actions, connectorNames.map(name => this._parameterArn(name)));
    return connectorNames.reduce((grant, name) => grant.combine(this.connector(name).grantUse(grantee)), read);
  }

  /** @internal */
  protected _parameterName(connectorName: string): string {
    checkText(CONNECTOR_NAME, connectorName, this);
    return `${CATALOG_PATH}/${this.catalogName}/${connectorName}`;
  }

  /** @internal */
  protected _parameterArn(connectorName: string): string {
    return Stack.of(this).formatArn({ service: 'ssm', resource: 'parameter', resourceName: this._parameterName(connectorName).slice(1) });
  }
}

/**
 * Publishes network connectors under names, by which the apps of other teams in the same account and Region use them without
 * an export between stacks.
 *
 * Each is a parameter `/network-connectors/<catalogue>/<connector>` with the ARN, and a description for people. Connectors cannot be shared between
 * accounts: deploy the catalogue, with its connectors, into each.
 *
 * @example
 * import type { aws_ec2 as ec2, aws_iam as iam, Stack } from 'aws-cdk-lib';
 * import { MicrovmCode, MicrovmEgress, MicrovmImage, NetworkConnector, NetworkConnectorCatalog } from 'cdk-lambda-microvms';
 *
 * declare const networkStack: Stack;
 * declare const vpc: ec2.Vpc;
 * declare const developers: iam.Role;
 * declare const appStack: Stack;
 *
 * // The network team's app
 * const catalog = new NetworkConnectorCatalog(networkStack, 'Catalog', { catalogName: 'platform' });
 * catalog.add('internal', new NetworkConnector(networkStack, 'Internal', { vpc }), { description: 'Databases and queues, no internet' });
 * catalog.grantUse(developers);
 *
 * // A developer's app
 * const connectors = NetworkConnectorCatalog.fromCatalogName(appStack, 'Connectors', 'platform');
 * new MicrovmImage(appStack, 'Sandbox', {
 *   code: MicrovmCode.fromDirectory('sandbox'),
 *   buildEgress: MicrovmEgress.connector(connectors.connector('internal')),
 * });
 */
export class NetworkConnectorCatalog extends CatalogBase {
  /**
   * A catalogue that another app of the same account and Region publishes.
   */
  public static fromCatalogName(scope: Construct, id: string, catalogName: string): INetworkConnectorCatalog {
    return new PublishedCatalog(scope, id, catalogName);
  }

  private readonly entries = new Map<string, INetworkConnector>();
  private readonly usersOfAll: iam.IGrantable[] = [];

  public constructor(scope: Construct, id: string, props: NetworkConnectorCatalogProps) {
    super(scope, id, props.catalogName);
  }

  /**
   * Publishes a connector.
   *
   * @param connectorName 1 to 64 letters, digits, dots, hyphens and underscores. A change of the name takes the old one away.
   */
  public add(connectorName: string, connector: INetworkConnector, options: NetworkConnectorPublicationOptions = {}): void {
    const parameterName = this._parameterName(connectorName);
    checkText(DESCRIPTION, options.description, this);
    if (this.entries.has(connectorName)) {
      throw new ValidationError('NetworkConnectorCatalogEntryInvalid', `connectorName: '${connectorName}' is in the catalogue already; use another name`, this);
    }
    this.entries.set(connectorName, connector);
    this.usersOfAll.forEach(grantee => this._grantUseOf([connectorName], grantee));
    new ssm.StringParameter(this, connectorName, {
      parameterName,
      simpleName: false,
      stringValue: connector.networkConnectorArn,
      description: [options.description, connector.networkProtocol, connector.vpcId].filter(part => part !== undefined).join('; ') || undefined,
    });
  }

  public connector(connectorName: string): INetworkConnector {
    const connector = this.entries.get(connectorName);
    if (!connector) {
      const names = [...this.entries.keys()].map(name => `'${name}'`).join(', ');
      throw new ValidationError('NetworkConnectorCatalogEntryInvalid',
        `connectorName: '${connectorName}' is not in the catalogue, which has ${names || 'nothing'}; add it first`, this);
    }
    return connector;
  }

  public override grantUse(grantee: iam.IGrantable, ...connectorNames: string[]): iam.Grant {
    if (connectorNames.length > 0) return super.grantUse(grantee, ...connectorNames);
    this.node.addValidation({
      validate: () => this.entries.size > 0 ? [] : [new ValidationError('NetworkConnectorCatalogGrantInvalid',
        'grantUse: all connectors of the catalogue are granted, and it has none; add one', this).message],
    });
    this.usersOfAll.push(grantee);
    return this._grantUseOf([...this.entries.keys()], grantee);
  }
}

/** As another app publishes it. */
class PublishedCatalog extends CatalogBase {
  private readonly connectors = new Map<string, INetworkConnector>();

  public connector(connectorName: string): INetworkConnector {
    const known = this.connectors.get(connectorName);
    if (known) return known;
    const parameterName = this._parameterName(connectorName);
    if (Token.isUnresolved(parameterName)) {
      throw new ValidationError('NetworkConnectorCatalogEntryInvalid', 'connectorName: a name that only the deployment knows cannot be looked up; write it down', this);
    }
    // A parameter of the template, which each deployment reads anew; a dynamic reference is read again only if the text around it changes.
    const connector = NetworkConnector.fromNetworkConnectorArn(this, connectorName, ssm.StringParameter.valueForStringParameter(this, parameterName));
    this.connectors.set(connectorName, connector);
    return connector;
  }
}
