import * as fs from 'fs';
import * as path from 'path';
import type { App, Stack } from 'aws-cdk-lib';
import { CfnParameter } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as s3 from 'aws-cdk-lib/aws-s3';
import type { MicrovmBuildRoleProps } from '../../src';
import { MicrovmBuildRole, MicrovmCode, MicrovmEgress, MicrovmImage, MicrovmImageGrants, MicrovmLogging, MicrovmTermination, SessionTagging } from '../../src';
import type { Permission } from '../../src/private/permissions';
import { PERMISSIONS } from '../../src/private/permissions';
import { expectAnswers, trusts } from '../support/iam';
import { ACCOUNT, REGION, testApp, testConnector, testImage, testStack } from '../support/stacks';
import { ResolvedTemplate } from '../support/template';

jest.mock('../../src/private/bundle', () => jest.requireActual('../support/no-bundle'));

const IMAGE = `arn:aws:lambda:${REGION}:${ACCOUNT}:microvm-image:sandbox`;
const OTHER_IMAGE = `arn:aws:lambda:${REGION}:${ACCOUNT}:microvm-image:sandbox2`;
const INTERNET = `arn:aws:lambda:${REGION}:aws:network-connector:aws-network-connector:INTERNET_EGRESS`;
const OTHER_CONNECTOR = `arn:aws:lambda:${REGION}:${ACCOUNT}:network-connector:nc-other`;
const CODE = 'arn:aws:s3:::artifacts/sandbox.zip';
const STACK_ID = `arn:aws:cloudformation:${REGION}:${ACCOUNT}:stack/Test/uuid`;
const OWNER_TAGS = { 'aws:RequestTag/cdk-lambda-microvms:stack': STACK_ID, 'aws:RequestTag/cdk-lambda-microvms:resource': 'Image9D742C96' };

const IMAGE_ACTIONS = [
  'GetMicrovmImage', 'UpdateMicrovmImage', 'DeleteMicrovmImage', 'ListMicrovmImageVersions', 'UpdateMicrovmImageVersion',
  'DeleteMicrovmImageVersion', 'ListMicrovmImageBuilds', 'TagResource', 'UntagResource', 'TerminateMicrovm',
].map(action => `lambda:${action}`);

const MICROVM_ACTIONS = ['RunMicrovm', 'GetMicrovm', 'SuspendMicrovm', 'ResumeMicrovm', 'TerminateMicrovm', 'CreateMicrovmAuthToken', 'CreateMicrovmShellAuthToken']
  .map(action => `lambda:${action}`);

function sandbox(props: Parameters<typeof testImage>[0] = {}, app?: App) {
  const stack = testStack(app);
  const code = MicrovmCode.fromBucket(s3.Bucket.fromBucketName(stack, 'Artifacts', 'artifacts'), 'sandbox.zip', { contentHash: '1' });
  const image = testImage({ microvmImageName: 'sandbox', code, ...props }, stack);
  return { stack, image };
}

describe('the role of an image that the handler assumes', () => {
  const policies = (props?: Parameters<typeof testImage>[0], app?: App) => ResolvedTemplate.stack(sandbox(props, app).stack).policiesOf('ImageResourceRole');
  const BUILD_ROLE = `arn:aws:iam::${ACCOUNT}:role/physical-ImageBuildRole8F8C26B2`;
  const LOG_GROUP = `arn:aws:logs:${REGION}:${ACCOUNT}:log-group:physical-ImageLogGroup6EB105D4`;

  test('may do all that the handler does', async () => {
    await expectAnswers(policies(), true, [
      ...IMAGE_ACTIONS.map(action => ({ action, resource: IMAGE })),
      { action: 'lambda:CreateMicrovmImage', resource: '*', context: OWNER_TAGS },
      { action: 'lambda:ListMicrovms', resource: '*' },
      { action: 'iam:PassRole', resource: BUILD_ROLE },
      { action: 'lambda:PassNetworkConnector', resource: INTERNET },
      { action: 'logs:DescribeLogStreams', resource: LOG_GROUP },
      { action: 'logs:GetLogEvents', resource: `${LOG_GROUP}:log-stream:2026/11/23[1.0]x` },
    ]);
  });

  test('may do nothing else, and nothing to anything else', async () => {
    await expectAnswers(policies(), false, [
      ...IMAGE_ACTIONS.map(action => ({ action, resource: OTHER_IMAGE })),
      ...MICROVM_ACTIONS.filter(action => action !== 'lambda:TerminateMicrovm').map(action => ({ action, resource: IMAGE })),
      { action: 'lambda:CreateMicrovmImage', resource: '*' },
      { action: 'lambda:CreateMicrovmImage', resource: '*', context: { ...OWNER_TAGS, 'aws:RequestTag/cdk-lambda-microvms:resource': 'Other' } },
      { action: 'lambda:CreateMicrovmImage', resource: '*', context: { ...OWNER_TAGS, 'aws:RequestTag/cdk-lambda-microvms:stack': 'other' } },
      { action: 'iam:PassRole', resource: `arn:aws:iam::${ACCOUNT}:role/other` },
      { action: 'lambda:PassNetworkConnector', resource: OTHER_CONNECTOR },
      { action: 'lambda:PassNetworkConnector', resource: INTERNET.replace('INTERNET_EGRESS', 'SHELL_INGRESS') },
      { action: 'logs:GetLogEvents', resource: `arn:aws:logs:${REGION}:${ACCOUNT}:log-group:other:log-stream:x` },
      { action: 'logs:PutLogEvents', resource: `${LOG_GROUP}:log-stream:x` },
      { action: 'lambda:InvokeFunction', resource: `arn:aws:lambda:${REGION}:${ACCOUNT}:function:any` },
      { action: 's3:GetObject', resource: CODE },
    ]);
  });

  test('may make exactly the calls that are in the code of the handler, with the provider\'s own role', () => {
    const code = ['engine/control-plane.ts', 'image/service.ts'].map(file => fs.readFileSync(path.join(__dirname, '..', '..', 'src', 'handlers', file), 'utf8')).join();
    const calls = new Set([...code.matchAll(/new (\w+)Command\(/g)].map(([, call]) => call).filter(call => call !== 'AssumeRole'));
    const notCalls = ['iam:PassRole', 'lambda:PassNetworkConnector', ...PERMISSIONS.provider.logs.actions];
    const permissions: Permission[] = [...Object.values(PERMISSIONS.imageHandler), ...Object.values(PERMISSIONS.provider)];
    const actions = permissions.flatMap(permission => permission.actions).filter(action => !notCalls.includes(action));
    expect([...new Set(actions.map(action => action.split(':')[1]))].sort()).toEqual([...calls].sort());
  });

  test('passes the build role whatever service the pass is said to be for', () => {
    const statement = policies().flatMap(policy => policy.Statement).find(({ Action }) => Action === 'iam:PassRole');
    expect(statement).toEqual({ Effect: 'Allow', Action: 'iam:PassRole', Resource: BUILD_ROLE });
  });

  test('may pass exactly the connector of the build, with and without its version', async () => {
    const { stack } = sandbox();
    const connector = testConnector(stack);
    testImage({ microvmImageName: 'private', buildEgress: MicrovmEgress.connector(connector) }, stack, 'Private');
    const document = ResolvedTemplate.stack(stack).policiesOf('PrivateResourceRole');
    const arn = `arn:aws:lambda:${REGION}:${ACCOUNT}:network-connector:nc-Connector`;
    const pass = (resource: string) => ({ action: 'lambda:PassNetworkConnector', resource });
    await expectAnswers(document, true, [arn, `${arn}:3`].map(pass));
    await expectAnswers(document, false, [INTERNET, OTHER_CONNECTOR, `${arn}2`].map(pass));
  });

  test('may terminate no MicroVM if deployments never may', async () => {
    await expectAnswers(policies({ microvmTermination: MicrovmTermination.NEVER }), false, [{ action: 'lambda:TerminateMicrovm', resource: IMAGE }]);
    await expectAnswers(policies({ microvmTermination: MicrovmTermination.ON_DELETE_OR_RENAME }), true, [{ action: 'lambda:TerminateMicrovm', resource: IMAGE }]);
  });

  test.each([
    ['there is no log', { logging: MicrovmLogging.disabled() }],
    ['errors show no log', { showBuildLogInErrors: false }],
  ])('may read no log if %s', (_, props) => {
    expect(JSON.stringify(policies(props))).not.toContain('logs:');
  });

  test('may create without owner tags if the context says that the service presents none', async () => {
    for (const context of [false, 'false']) {
      const app = testApp({ 'cdk-lambda-microvms:tagConditions': context });
      await expectAnswers(policies({}, app), true, [{ action: 'lambda:CreateMicrovmImage', resource: '*' }]);
    }
  });

  test('trusts the handler of its stack and nobody else, for an hour at most', async () => {
    const role = ResolvedTemplate.stack(sandbox().stack).resource('AWS::IAM::Role', 'ImageResourceRole').Properties;
    expect(role.MaxSessionDuration).toBe(3600);
    const answers = [];
    for (const name of ['physical-CdkLambdaMicrovmsFunctionRole077E1E22', 'somebody', 'physical-ImageBuildRole8F8C26B2']) {
      answers.push(await trusts(role.AssumeRolePolicyDocument, `arn:aws:iam::${ACCOUNT}:role/${name}`, 'sts:AssumeRole'));
    }
    expect(answers).toEqual([true, false, false]);
  });

  test('has the length of a policy that a role can carry', () => {
    expect(JSON.stringify(policies()).length).toBeLessThan(10_240 / 2);
  });
});

describe('a build role', () => {
  function buildRole(props: Partial<MicrovmBuildRoleProps> = {}) {
    const stack = testStack();
    const role = new MicrovmBuildRole(stack, 'BuildRole', { microvmImageName: 'sandbox', ...props });
    role.addCode(s3.Bucket.fromBucketName(stack, 'Artifacts', 'artifacts'), 'sandbox.zip');
    role.addLogGroup(logs.LogGroup.fromLogGroupName(stack, 'Log', 'builds'));
    return { stack, role };
  }
  const trustOf = (stack: Stack) => ResolvedTemplate.stack(stack).resource('AWS::IAM::Role', 'BuildRole').Properties.AssumeRolePolicyDocument;
  const OURS = { 'aws:SourceAccount': ACCOUNT, 'aws:SourceArn': IMAGE };
  const SERVICE = 'lambda.amazonaws.com';

  test('reads the one object, writes to the one log group and may do nothing else', async () => {
    const policies = ResolvedTemplate.stack(buildRole().stack).policiesOf('BuildRole');
    const stream = `arn:aws:logs:${REGION}:${ACCOUNT}:log-group:builds:log-stream:x`;
    await expectAnswers(policies, true, [
      { action: 's3:GetObject', resource: CODE },
      { action: 'logs:CreateLogStream', resource: stream },
      { action: 'logs:PutLogEvents', resource: stream },
    ]);
    await expectAnswers(policies, false, [
      { action: 's3:GetObject', resource: 'arn:aws:s3:::artifacts/other.zip' },
      { action: 's3:PutObject', resource: CODE },
      { action: 'logs:PutLogEvents', resource: stream.replace('builds', 'builds2') },
      { action: 'logs:GetLogEvents', resource: stream },
      { action: 'ecr:GetAuthorizationToken', resource: '*' },
      { action: 'kms:Decrypt', resource: `arn:aws:kms:${REGION}:${ACCOUNT}:key/any` },
    ]);
  });

  test('is of no use to an ordinary function', async () => {
    const context = { 'lambda:SourceFunctionArn': `arn:aws:lambda:${REGION}:${ACCOUNT}:function:thief` };
    const question = { action: 's3:GetObject', resource: CODE, context };
    await expectAnswers(ResolvedTemplate.stack(buildRole().stack).policiesOf('BuildRole'), false, [question]);
    await expectAnswers(ResolvedTemplate.stack(buildRole({ denyFromFunctions: false }).stack).policiesOf('BuildRole'), true, [question]);
  });

  test('pulls from the repositories named, and from no other', async () => {
    const stack = testStack();
    const repository = new ecr.Repository(stack, 'Bases');
    const more = new ecr.Repository(stack, 'More');
    const role = new MicrovmBuildRole(stack, 'BuildRole', { microvmImageName: 'sandbox', repositories: [repository] });
    role.addRepository(more);
    const [policy] = ResolvedTemplate.stack(stack).policiesOf('BuildRole');
    const arn = (id: string) => `arn:aws:ecr:${REGION}:${ACCOUNT}:repository/physical-${id}`;
    const pulls = ['ecr:BatchCheckLayerAvailability', 'ecr:GetDownloadUrlForLayer', 'ecr:BatchGetImage'];
    const ids = ResolvedTemplate.stack(stack).ids('AWS::ECR::Repository');
    await expectAnswers([policy], true, [
      { action: 'ecr:GetAuthorizationToken', resource: '*' },
      ...ids.flatMap(id => pulls.map(action => ({ action, resource: arn(id) }))),
    ]);
    await expectAnswers([policy], false, [
      ...pulls.map(action => ({ action, resource: arn('other') })),
      { action: 'ecr:PutImage', resource: arn(ids[0]) },
    ]);
    expect(policy.Statement.filter(({ Action }: any) => Action === 'ecr:GetAuthorizationToken')).toHaveLength(1);
  });

  test("decrypts with the key of the code's bucket", () => {
    const stack = testStack();
    const key = new kms.Key(stack, 'Key');
    const code = MicrovmCode.fromBucket(new s3.Bucket(stack, 'Bucket', { encryptionKey: key }), 'a.zip', { contentHash: '1' });
    testImage({ code }, stack);
    const statements = ResolvedTemplate.stack(stack).policiesOf('ImageBuildRole').flatMap(policy => policy.Statement);
    expect(statements).toContainEqual({ Effect: 'Allow', Action: 'kms:Decrypt', Resource: expect.stringContaining('Key') });
  });

  test('is one resource: its policy cannot come too late', () => {
    const { stack } = buildRole();
    Template.fromStack(stack).resourceCountIs('AWS::IAM::Policy', 0);
  });

  test.each<[string, string, Record<string, string>, boolean]>([
    ['the image', SERVICE, OURS, true],
    ['a version of the image', SERVICE, { ...OURS, 'aws:SourceArn': `${IMAGE}:3.0` }, true],
    ['another image', SERVICE, { ...OURS, 'aws:SourceArn': OTHER_IMAGE }, false],
    ['the image of another account', SERVICE, { 'aws:SourceAccount': '111122223333', 'aws:SourceArn': IMAGE.replace(ACCOUNT, '111122223333') }, false],
    ['a function', SERVICE, { ...OURS, 'aws:SourceArn': `arn:aws:lambda:${REGION}:${ACCOUNT}:function:thief` }, false],
    ['no source at all', SERVICE, {}, false],
    ['another service', 'ec2.amazonaws.com', OURS, false],
    ['a user', `arn:aws:iam::${ACCOUNT}:role/somebody`, OURS, false],
  ])('when asked by %s answers as it should, to sessions with and without tags', async (_, principal, context, expected) => {
    const trust = trustOf(buildRole().stack);
    expect(await trusts(trust, principal, 'sts:AssumeRole', context)).toBe(expected);
    expect(await trusts(trust, principal, 'sts:TagSession', context)).toBe(expected);
  });

  test('serves every image whose name fits its pattern', async () => {
    const trust = trustOf(buildRole({ microvmImageName: 'sandbox*' }).stack);
    expect(await trusts(trust, SERVICE, 'sts:AssumeRole', { ...OURS, 'aws:SourceArn': OTHER_IMAGE })).toBe(true);
    const { stack, role } = buildRole({ microvmImageName: 'sand?ox*' });
    expect(() => testImage({ microvmImageName: 'sandbox7', buildRole: role }, stack)).not.toThrow();
    expect(() => testImage({ microvmImageName: 'sandpit', buildRole: role }, stack, 'Other')).toThrow('MicrovmImageBuildRoleInvalid');
  });

  test('without the condition on the image is still for its account alone', async () => {
    const trust = trustOf(buildRole({ sourceArnCondition: false }).stack);
    expect(await trusts(trust, SERVICE, 'sts:AssumeRole', { 'aws:SourceAccount': ACCOUNT })).toBe(true);
    expect(await trusts(trust, SERVICE, 'sts:AssumeRole', { 'aws:SourceAccount': '111122223333' })).toBe(false);
  });

  test.each<[string, SessionTagging, string[], boolean]>([
    ['documented', SessionTagging.anyTags(), ['anything'], true],
    ['none', SessionTagging.none(), ['anything'], false],
    ['keys that fit', SessionTagging.keyPatterns('lambda:*', 'x'), ['lambda:image', 'x'], true],
    ['keys of which one does not fit', SessionTagging.keyPatterns('lambda:*'), ['lambda:image', 'Owner'], false],
    ['patterns, and no key at all', SessionTagging.keyPatterns('lambda:*'), [], false],
  ])('takes session tags as told: %s', async (_, sessionTagging, keys, expected) => {
    const trust = trustOf(buildRole({ sessionTagging }).stack);
    const context = keys.length > 0 ? { ...OURS, 'aws:TagKeys': keys } : OURS;
    expect(await trusts(trust, SERVICE, 'sts:TagSession', context)).toBe(expected);
    expect(await trusts(trust, SERVICE, 'sts:AssumeRole', OURS)).toBe(true);
  });

  test.each<[string, () => unknown, string]>([
    ['no key pattern', () => SessionTagging.keyPatterns(), 'MicrovmSessionTaggingInvalid'],
    ['an empty key pattern', () => SessionTagging.keyPatterns(''), 'MicrovmSessionTaggingInvalid'],
    ['a key pattern of 129 characters', () => SessionTagging.keyPatterns('k'.repeat(129)), 'MicrovmSessionTaggingInvalid'],
    ['an ARN for a name', () => buildRole({ microvmImageName: IMAGE }), "microvmImageName: 'arn:aws:"],
    ['a name with a blank', () => buildRole({ microvmImageName: 'a b' }), 'MicrovmBuildRoleImageNameInvalid'],
  ])('fails on %s', (_, make, message) => {
    expect(make).toThrow(message);
  });

  test('that may do nothing yet has no empty policy, which IAM would refuse', () => {
    const stack = testStack();
    new MicrovmBuildRole(stack, 'Role', { microvmImageName: 'x', denyFromFunctions: false });
    expect(ResolvedTemplate.stack(stack).resource('AWS::IAM::Role').Properties.Policies ?? []).toEqual([]);
  });

  test('takes a token for a name', () => {
    const stack = testStack();
    const name = new CfnParameter(stack, 'Name').valueAsString;
    expect(() => testImage({ microvmImageName: 'x', buildRole: new MicrovmBuildRole(stack, 'Role', { microvmImageName: name }) }, stack)).not.toThrow();
  });

  test('has a name and a description of its own if asked for', () => {
    const { stack } = buildRole({ roleName: 'builds', description: 'of sandboxes' });
    Template.fromStack(stack).hasResourceProperties('AWS::IAM::Role', { RoleName: 'builds', Description: 'of sandboxes' });
  });
});

describe("a user's build role", () => {
  const trusted = { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') };
  const BUILD_POLICY = Match.stringLikeRegexp('BuildPolicy');

  test('of the same stack is given what builds need, and waited for with its own policy', async () => {
    const { stack } = sandbox();
    const role = new iam.Role(stack, 'MyRole', trusted);
    new s3.Bucket(stack, 'Mine').grantRead(role);
    testImage({ microvmImageName: 'mine', buildRole: role }, stack, 'Mine2');
    const policies = ResolvedTemplate.stack(stack).policiesOf('MyRole');
    expect(JSON.stringify(policies)).toContain('logs:PutLogEvents');
    Template.fromStack(stack).hasResource('Custom::MicrovmImage', {
      DependsOn: Match.arrayWith([BUILD_POLICY, Match.stringLikeRegexp('MyRoleDefaultPolicy')]),
    });
    Annotations.fromStack(stack).hasNoWarning('*', Match.anyValue());
  });

  test.each([
    ['an ordinary role', (stack: Stack) => new iam.Role(stack, 'MyRole', trusted)],
    ['a MicrovmBuildRole', (stack: Stack) => new MicrovmBuildRole(stack, 'MyRole', { microvmImageName: 'sandbox' })],
  ])('of another stack, %s, is given it without a cycle', (_, make) => {
    const app = testApp();
    const roles = testStack(app, 'Roles');
    const buildRole = make(roles);
    const { stack } = sandbox({ buildRole }, app);
    expect(() => app.synth()).not.toThrow();
    Template.fromStack(stack).hasResource('AWS::IAM::Policy', { Properties: { PolicyName: BUILD_POLICY } });
    Template.fromStack(stack).hasResource('Custom::MicrovmImage', { DependsOn: [BUILD_POLICY] });
    Template.fromStack(roles).resourceCountIs('AWS::IAM::Policy', 0);
  });

  test('that is imported from the same account is given it', () => {
    const app = testApp();
    const stack = testStack(app, 'Import');
    testImage({ buildRole: iam.Role.fromRoleName(stack, 'Imported', 'builds') }, stack);
    Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', { PolicyName: BUILD_POLICY, Roles: ['builds'] });
    Template.fromStack(stack).hasResource('Custom::MicrovmImage', { DependsOn: [BUILD_POLICY] });
    Annotations.fromStack(stack).hasNoWarning('*', Match.anyValue());
  });

  test.each<[string, (stack: Stack) => iam.IRole]>([
    ['immutable', stack => iam.Role.fromRoleArn(stack, 'R', `arn:aws:iam::${ACCOUNT}:role/builds`, { mutable: false })],
    ['of another account', stack => iam.Role.fromRoleArn(stack, 'R', 'arn:aws:iam::111122223333:role/builds')],
    ['closed to updates', stack => new iam.Role(stack, 'R', trusted).withoutPolicyUpdates()],
  ])('that is %s gives a warning with an id and the statements that it needs', (_, make) => {
    const stack = testStack();
    testImage({ buildRole: make(stack) }, stack);
    const warnings = Annotations.fromStack(stack).findWarning('*', Match.stringLikeRegexp('cdk-lambda-microvms:buildRoleNotModified'));
    expect(warnings).toHaveLength(1);
    for (const word of ['s3:GetObject', 'logs:PutLogEvents', 'sts:TagSession']) expect(JSON.stringify(warnings[0].entry)).toContain(word);
    expect(ResolvedTemplate.stack(stack).ids('AWS::IAM::Policy', 'Image')).toEqual([]);
  });
});

describe('grants on an image', () => {
  const READ = ['GetMicrovmImage', 'ListMicrovmImageVersions', 'GetMicrovmImageVersion', 'ListMicrovmImageBuilds', 'GetMicrovmImageBuild', 'ListTags']
    .map(action => `lambda:${action}`);
  const MANAGE = ['lambda:GetMicrovm', 'lambda:SuspendMicrovm', 'lambda:ResumeMicrovm', 'lambda:TerminateMicrovm'];
  const EVERYTHING = [...new Set([...READ, ...MANAGE, ...MICROVM_ACTIONS, ...IMAGE_ACTIONS])];

  type ByImage = (image: MicrovmImage, grantee: iam.IGrantable) => iam.Grant;
  type ByGrants = (grants: MicrovmImageGrants, grantee: iam.IGrantable) => iam.Grant;
  const cases: [string, string[], ByImage, ByGrants][] = [
    ['run', ['lambda:RunMicrovm', 'lambda:GetMicrovm'], (image, who) => image.grantRun(who), (grants, who) => grants.run(who)],
    ['connect', ['lambda:CreateMicrovmAuthToken'], (image, who) => image.grantConnect(who), (grants, who) => grants.connect(who)],
    ['shell', ['lambda:CreateMicrovmShellAuthToken'], (image, who) => image.grantShell(who), (grants, who) => grants.shell(who)],
    ['manage', MANAGE, (image, who) => image.grantManage(who), (grants, who) => grants.manage(who)],
    ['read', READ, (image, who) => image.grantRead(who), (grants, who) => grants.read(who)],
  ];

  test.each(cases)('%s gives exactly its actions, on this image alone', async (name, actions, grant) => {
    const { stack, image } = sandbox();
    const user = new iam.Role(stack, 'User', { assumedBy: new iam.AccountRootPrincipal() });
    expect(grant(image, user).success).toBe(true);
    const policies = ResolvedTemplate.stack(stack).policiesOf('User');
    await expectAnswers(policies, true, actions.map(action => ({ action, resource: IMAGE })));
    await expectAnswers(policies, false, [
      ...EVERYTHING.filter(action => !actions.includes(action)).map(action => ({ action, resource: IMAGE })),
      ...EVERYTHING.map(action => ({ action, resource: OTHER_IMAGE })),
      ...name === 'manage' ? [] : [{ action: 'lambda:ListMicrovms', resource: '*' }],
      { action: 'lambda:PassNetworkConnector', resource: INTERNET },
    ]);
  });

  test('manage lists MicroVMs, which no ARN can limit', async () => {
    const { stack, image } = sandbox();
    const user = new iam.Role(stack, 'User', { assumedBy: new iam.AccountRootPrincipal() });
    image.grantManage(user);
    await expectAnswers(ResolvedTemplate.stack(stack).policiesOf('User'), true, [{ action: 'lambda:ListMicrovms', resource: '*' }]);
  });

  test.each(cases)('%s is the same for an L1 and for an import', (_, actions, __, grant) => {
    const stack = testStack();
    const imported = MicrovmImage.fromMicrovmImageName(stack, 'Imported', 'sandbox');
    const l1 = MicrovmImage.fromMicrovmImageArn(stack, 'Other', OTHER_IMAGE);
    for (const [id, image] of [['One', imported], ['Two', { node: l1.node, env: l1.env, microvmImageRef: { imageArn: OTHER_IMAGE } } as any]]) {
      const user = new iam.Role(stack, id, { assumedBy: new iam.AccountRootPrincipal() });
      grant(MicrovmImageGrants.fromImage(image), user);
    }
    for (const [id, arn] of [['One', IMAGE], ['Two', OTHER_IMAGE]]) {
      const statements = ResolvedTemplate.stack(stack).policiesOf(id).flatMap(policy => policy.Statement);
      expect(statements).toContainEqual({ Effect: 'Allow', Action: actions.length === 1 ? actions[0] : actions, Resource: arn });
    }
  });

  test('to a role of another stack read the ARN from there', () => {
    const app = testApp();
    const { image } = sandbox({}, app);
    const users = testStack(app, 'Users');
    image.grantRun(new iam.Role(users, 'User', { assumedBy: new iam.AccountRootPrincipal() }));
    expect(JSON.stringify(Template.fromStack(users).toJSON())).toContain('Fn::ImportValue');
  });
});
