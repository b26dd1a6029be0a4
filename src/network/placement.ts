import { CfnResource, Stack, Token } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import type { Construct, IConstruct } from 'constructs';
import { ValidationError } from '../private/errors';
import { securityGroupOf } from '../private/references';
import { warn } from '../private/warnings';

/** A connector has 1 to 16 subnets (service-facts.md, 1.3). */
const MAX_SUBNETS = 16;
/** A connector has 1 to 16 security groups; quotas of the account may be lower (service-facts.md, 1.3). */
const MAX_SECURITY_GROUPS = 16;

/**
 * IDs of Availability Zones that the service was seen to reject for MicroVMs. AWS publishes no list, and names of zones
 * differ between accounts (service-facts.md, 4, 11.6).
 */
const REJECTED_ZONES = ['use1-az3'];
const ZONE_ID = /^[a-z]+[0-9]-az[0-9]+$/;

/**
 * Returns the subnets of a selection; without one, public subnets if the connector has elastic IPs. Throws if the
 * service would reject their number.
 */
export function selectSubnets(
  scope: Construct, vpc: ec2.IVpc, selection: ec2.SubnetSelection | undefined, elasticIps: boolean,
): ec2.SelectedSubnets {
  const selected = selectIn(scope, vpc, selection ?? (elasticIps ? { subnetType: ec2.SubnetType.PUBLIC } : undefined));
  const { subnets } = selected;
  if (subnets.length < 1 || subnets.length > MAX_SUBNETS) {
    throw new ValidationError('NetworkConnectorSubnetsInvalid',
      `vpcSubnets: the selection has ${subnets.length} subnets; select 1 to ${MAX_SUBNETS}, for example by subnetType or availabilityZones`, scope);
  }
  return selected;
}

/** Selects subnets. The CDK's own error names neither the property nor the connector. */
function selectIn(scope: Construct, vpc: ec2.IVpc, selection: ec2.SubnetSelection | undefined): ec2.SelectedSubnets {
  try {
    return vpc.selectSubnets(selection);
  } catch (error) {
    const reason = (error as Error).message.split('\n')[0].replace(/[.:\s]+$/, '');
    throw new ValidationError('NetworkConnectorSubnetsInvalid',
      `vpcSubnets: the VPC ${vpc.node.path} does not have the selected subnets (${reason}); select others, for example by subnetType`, scope);
  }
}

/**
 * Warns of subnets from which MicroVMs do not reach what the user probably expects: public ones without elastic IPs,
 * and private ones with elastic IPs. Subnets that the VPC does not list cause no warning.
 */
export function warnOfUnusablePlacement(scope: Construct, vpc: ec2.IVpc, subnets: ec2.ISubnet[], elasticIps: boolean): void {
  const pathsOf = (listed: ec2.ISubnet[]) => {
    const ids = new Set(listed.map(subnet => subnet.subnetId));
    const paths = subnets.filter(subnet => ids.has(subnet.subnetId)).map(subnet => subnet.node.path);
    return paths.length === 0 ? '' : `${paths.join(', ')} ${paths.length === 1 ? 'is' : 'are'}`;
  };
  const publicPaths = elasticIps ? '' : pathsOf(vpc.publicSubnets);
  if (publicPaths) {
    warn('cdk-lambda-microvms:publicSubnetsWithoutElasticIps',
      `vpcSubnets: ${publicPaths} public, and network interfaces of a connector get no public IPv4 address there; `
      + 'MicroVMs reach nothing outside the VPC over IPv4; set elasticIps: NetworkConnectorElasticIps.SERVICE_MANAGED, or select private subnets', scope);
  }
  const otherPaths = elasticIps ? pathsOf([...vpc.privateSubnets, ...vpc.isolatedSubnets]) : '';
  if (otherPaths) {
    warn('cdk-lambda-microvms:elasticIpsOutsidePublicSubnets',
      `elasticIps: ${otherPaths} not public, and without a route to an internet gateway an elastic IP has no effect; `
      + 'select public subnets, or omit elasticIps', scope);
  }
}

/** Returns the subnets if the VPC lists all of them as isolated, and no subnets otherwise. */
export function isolatedSubnetsOf(vpc: ec2.IVpc, subnets: ec2.ISubnet[]): ec2.ISubnet[] {
  const isolated = new Set(vpc.isolatedSubnets.map(subnet => subnet.subnetId));
  return subnets.every(subnet => isolated.has(subnet.subnetId)) ? subnets : [];
}

/** Returns what gives the subnets their routes, if the app creates it. `internetConnectivityEstablished` lacks it. */
export function associationsOf(subnets: ec2.ISubnet[]): IConstruct[] {
  return subnets.flatMap(subnet => subnet.node.children
    .filter(child => CfnResource.isCfnResource(child) && child.cfnResourceType === ec2.CfnSubnetRouteTableAssociation.CFN_RESOURCE_TYPE_NAME));
}

/** Validates subnets at the end of synth, because they may still change after the connector is created. */
export function subnetErrors(subnets: ec2.ISubnet[], dualStack: boolean): ValidationError[] {
  const rejected = subnets.filter(subnet => REJECTED_ZONES.includes(zoneIdOf(subnet) ?? ''));
  const errors = rejected.map(subnet => new ValidationError('NetworkConnectorZoneRejected',
    `vpcSubnets: ${subnet.node.path} is in the Availability Zone ${zoneIdOf(subnet)}; the service rejects that zone for MicroVMs; `
    + 'leave the subnet out, for example with vpcSubnets: { availabilityZones: [...] }'));
  const withoutIpv6 = dualStack ? subnets.filter(lacksIpv6) : [];
  if (withoutIpv6.length > 0) {
    errors.push(new ValidationError('NetworkConnectorDualStackInvalid',
      `networkProtocol: DUAL_STACK needs an IPv6 range in every subnet; ${withoutIpv6.map(subnet => subnet.node.path).join(', ')} has none; `
      + 'use IpProtocol.DUAL_STACK in the VPC, or NetworkProtocol.IPV4'));
  }
  return errors;
}

/**
 * Returns the Availability Zone of a subnet for error messages: its ID if the same stack defines the subnet, else its
 * name, or an empty string if the name is not known.
 */
export function zoneOf(scope: Construct, subnet: ec2.ISubnet): string {
  const resource = resourceOf(subnet);
  if (resource && Stack.of(resource) === Stack.of(scope)) return resource.attrAvailabilityZoneId;
  return zoneNameOf(subnet) ?? '';
}

function zoneIdOf(subnet: ec2.ISubnet): string | undefined {
  const zone = resourceOf(subnet)?.availabilityZoneId ?? zoneNameOf(subnet);
  return zone !== undefined && !Token.isUnresolved(zone) && ZONE_ID.test(zone) ? zone : undefined;
}

/** Returns undefined for a subnet that was imported without its zone: the getter of aws-cdk-lib throws then. */
function zoneNameOf(subnet: ec2.ISubnet): string | undefined {
  try {
    return subnet.availabilityZone;
  } catch {
    return undefined;
  }
}

/** Returns false for subnets of other apps, because their ranges are not known. */
function lacksIpv6(subnet: ec2.ISubnet): boolean {
  const resource = resourceOf(subnet);
  if (!resource || resource.ipv6CidrBlock !== undefined || resource.ipv6IpamPoolId !== undefined) return false;
  return !resource.node.root.node.findAll().some(other => addsIpv6To(resource, other));
}

function addsIpv6To(subnet: ec2.CfnSubnet, other: IConstruct): boolean {
  if (!CfnResource.isCfnResource(other) || other.cfnResourceType !== ec2.CfnSubnetCidrBlock.CFN_RESOURCE_TYPE_NAME) return false;
  const { stack } = subnet;
  return JSON.stringify(stack.resolve((other as ec2.CfnSubnetCidrBlock).subnetId)) === JSON.stringify(stack.resolve(subnet.ref));
}

function resourceOf(subnet: ec2.ISubnet): ec2.CfnSubnet | undefined {
  const child = subnet.node.defaultChild;
  const isSubnet = child && CfnResource.isCfnResource(child) && child.cfnResourceType === ec2.CfnSubnet.CFN_RESOURCE_TYPE_NAME;
  return isSubnet ? child as ec2.CfnSubnet : undefined;
}

/** Returns the given security groups, or creates one without egress (IPv4 or IPv6). */
export function securityGroupsFor(scope: Construct, vpc: ec2.IVpc, given: ec2.ISecurityGroupRef[] | undefined): ec2.ISecurityGroup[] {
  if (!given) {
    return [new ec2.SecurityGroup(scope, 'SecurityGroup', { vpc, description: 'MicroVMs of a network connector', allowAllOutbound: false })];
  }
  if (given.length < 1 || given.length > MAX_SECURITY_GROUPS) {
    throw new ValidationError('NetworkConnectorSecurityGroupsInvalid',
      `securityGroups: the list has ${given.length} security groups; use 1 to ${MAX_SECURITY_GROUPS}, or omit the property to create one without egress rules`, scope);
  }
  warnOfMissingEgressRules(scope, given);
  return given.map(group => securityGroupOf(scope, group));
}

/**
 * Warns of imported security groups without `allowAllOutbound: false`. aws-cdk-lib assumes that such a group already
 * permits all egress: `connections.allowTo` then creates the ingress rule of the target and no egress rule.
 */
export function warnOfMissingEgressRules(scope: Construct, groups: ec2.ISecurityGroupRef[]): void {
  const affected = groups.filter(group => (group as ec2.ISecurityGroup).allowAllOutbound
    && !CfnResource.isCfnResource(group.node.defaultChild as IConstruct));
  if (affected.length === 0) return;
  warn('cdk-lambda-microvms:securityGroupTakenToAllowAll',
    `securityGroups: ${affected.map(group => group.node.path).join(', ')} is imported without allowAllOutbound: false; `
    + 'connections.allowTo creates no egress rule for it; '
    + 'import it with allowAllOutbound: false, or define its egress rules where it is created', scope);
}
