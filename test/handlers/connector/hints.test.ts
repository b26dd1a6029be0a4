import { desired } from './inputs';
import type { DesiredConnector } from '../../../src/handlers/connector/desired';
import { explain, hintFor } from '../../../src/handlers/connector/hints';

describe('a reason of the service', () => {
  test.each([
    ['DisallowedByVpcEncryptionControl', /^vpc: .*encryption control/],
    ['Ec2RequestLimitExceeded', /^EC2 limits the rate/],
    ['InsufficientRolePermissions', /^operatorRole: .*ec2:CreateNetworkInterface and ec2:CreateTags$/],
    ['InternalError', /^the service failed; deploy again$/],
    ['InvalidSecurityGroup', /^securityGroups: one does not exist/],
    ['InvalidSubnet', /^vpcSubnets: one does not exist/],
    ['SubnetOutOfIPAddresses', /^vpcSubnets: .*no free addresses/],
  ])('%s is told with its words and what it means to the user', (code, meaning) => {
    const [reason, hint] = explain({ code, words: 'in the words of the service' }).split('\nhint: ');
    expect(reason).toBe(`${code}: in the words of the service`);
    expect(hint).toMatch(meaning);
  });

  test('of an unknown code is told as it is', () => {
    expect(explain({ code: 'SomethingNew', words: 'words' })).toBe('SomethingNew: words');
  });

  test('may be a code alone, words alone, or nothing', () => {
    expect(explain({ code: 'InternalError' })).toBe('InternalError\nhint: the service failed; deploy again');
    expect(explain({ words: 'words' })).toBe('words');
    expect(explain({})).toBe('the service gives no reason');
  });
});

describe('the property that a refusal is about', () => {
  test.each([
    ['The service is unable to assume the provided NetworkConnectorOperatorRole. Please verify the trust policy on the role.', /^operatorRole: its trust policy/],
    ['Encountered unauthorized operation while calling EC2 due to invalid ConnectorOperatorRole permissions', /^operatorRole: the role may not make network interfaces/],
    ['Subnets and Security Groups must belong to the same VPC', /^securityGroups: .*same VPC/],
    ['Subnets are not compatible with the provided network protocol', /^networkProtocol: /],
    ["Value 'IPv5' at 'configuration.vpcEgressConfiguration.networkProtocol' failed to satisfy constraint", /^networkProtocol: /],
    ['NetworkConnectorOperatorRole is required for VPC_EGRESS connector type', /^operatorRole: the service asks for one/],
    ['User: x is not authorized to perform: iam:PassRole on resource: arn:aws:iam::123456789012:role/x', /^operatorRole: .*pass it/],
    ['SecurityGroupIds cannot be null or empty', /^securityGroups: one does not exist/],
    ["The subnet ID 'subnet-1' does not exist", /^vpcSubnets: one does not exist/],
    ['User: x is not authorized to perform: lambda:TagResource', /^tags: /],
    ["Value at 'tags' failed to satisfy constraint", /^tags: /],
    ["Value 'bad name!' at 'name' failed to satisfy constraint", /^networkConnectorName: /],
  ])('%s', (words, hint) => {
    expect(hintFor(words, desired())).toMatch(hint);
  });

  test('is unknown if the words tell none', () => {
    expect(hintFor('something else', desired())).toBeUndefined();
    expect(hintFor('the stage and the surname', desired())).toBeUndefined();
  });
});

describe('a zone without MicroVMs', () => {
  const WORDS = 'Availability zone use1-az3 is not available for compute type MicroVm';
  const hint = (more: Partial<DesiredConnector>) => hintFor(WORDS, desired({ subnetIds: ['subnet-1', 'subnet-2', 'subnet-3'], ...more }));

  test('comes with its subnets, and a way to leave them out', () => {
    expect(hint({ subnetZones: ['use1-az3', 'use1-az1', 'use1-az3'] })).toBe(
      'vpcSubnets: MicroVMs cannot be reached from zone use1-az3; take subnet-1, subnet-3 out of the selection, for example with vpcSubnets: { availabilityZones: [...] }');
  });

  test('comes with what is known of the subnets if the template names zones otherwise, and with a way to find out', () => {
    expect(hint({ subnetZones: ['us-east-1a', '', 'us-east-1c'] })).toBe(
      'vpcSubnets: MicroVMs cannot be reached from zone use1-az3; take the subnet of that zone out of the selection: '
      + 'subnet-1 is in us-east-1a, subnet-2 is in a zone that the template does not know, subnet-3 is in us-east-1c; '
      + 'aws ec2 describe-subnets --filters Name=availability-zone-id,Values=use1-az3 tells which, for example with vpcSubnets: { availabilityZones: [...] }');
  });

  test('comes with what is known if the zones are fewer than the subnets', () => {
    expect(hint({ subnetZones: [] })).toContain('subnet-3 is in a zone that the template does not know');
  });
});
