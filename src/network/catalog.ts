import { Stack, Token } from 'aws-cdk-lib';
import type * as iam from 'aws-cdk-lib/aws-iam';
import * as ssm from 'aws-cdk-lib/aws-ssm';
import { Construct } from 'constructs';
import type { IConstruct } from 'constructs';
import type { INetworkConnector } from './network-connector';
import { NetworkConnector } from './network-connector';
import type { TextRule } from '../private/errors';
import { checkText, ValidationError } from '../private/errors';
import { grantPermissions } from '../private/grant';
import { PERMISSIONS } from '../private/permissions';
import { checkArgument, checkProps, having, pathOf, TEXT } from '../private/property-types';
import type { PropertyTypes } from '../private/property-types';

/**
 * A catalog of network connectors, published under names.
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
   * The name of the catalog.
   */
  readonly catalogName: string;

  /**
   * Returns the connector that is published under a name.
   *
   * In the app that defines the catalog, call `add` with this name first. Otherwise it throws
   * `NetworkConnectorCatalogEntryInvalid`.
   *
   * In other apps, each deployment resolves the ARN through a parameter of the template. If the catalog has no
   * connector of this name, the deployment fails, and the error contains the path of the parameter.
   */
  connector(connectorName: string): INetworkConnector;

  /**
   * Grants permission to use connectors and to find them by name.
   *
   * @param connectorNames the names of the connectors. In the app that defines the catalog, an empty list means all
   * connectors of the catalog, including those that are added after this call. In other apps, at least one name is
   * required.
   */
  grantUse(grantee: iam.IGrantable, ...connectorNames: string[]): iam.Grant;
}

/**
 * Properties of a catalog.
 */
export interface NetworkConnectorCatalogProps {
  /**
   * The name by which other apps find the catalog: 1 to 64 letters, digits, dots, hyphens and underscores, unique in
   * the account and Region.
   *
   * Changing it replaces all SSM parameters of the catalog. Deployments of other apps fail until they use the new name.
   */
  readonly catalogName: string;
}

/**
 * Options for publishing a connector.
 */
export interface NetworkConnectorPublicationOptions {
  /**
   * The purpose of the connector, for readers of the catalog: at most 900 characters. The library appends the protocol
   * and the VPC ID if they are known. Changing it replaces nothing.
   *
   * @default - the protocol and the VPC ID, if they are known
   */
  readonly description?: string;
}

/** Where the parameters of catalogs are. The guardrail denies developers to write there. */
export const CATALOG_PATH = '/network-connectors';

const TYPES: PropertyTypes<NetworkConnectorCatalogProps> = { catalogName: TEXT.required() };
const PUBLICATION_TYPES: PropertyTypes<NetworkConnectorPublicationOptions> = { description: TEXT };

const NAME_RULE = { minLength: 1, maxLength: 64, pattern: /^[a-zA-Z0-9_.-]+$/, allowed: 'letters, digits, dots, hyphens and underscores' };
const CATALOG_NAME_RULE: TextRule = { ...NAME_RULE, property: 'catalogName', code: 'NetworkConnectorCatalogNameInvalid' };
const CONNECTOR_NAME_RULE: TextRule = { ...NAME_RULE, property: 'connectorName', code: 'NetworkConnectorCatalogEntryInvalid' };
const DESCRIPTION_RULE: TextRule = {
  property: 'description', code: 'NetworkConnectorCatalogEntryInvalid', minLength: 0, maxLength: 900, allowed: 'in a sentence or two',
};

abstract class CatalogBase extends Construct implements INetworkConnectorCatalog {
  public readonly catalogName: string;

  public constructor(scope: Construct, id: string, catalogName: string) {
    super(scope, id);
    checkText(CATALOG_NAME_RULE, catalogName, this);
    this.catalogName = catalogName;
  }

  public abstract connector(connectorName: string): INetworkConnector;

  public grantUse(grantee: iam.IGrantable, ...connectorNames: string[]): iam.Grant {
    if (connectorNames.length === 0) {
      throw new ValidationError('NetworkConnectorCatalogGrantInvalid',
        'connectorNames: the list is empty; name each connector, because only the app that defines the catalog knows all of them', this);
    }
    return this._grantUseOf(connectorNames, grantee);
  }

  /** @internal */
  protected _grantUseOf(connectorNames: string[], grantee: iam.IGrantable): iam.Grant {
    const read = grantPermissions(grantee, [PERMISSIONS.catalog.read], connectorNames.map(name => this._parameterArn(name)));
    return connectorNames.reduce((grant, name) => grant.combine(this.connector(name).grantUse(grantee)), read);
  }

  /** @internal */
  protected _parameterName(connectorName: string): string {
    checkText(CONNECTOR_NAME_RULE, connectorName, this);
    return `${CATALOG_PATH}/${this.catalogName}/${connectorName}`;
  }

  /** @internal */
  protected _parameterArn(connectorName: string): string {
    return Stack.of(this).formatArn({ service: 'ssm', resource: 'parameter', resourceName: this._parameterName(connectorName).slice(1) });
  }
}

/**
 * Publishes network connectors under names. Apps of other teams in the same account and Region use them by name,
 * without an export between stacks.
 *
 * For each connector, the catalog creates an SSM parameter `/network-connectors/<catalog>/<connector>` with the ARN and
 * a description. Accounts cannot share connectors: deploy the catalog and its connectors into each account.
 *
 * @example
 * import type { aws_ec2 as ec2, aws_iam as iam, Stack } from 'aws-cdk-lib';
 * import {
 *   MicrovmCode, MicrovmEgress, MicrovmImage, NetworkConnector, NetworkConnectorCatalog,
 * } from 'cdk-lambda-microvms';
 *
 * declare const networkStack: Stack;
 * declare const vpc: ec2.Vpc;
 * declare const developers: iam.Role;
 * declare const appStack: Stack;
 *
 * // The network team's app
 * const catalog = new NetworkConnectorCatalog(networkStack, 'Catalog', { catalogName: 'platform' });
 * const internal = new NetworkConnector(networkStack, 'Internal', { vpc });
 * catalog.add('internal', internal, { description: 'Databases and queues, no internet' });
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
   * Imports a catalog that another app publishes in the same account and Region.
   */
  public static fromCatalogName(scope: Construct, id: string, catalogName: string): INetworkConnectorCatalog {
    checkArgument('catalogName', catalogName, TEXT, pathOf(scope, id));
    return new PublishedCatalog(scope, id, catalogName);
  }

  private readonly entries = new Map<string, INetworkConnector>();
  private readonly usersOfAll: iam.IGrantable[] = [];

  public constructor(scope: Construct, id: string, props: NetworkConnectorCatalogProps) {
    checkProps(pathOf(scope, id), props, TYPES);
    super(scope, id, props.catalogName);
  }

  /**
   * Publishes a connector.
   *
   * @param connectorName the name: 1 to 64 letters, digits, dots, hyphens and underscores. Changing it replaces the SSM
   * parameter, so the old name is no longer published.
   */
  public add(connectorName: string, connector: INetworkConnector, options: NetworkConnectorPublicationOptions = {}): void {
    checkArgument('connectorName', connectorName, TEXT, this);
    checkArgument('connector', connector, having('a network connector', 'networkConnectorRef', 'networkConnectorArn'), this);
    checkProps(this, options, PUBLICATION_TYPES);
    const parameterName = this._parameterName(connectorName);
    checkText(DESCRIPTION_RULE, options.description, this);
    if (this.entries.has(connectorName)) {
      throw new ValidationError('NetworkConnectorCatalogEntryInvalid',
        `connectorName: '${connectorName}' is already in the catalog; use another name`, this);
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
        `connectorName: '${connectorName}' is not in the catalog, which has ${names || 'no connectors'}; add it first`, this);
    }
    return connector;
  }

  public override grantUse(grantee: iam.IGrantable, ...connectorNames: string[]): iam.Grant {
    if (connectorNames.length > 0) return super.grantUse(grantee, ...connectorNames);
    this.node.addValidation({
      validate: () => this.entries.size > 0
        ? []
        : [new ValidationError('NetworkConnectorCatalogGrantInvalid', 'grantUse: the catalog has no connectors to grant; add one', this).message],
    });
    this.usersOfAll.push(grantee);
    return this._grantUseOf([...this.entries.keys()], grantee);
  }
}

/** A catalog that another app publishes. */
class PublishedCatalog extends CatalogBase {
  private readonly connectors = new Map<string, INetworkConnector>();

  public connector(connectorName: string): INetworkConnector {
    const known = this.connectors.get(connectorName);
    if (known) return known;
    const parameterName = this._parameterName(connectorName);
    if (Token.isUnresolved(parameterName)) {
      throw new ValidationError('NetworkConnectorCatalogEntryInvalid',
        'connectorName: the name is an unresolved token; use a name that is known at synth', this);
    }
    // Each deployment reads a parameter of the template again. CloudFormation reads a dynamic reference again only if
    // the property that contains it changes.
    const connector = NetworkConnector.fromNetworkConnectorArn(this, connectorName, ssm.StringParameter.valueForStringParameter(this, parameterName));
    this.connectors.set(connectorName, connector);
    return connector;
  }
}
