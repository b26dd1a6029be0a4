import { runUnsafeSimulation } from '@cloud-copilot/iam-simulate';
import { CfnParameter } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { IMAGE, testLauncher } from './support';
import type { WebIdentityLaunchRoleProps } from '../../src';
import { WebIdentityLaunchRole } from '../../src';
import { expectAnswers } from '../support/iam';
import { ACCOUNT, testStack } from '../support/stacks';
import { ResolvedTemplate } from '../support/template';

jest.mock('../../src/private/bundle', () => jest.requireActual('../support/no-bundle'));

const ISSUER = 'token.actions.githubusercontent.com';
const PROVIDER = `arn:aws:iam::${ACCOUNT}:oidc-provider/${ISSUER}`;
const SUBJECT = 'repo:acme/app:ref:refs/heads/main';

function testRole(props: Partial<WebIdentityLaunchRoleProps> = {}, stack = testStack()) {
  const identityProvider = iam.OpenIdConnectProvider.fromOpenIdConnectProviderArn(stack, 'Provider', PROVIDER);
  const role = new WebIdentityLaunchRole(stack, 'Ci', { identityProvider, issuer: ISSUER, audiences: ['sts.amazonaws.com'], subjects: [SUBJECT], ...props });
  return { stack, role };
}

describe('the trust of a role for launches from outside', () => {
  const trustOf = (props: Partial<WebIdentityLaunchRoleProps> = {}) =>
    ResolvedTemplate.stack(testRole(props).stack).resource('AWS::IAM::Role', 'Ci').Properties.AssumeRolePolicyDocument;

  /** The simulation knows neither federated principals nor what their tokens claim: the conditions are tried as those of an identity's policy. */
  async function letsIn(props: Partial<WebIdentityLaunchRoleProps>, claims: Record<string, string>) {
    const trust = trustOf(props);
    const statements = trust.Statement.map(({ Principal: _, ...statement }: any) => ({ ...statement, Resource: '*' }));
    const result = runUnsafeSimulation({
      identityPolicies: [{ name: 'trust', policy: { ...trust, Statement: statements } }],
      serviceControlPolicies: [],
      resourceControlPolicies: [],
      request: {
        action: 'sts:AssumeRoleWithWebIdentity',
        principal: `arn:aws:iam::${ACCOUNT}:role/stand-in`,
        resource: { accountId: ACCOUNT, resource: `arn:aws:iam::${ACCOUNT}:role/ci` },
        contextVariables: Object.fromEntries(Object.entries(claims).map(([claim, value]) => [`${ISSUER}:${claim}`, value])),
      },
    }, {});
    return result === 'Allowed';
  }
  const claims = { aud: 'sts.amazonaws.com', sub: SUBJECT };

  test('lets in the tokens of the audience and the subject, and no others', async () => {
    expect(await letsIn({}, claims)).toBe(true);
    for (const wrong of [
      { ...claims, aud: 'other' },
      { ...claims, sub: 'repo:acme/app:pull_request' },
      { ...claims, sub: `${SUBJECT}2` },
      { aud: claims.aud },
      { sub: claims.sub },
      {},
    ]) expect(await letsIn({}, wrong as Record<string, string>)).toBe(false);
  });

  test('is in this provider and no other, and in nothing else that its tokens could do', () => {
    expect(trustOf().Statement).toEqual([expect.objectContaining({ Effect: 'Allow', Action: 'sts:AssumeRoleWithWebIdentity', Principal: { Federated: PROVIDER } })]);
  });

  test('lets in what a pattern fits, and nobody whose name only begins like it', async () => {
    const subjects = ['repo:acme/*'];
    expect(await letsIn({ subjects }, claims)).toBe(true);
    expect(await letsIn({ subjects }, { ...claims, sub: 'repo:acme-evil/app:ref:refs/heads/main' })).toBe(false);
  });

  test('takes an issuer with its scheme', async () => {
    expect(await letsIn({ issuer: `https://${ISSUER}` }, claims)).toBe(true);
  });
});

describe('synthesis', () => {
  test.each<[string, Partial<WebIdentityLaunchRoleProps>]>([
    ['no audience', { audiences: [] }],
    ['any audience', { audiences: ['*'] }],
    ['an empty audience', { audiences: [''] }],
    ['no subject', { subjects: [] }],
    ['an empty subject', { subjects: [''] }],
    ['any subject', { subjects: ['*'] }],
    ['any repository', { subjects: ['repo:*'] }],
    ['whatever begins like an organization', { subjects: ['repo:acme*'] }],
    ['any subject of any organization', { subjects: ['*:ref:refs/heads/main'] }],
    ['an unscoped subject among scoped ones', { subjects: [SUBJECT, 'repo:*'] }],
    ['empty parts', { subjects: ['::*'] }],
    ['no issuer', { issuer: '' }],
    ['an issuer with blanks', { issuer: 'a b' }],
  ])('fails for %s', (_, props) => {
    expect(() => testRole(props)).toThrow('WebIdentityLaunchRoleInvalid');
  });

  test('fails for an issuer that only a deployment knows', () => {
    const stack = testStack();
    expect(() => testRole({ issuer: new CfnParameter(stack, 'Issuer').valueAsString }, stack)).toThrow(/known at synth.*WebIdentityLaunchRoleInvalid/);
  });
});

test('a role for launches from outside carries the grants of launchers', async () => {
  const { stack, role } = testRole();
  const { launcher } = testLauncher({}, stack);
  launcher.grantLaunch(role);
  launcher.grantConnect(role);
  launcher.grantManage(role);
  await expectAnswers(ResolvedTemplate.stack(stack).policiesOf('Ci'), true, ['RunMicrovm', 'TerminateMicrovm', 'CreateMicrovmAuthToken'].map(action => ({ action: `lambda:${action}`, resource: IMAGE })));
});

test('a role for launches from outside takes nothing else', () => {
  const { stack, role } = testRole();
  const statement = (props: iam.PolicyStatementProps) => () => role.addToPrincipalPolicy(new iam.PolicyStatement({ resources: ['*'], ...props }));
  for (const add of [
    statement({ actions: ['s3:GetObject'] }),
    statement({ actions: ['lambda:RunMicrovm', 'lambda:*'] }),
    statement({ actions: ['*'] }),
    statement({ notActions: ['s3:GetObject'] }),
    () => role.addManagedPolicy(iam.ManagedPolicy.fromAwsManagedPolicyName('AdministratorAccess')),
    () => role.attachInlinePolicy(new iam.Policy(stack, 'Policy')),
  ]) expect(add).toThrow('WebIdentityLaunchRoleOnlyLaunches');
  expect(statement({ effect: iam.Effect.DENY, actions: ['*'] })).not.toThrow();
});

test('a role for launches from outside names the managed policy that it refuses', () => {
  const { role } = testRole();
  expect(() => role.addManagedPolicy(iam.ManagedPolicy.fromAwsManagedPolicyName('AdministratorAccess'))).toThrow(/managed policy .*AdministratorAccess.*: this role takes/);
});
