import type { App } from 'aws-cdk-lib';
import { Annotations as AckAnnotations, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as iam from 'aws-cdk-lib/aws-iam';
import { encryptionKey, IMAGE, IMAGE_ACTIONS, INTERNET, KEY_USES, MICROVM_ACTIONS, OTHER_IMAGE, OTHER_KEY_USES, sandbox } from './support';
import { MicrovmEgress, MicrovmImage, MicrovmImageGrants, MicrovmIngress, MicrovmLauncher, NetworkConnector } from '../../src';
import { expectAnswers } from '../support/iam';
import { ACCOUNT, REGION, testApp, testImage, testStack } from '../support/stacks';
import { ResolvedTemplate } from '../support/template';

jest.mock('../../src/private/bundle', () => jest.requireActual('../support/no-bundle'));

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

  test.each(cases)('%s grants exactly its actions, on this image only', async (name, actions, grant) => {
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

  test('manage lists MicroVMs of all images, because the action has no resource type', async () => {
    const { stack, image } = sandbox();
    const user = new iam.Role(stack, 'User', { assumedBy: new iam.AccountRootPrincipal() });
    image.grantManage(user);
    await expectAnswers(ResolvedTemplate.stack(stack).policiesOf('User'), true, [{ action: 'lambda:ListMicrovms', resource: '*' }]);
  });

  test.each(cases)('%s grants the use of the customer managed key only with run, for an image of the app and an imported one', async (name, _, grant, byGrants) => {
    const stack = testStack();
    const key = encryptionKey(stack);
    const images = [
      testImage({ encryptionKey: key }, stack),
      MicrovmImage.fromMicrovmImageAttributes(stack, 'Imported', { microvmImageArn: IMAGE, encryptionKey: key }) as MicrovmImage,
    ];
    const user = (id: string) => new iam.Role(stack, id, { assumedBy: new iam.AccountRootPrincipal() });
    for (const [index, image] of images.entries()) {
      expect(grant(image, user(`ByImage${index}`)).success).toBe(true);
      expect(byGrants(MicrovmImageGrants.fromImage(image), user(`ByGrants${index}`)).success).toBe(true);
    }
    for (const id of ['ByImage0', 'ByGrants0', 'ByImage1', 'ByGrants1']) {
      const document = ResolvedTemplate.stack(stack).policiesOf(id);
      await expectAnswers(document, name === 'run', KEY_USES);
      await expectAnswers(document, false, OTHER_KEY_USES);
    }
  });

  test.each(cases)('%s grants the same for an L1 and for an imported image', (_, actions, __, grant) => {
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

  test('in another stack know the ARN without an export', () => {
    const app = testApp();
    const { image } = sandbox({}, app);
    const users = testStack(app, 'Users');
    image.grantRun(new iam.Role(users, 'User', { assumedBy: new iam.AccountRootPrincipal() }));
    const template = JSON.stringify(Template.fromStack(users).toJSON());
    expect(template).toContain('microvm-image:sandbox');
    expect(template).not.toContain('Fn::ImportValue');
  });
});

describe('a grant warns that it has no effect', () => {
  const FOREIGN = '111122223333';
  const principals: [string, (stack: Stack) => iam.IGrantable, string][] = [
    ['a service', () => new iam.ServicePrincipal('lambda.amazonaws.com'), 'cannot hold a policy'],
    ['the account', () => new iam.AccountRootPrincipal(), 'cannot hold a policy'],
    ['another account', () => new iam.AccountPrincipal(FOREIGN), 'is of account 111122223333'],
    ['an ARN', () => new iam.ArnPrincipal(`arn:aws:iam::${ACCOUNT}:role/a`), 'cannot hold a policy'],
    ['an organization', () => new iam.OrganizationPrincipal('o-0123456789'), 'cannot hold a policy'],
    ['a web identity', () => new iam.WebIdentityPrincipal('cognito-identity.amazonaws.com'), 'cannot hold a policy'],
    ['a principal with conditions', () => new iam.ServicePrincipal('lambda.amazonaws.com').withConditions({ Bool: { a: 'true' } }), 'cannot hold a policy'],
    ['anyone', () => new iam.AnyPrincipal(), 'cannot hold a policy'],
    ['an imported role of another account', stack => iam.Role.fromRoleArn(stack, 'Foreign', `arn:aws:iam::${FOREIGN}:role/a`), 'is of account 111122223333'],
    ['a role of another stack and account', stack => {
      const other = new Stack(stack.node.root as App, 'Other', { env: { account: FOREIGN, region: REGION } });
      return new iam.Role(other, 'Foreign', { assumedBy: new iam.AccountRootPrincipal(), roleName: 'foreign' });
    }, 'Other/Foreign is of account 111122223333'],
  ];
  const warningsOf = (stack: Stack) => Annotations.fromStack(stack).findWarning('*', Match.stringLikeRegexp('cdk-lambda-microvms:grantWithoutEffect'));

  test.each(principals)('on an image, a launcher or a connector, to %s', (_, principal, reason) => {
    const { stack, image } = sandbox();
    const launcher = new MicrovmLauncher(stack, 'Launcher', { image, ingress: MicrovmIngress.http(), egress: MicrovmEgress.internet() });
    const connector = NetworkConnector.fromNetworkConnectorArn(stack, 'Connector', `arn:aws:lambda:${REGION}:${ACCOUNT}:network-connector:nc-1`);
    const grantee = principal(stack);
    image.grantConnect(grantee);
    connector.grantUse(grantee);
    const [onImage, onConnector, ...others] = warningsOf(stack).map(({ id, entry }) => `${id}: ${String(entry.data)}`).sort().reverse();
    expect(others).toEqual([]);
    expect(onImage).toMatch(new RegExp(`^/Test/Image: grant: .*${reason}, and images and connectors take no resource policies`));
    expect(onConnector).toMatch(/^\/Test\/Connector: grant: /);
    launcher.grantLaunch(grantee);
    expect(warningsOf(stack)).toHaveLength(2);
  });

  test('that can be acknowledged', () => {
    const { stack, image } = sandbox();
    image.grantRun(new iam.AccountRootPrincipal());
    expect(warningsOf(stack)).toHaveLength(1);
    AckAnnotations.of(image).acknowledgeWarning('cdk-lambda-microvms:grantWithoutEffect');
    expect(warningsOf(stack)).toEqual([]);
  });

  test.each<[string, (stack: Stack) => iam.IGrantable]>([
    ['a role', stack => new iam.Role(stack, 'Role', { assumedBy: new iam.AccountRootPrincipal() })],
    ['a user', stack => new iam.User(stack, 'User')],
    ['a group', stack => new iam.Group(stack, 'Group')],
    ['an imported role', stack => iam.Role.fromRoleArn(stack, 'Role', `arn:aws:iam::${ACCOUNT}:role/a`)],
    ['a role that should not change', stack => iam.Role.fromRoleArn(stack, 'Role', `arn:aws:iam::${ACCOUNT}:role/a`, { mutable: false })],
  ])('but not to %s', (_, principal) => {
    const { stack, image } = sandbox();
    image.grantConnect(principal(stack));
    expect(warningsOf(stack)).toEqual([]);
  });
});

test('the grants of an image are methods of one object, as those of other resources', () => {
  const { stack, image } = sandbox();
  const imported = MicrovmImage.fromMicrovmImageName(stack, 'Imported', 'sandbox');
  const user = new iam.Role(stack, 'User', { assumedBy: new iam.AccountRootPrincipal() });
  for (const { grants } of [image, imported]) expect(grants.connect(user).success).toBe(true);
});
