import { desired } from './inputs';
import type { DesiredConnector } from '../../../src/handlers/connector/desired';
import { hintsForReason, hintsForRejection, reasonOf } from '../../../src/handlers/connector/hints';
import { renderHint } from '../../../src/handlers/engine/hints';

const hintFor = (...args: Parameters<typeof hintsForRejection>) => hintsForRejection(...args).map(renderHint)[0];

describe('the reason of a state', () => {
  test.each([
    ['DisallowedByVpcEncryptionControl', /^hint: vpc: .*encryption control/],
    ['Ec2RequestLimitExceeded', /^hint: EC2 limits the rate/],
    ['InsufficientRolePermissions', /^hint: operatorRole: .*ec2:CreateNetworkInterface or ec2:CreateTags or, with elasticIps, ec2:AllocateAddress or ec2:AssociateAddress$/],
    ['InternalError', /^hint: the service failed; deploy again$/],
    ['InternetGatewayNotAttached', /^hint: elasticIps: .*attach one to the VPC/],
    ['InvalidSecurityGroup', /^hint: securityGroups: one does not exist/],
    ['InvalidSubnet', /^hint: vpcSubnets: one does not exist/],
    ['SecurityGroupsPerInterfaceLimitExceeded', /^hint: securityGroups: use fewer, or raise the quota/],
    ['SubnetOutOfIPAddresses', /^hint: vpcSubnets: .*no free addresses/],
  ])('%s is shown with its message, and with a hint that says what to do', (code, meaning) => {
    const reason = { code, message: 'the message of the service' };
    expect(reasonOf(reason)).toBe(`${code}: the message of the service`);
    expect(hintsForReason(reason).map(renderHint)).toEqual([expect.stringMatching(meaning)]);
  });

  test('with an unknown code is shown without a hint', () => {
    expect(reasonOf({ code: 'SomethingNew', message: 'message' })).toBe('SomethingNew: message');
    expect(hintsForReason({ code: 'SomethingNew', message: 'message' })).toEqual([]);
  });

  test('may consist of a code, of a message, or of nothing', () => {
    expect(reasonOf({ code: 'InternalError' })).toBe('InternalError');
    expect(reasonOf({ message: 'message' })).toBe('message');
    expect(reasonOf({})).toBe('the service gave no reason');
    expect(hintsForReason({})).toEqual([]);
  });
});

describe('the hint for a rejected request', () => {
  test.each([
    ['The service is unable to assume the provided NetworkConnectorOperatorRole. Please verify the trust policy on the role.', /^hint: operatorRole: its trust policy/],
    ['Encountered unauthorized operation while calling EC2 due to invalid ConnectorOperatorRole permissions', /^hint: operatorRole: the role must be allowed to create network interfaces/],
    ['Subnets and Security Groups must belong to the same VPC', /^hint: securityGroups: .*same VPC/],
    ['Subnets are not compatible with the provided network protocol', /^hint: networkProtocol: /],
    ["Value 'IPv5' at 'configuration.vpcEgressConfiguration.networkProtocol' failed to satisfy constraint", /^hint: networkProtocol: /],
    ['The VPC has no internet gateway attached', /^hint: elasticIps: .*attach one/],
    ['AddressLimitExceeded: The maximum number of addresses has been reached.', /^hint: elasticIps: raise the quota/],
    ['The maximum number of security groups per network interface has been exceeded', /^hint: securityGroups: use fewer/],
    ['NetworkConnectorOperatorRole is required for VPC_EGRESS connector type', /^hint: operatorRole: the service requires a role/],
    ['User: x is not authorized to perform: iam:PassRole on resource: arn:aws:iam::123456789012:role/x', /^hint: operatorRole: .*pass it/],
    ['SecurityGroupIds cannot be null or empty', /^hint: securityGroups: one does not exist/],
    ["The subnet ID 'subnet-1' does not exist", /^hint: vpcSubnets: one does not exist/],
    ['User: x is not authorized to perform: lambda:TagResource', /^hint: tags: /],
    ["Value at 'tags' failed to satisfy constraint", /^hint: tags: /],
    ["Value 'bad name!' at 'name' failed to satisfy constraint", /^hint: networkConnectorName: /],
  ])('%s', (message, hint) => {
    expect(hintFor(message, desired())).toMatch(hint);
  });

  test('does not exist for a message that names no property', () => {
    expect(hintFor('something else', desired())).toBeUndefined();
    expect(hintFor('the stage and the surname', desired())).toBeUndefined();
  });
});

describe('the hint for a zone without MicroVMs', () => {
  const MESSAGE = 'Availability zone use1-az3 is not available for compute type MicroVm';
  const hint = (more: Partial<DesiredConnector>) => hintFor(MESSAGE, desired({ subnetIds: ['subnet-1', 'subnet-2', 'subnet-3'], ...more }));

  test('names the subnets of the zone, and says how to exclude them', () => {
    expect(hint({ subnetZones: ['use1-az3', 'use1-az1', 'use1-az3'] })).toBe(
      'hint: vpcSubnets: MicroVMs cannot be reached from zone use1-az3; remove subnet-1, subnet-3 from the selection, for example with vpcSubnets: { availabilityZones: [...] }');
  });

  test('lists the zones of all subnets if the template has other names for zones, and says how to find the subnet', () => {
    expect(hint({ subnetZones: ['us-east-1a', '', 'us-east-1c'] })).toBe(
      'hint: vpcSubnets: MicroVMs cannot be reached from zone use1-az3; remove the subnet of that zone from the selection: '
      + 'subnet-1 is in us-east-1a, subnet-2 is in a zone that the template does not name, subnet-3 is in us-east-1c; '
      + 'find it with \'aws ec2 describe-subnets --filters Name=availability-zone-id,Values=use1-az3\', for example with vpcSubnets: { availabilityZones: [...] }');
  });

  test('lists subnets without a zone if the template names fewer zones than subnets', () => {
    expect(hint({ subnetZones: [] })).toContain('subnet-3 is in a zone that the template does not name');
  });
});
