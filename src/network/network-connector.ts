import type { Duration, IResolvable, IResource, ITaggableV2, TagManager } from 'aws-cdk-lib';
import { Lazy, PhysicalName, RemovalPolicy, Resource, Tokenization } from 'aws-cdk-lib';
import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { propertyInjectable } from 'aws-cdk-lib/core/lib/prop-injectable';
import type { Construct, IConstruct } from 'constructs';
import { checkConnectorArn } from './connector-arn';
import { ConnectorConnections } from './connector-connections';
import { attributeInItsEnvironment, requireOperatorRoleHere, requirePlacementHere } from './connector-environment';
import type { ConnectorNetwork } from './connector-network';
import { hasElasticIps, NetworkConnectorElasticIps } from './elastic-ips';
import { NetworkConnectorGrants } from './grants';
import { hashOfPlacement, NetworkConnectorOperatorRole, operatorStatements } from './operator-role';
import {
  associationsOf, isolatedSubnetsOf, securityGroupsFor, selectSubnets, subnetErrors, warnOfMissingEgressRules, warnOfUnusablePlacement, zoneOf,
} from './placement';
import { connectorResourceRole, connectorLookupRole } from './resource-role';
import { NETWORK_CONNECTOR_DEFAULTS, NETWORK_CONNECTOR_LOOKUP_RESOURCE_TYPE, NETWORK_CONNECTOR_RESOURCE_TYPE, OPERATION_TAG } from '../contract/connector';
import type {
  NetworkConnectorAttributes as DeployedAttributes, NetworkConnectorLookupProperties, NetworkConnectorProperties,
} from '../contract/connector';
import { waitWithoutCycle } from '../private/acyclic-dependencies';
import { booleanText, customResource, deploymentTimeoutRule, logicalIdOfResource, timeoutSeconds, withoutDefaults } from '../private/custom-resource';
import type { NumberRule } from '../private/errors';
import { checkDuration, checkNumber, checkText, ValidationError } from '../private/errors';
import { OPERATOR_ROLE_TRUST, warnIfNotAssumable } from '../private/known-trust';
import { generatedConnectorName, NETWORK_CONNECTOR_NAME_RULE } from '../private/names';
import { checkArgument, checkProps, DURATION, having, listOf, NUMBER, oneOf, pathOf, plainObject, ROLE, TEXT, TEXT_BY_NAME } from '../private/property-types';
import type { PropertyTypes } from '../private/property-types';
import { roleOf, securityGroupOf } from '../private/references';
import { RequestOverrides } from '../private/request-overrides';
import { addPolicy } from '../private/role-policy';
import { lazyTags, tagErrors, tagManager, tagsOf } from '../private/tags';
import { TypeMarker } from '../private/type-marker';
import { requireUniqueName } from '../private/unique-names';

/**
 * A network connector, created by `NetworkConnector` or imported. It connects MicroVMs and image builds to a VPC.
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
 * new MicrovmImage(stack, 'Sandbox', {
 *   code: MicrovmCode.fromDirectory('sandbox'),
 *   buildEgress: MicrovmEgress.connector(internal),
 * });
 */
export interface INetworkConnector extends IResource, lambda.INetworkConnectorRef, ec2.IConnectable {
  /**
   * The ARN of the connector, without a version. A launch with this ARN uses the latest version.
   *
   * @attribute
   */
  readonly networkConnectorArn: string;

  /**
   * The ID of the VPC; undefined if the connector was imported without it.
   */
  readonly vpcId?: string;

  /**
   * The IP protocol of MicroVMs; undefined if the connector was imported without it.
   */
  readonly networkProtocol?: NetworkProtocol;

  /**
   * The grants of the connector. `grants.use` is the same as `grantUse`, and `grants.manage` as `grantManage`.
   */
  readonly grants: NetworkConnectorGrants;

  /**
   * Grants permission to pass the connector to images and MicroVMs, and to read it.
   */
  grantUse(grantee: iam.IGrantable): iam.Grant;

  /**
   * Grants permission to read, update, tag and delete the connector. This grant includes no permission to create
   * connectors or to pass this one.
   */
  grantManage(grantee: iam.IGrantable): iam.Grant;
}

/**
 * The IP protocol that MicroVMs use in the VPC.
 */
export enum NetworkProtocol {
  /**
   * IPv4 only.
   */
  IPV4 = 'IPv4',

  /**
   * IPv4 and IPv6. Every subnet of the connector needs an IPv6 range.
   */
  DUAL_STACK = 'DualStack',
}

/**
 * Determines what a deletion of a connector does while MicroVMs use it.
 *
 * The service does not protect these MicroVMs: DeleteNetworkConnector succeeds, and they lose their network at once
 * (service-facts.md, 1.4).
 *
 * CloudFormation deletes a connector that was replaced or removed from a template at the end of the update, during its
 * cleanup. It ignores failures of the cleanup. If such a deletion fails, the update still succeeds and the connector
 * remains.
 */
export enum NetworkConnectorDeletion {
  /**
   * The deletion waits two minutes, because the MicroVMs may be terminating. Then it fails with `NetworkConnectorInUse`
   * and lists the IDs of up to ten MicroVMs.
   *
   * A replacement fails with this error before it changes anything.
   */
  REFUSE_IN_USE = 'REFUSE_IN_USE',

  /**
   * The deletion waits until the MicroVMs have terminated. If they still run after `deploymentTimeout`, it fails with
   * their IDs.
   */
  WAIT_UNTIL_UNUSED = 'WAIT_UNTIL_UNUSED',

  /**
   * The deletion does not wait. MicroVMs that use the connector lose their network at once.
   */
  FORCE = 'FORCE',
}

/**
 * Determines what an update does that removes a subnet or security group from a connector while MicroVMs use the
 * connector.
 *
 * MicroVMs keep the version of the connector that they were launched with. That version holds network interfaces in
 * its subnets, with its security groups. Until that version is deleted, CloudFormation cannot delete a removed subnet
 * or security group. CloudFormation ignores this failure, forgets the subnet, and later cannot delete the VPC.
 *
 * Any MicroVM that uses the connector counts, whatever its version. In a rollback, the update never waits for MicroVMs.
 */
export enum NetworkConnectorPlacementRemoval {
  /**
   * The update waits two minutes, because the MicroVMs may be terminating. Then it fails with
   * `NetworkConnectorPlacementInUse` before it changes anything, and lists the IDs of up to ten MicroVMs.
   */
  REFUSE_IN_USE = 'REFUSE_IN_USE',

  /**
   * The update waits until the MicroVMs have terminated, and then changes the connector. Until then, launches use the
   * old subnets and security groups, and delay the update further. If MicroVMs still use the connector after
   * `deploymentTimeout`, the update fails with `DeploymentTimedOut`. It lists their IDs and has changed nothing.
   */
  WAIT_UNTIL_UNUSED = 'WAIT_UNTIL_UNUSED',

  /**
   * The update changes the connector at once. The old version and its network interfaces remain until the first update
   * of the connector after the MicroVMs have terminated. A deployment that does not change the connector leaves them.
   * Use this only if you do not delete the removed subnet or security group in the same deployment.
   */
  KEEP_UNTIL_UNUSED = 'KEEP_UNTIL_UNUSED',
}

/**
 * Attributes of an existing network connector.
 */
export interface NetworkConnectorAttributes {
  /**
   * The ARN of the connector, without a version: `arn:<partition>:lambda:<region>:<account>:network-connector:<id>`.
   */
  readonly networkConnectorArn: string;

  /**
   * The security groups of the connector. The property `connections` needs them. If a security group has egress rules,
   * import it with `allowAllOutbound: false`.
   *
   * @default - not known; `connections` throws `NetworkConnectorConnectionsUnknown`
   */
  readonly securityGroups?: ec2.ISecurityGroupRef[];

  /**
   * The ID of the VPC.
   *
   * @default - not known; `vpcId` of the imported connector is undefined
   */
  readonly vpcId?: string;

  /**
   * The IP protocol of MicroVMs.
   *
   * @default - not known; `networkProtocol` of the imported connector is undefined
   */
  readonly networkProtocol?: NetworkProtocol;
}

/**
 * Properties of a network connector.
 *
 * Changing the VPC, the protocol or the name replaces the connector. Changing subnets, security groups, elastic IPs
 * or the operator role creates a new version of it. All other changes neither replace it nor create a version.
 *
 * Running MicroVMs keep the version that they were launched with. Later launches use the new version.
 */
export interface NetworkConnectorProps {
  /**
   * The VPC, in the account and Region of the stack. Changing it replaces the connector. If you set
   * `networkConnectorName`, change the name at the same time.
   *
   * The connector waits for the routes of its subnets, if the app creates them.
   */
  readonly vpc: ec2.IVpc;

  /**
   * The subnets in which the service creates network interfaces: 1 to 16. Changing them creates a new version.
   *
   * AWS recommends subnets in three or more Availability Zones. The service rejects some zones, for example `use1-az3`
   * (service-facts.md, 11.6).
   *
   * With the default of `retainedVersions`, the deployment deletes the old version, so CloudFormation can delete a
   * removed subnet in the same deployment. While MicroVMs use the connector, a removal fails, unless you set
   * `placementRemoval`.
   *
   * @default - with `elasticIps`, public subnets; without it, private subnets with egress if there are any, otherwise
   * isolated subnets, otherwise public subnets
   */
  readonly vpcSubnets?: ec2.SubnetSelection;

  /**
   * The security groups of the network interfaces: 1 to 16. Changing the list creates a new version. Changing the rules
   * of a group does not. While MicroVMs use the connector, a removal fails, unless you set `placementRemoval`.
   *
   * A quota of the account limits the security groups of one network interface: 5, unless you had it raised.
   *
   * An L1 counts as a group without rules: `connections.allowTo` creates each rule as a resource of its own.
   *
   * @default - a new security group without egress rules for IPv4 and IPv6; `connections.allowTo` adds rules to it
   */
  readonly securityGroups?: ec2.ISecurityGroupRef[];

  /**
   * Whether the network interfaces have Elastic IP addresses, which the service allocates. Changing it creates a new
   * version.
   *
   * With them, MicroVMs reach the internet from public subnets, without a NAT gateway. Permit the egress with
   * `connections.allowTo`. The VPC needs an internet gateway; the connector waits for one of the same app. In private
   * subnets, the addresses have no effect. You cannot attach addresses of your own. Not yet verified against live AWS.
   *
   * AWS charges for public IPv4 addresses, and a quota of the account limits the Elastic IP addresses of a Region.
   *
   * @default NetworkConnectorElasticIps.NONE
   */
  readonly elasticIps?: NetworkConnectorElasticIps;

  /**
   * The IP protocol of MicroVMs. Changing it replaces the connector. If you set `networkConnectorName`, change the name
   * at the same time.
   *
   * @default NetworkProtocol.IPV4
   */
  readonly networkProtocol?: NetworkProtocol;

  /**
   * The name: 1 to 64 letters, digits, hyphens and underscores, unique in the account and Region. Changing it replaces
   * the connector.
   *
   * The library treats the VPC and the protocol as immutable. If you set a name and change only the VPC or the
   * protocol, the deployment fails with `NetworkConnectorUnchangeable` before it changes anything. Change the name at
   * the same time.
   *
   * @default - a name derived from the names of the stack and the construct, with a short hash of the VPC and the
   * protocol
   */
  readonly networkConnectorName?: string;

  /**
   * The role with which the service creates network interfaces. Changing it creates a new version.
   *
   * The connector attaches a policy to the role, with the permissions that it needs, unless the role is a
   * `NetworkConnectorOperatorRole`. An L1 gets the policy too: an `AWS::IAM::Policy` that names the role. If the role
   * is immutable, a warning lists the statements that it needs.
   *
   * The connector does not change the trust policy of the role. It must permit `lambda.amazonaws.com` to call
   * `sts:AssumeRole`, without a condition on a source account or ARN (service-facts.md, 3.4). If the app defines a
   * trust policy that does not, a warning says so.
   *
   * @default - a new `NetworkConnectorOperatorRole`
   */
  readonly operatorRole?: iam.IRoleRef;

  /**
   * Determines what a deletion does while MicroVMs use the connector. Changing it replaces nothing.
   *
   * @default NetworkConnectorDeletion.REFUSE_IN_USE
   */
  readonly deletion?: NetworkConnectorDeletion;

  /**
   * Determines what an update does that removes a subnet or security group while MicroVMs use the connector. An update
   * that changes this property too uses the new value. Changing only this replaces nothing and creates no version.
   *
   * @default NetworkConnectorPlacementRemoval.REFUSE_IN_USE
   */
  readonly placementRemoval?: NetworkConnectorPlacementRemoval;

  /**
   * The number of versions to retain, including the latest: 1 to 10. Changing it replaces nothing.
   *
   * A deployment deletes an older version once no running MicroVM can hold it. Until then, the version keeps network
   * interfaces in its subnets, so its subnets and security groups cannot be deleted. The service limits the number of
   * versions, but AWS does not publish the limit (service-facts.md, 1.3).
   *
   * @default 1 - only the latest version
   */
  readonly retainedVersions?: number;

  /**
   * Removal policy of the connector. Changing it replaces nothing. A retained connector keeps its name, so a new
   * connector cannot take that name.
   *
   * @default RemovalPolicy.DESTROY
   */
  readonly removalPolicy?: RemovalPolicy;

  /**
   * Maximum time of one create, update or delete: 1 to 55 minutes, in whole seconds. After this time, the operation
   * fails with `DeploymentTimedOut` and says what it was waiting for. Changing it replaces nothing.
   *
   * The service takes up to 10 minutes to create a connector (service-facts.md, 1.3).
   *
   * @default Duration.minutes(50)
   */
  readonly deploymentTimeout?: Duration;

  /**
   * Tags of the connector, in addition to those of `Tags.of()` and of the stack. Changing tags creates no version.
   *
   * At most 47 tags, with keys of 1 to 128 characters and values of at most 256 characters. Keys that begin with `aws:`
   * or `cdk-lambda-microvms:` are rejected. `cdk deploy --tags` has no effect on the connector, because CloudFormation
   * does not pass those tags to custom resources.
   *
   * @default - no additional tags
   */
  readonly tags?: { [key: string]: string };
}

abstract class NetworkConnectorBase extends Resource implements INetworkConnector {
  public abstract readonly networkConnectorArn: string;
  public abstract readonly vpcId?: string;
  public abstract readonly networkProtocol?: NetworkProtocol;
  /** @internal */
  protected abstract readonly _securityGroups?: ec2.ISecurityGroup[];
  /** @internal */
  protected readonly _isolatedSubnets: ec2.ISubnet[] = [];
  private ownConnections?: ec2.Connections;

  /**
   * The grants of the connector. `grants.use` is the same as `grantUse`, and `grants.manage` as `grantManage`.
   */
  public get grants(): NetworkConnectorGrants {
    return NetworkConnectorGrants.fromNetworkConnector(this);
  }

  /**
   * A reference to the connector, for constructs that accept an L1 or an L2.
   */
  public get networkConnectorRef(): lambda.NetworkConnectorReference {
    return { networkConnectorArn: this.networkConnectorArn };
  }

  /**
   * The network connections of MicroVMs that use the connector. Use them for egress rules. A connector carries no
   * ingress. `addSecurityGroup` throws: pass all groups in `securityGroups`.
   */
  public get connections(): ec2.Connections {
    if (!this._securityGroups) {
      throw new ValidationError('NetworkConnectorConnectionsUnknown',
        'connections: the connector was imported without security groups; import it with fromNetworkConnectorAttributes and securityGroups', this);
    }
    this.ownConnections ??= new ConnectorConnections(this, this._securityGroups);
    return this.ownConnections;
  }

  /**
   * Where the connector is, as far as the app knows.
   *
   * @internal
   */
  public get _network(): ConnectorNetwork {
    const securityGroupIds = this._securityGroups?.map(group => group.securityGroupId) ?? [];
    return { vpcId: this.vpcId, securityGroupIds, isolatedSubnets: this._isolatedSubnets };
  }


  public grantUse(grantee: iam.IGrantable): iam.Grant {
    return this.grants.use(grantee);
  }

  public grantManage(grantee: iam.IGrantable): iam.Grant {
    return this.grants.manage(grantee);
  }
}

/** The longest time that a lookup by name may take, in seconds. */
const LOOKUP_TIMEOUT_SECONDS = 600;

const TYPE = new TypeMarker('NetworkConnector');

const SECURITY_GROUPS = listOf('security groups', having('a security group', 'securityGroupRef', 'securityGroupId'));

const TYPES: PropertyTypes<NetworkConnectorProps> = {
  vpc: having('a VPC', 'selectSubnets').required(),
  vpcSubnets: plainObject('an object such as { subnetType: ec2.SubnetType.PRIVATE_ISOLATED }'),
  securityGroups: SECURITY_GROUPS,
  elasticIps: oneOf('NetworkConnectorElasticIps', NetworkConnectorElasticIps),
  networkProtocol: oneOf('NetworkProtocol', NetworkProtocol),
  networkConnectorName: TEXT,
  operatorRole: ROLE,
  deletion: oneOf('NetworkConnectorDeletion', NetworkConnectorDeletion),
  placementRemoval: oneOf('NetworkConnectorPlacementRemoval', NetworkConnectorPlacementRemoval),
  retainedVersions: NUMBER,
  removalPolicy: oneOf('RemovalPolicy', RemovalPolicy),
  deploymentTimeout: DURATION,
  tags: TEXT_BY_NAME,
};

const ATTRIBUTES_TYPES: PropertyTypes<NetworkConnectorAttributes> = {
  networkConnectorArn: TEXT.required(),
  securityGroups: SECURITY_GROUPS,
  vpcId: TEXT,
  networkProtocol: oneOf('NetworkProtocol', NetworkProtocol),
};

const RETAINED_VERSIONS_RULE: NumberRule = { property: 'retainedVersions', code: 'NetworkConnectorRetainedVersionsInvalid', min: 1, max: 10 };

/**
 * Connects MicroVMs and image builds to a VPC; the class of the same name in aws-cdk-lib is for web functions.
 *
 * `lambda.NetworkConnector` of aws-cdk-lib uses the CloudFormation type, and this construct uses a custom resource.
 * `MicrovmEgress.connector` accepts both.
 *
 * The custom resource does more than the CloudFormation type:
 *
 * - The deployment waits until IAM has propagated a new role and until the connector is active.
 * - An update deletes old versions that no MicroVM holds, so CloudFormation can delete a removed subnet or security
 *   group in the same deployment.
 * - The deletion of a connector fails while MicroVMs use it, see `deletion`.
 * - Errors explain the reason codes of the service.
 *
 * The construct creates a security group, an operator role and a resource role, which no other connector uses. The
 * handler of the deployment assumes the resource role to manage the connector.
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
 * connector.connections.allowTo(database, ec2.Port.tcp(5432)); // the only egress
 * connector.grantUse(developers);
 */
@propertyInjectable
export class NetworkConnector extends NetworkConnectorBase implements ITaggableV2 {
  /**
   * Identifies the class for property injectors.
   */
  public static readonly PROPERTY_INJECTION_ID: string = 'cdk-lambda-microvms.NetworkConnector';

  /**
   * Returns whether a value is a `NetworkConnector` of this library, not an imported connector or an L1.
   */
  public static isNetworkConnector(x: any): x is NetworkConnector {
    return TYPE.isOn(x);
  }

  /**
   * Looks up a connector by its name during the deployment, in the account and Region of the stack.
   *
   * If you can, use `fromNetworkConnectorArn` or a `NetworkConnectorCatalog` instead. Both add no resource to the
   * stack, and a catalog resolves its names at each deployment. This method adds two resources: a custom resource and
   * its role. In a stack without other resources of this library, it also adds the handler with about 13 resources.
   *
   * The ARN of a connector contains an ID instead of its name. The custom resource looks up the ARN once, when it is
   * created. It fails with `NetworkConnectorNotFound` if no connector has the name. It does not notice if another
   * connector later takes the name.
   */
  public static fromNetworkConnectorName(scope: Construct, id: string, networkConnectorName: string): INetworkConnector {
    checkArgument('networkConnectorName', networkConnectorName, TEXT, pathOf(scope, id));
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
          TimeoutSeconds: Tokenization.stringifyNumber(LOOKUP_TIMEOUT_SECONDS),
        };
        const attribute: keyof DeployedAttributes = 'ConnectorArn';
        this.networkConnectorArn = customResource(this, NETWORK_CONNECTOR_LOOKUP_RESOURCE_TYPE, properties).getAttString(attribute);
      }
    }
    return new Import();
  }

  /**
   * Imports a connector by its ARN.
   *
   * @param networkConnectorArn the ARN of the connector, without a version.
   */
  public static fromNetworkConnectorArn(scope: Construct, id: string, networkConnectorArn: string): INetworkConnector {
    return NetworkConnector.fromNetworkConnectorAttributes(scope, id, { networkConnectorArn });
  }

  /**
   * Imports a connector by its attributes.
   */
  public static fromNetworkConnectorAttributes(scope: Construct, id: string, attrs: NetworkConnectorAttributes): INetworkConnector {
    checkProps(pathOf(scope, id), attrs, ATTRIBUTES_TYPES);
    checkConnectorArn('networkConnectorArn', 'NetworkConnectorArnInvalid', attrs.networkConnectorArn, scope);
    class Import extends NetworkConnectorBase {
      public readonly networkConnectorArn = attrs.networkConnectorArn;
      public readonly vpcId = attrs.vpcId;
      public readonly networkProtocol = attrs.networkProtocol;
      protected readonly _securityGroups = attrs.securityGroups?.map(group => securityGroupOf(this, group));
    }
    if (attrs.securityGroups) warnOfMissingEgressRules(scope, attrs.securityGroups);
    return new Import(scope, id, { environmentFromArn: attrs.networkConnectorArn });
  }

  /**
   * The ARN of the connector, without a version. A launch with this ARN uses the latest version.
   *
   * It contains an ID that only the deployment knows. A stack of another account or Region cannot read it.
   *
   * @attribute
   */
  public readonly networkConnectorArn: string;

  /**
   * The name of the connector.
   *
   * @attribute
   */
  public readonly networkConnectorName: string;

  /**
   * The ID of the connector, the last part of its ARN: `nc-...`.
   *
   * @attribute
   */
  public readonly networkConnectorId: string;

  public readonly vpcId?: string;
  public readonly networkProtocol?: NetworkProtocol;

  /**
   * The subnets in which the service creates network interfaces.
   */
  public readonly subnets: ec2.ISubnet[];

  /**
   * The role with which the service creates network interfaces.
   */
  public readonly operatorRole: iam.IRole;

  /**
   * The tags of the connector.
   */
  public readonly cdkTagManager: TagManager;

  /** @internal */
  protected readonly _securityGroups?: ec2.ISecurityGroup[];
  /** @internal */
  protected override readonly _isolatedSubnets: ec2.ISubnet[];
  private readonly requestOverrides = new RequestOverrides(this, ['Name', 'Tags', 'ClientToken']);

  public constructor(scope: Construct, id: string, props: NetworkConnectorProps) {
    checkProps(pathOf(scope, id), props, TYPES);
    super(scope, id, { physicalName: props.networkConnectorName });
    TYPE.mark(this);
    checkText(NETWORK_CONNECTOR_NAME_RULE, props.networkConnectorName, this);
    requireUniqueName('NetworkConnectorNameDuplicate', 'networkConnectorName', props.networkConnectorName, this);
    checkNumber(RETAINED_VERSIONS_RULE, props.retainedVersions, this);
    checkDuration(deploymentTimeoutRule('NetworkConnectorTimeoutInvalid'), props.deploymentTimeout, this);

    const protocol = props.networkProtocol ?? NetworkProtocol.IPV4;
    const elasticIps = hasElasticIps(props.elasticIps);
    const { subnets, internetConnectivityEstablished } = selectSubnets(this, props.vpc, props.vpcSubnets, elasticIps);
    requirePlacementHere(this, { vpc: props.vpc, subnets, securityGroups: props.securityGroups ?? [], operatorRole: props.operatorRole });
    warnOfUnusablePlacement(this, props.vpc, subnets, elasticIps);
    const securityGroups = securityGroupsFor(this, props.vpc, props.securityGroups);
    this.vpcId = props.vpc.vpcId;
    this.networkProtocol = protocol;
    this.subnets = subnets;
    this._securityGroups = securityGroups;
    this._isolatedSubnets = isolatedSubnetsOf(props.vpc, subnets);
    this.cdkTagManager = tagManager(NETWORK_CONNECTOR_RESOURCE_TYPE, 'AWS::Lambda::NetworkConnector', props.tags);
    this.operatorRole = props.operatorRole
      ? roleOf(this, 'ImportedOperatorRole', props.operatorRole)
      : new NetworkConnectorOperatorRole(this, 'OperatorRole', { subnets, securityGroups, elasticIps: props.elasticIps });

    if (props.operatorRole) {
      const role = props.operatorRole;
      warnIfNotAssumable(this, { role, property: 'operatorRole', code: 'cdk-lambda-microvms:operatorRoleNotAssumable', needs: OPERATOR_ROLE_TRUST });
    }

    // The CDK asks for this constant to use a name in another account or Region. All of our names are known there.
    const givenName = props.networkConnectorName === PhysicalName.GENERATE_IF_NEEDED ? undefined : props.networkConnectorName;
    const name = givenName ?? generatedConnectorName(this, this.vpcId, protocol);
    const subnetIds = subnets.map(subnet => subnet.subnetId);
    const securityGroupIds = securityGroups.map(group => group.securityGroupId);
    const operatorNeeds = this.allowOperation(subnetIds, securityGroupIds, elasticIps);
    const resourceRole = connectorResourceRole(this, {
      connectorName: name,
      logicalId: logicalIdOfResource(this),
      operatorRole: this.operatorRole,
      subnetIds: this.requested('SubnetIds', subnetIds),
      securityGroupIds: this.requested('SecurityGroupIds', securityGroupIds),
      tagKeys: () => [...tagsOf(this, this.cdkTagManager).map(tag => tag.Key), OPERATION_TAG],
    });
    const properties = withoutDefaults<NetworkConnectorProperties>({
      ResourceRoleArn: resourceRole.roleArn,
      ConnectorName: name,
      NameIsGenerated: booleanText(givenName === undefined),
      VpcId: this.vpcId,
      NetworkProtocol: protocol,
      SubnetIds: subnetIds,
      SubnetZones: subnets.map(subnet => zoneOf(this, subnet)),
      SecurityGroupIds: securityGroupIds,
      OperatorRoleArn: this.operatorRole.roleArn,
      ElasticIps: elasticIps ? 'ServiceManaged' : undefined,
      RequestOverrides: this.requestOverrides.property,
      Tags: lazyTags(this, this.cdkTagManager),
      RetainedVersions: Tokenization.stringifyNumber(props.retainedVersions ?? 1),
      Deletion: props.deletion ?? NetworkConnectorDeletion.REFUSE_IN_USE,
      PlacementRemoval: props.placementRemoval,
      TimeoutSeconds: timeoutSeconds(props.deploymentTimeout),
    }, NETWORK_CONNECTOR_DEFAULTS);
    const resource = customResource(this, NETWORK_CONNECTOR_RESOURCE_TYPE, properties, props.removalPolicy ?? RemovalPolicy.DESTROY);
    // MicroVMs and builds start as soon as the connector exists, and need the routes. The service also rejects elastic
    // IPs while the VPC has no internet gateway (service-facts.md, 1.3).
    waitWithoutCycle(resource, ...operatorNeeds);
    resource.node.addDependency(internetConnectivityEstablished, ...associationsOf(subnets));
    this.node.defaultChild = resource.node.defaultChild;
    this.node.addValidation({
      validate: () => [
        ...tagErrors('NetworkConnectorTagsInvalid', this, this.cdkTagManager),
        ...subnetErrors(subnets, protocol === NetworkProtocol.DUAL_STACK),
      ].map(error => error.message),
    });

    const attribute = (property: string, attributeName: keyof DeployedAttributes, elsewhere?: string) =>
      attributeInItsEnvironment(this, property, resource.getAtt(attributeName), elsewhere);
    this.networkConnectorId = attribute('networkConnectorId', 'ConnectorId');
    this.networkConnectorArn = attribute('networkConnectorArn', 'ConnectorArn');
    this.networkConnectorName = attribute('networkConnectorName', 'ConnectorName', name);
  }

  /**
   * Sets a member of the requests that create and update the connector, as `addPropertyOverride` of L1s does. A change
   * creates a new version.
   *
   * The library sends the value as it is and does not check it. It reaches the service even if this library does not
   * know the member. The service must accept the member in both requests. Name, tags and client token cannot be
   * overridden. The operator role gets no permission for what an override adds. The resource role may create the
   * connector with the subnets and security groups of an override.
   *
   * @param path names of members with dots between them, and the index of a list element:
   * `Configuration.VpcEgressConfiguration.SubnetIds.0`. A dot after a backslash belongs to a name.
   * @param value the value, in the form of the service's API.
   */
  public addRequestOverride(path: string, value: any): void {
    this.requestOverrides.add(path, value);
  }

  /** Returns a token for the IDs that requests name. Overrides may replace those of the properties. */
  private requested(member: 'SubnetIds' | 'SecurityGroupIds', ids: string[]): IResolvable {
    const placement: Record<string, unknown> = { [member]: ids };
    const request: { Configuration?: { VpcEgressConfiguration?: typeof placement } } = { Configuration: { VpcEgressConfiguration: placement } };
    return Lazy.any({ produce: () => this.requestOverrides.appliedTo(request).Configuration?.VpcEgressConfiguration?.[member] ?? ids });
  }

  /**
   * Makes sure that the operator role covers subnets, security groups and elastic IPs. Returns the constructs that the
   * connector must wait for; without them, the service may use the role before its policy is attached.
   */
  private allowOperation(subnetIds: string[], securityGroupIds: string[], elasticIps: boolean): IConstruct[] {
    const role = this.operatorRole;
    if (NetworkConnectorOperatorRole.isNetworkConnectorOperatorRole(role)) {
      requireOperatorRoleHere(this, role);
      const missing = role._missing(subnetIds, securityGroupIds, elasticIps);
      if (missing.length > 0) {
        throw new ValidationError('NetworkConnectorOperatorRoleInvalid',
          `operatorRole: ${role.node.path} does not cover ${missing.join(', ')}; create it with the same subnets, security groups and elasticIps`, this);
      }
      return [role];
    }
    return addPolicy(this, `OperatorPolicy${hashOfPlacement(this, subnetIds, securityGroupIds, elasticIps)}`, {
      role,
      statements: operatorStatements(this, subnetIds, securityGroupIds, elasticIps),
      warning: {
        code: 'cdk-lambda-microvms:operatorRoleNotModified',
        before: 'operatorRole: the role is immutable; make sure that its policy allows',
        after: 'and that its trust policy allows lambda.amazonaws.com sts:AssumeRole without a condition on a source account or ARN',
      },
    });
  }
}
