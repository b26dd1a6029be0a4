import type { Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { sandbox } from './support';
import { MicrovmBuildRole, SessionTagging } from '../../src';
import { ACCOUNT, testApp, testImage, testStack } from '../support/stacks';
import { ResolvedTemplate } from '../support/template';

jest.mock('../../src/private/bundle', () => jest.requireActual('../support/no-bundle'));

describe("a user's build role", () => {
  const trusted = { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com').withSessionTags() };
  const BUILD_POLICY = Match.stringLikeRegexp('BuildPolicy');

  test('of the same stack gets the permissions of builds, and the image depends on its policies', async () => {
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
  ])('of another stack gets them without a circular dependency: %s', (_, make) => {
    const app = testApp();
    const roles = testStack(app, 'Roles');
    const buildRole = make(roles);
    const { stack } = sandbox({ buildRole }, app);
    expect(() => app.synth()).not.toThrow();
    Template.fromStack(stack).hasResource('AWS::IAM::Policy', { Properties: { PolicyName: BUILD_POLICY } });
    Template.fromStack(stack).hasResource('Custom::MicrovmImage', { DependsOn: [BUILD_POLICY] });
    Template.fromStack(roles).resourceCountIs('AWS::IAM::Policy', 0);
  });

  test('imported from the same account gets them', () => {
    const app = testApp();
    const stack = testStack(app, 'Import');
    testImage({ buildRole: iam.Role.fromRoleName(stack, 'Imported', 'builds') }, stack);
    Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', { PolicyName: BUILD_POLICY, Roles: ['builds'] });
    Template.fromStack(stack).hasResource('Custom::MicrovmImage', { DependsOn: [BUILD_POLICY] });
    Annotations.fromStack(stack).hasNoWarning('*', Match.anyValue());
  });

  test.each<[string, iam.IPrincipal, string]>([
    ['session tags', new iam.ServicePrincipal('lambda.amazonaws.com'), 'does not allow sts:TagSession to lambda.amazonaws.com'],
    ['the service', new iam.ServicePrincipal('codebuild.amazonaws.com').withSessionTags(), 'does not name lambda.amazonaws.com'],
  ])('whose trust policy lacks %s causes a warning', (_, assumedBy, problem) => {
    const stack = testStack();
    testImage({ buildRole: new iam.Role(stack, 'MyRole', { assumedBy }) }, stack);
    Annotations.fromStack(stack).hasWarning('*', Match.stringLikeRegexp(
      `buildRole: the trust policy of Test/MyRole ${problem}; create the role with .*withSessionTags.*cdk-lambda-microvms:buildRoleNotAssumable`));
  });

  test('that is a MicrovmBuildRole without session tags causes no warning, because the user chose it', () => {
    const app = testApp();
    const stack = testStack(app);
    const buildRole = new MicrovmBuildRole(testStack(app, 'Roles'), 'MyRole', { microvmImageName: 'sandbox', sessionTagging: SessionTagging.none() });
    testImage({ microvmImageName: 'sandbox', buildRole }, stack);
    Annotations.fromStack(stack).hasNoWarning('*', Match.stringLikeRegexp('buildRole'));
  });

  test.each<[string, (stack: Stack) => iam.IRole]>([
    ['immutable', stack => iam.Role.fromRoleArn(stack, 'R', `arn:aws:iam::${ACCOUNT}:role/builds`, { mutable: false })],
    ['closed to updates', stack => new iam.Role(stack, 'R', trusted).withoutPolicyUpdates()],
  ])('that is %s gives a warning with the statements that it needs', (_, make) => {
    const stack = testStack();
    testImage({ buildRole: make(stack) }, stack);
    const warnings = Annotations.fromStack(stack).findWarning('*', Match.stringLikeRegexp('cdk-lambda-microvms:buildRoleNotModified'));
    expect(warnings).toHaveLength(1);
    for (const word of ['s3:GetObject', 'logs:PutLogEvents', 'sts:TagSession']) expect(JSON.stringify(warnings[0].entry)).toContain(word);
    expect(ResolvedTemplate.stack(stack).ids('AWS::IAM::Policy', 'Image')).toEqual([]);
  });
});
