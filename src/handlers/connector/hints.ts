import type { DesiredConnector } from './desired';
import type { StateReason } from './observed';
import type { Hint, HintRule } from '../engine/hints';
import { firstHint } from '../engine/hints';

/** What each reason code means to the user, and what to do (service-facts.md, 1.3). */
const REASONS: Record<string, Hint> = {
  DisallowedByVpcEncryptionControl: {
    property: 'vpc',
    text: 'the encryption control of the VPC does not allow the connector; exempt it there, or use another VPC',
  },
  Ec2RequestLimitExceeded: { text: 'EC2 limits the rate of requests of this account; deploy again later, or raise the limit' },
  InsufficientRolePermissions: {
    property: 'operatorRole',
    text: 'the role must be allowed to create network interfaces in these subnets with these security groups; '
      + 'make sure that no policy, boundary or service control policy denies ec2:CreateNetworkInterface or ec2:CreateTags '
      + 'or, with elasticIps, ec2:AllocateAddress or ec2:AssociateAddress',
  },
  InternalError: { text: 'the service failed; deploy again' },
  InternetGatewayNotAttached: {
    property: 'elasticIps',
    text: 'elastic IPs need an internet gateway; attach one to the VPC, and select subnets with a route to it',
  },
  InvalidSecurityGroup: { property: 'securityGroups', text: 'one does not exist, or is not in the VPC of the subnets' },
  InvalidSubnet: {
    property: 'vpcSubnets',
    text: 'one does not exist, is not in the VPC of the others, or has no IPv6 range for dual stack',
  },
  SecurityGroupsPerInterfaceLimitExceeded: {
    property: 'securityGroups',
    text: 'use fewer, or raise the quota "Security groups per network interface" of Amazon VPC, which is 5 by default and 16 at most',
  },
  SubnetOutOfIPAddresses: { property: 'vpcSubnets', text: 'a subnet has no free addresses; use larger subnets, or others' },
};

/** Returns the reason that the service gave, in one line. */
export function reasonOf({ code, message }: StateReason): string {
  return [code, message].filter(part => part !== undefined).join(': ') || 'the service gave no reason';
}

export function hintsForReason({ code }: StateReason): Hint[] {
  const hint = code === undefined ? undefined : REASONS[code];
  return hint ? [hint] : [];
}

/** What to check first after a rejected request (messages: service-facts.md, 1.3). */
const REJECTIONS: HintRule[] = [
  { when: /iam:PassRole/, property: 'operatorRole', text: 'the deployment must be allowed to pass it, without iam:PassedToService' },
  {
    when: /unable to assume/i,
    property: 'operatorRole',
    text: 'its trust policy must allow the service to assume it, without a condition on a source account or ARN',
  },
  { when: /unauthorized operation|ConnectorOperatorRole permissions/i, ...REASONS.InsufficientRolePermissions },
  { when: /internet gateway/i, ...REASONS.InternetGatewayNotAttached },
  {
    when: /AddressLimitExceeded|maximum number of addresses/i,
    property: 'elasticIps',
    text: 'raise the quota of Elastic IP addresses of the account, or release addresses',
  },
  { when: /security groups per (network )?interface|SecurityGroupsPerInterface/i, ...REASONS.SecurityGroupsPerInterfaceLimitExceeded },
  { when: /same VPC/i, property: 'securityGroups', text: 'subnets and security groups must be in the same VPC' },
  { when: /network ?protocol/i, property: 'networkProtocol', text: 'dual stack needs an IPv6 range in every subnet' },
  { when: /OperatorRole/i, property: 'operatorRole', text: 'the service requires a role, and does not accept this one' },
  { when: /SecurityGroup/i, ...REASONS.InvalidSecurityGroup },
  { when: /Subnet/i, ...REASONS.InvalidSubnet },
  { when: /\btags?\b|\bTag/, property: 'tags', text: 'check the limits of keys and values' },
  { when: /\bname\b/i, property: 'networkConnectorName', text: 'use 1 to 64 letters, digits, hyphens and underscores' },
];

export function hintsForRejection(message: string, desired: DesiredConnector): Hint[] {
  // A denial names roles and sessions, whose names may contain any word.
  if (/^AccessDenied/.test(message) && !message.includes('iam:PassRole')) return [];
  const zone = zoneHint(message, desired);
  return zone ? [zone] : firstHint(message, REJECTIONS);
}

/** MicroVMs are not available in every Availability Zone, and no API lists the zones (service-facts.md, 4). */
function zoneHint(message: string, { subnetIds, subnetZones }: DesiredConnector): Hint | undefined {
  const zone = /availability zone ([a-z-]*\d[a-z0-9-]*)/i.exec(message)?.[1];
  if (zone === undefined) return undefined;
  const subnets = subnetIds.map((id, index) => ({ id, zone: subnetZones[index] || 'a zone that the template does not name' }));
  const rejected = subnets.filter(subnet => subnet.zone === zone);
  const fix = rejected.length > 0
    ? `remove ${rejected.map(({ id }) => id).join(', ')} from the selection`
    : `remove the subnet of that zone from the selection: ${subnets.map(subnet => `${subnet.id} is in ${subnet.zone}`).join(', ')}; `
      + `find it with 'aws ec2 describe-subnets --filters Name=availability-zone-id,Values=${zone}'`;
  return {
    property: 'vpcSubnets',
    text: `MicroVMs cannot be reached from zone ${zone}; ${fix}, for example with vpcSubnets: { availabilityZones: [...] }`,
  };
}
