import { CfnResource, Stack, Token } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import type { Construct, IConstruct } from 'constructs';
import { ValidationError } from '../private/errors';
import { warn } from '../private/warnings';

/** Service facts 1.3. */
const MAX_SUBNETS = 16;
const MAX_SECURITY_GROUPS = 5;

/** Zones that the service was seen to refuse, by id; there is no list of them (service facts 4, field notes). */
const REFUSED_ZONES = ['use1-az3'];
const ZONE_ID = /^[a-z]+[0-9]-az[0-9]+$/;

/** The subnets of a selection; fails if the service could not take them. */
export function selectSubnets(scope: Construct, vpc: ec2.IVpc, selection: ec2.SubnetSelection | undefined): ec2.ISubnet[] {
  const { subnets } = vpc.selectSubnets(selection);
  if (subnets.length < 1 || subnets.length > MAX_SUBNETS) {
    throw new ValidationError('NetworkConnectorSubnetsInvalid',
      `vpcSubnets: the selection has ${subnets.length} subnets; select 1 to ${MAX_SUBNETS}, for example by subnetType or availabilityZones`, scope);
  }
  return subnets;
}

/** What of the subnets may be changed after the connector is made, and so is looked at last. */
export function subnetErrors(subnets: ec2.ISubnet[], dualStack: boolean): ValidationError[] {
  const refused = subnets.filter(subnet => REFUSED_ZONES.includes(zoneIdOf(subnet) ?? ''));
  const errors = refused.map(subnet => new ValidationError('NetworkConnectorZoneRefused',
    `vpcSubnets: ${subnet.node.path} is in the zone ${zoneIdOf(subnet)}, which the service refuses for MicroVMs; `
    + 'leave it out, for example with vpcSubnets: { availabilityZones: [...] }'));
  const withoutIpv6 = dualStack ? subnets.filter(lacksIpv6) : [];
  if (withoutIpv6.length > 0) {
    errors.push(new ValidationError('NetworkConnectorDualStackInvalid',
      `networkProtocol: dual stack needs an IPv6 range in every subnet, and ${withoutIpv6.map(subnet => subnet.node.path).join(', ')} `
      + 'has none; give the VPC IpProtocol.DUAL_STACK, or use NetworkProtocol.IPV4'));
  }
  return errors;
}

/** The zone of a subnet, for errors: its id if the template has it, else its name; empty if nobody knows. */
export function zoneOf(scope: Construct, subnet: ec2.ISubnet): string {
  const resource = resourceOf(subnet);
  if (resource && Stack.of(resource) === Stack.of(scope)) return resource.attrAvailabilityZoneId;
  return zoneNameOf(subnet) ?? '';
}

function zoneIdOf(subnet: ec2.ISubnet): string | undefined {
  const zone = resourceOf(subnet)?.availabilityZoneId ?? zoneNameOf(subnet);
  return zone !== undefined && !Token.isUnresolved(zone) && ZONE_ID.test(zone) ? zone : undefined;
}

/** An imported subnet throws if it was not told. */
function zoneNameOf(subnet: ec2.ISubnet): string | undefined {
  try {
    return subnet.availabilityZone;
  } catch {
    return undefined;
  }
}

/** Known of subnets of the app alone. */
function lacksIpv6(subnet: ec2.ISubnet): boolean {
  const resource = resourceOf(subnet);
  if (!resource || resource.ipv6CidrBlock !== undefined || resource.ipv6IpamPoolId !== undefined) return false;
  return !resource.node.root.node.findAll().some(other => givesIpv6To(resource, other));
}

function givesIpv6To(subnet: ec2.CfnSubnet, other: IConstruct): boolean {
  if (!CfnResource.isCfnResource(other) || other.cfnResourceType !== ec2.CfnSubnetCidrBlock.CFN_RESOURCE_TYPE_NAME) return false;
  const { stack } = subnet;
  return JSON.stringify(stack.resolve((other as ec2.CfnSubnetCidrBlock).subnetId)) === JSON.stringify(stack.resolve(subnet.ref));
}

function resourceOf(subnet: ec2.ISubnet): ec2.CfnSubnet | undefined {
  const child = subnet.node.defaultChild;
  const isSubnet = child && CfnResource.isCfnResource(child) && child.cfnResourceType === ec2.CfnSubnet.CFN_RESOURCE_TYPE_NAME;
  return isSubnet ? child as ec2.CfnSubnet : undefined;
}

/** The security groups given, or one that allows nothing out, IPv6 included. */
export function securityGroupsFor(scope: Construct, vpc: ec2.IVpc, given: ec2.ISecurityGroup[] | undefined): ec2.ISecurityGroup[] {
  if (!given) return [new ec2.SecurityGroup(scope, 'SecurityGroup', { vpc, description: 'MicroVMs of a network connector', allowAllOutbound: false })];
  if (given.length < 1 || given.length > MAX_SECURITY_GROUPS) {
    throw new ValidationError('NetworkConnectorSecurityGroupsInvalid',
      `securityGroups: ${given.length} are given; use 1 to ${MAX_SECURITY_GROUPS}, or leave them out for one that allows nothing out`, scope);
  }
  warnOfSilentRules(scope, given);
  return given;
}

/** An imported group that is taken to allow everything gets no egress rules: allowTo would only write the rule of the other side. */
export function warnOfSilentRules(scope: Construct, groups: ec2.ISecurityGroup[]): void {
  const silent = groups.filter(group => group.allowAllOutbound && !CfnResource.isCfnResource(group.node.defaultChild as IConstruct));
  if (silent.length === 0) return;
  warn('cdk-lambda-microvms:securityGroupTakenToAllowAll',
    `securityGroups: ${silent.map(group => group.node.path).join(', ')} is imported without allowAllOutbound: false, so connections.allowTo writes no egress rule for it; `
    + 'import it with allowAllOutbound: false, or see to its egress rules where it is made', scope);
}
