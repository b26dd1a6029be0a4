import { runUnsafeSimulation } from '@cloud-copilot/iam-simulate';
import type { App, Stack } from 'aws-cdk-lib';
import { CfnOutput, CfnParameter, CfnResource, Fn, NestedStack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { IMAGE, testLauncher } from './support';
import type { WebIdentityLaunchRoleProps } from '../../src';
import { MicrovmEgress, MicrovmIngress, MicrovmLauncher, WebIdentityLaunchRole } from '../../src';
import { expectAnswers } from '../support/iam';
import { ACCOUNT, REGION, testApp, testImage, testStack } from '../support/stacks';
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

  test('accepts subjects with and without wildcards beside each other', async () => {
    const subjects = [SUBJECT, 'repo:acme/other:*'];
    for (const sub of [SUBJECT, 'repo:acme/other:pull_request']) expect(await accepts({ subjects }, { ...claims, sub })).toBe(true);
    for (const wrong of [
      { ...claims, sub: 'repo:acme/app:pull_request' },
      { ...claims, sub: 'repo:acme/other2:pull_request' },
      { aud: 'other', sub: 'repo:acme/other:pull_request' },
      { sub: 'repo:acme/other:pull_request' },
    ]) expect(await accepts({ subjects }, wrong as Record<string, string>)).toBe(false);
  });

  test('compares the value of a token exactly, also beside a pattern', () => {
    const stack = testStack();
    const subject = new CfnParameter(stack, 'Subject').valueAsString;
    testRole({ subjects: [subject, 'repo:acme/other:*'] }, stack);
    const { AssumeRolePolicyDocument: trust } = ResolvedTemplate.stack(stack).resource('AWS::IAM::Role', 'Ci').Properties;
    expect(trust.Statement.map(({ Condition }: any) => Condition)).toEqual([
      { StringEquals: { [`${ISSUER}:aud`]: ['sts.amazonaws.com'], [`${ISSUER}:sub`]: ['physical-Subject'] } },
      { StringEquals: { [`${ISSUER}:aud`]: ['sts.amazonaws.com'] }, StringLike: { [`${ISSUER}:sub`]: ['repo:acme/other:*'] } },
    ]);
  });

  test('accepts a list of subjects that is a parameter, and compares its values exactly', () => {
    const stack = testStack();
    const subjects = new CfnParameter(stack, 'Subjects', { type: 'CommaDelimitedList' }).valueAsList;
    testRole({ subjects }, stack);
    const { AssumeRolePolicyDocument: trust } = ResolvedTemplate.stack(stack).resource('AWS::IAM::Role', 'Ci').Properties;
    expect(trust.Statement[0].Condition.StringEquals[`${ISSUER}:sub`]).toBe('physical-Subjects');
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
    ['any owner', { subjects: ['repo:*/app:*'] }],
    ['one letter of any owner', { subjects: ['repo:acm?/app:ref:refs/heads/main'] }],
    ['any branch of any owner', { subjects: ['ref:refs/heads/*'] }],
    ['a branch of any owner', { subjects: ['ref:refs/heads/main'] }],
    ['an environment of any owner', { subjects: ['environment:production:*'] }],
    ['an environment of any owner, exactly', { subjects: ['environment:production'] }],
    ['an environment before a pattern of owners', { subjects: ['environment:production:repository_owner:ac*'] }],
    ['a reusable workflow, which anybody may call', { subjects: ['job_workflow_ref:acme/workflows/.github/workflows/ci.yml@refs/heads/main:*'] }],
    ['a reusable workflow, exactly', { subjects: ['job_workflow_ref:acme/workflows/.github/workflows/ci.yml@refs/heads/main'] }],
    ['an actor, who acts in any repository', { subjects: ['actor:octocat:*'] }],
    ['a type of reference of any owner', { subjects: ['ref_type:branch:ref:main'] }],
    ['any service account', { subjects: ['system:serviceaccount:*'] }],
    ['a pattern of namespaces', { subjects: ['system:serviceaccount:build*'] }],
    ['a variable of IAM, which may be the subject of the token itself', { subjects: ['repo:acme/${token.actions.githubusercontent.com:sub}'] }],
    ['a variable of IAM as the audience', { audiences: ['${token.actions.githubusercontent.com:aud}'] }],
    ['empty segments', { subjects: ['::*'] }],
    ['no issuer', { issuer: '' }],
    ['an issuer with spaces', { issuer: 'a b' }],
  ])('fails for %s', (_, props) => {
    expect(() => testRole(props)).toThrow('WebIdentityLaunchRoleInvalid');
  });

  test.each([
    'repo:acme/app:*', 'repo:acme/*', 'repo:acme/app:environment:prod-?', 'repository_owner:acme:*', 'repository_owner_id:1234:repo*',
    'environment:production:repository_owner:acme', 'environment:production:repo:acme/app', 'environment:production:repository_owner:acme:*',
    'project_path:group/project:ref_type:branch:ref:main', 'project_path:group/*', 'system:serviceaccount:builds:*', 'system:serviceaccount:builds:runner',
    'organization:acme:project:sandbox:workspace:*', 'org/1234/project/5678/user/*', '110248495921238986420',
  ])('accepts the subject %s', subject => {
    expect(() => testRole({ subjects: [subject] })).not.toThrow();
  });

  test('fails for a token beside a wildcard in one subject, because its value may be a wildcard too', () => {
    const stack = testStack();
    const owner = new CfnParameter(stack, 'Owner').valueAsString;
    expect(() => testRole({ subjects: [`repo:${owner}/app:*`] }, stack)).toThrow(/subjects: \["a token"\].*write one of them out.*WebIdentityLaunchRoleInvalid/);
    const other = testStack();
    expect(() => testRole({ subjects: [`repo:${new CfnParameter(other, 'Owner').valueAsString}/app:ref:refs/heads/main`] }, other)).not.toThrow();
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

describe('synthesis finds what a WebIdentityLaunchRole has besides grants of launchers', () => {
  const s3Statement = () => new iam.PolicyStatement({ actions: ['s3:DeleteBucket'], resources: ['*'] });
  const s3Document = () => ({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 's3:DeleteBucket', Resource: '*' }] });
  const trustRoot = { assumedBy: new iam.AccountRootPrincipal() };

  interface Subject {
    readonly app: App;
    readonly stack: Stack;
    /** Another stack of the app. */
    readonly other: Stack;
    readonly role: WebIdentityLaunchRole;
    readonly launcher: MicrovmLauncher;
  }

  function subject(props: Partial<WebIdentityLaunchRoleProps> = {}): Subject {
    const app = testApp();
    const stack = testStack(app);
    const { role } = testRole(props, stack);
    const { launcher } = testLauncher({ encryptionKey: new kms.Key(stack, 'LaunchKey') }, stack);
    launcher.grantLaunch(role);
    return { app, stack, other: testStack(app, 'Other'), role, launcher };
  }

  const synth = ({ app }: Subject) => app.synth();

  const cfnRoleOf = (role: iam.Role) => role.node.defaultChild as iam.CfnRole;

  test.each<[string, (subject: Subject) => void, RegExp]>([
    ['a managed policy', ({ stack, role }) => new iam.ManagedPolicy(stack, 'Admin', { roles: [role], statements: [s3Statement()] }), /Test\/Admin\/Resource: s3:DeleteBucket on \*/],
    ['a policy below the role', ({ role }) => new iam.Policy(role, 'Admin', { roles: [role], statements: [s3Statement()] }), /Test\/Ci\/Admin\/Resource: s3:DeleteBucket on \*/],
    ['an L1 policy', ({ stack, role }) => new iam.CfnPolicy(stack, 'Admin', { policyName: 'admin', policyDocument: s3Document(), roles: [role.roleName] }), /Test\/Admin: s3:DeleteBucket/],
    ['an L1 managed policy', ({ stack, role }) => new iam.CfnManagedPolicy(stack, 'Admin', { policyDocument: s3Document(), roles: [role.roleName] }), /Test\/Admin: s3:DeleteBucket/],
    ['an L1 policy of one role', ({ stack, role }) => new iam.CfnRolePolicy(stack, 'Admin', { policyName: 'admin', policyDocument: s3Document(), roleName: role.roleName }), /Test\/Admin: s3:DeleteBucket/],
    ['a resource by type', ({ stack, role }) => new CfnResource(stack, 'Admin', { type: 'AWS::IAM::Policy', properties: { PolicyName: 'admin', PolicyDocument: s3Document(), Roles: [role.roleName] } }), /Test\/Admin: s3:DeleteBucket/],
    ['a statement that an override adds to the policy of its grants', ({ role }) => {
      const policy = role.node.findChild('DefaultPolicy').node.defaultChild as iam.CfnPolicy;
      policy.addPropertyOverride('PolicyDocument.Statement.9', { Effect: 'Allow', Action: 's3:DeleteBucket', Resource: '*' });
    }, /Test\/Ci\/DefaultPolicy\/Resource: s3:DeleteBucket on \*/],
    ['an inline policy that an override adds', ({ role }) => cfnRoleOf(role).addPropertyOverride('Policies', [{ PolicyName: 'admin', PolicyDocument: s3Document() }]), /Test\/Ci\/Resource: s3:DeleteBucket/],
    ['a managed policy that an override adds', ({ role }) => cfnRoleOf(role).addPropertyOverride('ManagedPolicyArns', ['arn:aws:iam::aws:policy/AdministratorAccess']), /Test\/Ci\/Resource: managed policy arn:aws:iam::aws:policy\/AdministratorAccess/],
    ['a managed policy that its L1 has', ({ role }) => { cfnRoleOf(role).managedPolicyArns = ['arn:aws:iam::aws:policy/AdministratorAccess']; }, /managed policy/],
    ['a managed policy of another stack', ({ other, role }) => new iam.ManagedPolicy(other, 'Admin', { roles: [role], statements: [s3Statement()] }), /Other\/Admin\/Resource: s3:DeleteBucket/],
    ['a policy of another stack that imports it by its ARN', ({ other, role }) => iam.Role.fromRoleArn(other, 'Ci', role.roleArn).addToPrincipalPolicy(s3Statement()), /Other\/Ci\/Policy\/Resource: s3:DeleteBucket/],
    ['a policy of its own stack that imports it by its name', ({ stack, role }) => iam.Role.fromRoleName(stack, 'Imported', role.roleName).addToPrincipalPolicy(s3Statement()), /Test\/Imported\/Policy\/Resource: s3:DeleteBucket/],
    ['a statement with NotAction', ({ stack, role }) => new iam.ManagedPolicy(stack, 'Admin', { roles: [role], statements: [new iam.PolicyStatement({ notActions: ['s3:*'], resources: ['*'] })] }), /a statement without Action and Resource/],
    ['permission to pass a role that is not an execution role of a launcher', ({ stack, role }) => new iam.Role(stack, 'Admin', trustRoot).grantPassRole(role), /Test\/Ci\/DefaultPolicy\/Resource: iam:PassRole on .*Admin/],
    ['permission to pass all roles', ({ role }) => role.addToPrincipalPolicy(new iam.PolicyStatement({ actions: ['iam:PassRole'], resources: ['*'] })), /iam:PassRole on \*/],
    ['permission to launch all images', ({ role }) => role.addToPrincipalPolicy(new iam.PolicyStatement({ actions: ['lambda:RunMicrovm'], resources: ['*'] })), /lambda:RunMicrovm on \*/],
    ['permission to pass all connectors', ({ role }) => role.addToPrincipalPolicy(new iam.PolicyStatement({ actions: ['lambda:PassNetworkConnector'], resources: ['*'] })), /lambda:PassNetworkConnector on \*/],
    ['permission to launch an image without a launcher', ({ stack, role }) => testImage({ microvmImageName: 'other' }, stack, 'OtherImage').grantRun(role), /lambda:RunMicrovm on .*microvm-image:other/],
    ['the use of another key through Lambda', ({ stack, role }) => {
      const key = new kms.Key(stack, 'AnyKey');
      role.addToPrincipalPolicy(new iam.PolicyStatement({
        actions: ['kms:Decrypt'], resources: [key.keyArn], conditions: { StringEquals: { 'kms:ViaService': `lambda.${REGION}.${stack.urlSuffix}` } },
      }));
    }, /kms:Decrypt on .*AnyKey/],
    ['a bucket policy that names it', ({ stack, role }) => new s3.Bucket(stack, 'Bucket').addToResourcePolicy(new iam.PolicyStatement({ actions: ['s3:GetObject'], resources: ['*'], principals: [role] })), /Test\/Bucket\/Policy\/Resource: its policy names the role/],
    ['the trust policy of another role', ({ other, role }) => new iam.Role(other, 'Admin', { assumedBy: new iam.ArnPrincipal(role.roleArn) }), /Other\/Admin\/Resource: its policy names the role as a principal of sts:AssumeRole/],
    ['a permission of a function', ({ stack, role }) => new lambda.CfnPermission(stack, 'Permission', { action: 'lambda:InvokeFunction', functionName: 'any', principal: role.roleArn }), /Test\/Permission: its policy names the role/],
    ['a bucket policy that names it in a condition', ({ stack, role }) => new s3.Bucket(stack, 'Bucket').addToResourcePolicy(new iam.PolicyStatement({
      actions: ['s3:GetObject'], resources: ['*'], principals: [new iam.AnyPrincipal()], conditions: { ArnEquals: { 'aws:PrincipalArn': role.roleArn } },
    })), /Test\/Bucket\/Policy\/Resource: its policy names the role as a principal of s3:GetObject/],
    ['a policy of a nested stack', ({ stack, role }) => new iam.ManagedPolicy(new NestedStack(stack, 'Nested'), 'Admin', { roles: [role], statements: [s3Statement()] }), /Test\/Nested\/Admin\/Resource: s3:DeleteBucket/],
    ['a policy that refers to it without a token', ({ stack, role }) => new iam.CfnManagedPolicy(stack, 'Admin', { policyDocument: s3Document(), roles: ['any'] })
      .addPropertyOverride('Roles', [{ Ref: stack.getLogicalId(cfnRoleOf(role)) }]), /Test\/Admin: s3:DeleteBucket/],
    ['a policy that imports its name from an output', ({ stack, other, role }) => {
      new CfnOutput(stack, 'CiName', { value: role.roleName, exportName: 'ci-name' });
      new iam.CfnManagedPolicy(other, 'Admin', { policyDocument: s3Document(), roles: [Fn.importValue('ci-name')] });
    }, /Other\/Admin: s3:DeleteBucket/],
    ['a policy document that depends on a condition', ({ stack, role }) => new iam.CfnManagedPolicy(stack, 'Admin', { policyDocument: {}, roles: [role.roleName] })
      .addPropertyOverride('PolicyDocument', { 'Fn::If': ['Always', s3Document(), s3Document()] }), /Test\/Admin: a policy document whose statements only the deployment knows/],
    ['a statement that depends on a condition', ({ stack, role }) => new iam.CfnManagedPolicy(stack, 'Admin', { policyDocument: { Statement: [{ 'Fn::If': ['Always', s3Document().Statement[0], {}] }] }, roles: [role.roleName] }), /a statement without Action and Resource/],
    ['inline policies that depend on a condition', ({ role }) => cfnRoleOf(role).addPropertyOverride('Policies', { 'Fn::If': ['Always', [], []] }), /Test\/Ci\/Resource: a policy document/],
    ['a key policy that names it', ({ stack, role }) => new kms.Key(stack, 'AnyKey').addToResourcePolicy(new iam.PolicyStatement({ actions: ['kms:Decrypt'], resources: ['*'], principals: [role] })), /Test\/AnyKey\/Resource: its policy names the role/],
  ])('fails for %s', (_, add, message) => {
    const given = subject();
    add(given);
    expect(() => synth(given)).toThrow(message);
    expect(() => synth(given)).toThrow(/use another role \[WebIdentityLaunchRoleOnlyLaunches at Test\/Ci\]/);
  });

  test.each<[string, (subject: Subject) => void]>([
    ['a policy with the name of the role', ({ other }) => new iam.CfnManagedPolicy(other, 'Admin', { policyDocument: s3Document(), roles: ['ci'] })],
    ['an imported role with its ARN', ({ other }) => iam.Role.fromRoleArn(other, 'Ci', `arn:aws:iam::${ACCOUNT}:role/ci`).addToPrincipalPolicy(s3Statement())],
    ['a bucket policy with its ARN', ({ stack }) => new s3.Bucket(stack, 'Bucket').addToResourcePolicy(new iam.PolicyStatement({
      actions: ['s3:GetObject'], resources: ['*'], principals: [new iam.ArnPrincipal(`arn:aws:iam::${ACCOUNT}:role/ci`)],
    }))],
  ])('fails for %s, if the role has a name', (_, add) => {
    const given = subject({ roleName: 'ci' });
    add(given);
    expect(() => synth(given)).toThrow('WebIdentityLaunchRoleOnlyLaunches');
  });

  test('fails for a policy with the same parameter as the name of the role', () => {
    const app = testApp();
    const stack = testStack(app);
    const name = new CfnParameter(stack, 'Name').valueAsString;
    testRole({ roleName: name }, stack);
    new iam.CfnManagedPolicy(stack, 'Admin', { policyDocument: s3Document(), roles: [name] });
    expect(() => app.synth()).toThrow('WebIdentityLaunchRoleOnlyLaunches');
  });

  test.each<[string, (subject: Subject) => void]>([
    ['a statement of its own', ({ role }) => role.assumeRolePolicy!.addStatements(new iam.PolicyStatement({ actions: ['sts:AssumeRole'], principals: [new iam.AnyPrincipal()] }))],
    ['the account', ({ role }) => role.assumeRolePolicy!.addStatements(new iam.PolicyStatement({ actions: ['sts:AssumeRole'], principals: [new iam.AccountRootPrincipal()] }))],
    ['an override of a condition', ({ role }) => cfnRoleOf(role).addPropertyOverride(`AssumeRolePolicyDocument.Statement.0.Condition.StringEquals.${ISSUER.replaceAll('.', '\\.')}:sub`, ['repo:evil/app:*'])],
    ['an override without conditions', ({ role }) => cfnRoleOf(role).addPropertyDeletionOverride('AssumeRolePolicyDocument.Statement.0.Condition')],
    ['another document', ({ role }) => { cfnRoleOf(role).assumeRolePolicyDocument = s3Document(); }],
  ])('fails for a trust policy with %s', (_, change) => {
    const given = subject();
    change(given);
    expect(() => synth(given)).toThrow(/assumeRolePolicy: .*WebIdentityLaunchRoleTrustChanged at Test\/Ci/);
  });

  test.each<[string, (subject: Subject) => void]>([
    ['all grants of launchers', ({ launcher, role }) => { launcher.grantConnect(role); launcher.grantManage(role); }],
    ['a grant to the role as another stack imports it', ({ other, launcher, role }) => launcher.grantConnect(iam.Role.fromRoleArn(other, 'Ci', role.roleArn))],
    ['grants of a launcher of another stack', ({ other, role }) => testLauncher({ image: testImage({}, other) }, other).launcher.grantLaunch(role)],
    ['a grant of a launcher that is imported', ({ stack, role, launcher }) => MicrovmLauncher.fromMicrovmLauncherAttributes(stack, 'Imported', {
      image: launcher.image, executionRole: iam.Role.fromRoleArn(stack, 'Theirs', `arn:aws:iam::${ACCOUNT}:role/theirs`), ingress: launcher.ingress, egress: launcher.egress,
    }).grantLaunch(role)],
    ['a grant with one more condition', ({ role, launcher }) => role.addToPrincipalPolicy(new iam.PolicyStatement({
      actions: ['lambda:RunMicrovm'], resources: [launcher.image.microvmImageRef.imageArn], conditions: { IpAddress: { 'aws:SourceIp': '192.0.2.0/24' } },
    }))],
    ['a statement that denies', ({ stack, role }) => new iam.ManagedPolicy(stack, 'Limit', { roles: [role], statements: [new iam.PolicyStatement({ effect: iam.Effect.DENY, notActions: ['lambda:RunMicrovm'], resources: ['*'] })] })],
    ['a trust policy that denies', ({ role }) => role.assumeRolePolicy!.addStatements(new iam.PolicyStatement({ effect: iam.Effect.DENY, actions: ['sts:*'], principals: [new iam.AnyPrincipal()], conditions: { NotIpAddress: { 'aws:SourceIp': '192.0.2.0/24' } } }))],
    ['a bucket policy that denies it', ({ stack, role }) => new s3.Bucket(stack, 'Bucket').addToResourcePolicy(new iam.PolicyStatement({ effect: iam.Effect.DENY, actions: ['s3:*'], resources: ['*'], principals: [role] }))],
    ['a key policy that lets it use the key through Lambda', ({ stack, role }) => new kms.Key(stack, 'AnyKey').addToResourcePolicy(new iam.PolicyStatement({
      actions: ['kms:Decrypt'], resources: ['*'], principals: [role], conditions: { StringEquals: { 'kms:ViaService': `lambda.${REGION}.${stack.urlSuffix}` } },
    }))],
    ['a bucket policy for all others', ({ stack, role }) => new s3.Bucket(stack, 'Bucket').addToResourcePolicy(new iam.PolicyStatement({
      actions: ['s3:GetObject'], resources: ['*'], principals: [new iam.AccountRootPrincipal()], conditions: { ArnNotEquals: { 'aws:PrincipalArn': role.roleArn } },
    }))],
    ['a policy of another role with the same logical ID in another stack', ({ other, role }) => {
      new iam.CfnManagedPolicy(other, 'Admin', { policyDocument: s3Document() }).addPropertyOverride('Roles', [{ Ref: other.getLogicalId(cfnRoleOf(role)) }]);
    }],
    ['an output with its ARN', ({ stack, role }) => new CfnOutput(stack, 'CiArn', { value: role.roleArn })],
    ['policies of other roles that mention it', ({ stack, role }) => role.grantPassRole(new iam.Role(stack, 'Person', trustRoot))],
  ])('accepts %s', (_, add) => {
    const given = subject();
    add(given);
    expect(() => synth(given)).not.toThrow();
  });

  test('accepts the grants of many launchers, which need several policies', () => {
    const app = testApp();
    const stack = testStack(app);
    const { role } = testRole({}, stack);
    const image = testImage({}, stack);
    const egress = MicrovmEgress.internet();
    for (let number = 0; number < 40; number++) {
      const launcher = new MicrovmLauncher(stack, `Launcher${number}`, { image, ingress: MicrovmIngress.http(), egress, encryptionKey: new kms.Key(stack, `Key${number}`) });
      launcher.grantLaunch(role);
    }
    expect(() => app.synth()).not.toThrow();
    expect(ResolvedTemplate.stack(stack).ids('AWS::IAM::ManagedPolicy').length).toBeGreaterThan(0);
  });
});
