import { runUnsafeSimulation } from '@cloud-copilot/iam-simulate';
import { CfnParameter } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import { IMAGE, testLauncher } from './support';
import type { WebIdentityLaunchRoleProps } from '../../src';
import { WebIdentityLaunchRole } from '../../src';
import { expectAnswers } from '../support/iam';
import { ACCOUNT, REGION, testStack } from '../support/stacks';
import { ResolvedTemplate } from '../support/template';

jest.mock('../../src/private/bundle', () => jest.requireActual('../support/no-bundle'));

const ISSUER = 'token.actions.githubusercontent.com';
const PROVIDER = `arn:aws:iam::${ACCOUNT}:oidc-provider/${ISSUER}`;
const SUBJECT = 'repo:acme/app:ref:refs/heads/main';

function testRole(props: Partial<WebIdentityLaunchRoleProps> = {}, stack = testStack()) {
  const identityProvider = iam.OpenIdConnectProvider.fromOpenIdConnectProviderArn(stack, 'Provider', PROVIDER);
  const defaults = { identityProvider, issuer: ISSUER, audiences: ['sts.amazonaws.com'], subjects: [SUBJECT] };
  const role = new WebIdentityLaunchRole(stack, 'Ci', { ...defaults, ...props });
  return { stack, role };
}

describe('the trust policy of a WebIdentityLaunchRole', () => {
  const trustOf = (props: Partial<WebIdentityLaunchRoleProps> = {}) =>
    ResolvedTemplate.stack(testRole(props).stack).resource('AWS::IAM::Role', 'Ci').Properties.AssumeRolePolicyDocument;

  /** The simulation supports neither federated principals nor claims: an identity policy gets the conditions. */
  async function accepts(props: Partial<WebIdentityLaunchRoleProps>, claims: Record<string, string>) {
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

  test('accepts tokens of the audience and the subject, and no others', async () => {
    expect(await accepts({}, claims)).toBe(true);
    for (const wrong of [
      { ...claims, aud: 'other' },
      { ...claims, sub: 'repo:acme/app:pull_request' },
      { ...claims, sub: `${SUBJECT}2` },
      { aud: claims.aud },
      { sub: claims.sub },
      {},
    ]) expect(await accepts({}, wrong as Record<string, string>)).toBe(false);
  });

  test('trusts only this identity provider, and only for AssumeRoleWithWebIdentity', () => {
    expect(trustOf().Statement)
      .toEqual([expect.objectContaining({ Effect: 'Allow', Action: 'sts:AssumeRoleWithWebIdentity', Principal: { Federated: PROVIDER } })]);
  });

  test('accepts subjects that match a pattern, and no owner whose name only starts with the same letters', async () => {
    const subjects = ['repo:acme/*'];
    expect(await accepts({ subjects }, claims)).toBe(true);
    expect(await accepts({ subjects }, { ...claims, sub: 'repo:acme-evil/app:ref:refs/heads/main' })).toBe(false);
  });

  test('accepts an issuer with its scheme', async () => {
    expect(await accepts({ issuer: `https://${ISSUER}` }, claims)).toBe(true);
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
    ['a prefix of an organization', { subjects: ['repo:acme*'] }],
    ['any subject of any organization', { subjects: ['*:ref:refs/heads/main'] }],
    ['an unscoped subject among scoped ones', { subjects: [SUBJECT, 'repo:*'] }],
    ['empty segments', { subjects: ['::*'] }],
    ['no issuer', { issuer: '' }],
    ['an issuer with spaces', { issuer: 'a b' }],
  ])('fails for %s', (_, props) => {
    expect(() => testRole(props)).toThrow('WebIdentityLaunchRoleInvalid');
  });

  test('fails for an issuer that is an unresolved token', () => {
    const stack = testStack();
    expect(() => testRole({ issuer: new CfnParameter(stack, 'Issuer').valueAsString }, stack))
      .toThrow(/known at synth.*WebIdentityLaunchRoleInvalid/);
  });
});

test('a WebIdentityLaunchRole accepts grants of launchers', async () => {
  const { stack, role } = testRole();
  const { launcher } = testLauncher({}, stack);
  launcher.grantLaunch(role);
  launcher.grantConnect(role);
  launcher.grantManage(role);
  const actions = ['RunMicrovm', 'TerminateMicrovm', 'CreateMicrovmAuthToken'];
  await expectAnswers(ResolvedTemplate.stack(stack).policiesOf('Ci'), true, actions.map(action => ({ action: `lambda:${action}`, resource: IMAGE })));
});

test('a WebIdentityLaunchRole accepts the use of the key of a launcher, and no other use of a key', async () => {
  const { stack, role } = testRole();
  const arn = `arn:aws:kms:${REGION}:${ACCOUNT}:key/1234`;
  const key = kms.Key.fromKeyArn(stack, 'Key', arn);
  testLauncher({ encryptionKey: key }, stack).launcher.grantLaunch(role);
  const context = { 'kms:ViaService': `lambda.${REGION}.amazonaws.com` };
  await expectAnswers(ResolvedTemplate.stack(stack).policiesOf('Ci'), true, [{ action: 'kms:GenerateDataKey', resource: arn, context }]);
  expect(() => key.grantDecrypt(role)).toThrow('WebIdentityLaunchRoleOnlyLaunches');
  const through = (service: string | string[]) => () => role.addToPrincipalPolicy(new iam.PolicyStatement({
    actions: ['kms:Decrypt'], resources: [arn], conditions: { StringEquals: { 'kms:ViaService': service } },
  }));
  expect(through(`s3.${REGION}.amazonaws.com`)).toThrow('WebIdentityLaunchRoleOnlyLaunches');
  expect(through([`lambda.${REGION}.amazonaws.com`, `s3.${REGION}.amazonaws.com`])).toThrow('WebIdentityLaunchRoleOnlyLaunches');
});

test('a WebIdentityLaunchRole rejects everything else', () => {
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

test('a WebIdentityLaunchRole names the managed policy that it rejects', () => {
  const { role } = testRole();
  expect(() => role.addManagedPolicy(iam.ManagedPolicy.fromAwsManagedPolicyName('AdministratorAccess')))
    .toThrow(/managed policy .*AdministratorAccess.*: this role accepts/);
});
