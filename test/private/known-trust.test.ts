import * as iam from 'aws-cdk-lib/aws-iam';
import type { TrustNeeds } from '../../src/private/known-trust';
import { IMAGE_ROLE_TRUST, OPERATOR_ROLE_TRUST, trustProblems } from '../../src/private/known-trust';
import { ACCOUNT, testStack } from '../support/stacks';

const LAMBDA = new iam.ServicePrincipal('lambda.amazonaws.com');

function problems(assumedBy: iam.IPrincipal, needs: TrustNeeds): string[] {
  return trustProblems(new iam.Role(testStack(), 'Role', { assumedBy }), needs);
}

describe('the trust policy of an operator role', () => {
  test.each<[string, iam.IPrincipal]>([
    ['the principal of Lambda', LAMBDA],
    ['the other principal of the service', new iam.ServicePrincipal('network-connectors.lambda.amazonaws.com')],
    ['one of several principals', new iam.CompositePrincipal(new iam.ServicePrincipal('ec2.amazonaws.com'), LAMBDA)],
    ['everybody', new iam.StarPrincipal()],
    ['a condition that holds without the key', LAMBDA.withConditions({ StringEqualsIfExists: { 'aws:SourceAccount': ACCOUNT } })],
    ['a condition for all values', LAMBDA.withConditions({ 'ForAllValues:StringEquals': { 'aws:SourceAccount': ACCOUNT } })],
    ['a negated condition', LAMBDA.withConditions({ StringNotEquals: { 'aws:SourceAccount': '111122223333' } })],
    ['a condition on a key that the service may send', LAMBDA.withConditions({ StringEquals: { 'aws:PrincipalOrgID': 'o-1' } })],
  ])('works with %s', (_, assumedBy) => {
    expect(problems(assumedBy, OPERATOR_ROLE_TRUST)).toEqual([]);
  });

  test.each<[string, iam.IPrincipal, string]>([
    ['another service', new iam.ServicePrincipal('ec2.amazonaws.com'), 'does not name lambda.amazonaws.com'],
    ['an account', new iam.AccountPrincipal(ACCOUNT), 'does not name lambda.amazonaws.com'],
    ['a source account', LAMBDA.withConditions({ StringEquals: { 'aws:SourceAccount': ACCOUNT } }), 'has a condition on aws:SourceAccount, which the service does not send'],
    ['a source ARN', LAMBDA.withConditions({ ArnLike: { 'AWS:SourceArn': '*' } }), 'has a condition on AWS:SourceArn, which the service does not send'],
    ['a required source ARN', LAMBDA.withConditions({ Null: { 'aws:SourceArn': 'false' } }), 'has a condition on aws:SourceArn, which the service does not send'],
    ['an external ID', LAMBDA.withConditions({ StringEquals: { 'sts:ExternalId': 'x' } }), 'has a condition on sts:ExternalId, which the service does not send'],
  ])('fails with %s', (_, assumedBy, problem) => {
    expect(problems(assumedBy, OPERATOR_ROLE_TRUST)).toEqual([problem]);
  });

  test('works if one of several statements works', () => {
    const role = new iam.Role(testStack(), 'Role', { assumedBy: LAMBDA.withConditions({ StringEquals: { 'aws:SourceAccount': ACCOUNT } }) });
    expect(trustProblems(role, OPERATOR_ROLE_TRUST)).toHaveLength(1);
    role.assumeRolePolicy!.addStatements(new iam.PolicyStatement({ actions: ['sts:Assume*'], principals: [LAMBDA] }));
    expect(trustProblems(role, OPERATOR_ROLE_TRUST)).toEqual([]);
  });
});

describe('the trust policy of a build or execution role', () => {
  test('works with session tags, also if it is restricted to the account', () => {
    expect(problems(LAMBDA.withSessionTags(), IMAGE_ROLE_TRUST)).toEqual([]);
    expect(problems(LAMBDA.withConditions({ StringEquals: { 'aws:SourceAccount': ACCOUNT } }).withSessionTags(), IMAGE_ROLE_TRUST)).toEqual([]);
    const role = new iam.Role(testStack(), 'Role', { assumedBy: LAMBDA });
    role.assumeRolePolicy!.addStatements(new iam.PolicyStatement({ notActions: ['sts:GetFederationToken'], principals: [LAMBDA] }));
    expect(trustProblems(role, IMAGE_ROLE_TRUST)).toEqual([]);
  });

  test('fails without session tags, and with another service', () => {
    expect(problems(LAMBDA, IMAGE_ROLE_TRUST)).toEqual(['does not allow sts:TagSession to lambda.amazonaws.com']);
    expect(problems(new iam.ServicePrincipal('edgelambda.amazonaws.com').withSessionTags(), IMAGE_ROLE_TRUST)).toEqual(['does not name lambda.amazonaws.com']);
  });

  test('fails if it is restricted to another account', () => {
    const assumedBy = LAMBDA.withConditions({ StringEquals: { 'aws:SourceAccount': ['111122223333'] } }).withSessionTags();
    expect(problems(assumedBy, IMAGE_ROLE_TRUST)).toEqual([`requires another aws:SourceAccount than ${ACCOUNT}`]);
  });
});

test('roles of which the app does not know the trust policy have no problems', () => {
  const stack = testStack();
  expect(trustProblems(iam.Role.fromRoleName(stack, 'Import', 'mine'), OPERATOR_ROLE_TRUST)).toEqual([]);
  expect(trustProblems(new iam.CfnRole(stack, 'Token', { assumeRolePolicyDocument: { 'Fn::Transform': { Name: 'X' } } }), OPERATOR_ROLE_TRUST)).toEqual([]);
});

test('L1s and immutable views of a role have problems too', () => {
  const stack = testStack();
  const role = new iam.Role(stack, 'Role', { assumedBy: new iam.ServicePrincipal('ec2.amazonaws.com') });
  expect(trustProblems(role.withoutPolicyUpdates() as iam.Role, OPERATOR_ROLE_TRUST)).toHaveLength(1);
  const statement = { Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' };
  expect(trustProblems(new iam.CfnRole(stack, 'L1', { assumeRolePolicyDocument: { Statement: statement } }), OPERATOR_ROLE_TRUST)).toHaveLength(1);
});
