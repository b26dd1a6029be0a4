import { CliCredentialsStackSynthesizer, DefaultStackSynthesizer, NestedStack, Stage, Tags } from 'aws-cdk-lib';
import type { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import { CfnStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { DeploymentEncryption, NetworkConnectorGuardrail } from '../../src';
import { allows, expectAnswers } from '../support/iam';
import { ACCOUNT, REGION, testApp, testImage, testStack } from '../support/stacks';
import { ResolvedTemplate } from '../support/template';

jest.mock('../../src/private/bundle', () => jest.requireActual('../support/no-bundle'));

const MACHINE = 'AWS::StepFunctions::StateMachine';
const KEY = 'AWS::KMS::Key';
const OWNED = { Type: 'AWS_OWNED_KEY' };
const TEAM = `arn:aws:iam::${ACCOUNT}:role/network-team/*`;
const WAITER_ROLE = 'Providerwaiterstatemachine';

const encryptionOf = (stack: Stack) => ResolvedTemplate.stack(stack).resource(MACHINE).Properties.EncryptionConfiguration;
const keysOf = (stack: Stack) => ResolvedTemplate.stack(stack).ids(KEY);

/** An app that is not deployed with the bootstrap of everybody. */
function appOfTeam(context: Record<string, unknown> = {}): App {
  return testApp({ '@aws-cdk/core:bootstrapQualifier': 'netteam', ...context });
}

function imageStack(app = appOfTeam(), id = 'Test'): Stack {
  const stack = testStack(app, id);
  testImage({}, stack);
  return stack;
}

function keyArn(stack: Stack): string {
  const [id] = keysOf(stack);
  return ResolvedTemplate.stack(stack).resolve({ 'Fn::GetAtt': [id, 'Arn'] });
}

describe('without DeploymentEncryption', () => {
  test('a stack has no key, and its template says that AWS owns the key, so that a rollback returns to that key', () => {
    const stack = imageStack();
    expect(keysOf(stack)).toEqual([]);
    expect(encryptionOf(stack)).toEqual(OWNED);
    expect(ResolvedTemplate.stack(stack).ids('AWS::IAM::Policy', 'Encryption')).toEqual([]);
  });

  test('a stack next to an encrypted one is not encrypted', () => {
    const app = testApp();
    const [one, other] = [imageStack(app, 'One'), imageStack(app, 'Other')];
    DeploymentEncryption.apply(one);
    expect(keysOf(one)).toHaveLength(1);
    expect(encryptionOf(other)).toEqual(OWNED);
  });
});

describe('the key of a stack', () => {
  test('encrypts the data of the state machine that waits, rotates, and is deleted with the stack', () => {
    const stack = imageStack();
    DeploymentEncryption.apply(stack);
    expect(encryptionOf(stack)).toEqual({ Type: 'CUSTOMER_MANAGED_KMS_KEY', KmsKeyId: keyArn(stack) });
    Template.fromStack(stack).hasResource(KEY, { DeletionPolicy: 'Delete', Properties: { EnableKeyRotation: true } });
  });

  test('is the same whether the stack is encrypted before or after its resources are created', () => {
    const [before, after] = [testStack(), testStack()];
    DeploymentEncryption.apply(before);
    testImage({}, before);
    testImage({}, after);
    DeploymentEncryption.apply(after);
    expect(Template.fromStack(before).toJSON()).toEqual(Template.fromStack(after).toJSON());
  });

  test('is one for all resources of a stack, and another one for each other stack, also if nested or in a stage', () => {
    const app = testApp();
    const stage = new Stage(app, 'Stage');
    const stacks = [imageStack(app, 'One'), imageStack(app, 'Two'), testStack(stage as any, 'InStage')];
    testImage({}, stacks[0], 'Second');
    testImage({}, stacks[2]);
    const nested = new NestedStack(stacks[0], 'Nested');
    testImage({}, nested);
    DeploymentEncryption.apply(app);
    expect([...stacks, nested].map(stack => keysOf(stack).length)).toEqual([1, 1, 1, 1]);
    for (const stack of [...stacks, nested]) expect(encryptionOf(stack).KmsKeyId).toBe(keyArn(stack));
  });

  test('does not exist in a stack without resources of this library', () => {
    const stack = testStack();
    new kms.CfnAlias(stack, 'Other', { aliasName: 'alias/other', targetKeyId: 'x' });
    DeploymentEncryption.apply(stack);
    expect(keysOf(stack)).toEqual([]);
  });

  test('is created once, if the app is synthesized twice', () => {
    const app = testApp();
    const stack = imageStack(app);
    DeploymentEncryption.apply(app);
    app.synth();
    expect(() => app.synth({ force: true })).not.toThrow();
    expect(keysOf(stack)).toHaveLength(1);
  });

  test.each([true, false])('gets the tags of the app, and other aspects still find all roles, with aspectStabilization %s', stabilization => {
    const app = appOfTeam({ '@aws-cdk/core:aspectStabilization': stabilization });
    const stack = imageStack(app);
    Tags.of(app).add('team', 'network');
    NetworkConnectorGuardrail.applyNetworkTeamPath(app, '/network-team/');
    expect(ResolvedTemplate.stack(stack).resource(KEY).Properties.Tags).toEqual([{ Key: 'team', Value: 'network' }]);
    const roles = Object.values<any>(Template.fromStack(stack).findResources('AWS::IAM::Role'));
    expect(roles.map(role => role.Properties.Path)).toEqual(roles.map(() => '/network-team/'));
  });
});

describe('the role of the state machine', () => {
  const use = ['kms:Decrypt', 'kms:GenerateDataKey'];
  const context = (name: string) => ({ 'kms:EncryptionContext:aws:states:stateMachineArn': `arn:aws:states:${REGION}:${ACCOUNT}:stateMachine:${name}` });

  test.each(['generated', 'network-team-waiter'])('may use the key for the data of its own state machine, whose name is %s', async name => {
    const stack = imageStack();
    DeploymentEncryption.apply(stack);
    if (name !== 'generated') {
      stack.node.findAll().filter(node => node instanceof CfnStateMachine).forEach(machine => machine.addPropertyOverride('StateMachineName', name));
    }
    const deployed = ResolvedTemplate.stack(stack);
    const { Properties: { StateMachineName: own = deployed.resolve({ Ref: deployed.ids(MACHINE)[0] }).split(':').pop() } } = deployed.resource(MACHINE);
    const policies = deployed.policiesOf(WAITER_ROLE);
    const questions = (of: string) => use.map(action => ({ action, resource: keyArn(stack), context: context(of) }));
    await expectAnswers(policies, true, questions(own));
    await expectAnswers(policies, false, questions('another'));
    await expectAnswers(policies, false, ['kms:CreateGrant', 'kms:PutKeyPolicy', 'kms:ScheduleKeyDeletion']
      .map(action => ({ action, resource: keyArn(stack), context: context(own) })));
  });

  test('has this permission before the first execution can start', () => {
    const stack = imageStack();
    DeploymentEncryption.apply(stack);
    const [policy] = ResolvedTemplate.stack(stack).ids('AWS::IAM::Policy', 'EncryptionPolicy');
    const starter = ResolvedTemplate.stack(stack).resource('AWS::Lambda::Function', 'onEvent');
    expect(starter.DependsOn).toContain(policy);
  });

  test('is the only role that gets a permission on the key', () => {
    const stack = imageStack();
    DeploymentEncryption.apply(stack);
    const deployed = ResolvedTemplate.stack(stack);
    const able = deployed.ids('AWS::IAM::Role').filter(id => JSON.stringify(deployed.policiesOf(id)).includes('kms:'));
    expect(able).toEqual(deployed.ids('AWS::IAM::Role', WAITER_ROLE));
  });
});

describe('who may decrypt with the key of a stack', () => {
  const ANYTHING = [{ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: ['kms:*', 'states:*', 'iam:*'], Resource: '*' }] }];
  const ACTIONS = ['kms:Decrypt', 'kms:GenerateDataKey', 'kms:PutKeyPolicy', 'kms:CreateGrant', 'kms:ScheduleKeyDeletion', 'kms:DisableKey', 'kms:DescribeKey'];
  const principal = (name: string) => `arn:aws:iam::${ACCOUNT}:${name}`;

  async function answers(stack: Stack, who: string, policies: any[] = ANYTHING): Promise<boolean[]> {
    const { KeyPolicy: keyPolicy } = ResolvedTemplate.stack(stack).resource(KEY).Properties;
    return Promise.all(ACTIONS.map(async action => allows(policies, { action, resource: keyArn(stack) }, { principal: who, keyPolicy })));
  }

  test('is decided by IAM policies, by default', async () => {
    const stack = imageStack();
    DeploymentEncryption.apply(stack);
    expect(await answers(stack, principal('role/developer'))).toEqual(ACTIONS.map(() => true));
    expect(await answers(stack, principal('role/developer'), [])).toEqual(ACTIONS.map(() => false));
  });

  test.each([
    ['a developer with every permission', 'role/developer', false],
    ['a role with a name like the path', 'role/x-network-team/deployment', false],
    ['a role with the path inside of another one', 'role/other/network-team/deployment', false],
    ['a user of the same name', 'user/network-team/deployment', false],
    ['a role of the team', 'role/network-team/deployment', true],
    ['the root user', 'root', true],
  ])('with applyNetworkTeamPath, %s: %s -> %s', async (_, who, expected) => {
    const stack = imageStack();
    NetworkConnectorGuardrail.applyNetworkTeamPath(stack, '/network-team/');
    expect(await answers(stack, principal(who))).toEqual(ACTIONS.map(() => expected));
  });

  test('with applyNetworkTeamPath, a role of the team needs a permission as well', async () => {
    const stack = imageStack();
    NetworkConnectorGuardrail.applyNetworkTeamPath(stack, '/network-team/');
    expect(await answers(stack, principal('role/network-team/member'), [])).toEqual(ACTIONS.map(() => false));
  });

  test('with allowedPrincipalArns, the role of the state machine may use the key, and do nothing else with it', async () => {
    const stack = imageStack();
    DeploymentEncryption.apply(stack, { allowedPrincipalArns: [TEAM] });
    const deployed = ResolvedTemplate.stack(stack);
    const waiter = deployed.resolve({ 'Fn::GetAtt': [deployed.ids('AWS::IAM::Role', WAITER_ROLE)[0], 'Arn'] });
    expect(await answers(stack, waiter)).toEqual(ACTIONS.map(action => ['kms:Decrypt', 'kms:GenerateDataKey'].includes(action)));
    const starter = deployed.resolve({ 'Fn::GetAtt': [deployed.ids('AWS::IAM::Role', 'OnEventRole')[0], 'Arn'] });
    expect(await answers(stack, starter)).toEqual(ACTIONS.map(() => false));
  });

  test.each([
    ['default of the bootstrap', undefined, `role/cdk-hnb659fds-cfn-exec-role-${ACCOUNT}-${REGION}`],
    ['role of the synthesizer', 'arn:${AWS::Partition}:iam::${AWS::AccountId}:role/deployment', 'role/deployment'],
  ])('with allowedPrincipalArns, includes the role with which CloudFormation deploys: %s', async (_, cloudFormationExecutionRole, role) => {
    const stack = testStack(testApp(), 'Test', { synthesizer: new DefaultStackSynthesizer({ cloudFormationExecutionRole }) });
    const nested = new NestedStack(new NestedStack(stack, 'Outer'), 'Inner');
    for (const scope of [stack, nested]) testImage({}, scope);
    DeploymentEncryption.apply(stack, { allowedPrincipalArns: [TEAM] });
    for (const scope of [stack, nested]) {
      expect(await answers(scope, principal(role))).toEqual(ACTIONS.map(() => true));
      expect(await answers(scope, principal('role/developer'))).toEqual(ACTIONS.map(() => false));
    }
  });

  test('with allowedPrincipalArns, includes nobody else if the synthesizer names no role', () => {
    const stack = testStack(testApp(), 'Test', { synthesizer: new CliCredentialsStackSynthesizer() });
    testImage({}, stack);
    DeploymentEncryption.apply(stack, { allowedPrincipalArns: [TEAM] });
    const { KeyPolicy: { Statement: [administration] } } = ResolvedTemplate.stack(stack).resource(KEY).Properties;
    expect(administration.Condition).toEqual({ ArnLike: { 'aws:PrincipalArn': [principal('root'), TEAM] } });
  });

  test('includes the principals of all scopes, in any order', async () => {
    for (const teamFirst of [true, false]) {
      const app = appOfTeam();
      const stack = imageStack(app);
      const team = () => NetworkConnectorGuardrail.applyNetworkTeamPath(app, '/network-team/');
      if (teamFirst) team();
      DeploymentEncryption.apply(app);
      DeploymentEncryption.apply(stack, { allowedPrincipalArns: [principal('role/auditor')] });
      if (!teamFirst) team();
      expect(await answers(stack, principal('role/network-team/deployment'))).toEqual(ACTIONS.map(() => true));
      expect(await answers(stack, principal('role/auditor'))).toEqual(ACTIONS.map(() => true));
      expect(await answers(stack, principal('role/developer'))).toEqual(ACTIONS.map(() => false));
    }
  });
});

describe('a key of the user', () => {
  test('is used instead of a new one, in all stacks of the scope, and its policy does not change', () => {
    const app = testApp();
    const keys = testStack(app, 'Keys');
    const key = new kms.Key(keys, 'Key');
    const stacks = [imageStack(app, 'One'), imageStack(app, 'Two')];
    DeploymentEncryption.apply(app, { encryptionKey: key });
    for (const stack of stacks) {
      expect(keysOf(stack)).toEqual([]);
      expect(JSON.stringify(Template.fromStack(stack).findResources(MACHINE))).toContain('Keys:ExportsOutput');
      expect(ResolvedTemplate.stack(stack).ids('AWS::IAM::Policy', 'EncryptionPolicy')).toHaveLength(1);
    }
    expect(Template.fromStack(keys).toJSON().Resources[keysOf(keys)[0]].Properties.KeyPolicy.Statement).toHaveLength(1);
  });

  test('can be an imported key or an L1', () => {
    for (const create of [
      (stack: Stack) => kms.Key.fromKeyArn(stack, 'Key', `arn:aws:kms:${REGION}:${ACCOUNT}:key/1`),
      (stack: Stack) => new kms.CfnKey(stack, 'Key'),
    ]) {
      const stack = imageStack();
      DeploymentEncryption.apply(stack, { encryptionKey: create(stack) });
      expect(encryptionOf(stack)).toEqual({ Type: 'CUSTOMER_MANAGED_KMS_KEY', KmsKeyId: expect.stringMatching(/^arn:aws:kms:.*key\//) });
    }
  });

  test('of the nearest scope counts, also for a network team', () => {
    const app = appOfTeam();
    const stack = imageStack(app);
    const arn = (id: string) => `arn:aws:kms:${REGION}:${ACCOUNT}:key/${id}`;
    DeploymentEncryption.apply(stack, { encryptionKey: kms.Key.fromKeyArn(stack, 'Near', arn('near')) });
    DeploymentEncryption.apply(app, { encryptionKey: kms.Key.fromKeyArn(stack, 'Far', arn('far')) });
    NetworkConnectorGuardrail.applyNetworkTeamPath(app, '/network-team/');
    expect(encryptionOf(stack).KmsKeyId).toBe(arn('near'));
    expect(keysOf(stack)).toEqual([]);
  });

  test('fails for an alias', () => {
    const stack = testStack();
    const alias = kms.Alias.fromAliasName(stack, 'Alias', 'alias/x');
    expect(() => DeploymentEncryption.apply(stack, { encryptionKey: alias })).toThrow('MicrovmEncryptionKeyInvalid');
  });
});

describe('fails', () => {
  const key = (stack: Stack) => kms.Key.fromKeyArn(stack, 'Key', `arn:aws:kms:${REGION}:${ACCOUNT}:key/1`);

  test('for principals with a key of the user', () => {
    const stack = testStack();
    expect(() => DeploymentEncryption.apply(stack, { encryptionKey: key(stack), allowedPrincipalArns: [TEAM] }))
      .toThrow(/allowedPrincipalArns: not valid with encryptionKey.*\[DeploymentEncryptionInvalid at Test\]/);
  });

  test('for an empty list of principals', () => {
    expect(() => DeploymentEncryption.apply(testStack(), { allowedPrincipalArns: [] })).toThrow(/the list is empty.*DeploymentEncryptionInvalid/);
  });

  test.each([
    '*', 'role/network-team/*', `arn:aws:sts::${ACCOUNT}:assumed-role/team/session`, `arn:aws:iam::${ACCOUNT}:policy/x`, `arn:aws:kms:${REGION}:${ACCOUNT}:key/1`,
  ])('for %s as a principal', arn => {
    expect(() => DeploymentEncryption.apply(testStack(), { allowedPrincipalArns: [TEAM, arn] })).toThrow(`'${arn}' is not the ARN of an IAM role or user`);
  });

  test('not for a token', () => {
    const stack = testStack();
    const role = new iam.Role(stack, 'Role', { assumedBy: new iam.AccountRootPrincipal() });
    expect(() => DeploymentEncryption.apply(stack, { allowedPrincipalArns: [role.roleArn] })).not.toThrow();
  });
});
