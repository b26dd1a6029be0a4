import type { Duration, IResource, ITaggableV2, TagManager } from 'aws-cdk-lib';
import { ArnFormat, Lazy, RemovalPolicy, Resource, Tokenization } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type { Construct, IDependable } from 'constructs';
import { checkConnectorArn } from './connector-arn';
import { NetworkConnectorGrants } from './grants';
import { NetworkConnectorOperatorRole, operatorStatements } from './operator-role';
import { securityGroupsFor, selectSubnets, subnetErrors, warnOfSilentRules, zoneOf } from './placement';
import { connectorResourceRole, connectorLookupRole } from './resource-role';
import type { TagProperty } from '../contract/common';
import { NETWORK_CONNECTOR_LOOKUP_RESOURCE_TYPE, NETWORK_CONNECTOR_RESOURCE_TYPE } from '../contract/connector';
import type {
  NetworkConnectorAttributes as DeployedAttributes, NetworkConnectorLookupProperties, NetworkConnectorProperties,
} from '../contract/connector';
import { booleanText, DEFAULT_DEPLOYMENT_TIMEOUT, customResource, logicalIdOfResource, deploymentTimeoutRule } from '../private/custom-resource';
import type { NumberRule } from '../private/errors';
import { checkDuration, checkNumber, checkText, ValidationError } from '../private/errors';
import { generatedConnectorName, NETWORK_CONNECTOR_NAME_RULE, shortHash } from '../private/names';
import { addPolicy } from '../private/role-policy';
import { tagErrors, tagManager, tagsOf } from '../private/tags';

/**
 * A network connector: the way of MicroVMs, and of the builds of images, into a VPC.
 *
 * @example
 * import type { aws_iam as iam, Stack } from 'aws-cdk-lib';
 * import { MicrovmCode, MicrovmEgress, MicrovmImage, NetworkConnector } from 'cdk-lambda-microvms';
 *
 * declare const stack: Stack;
 * declare const backend: iam.Role;
 *
 * const internal = NetworkConnector.fromNetworkConnectorName(stack, 'Internal', 'internal');
 * internal.grantUse(backend);
 * new MicrovmImage(stack, 'Sandbox', { code: MicrovmCode.fromDirectory('sandbox'), buildEgress: MicrovmEgress.connector(internal) });
 */
export interface INetworkConnector extends IResource, lambda.INetworkConnectorRef, ec2.IConnectable {
  /**
   * The ARN of the connector, without a version. MicroVMs that are launched with it take the latest version.
   *
   * @attribute
   */
  readonly networkConnectorArn: string;

  /**
   * The id of the VPC; undefined for an import that was not told.
   */
  readonly vpcId?: string;

  /**
   * The protocol; undefined for an import that was not told.
   */
  readonly networkProtocol?: NetworkProtocol;

  /**
   * Allows to pass the connector to images and MicroVMs, by its ARN or one of its versions, and to look at it; nothing else.
   */
  grantUse(grantee: iam.IGrantable): iam.Grant;

  /**
   * Allows those who own the connector to look at it, to update, tag and delete it; neither to create one nor to pass it.
   */
  grantManage(grantee: iam.IGrantable): iam.Grant;
}

/**
 * The addresses that MicroVMs have in the VPC.
 */
export enum NetworkProtocol {
  /**
   * IPv4 only.
   */
  IPV4 = 'IPv4',

  /**
   * IPv4 and IPv6; every subnet needs an IPv6 range.
   */
  DUAL_STACK = 'DualStack',
}

/**
 * What a deletion does while MicroVMs use the connector. The service itself would cut them off without a word.
 */
export enum NetworkConnectorDeletion {
  /**
   * After two minutes the deletion fails with the ids of the MicroVMs, the first ten. A replacement is refused before anything happens; a
   * connector that is taken out of a template is left behind: CloudFormation ignores what fails after an update.
   */
  REFUSE_IN_USE = 'REFUSE_IN_USE',

  /**
   * The deletion waits for the MicroVMs to terminate, up to `deploymentTimeout`, and then fails with their ids. A connector that is replaced, or taken
   * out of a template, is then left behind: CloudFormation ignores what fails after an update.
   */
  WAIT_UNTIL_UNUSED = 'WAIT_UNTIL_UNUSED',

  /**
   * The connector is deleted; MicroVMs that use it lose their way out at once.
   */
  FORCE = 'FORCE',
}

/**
 * What an existing network connector is imported by.
 */
export interface NetworkConnectorAttributes {
  /**
   * The ARN of the connector, without a version: `arn:<partition>:lambda:<region>:<account>:network-connector:<id>`.
   */
  readonly networkConnectorArn: string;

  /**
   * Its security groups, so that `connections` can be used. Import them with `allowAllOutbound: false` if they have egress rules.
   *
   * @default - not known: using `connections` fails
   */
  readonly securityGroups?: ec2.ISecurityGroup[];

  /**
   * The id of its VPC.
   *
   * @default - not known
   */
  readonly vpcId?: string;

  /**
   * Its protocol.
   *
   * @default - not known
   */
  readonly networkProtocol?: NetworkProtocol;
}

/**
 * Properties of a network connector.
 *
 * A change of the VPC, the protocol or the name makes a new connector and deletes the old one. A change of subnets, security groups or
 * operator role makes a new version of it, which MicroVMs launched from then on use; those that run keep the version that they
 * were launched with. Nothing else does either.
 */
export interface NetworkConnectorProps {
  /**
   * The VPC that the connector leads into. With a given name a change is refused, see `networkConnectorName`.
   */
  readonly vpc: ec2.IVpc;

  /**
   * The subnets that MicroVMs are reached from: 1 to 16. Three zones or more are advised; the service refuses some zones (`use1-az3`
   * was seen). A change makes a new version; a subnet that is taken out can be deleted in the same deployment, unless a running
   * MicroVM still holds the old version.
   *
   * @default - private subnets with a way out if there are any, else isolated ones, else public ones
   */
  readonly vpcSubnets?: ec2.SubnetSelection;

  /**
   * The security groups of its network interfaces: 1 to 5. A change makes a new version.
   *
   * @default - a new one that allows nothing out, IPv6 included: what `connections.allowTo` adds to it is the egress policy
   */
  readonly securityGroups?: ec2.ISecurityGroup[];

  /**
   * The addresses that MicroVMs have. A change makes a new connector; with a given name it is refused, see `networkConnectorName`.
   *
   * @default NetworkProtocol.IPV4
   */
  readonly networkProtocol?: NetworkProtocol;

  /**
   * The name: 1 to 64 letters, digits, hyphens and underscores, unique in the account and Region. A change makes a new connector.
   *
   * VPC and protocol are taken to be unchangeable, so with a name of your own a change of one of them is refused before anything
   * happens: change the name with it.
   *
   * @default - a name made of the names of stack and construct, with a short hash of VPC and protocol
   */
  readonly networkConnectorName?: string;

  /**
   * The role that the service makes network interfaces with. A change makes a new version.
   *
   * What it needs is added to a role that is not a `NetworkConnectorOperatorRole`, in a policy that the connector waits for. Its trust policy
   * is left as it is; it must let `lambda.amazonaws.com` assume the role, without a condition on a source account or ARN. A role to which
   * nothing can be added gives a warning with the statements that it needs.
   *
   * @default - a new `NetworkConnectorOperatorRole`
   */
  readonly operatorRole?: iam.IRole;

  /**
   * What a deletion does while MicroVMs use the connector; a replacement is refused like a deletion, before anything happens.
   *
   * @default NetworkConnectorDeletion.REFUSE_IN_USE
   */
  readonly deletion?: NetworkConnectorDeletion;

  /**
   * How many versions are kept, the latest included: 1 to 10. Older ones are deleted once no running MicroVM can hold them; until then
   * they hold their subnets and security groups. How many the service allows is not documented.
   *
   * @default 1 - the latest only
   */
  readonly retainedVersions?: number;

  /**
   * What becomes of the connector when it is removed from the stack or replaced. If it is retained, its name stays taken.
   *
   * @default RemovalPolicy.DESTROY
   */
  readonly removalPolicy?: RemovalPolicy;

  /**
   * How long one create, update or delete may take, 1 to 55 minutes. After that it fails and says what it was waiting for. The service
   * takes some minutes, at times ten.
   *
   * @default Duration.minutes(50)
   */
  readonly deploymentTimeout?: Duration;

  /**
   * Tags of the connector, besides those of `Tags.of()` and of the stack; the `--tags` of the CDK CLI do not reach it. A change makes no
   * version. At most 47; keys of 1 to 128 and values of at most 256 characters. Keys that begin with `aws:` or `cdk-lambda-microvms:`
   * are refused.
   *
   * @default - none
   */
  readonly tags?: { [key: string]: string };
}

abstract class NetworkConnectorBase extends Resource implements INetworkConnector {
  public abstract readonly networkConnectorArn: string;
  public abstract readonly vpcId?: string;
  public abstract readonly networkProtocol?: NetworkProtocol;
  /** @internal */
  protected abstract readonly _securityGroups?: ec2.ISecurityGroup[];
  private ownConnections?: ec2.Connections;

  /**
   * A reference to the connector, for whatever takes one.
   */
  public get networkConnectorRef(): lambda.NetworkConnectorReference {
    return { networkConnectorArn: this.networkConnectorArn };
  }

  /**
   * The network connections of MicroVMs that use the connector. Nothing comes in through it: allow what goes out.
   */
  public get connections(): ec2.Connections {
    if (!this._securityGroups) {
      throw new ValidationError('NetworkConnectorConnectionsUnknown',
        'connections: the security groups of this import are not known; import it with fromNetworkConnectorAttributes and securityGroups', this);
    }
    this.ownConnections ??= new ec2.Connections({ securityGroups: this._securityGroups });
    return this.ownConnections;
  }

  public grantUse(grantee: iam.IGrantable): iam.Grant {
    return NetworkConnectorGrants.fromNetworkConnector(this).use(grantee);
  }

  public grantManage(grantee: iam.IGrantable): iam.Grant {
    return NetworkConnectorGrants.fromNetworkConnector(this).manage(grantee);
  }
}

const NETWORK_CONNECTOR_SYMBOL = Symbol.for('cdk-lambda-microvms.NetworkConnector');

const RETAINED_VERSIONS: NumberRule = { property: 'retainedVersions', code: 'NetworkConnectorRetainedVersionsInvalid', min: 1, max: 10 };

/**
 * A network connector: the way of MicroVMs, and of the builds of images, into a VPC.
 *
 * The connector is made by a custom resource, which waits until it is active. Compared with the CloudFormation type, an update removes old
 * versions that no MicroVM holds, so that a subnet or security group taken out can be deleted in the same deployment; a deletion is
 * refused while MicroVMs use the connector; a reason of the service comes with what it means; and a role that is too fresh is waited for.
 *
 * Its security group, its operator role and the role that deployments act with belong to it alone.
 *
 * @resource AWS::Lambda::NetworkConnector
 *
 * @example
 * import { aws_ec2 as ec2 } from 'aws-cdk-lib';
 * import type { aws_iam as iam, aws_rds as rds, Stack } from 'aws-cdk-lib';
 * import { NetworkConnector } from 'cdk-lambda-microvms';
 *
 * declare const stack: Stack;
 * declare const vpc: ec2.Vpc;
 * declare const database: rds.DatabaseCluster;
 * declare const developers: iam.Role;
 *
 * const connector = new NetworkConnector(stack, 'Internal', { vpc });
 * connector.connections.allowTo(database, ec2.Port.tcp(5432)); // nothing else goes out
 * connector.grantUse(developers);
 */
export class NetworkConnector extends NetworkConnectorBase implements ITaggableV2 {
  /**
   * Whether something is a `NetworkConnector` made by this library, and not an import or an L1.
   */
  public static isNetworkConnector(x: any): x is NetworkConnector {
    return x !== null && typeof x === 'object' && NETWORK_CONNECTOR_SYMBOL in x;
  }

  /**
   * A connector that exists in the account and Region of the stack, by its name.
   *
   * Its ARN has an id and not the name, so a small custom resource finds it at deployment, once: a connector that is made anew under the
   * same name is not noticed. `NetworkConnectorCatalog` notices.
   */
  public static fromNetworkConnectorName(scope: Construct, id: string, networkConnectorName: string): INetworkConnector {
    checkText(NETWORK_CONNECTOR_NAME_RULE, networkConnectorName, scope);
    class Import extends NetworkConnectorBase {
      public readonly networkConnectorArn: string;
      public readonly vpcId = undefined;
      public readonly networkProtocol = undefined;
      protected readonly _securityGroups = undefined;

      public constructor() {
        super(scope, id);
        const properties: NetworkConnectorLookupProperties = {
          ResourceRoleArn: connectorLookupRole(this).roleArn,
          ConnectorName: networkConnectorName,
          TimeoutSeconds: '600',
        };
        const attribute: keyof DeployedAttributes = 'ConnectorArn';
        this.networkConnectorArn = customResource(this, NETWORK_CONNECTOR_LOOKUP_RESOURCE_TYPE, properties).getAttString(attribute);
      }
    }
    return new Import();
  }

  /**
   * A connector that exists.
   *
   * @param networkConnectorArn its ARN, without a version.
   */
  public static fromNetworkConnectorArn(scope: Construct, id: string, networkConnectorArn: string): INetworkConnector {
    return NetworkConnector.fromNetworkConnectorAttributes(scope, id, { networkConnectorArn });
  }

  /**
   * A connector that exists.
   */
  public static fromNetworkConnectorAttributes(scope: Construct, id: string, attrs: NetworkConnectorAttributes): INetworkConnector {
    checkConnectorArn('networkConnectorArn', 'NetworkConnectorArnInvalid', attrs.networkConnectorArn, scope);
    if (attrs.securityGroups) warnOfSilentRules(scope, attrs.securityGroups);
    class Import extends NetworkConnectorBase {
      public readonly networkConnectorArn = attrs.networkConnectorArn;
      public readonly vpcId = attrs.vpcId;
      public readonly networkProtocol = attrs.networkProtocol;
      protected readonly _securityGroups = attrs.securityGroups;
    }
    return new Import(scope, id, { environmentFromArn: attrs.networkConnectorArn });
  }

  public readonly networkConnectorArn: string;

  /**
   * The name of the connector.
   *
   * @attribute
   */
  public readonly networkConnectorName: string;

  /**
   * The id of the connector, the last part of its ARN: `nc-...`.
   *
   * @attribute
   */
  public readonly networkConnectorId: string;

  public readonly vpcId?: string;
  public readonly networkProtocol?: NetworkProtocol;

  /**
   * The subnets that MicroVMs are reached from.
   */
  public readonly subnets: ec2.ISubnet[];

  /**
   * The role that the service makes network interfaces with.
   */
  public readonly operatorRole: iam.IRole;

  /**
   * The tags of the connector.
   */
  public readonly cdkTagManager: TagManager;

  /** @internal */
  protected readonly _securityGroups?: ec2.ISecurityGroup[];

  public constructor(scope: Construct, id: string, props: NetworkConnectorProps) {
    super(scope, id, { physicalName: props.networkConnectorName });
    Object.defineProperty(this, NETWORK_CONNECTOR_SYMBOL, { value: true });
    checkText(NETWORK_CONNECTOR_NAME_RULE, props.networkConnectorName, this);
    checkNumber(RETAINED_VERSIONS, props.retainedVersions, this);
    checkDuration(deploymentTimeoutRule('NetworkConnectorTimeoutInvalid'), props.deploymentTimeout, this);

    const protocol = props.networkProtocol ?? NetworkProtocol.IPV4;
    const subnets = selectSubnets(this, props.vpc, props.vpcSubnets);
    const securityGroups = securityGroupsFor(this, props.vpc, props.securityGroups);
    this.vpcId = props.vpc.vpcId;
    this.networkProtocol = protocol;
    this.subnets = subnets;
    this._securityGroups = securityGroups;
    this.cdkTagManager = tagManager(NETWORK_CONNECTOR_RESOURCE_TYPE, props.tags);
    this.operatorRole = props.operatorRole ?? new NetworkConnectorOperatorRole(this, 'OperatorRole', { subnets, securityGroups });

    const name = props.networkConnectorName ?? generatedConnectorName(this, this.vpcId, protocol);
    const subnetIds = subnets.map(subnet => subnet.subnetId);
    const securityGroupIds = securityGroups.map(group => group.securityGroupId);
    const operatorNeeds = this.allowOperation(subnetIds, securityGroupIds);
    const resourceRole = connectorResourceRole(this, { connectorName: name, logicalId: logicalIdOfResource(this), operatorRole: this.operatorRole });
    const properties: NetworkConnectorProperties = {
      ResourceRoleArn: resourceRole.roleArn,
      ConnectorName: name,
      NameIsGenerated: booleanText(props.networkConnectorName === undefined),
      VpcId: this.vpcId,
      NetworkProtocol: protocol,
      SubnetIds: subnetIds,
      SubnetZones: subnets.map(subnet => zoneOf(this, subnet)),
      SecurityGroupIds: securityGroupIds,
      OperatorRoleArn: this.operatorRole.roleArn,
      Tags: Lazy.any({ produce: () => this.tags() }, { omitEmptyArray: true }) as unknown as TagProperty[],
      RetainedVersions: Tokenization.stringifyNumber(props.retainedVersions ?? 1),
      Deletion: props.deletion ?? NetworkConnectorDeletion.REFUSE_IN_USE,
      TimeoutSeconds: Tokenization.stringifyNumber((props.deploymentTimeout ?? DEFAULT_DEPLOYMENT_TIMEOUT).toSeconds()),
    };
    const resource = customResource(this, NETWORK_CONNECTOR_RESOURCE_TYPE, properties, props.removalPolicy ?? RemovalPolicy.DESTROY);
    resource.node.addDependency(...operatorNeeds);
    this.node.defaultChild = resource.node.defaultChild;
    this.node.addValidation({
      validate: () => [
        ...tagErrors('NetworkConnectorTagsInvalid', this.tags()), ...subnetErrors(subnets, protocol === NetworkProtocol.DUAL_STACK),
      ].map(error => error.message),
    });

    const attribute = (attributeName: keyof DeployedAttributes) => resource.getAttString(attributeName);
    this.networkConnectorId = attribute('ConnectorId');
    this.networkConnectorArn = this.getResourceArnAttribute(attribute('ConnectorArn'), {
      service: 'lambda', resource: 'network-connector', resourceName: this.physicalName, arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
    this.networkConnectorName = this.getResourceNameAttribute(attribute('ConnectorName'));
  }

  /** What must be there before the service uses the operator role. */
  private allowOperation(subnetIds: string[], securityGroupIds: string[]): IDependable[] {
    const role = this.operatorRole;
    if (role instanceof NetworkConnectorOperatorRole) {
      const missing = role._missing(subnetIds, securityGroupIds);
      if (missing.length > 0) {
        throw new ValidationError('NetworkConnectorOperatorRoleInvalid',
          `operatorRole: ${role.node.path} does not cover ${missing.join(', ')}; make it with the same subnets and security groups`, this);
      }
      return [role];
    }
    return addPolicy(this, `OperatorPolicy${shortHash(this, ...subnetIds, '/', ...securityGroupIds)}`, {
      role,
      statements: operatorStatements(this, subnetIds, securityGroupIds),
      warning: {
        code: 'cdk-lambda-microvms:operatorRoleNotModified',
        before: 'operatorRole: nothing can be added to this role; see that its policy allows',
        after: 'and that its trust policy allows lambda.amazonaws.com sts:AssumeRole without a condition on a source account or ARN',
      },
    });
  }

  private tags(): TagProperty[] {
    return tagsOf(this, this.cdkTagManager);
  }
}
