import type { DesiredConnector } from './desired';
import type { StateReason } from './observed';

/** What each reason code means to the user, and what to do. Codes: service facts 1.3. */
const REASONS: Record<string, string> = {
  DisallowedByVpcEncryptionControl: 'vpc: the encryption control of the VPC does not admit the connector; exempt it there, or use another VPC',
  Ec2RequestLimitExceeded: 'EC2 limits the rate of requests of this account; deploy again later, or raise the limit',
  InsufficientRolePermissions: 'operatorRole: the role may not make network interfaces in these subnets with these security groups; '
    + 'see that neither its policies nor a boundary or service control policy denies ec2:CreateNetworkInterface and ec2:CreateTags',
  InternalError: 'the service failed; deploy again',
  InvalidSecurityGroup: 'securityGroups: one does not exist, or is not in the VPC of the subnets',
  InvalidSubnet: 'vpcSubnets: one does not exist, is not in the VPC of the others, or has no IPv6 range for dual stack',
  SubnetOutOfIPAddresses: 'vpcSubnets: a subnet has no free addresses; use larger ones, or others',
};

/** A reason of the service, with what it means. */
export function explain({ code, words }: StateReason): string {
  const given = [code, words].filter(part => part !== undefined).join(': ') || 'the service gives no reason';
  const hint = code === undefined ? undefined : REASONS[code];
  return hint === undefined ? given : `${given}\nhint: ${hint}`;
}

/** What the service says of a request that it refuses, and the property of the construct that it is about. Sentences: service facts 1.3. */
const REFUSALS: [words: RegExp, hint: string][] = [
  [/iam:PassRole/, 'operatorRole: the deployment must be allowed to pass it, without iam:PassedToService'],
  [/unable to assume/i, 'operatorRole: its trust policy must let the service assume it, without a condition on a source account or ARN'],
  [/unauthorized operation|ConnectorOperatorRole permissions/i, REASONS.InsufficientRolePermissions],
  [/same VPC/i, 'securityGroups: subnets and security groups must be in the same VPC'],
  [/network ?protocol/i, 'networkProtocol: dual stack needs an IPv6 range in every subnet'],
  [/OperatorRole/i, 'operatorRole: the service asks for one, and does not take this'],
  [/SecurityGroup/i, REASONS.InvalidSecurityGroup],
  [/Subnet/i, REASONS.InvalidSubnet],
  [/\btags?\b|\bTag/, 'tags: see the limits of keys and values'],
  [/\bname\b/i, 'networkConnectorName: 1 to 64 letters, digits, hyphens and underscores'],
];

/** What to look at first. */
export function hintFor(words: string, desired: DesiredConnector): string | undefined {
  // A denial names roles and sessions, which may be called anything.
  if (/^AccessDenied/.test(words) && !words.includes('iam:PassRole')) return undefined;
  return zoneHint(words, desired) ?? REFUSALS.find(([sentence]) => sentence.test(words))?.[1];
}

/** MicroVMs are not in every Availability Zone, and no list says where they are: service facts 4. */
function zoneHint(words: string, { subnetIds, subnetZones }: DesiredConnector): string | undefined {
  const zone = /availability zone ([a-z-]*\d[a-z0-9-]*)/i.exec(words)?.[1];
  if (zone === undefined) return undefined;
  const subnets = subnetIds.map((id, index) => ({ id, zone: subnetZones[index] || 'a zone that the template does not know' }));
  const refused = subnets.filter(subnet => subnet.zone === zone);
  const which = refused.length > 0
    ? `take ${refused.map(({ id }) => id).join(', ')} out of the selection`
    : `take the subnet of that zone out of the selection: ${subnets.map(subnet => `${subnet.id} is in ${subnet.zone}`).join(', ')}; `
      + `aws ec2 describe-subnets --filters Name=availability-zone-id,Values=${zone} tells which`;
  return `vpcSubnets: MicroVMs cannot be reached from zone ${zone}; ${which}, for example with vpcSubnets: { availabilityZones: [...] }`;
}
