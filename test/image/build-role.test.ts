import { CfnParameter } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { buildRole, buildRoleTrustIn, CODE, IMAGE, OTHER_IMAGE, SERVICE, SOURCE } from './support';
import { MicrovmBuildRole, MicrovmCode } from '../../src';
import { expectAnswers, trusts } from '../support/iam';
import { ACCOUNT, REGION, testImage, testStack } from '../support/stacks';
import { ResolvedTemplate } from '../support/template';

jest.mock('../../src/private/bundle', () => jest.requireActual('../support/no-bundle'));

describe('a build role', () => {
  test('reads one object, writes to one log group and allows nothing else', async () => {
    const policies = ResolvedTemplate.stack(buildRole().stack).policiesOf('BuildRole');
    const stream = `arn:aws:logs:${REGION}:${ACCOUNT}:log-group:builds:log-stream:x`;
    await expectAnswers(policies, true, [
      { action: 's3:GetObject', resource: CODE },
      { action: 'logs:CreateLogStream', resource: stream },
      { action: 'logs:PutLogEvents', resource: stream },
      { action: 'logs:CreateLogGroup', resource: stream.replace(':log-stream:x', '') },
      { action: 'logs:CreateLogGroup', resource: stream.replace(':x', ':') },
    ]);
    await expectAnswers(policies, false, [
      { action: 's3:GetObject', resource: 'arn:aws:s3:::artifacts/other.zip' },
      { action: 's3:PutObject', resource: CODE },
      { action: 'logs:PutLogEvents', resource: stream.replace('builds', 'builds2') },
      { action: 'logs:CreateLogGroup', resource: stream.replace('builds:log-stream:x', 'builds2') },
      { action: 'logs:DeleteLogGroup', resource: stream.replace(':log-stream:x', '') },
      { action: 'logs:GetLogEvents', resource: stream },
      { action: 'ecr:GetAuthorizationToken', resource: '*' },
      { action: 'kms:Decrypt', resource: `arn:aws:kms:${REGION}:${ACCOUNT}:key/any` },
    ]);
  });

  test('denies everything to an ordinary function', async () => {
    const context = { 'lambda:SourceFunctionArn': `arn:aws:lambda:${REGION}:${ACCOUNT}:function:other` };
    const question = { action: 's3:GetObject', resource: CODE, context };
    await expectAnswers(ResolvedTemplate.stack(buildRole().stack).policiesOf('BuildRole'), false, [question]);
    await expectAnswers(ResolvedTemplate.stack(buildRole({ denyFromFunctions: false }).stack).policiesOf('BuildRole'), true, [question]);
  });

  test('pulls from its repositories, and from no others', async () => {
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

  describe("the key of the code's bucket", () => {
    const keyed = () => {
      const stack = testStack();
      const key = new kms.Key(stack, 'Key');
      const bucket = s3.Bucket.fromBucketAttributes(stack, 'Bucket', { bucketName: 'artifacts', encryptionKey: key });
      testImage({ code: MicrovmCode.fromBucket(bucket, 'a.zip', { contentHash: '1' }) }, stack);
      return { policies: ResolvedTemplate.stack(stack).policiesOf('ImageBuildRole'), resource: ResolvedTemplate.stack(stack).resolve(stack.resolve(key.keyArn)) };
    };
    const [OBJECT, BUCKET] = ['arn:aws:s3:::artifacts/a.zip', 'arn:aws:s3:::artifacts'];
    const by = (service: string, arn: string) => ({ 'kms:ViaService': `${service}.amazonaws.com`, 'kms:EncryptionContext:aws:s3:arn': arn });

    test('decrypts the object, with and without an S3 Bucket Key', async () => {
      const { policies, resource } = keyed();
      await expectAnswers(policies, true, [OBJECT, BUCKET].map(arn => ({ action: 'kms:Decrypt', resource, context: by(`s3.${REGION}`, arn) })));
    });

    test('decrypts nothing else that it protects', async () => {
      const { policies, resource } = keyed();
      const context = by(`s3.${REGION}`, OBJECT);
      await expectAnswers(policies, false, [
        { action: 'kms:Decrypt', resource },
        { action: 'kms:Decrypt', resource, context: { 'kms:ViaService': context['kms:ViaService'] } },
        { action: 'kms:Decrypt', resource, context: { 'kms:EncryptionContext:aws:s3:arn': OBJECT } },
        ...['secretsmanager', 'lambda', 'dynamodb', 'ssm'].map(name => ({ action: 'kms:Decrypt', resource, context: by(`${name}.${REGION}`, OBJECT) })),
        { action: 'kms:Decrypt', resource, context: by('s3.us-west-2', OBJECT) },
        ...[`${BUCKET}/b.zip`, `${BUCKET}2`, `${OBJECT}2`].map(arn => ({ action: 'kms:Decrypt', resource, context: by(`s3.${REGION}`, arn) })),
        { action: 'kms:GenerateDataKey', resource, context },
        { action: 'kms:Decrypt', resource: `arn:aws:kms:${REGION}:${ACCOUNT}:key/other`, context },
      ]);
    });
  });

  test('has its policy inline, so that it exists as soon as the role does', () => {
    const { stack } = buildRole();
    Template.fromStack(stack).resourceCountIs('AWS::IAM::Policy', 0);
  });

  test.each<[string, string, Record<string, string>, boolean]>([
    ['the image', SERVICE, SOURCE, true],
    ['a version of the image', SERVICE, { ...SOURCE, 'aws:SourceArn': `${IMAGE}:3.0` }, true],
    ['another image', SERVICE, { ...SOURCE, 'aws:SourceArn': OTHER_IMAGE }, false],
    ['the image of another account', SERVICE, { 'aws:SourceAccount': '111122223333', 'aws:SourceArn': IMAGE.replace(ACCOUNT, '111122223333') }, false],
    ['a function', SERVICE, { ...SOURCE, 'aws:SourceArn': `arn:aws:lambda:${REGION}:${ACCOUNT}:function:other` }, false],
    ['no source at all', SERVICE, {}, false],
    ['another service', 'ec2.amazonaws.com', SOURCE, false],
    ['a user', `arn:aws:iam::${ACCOUNT}:role/somebody`, SOURCE, false],
  ])('is assumed only for its image: %s', async (_, principal, context, expected) => {
    const trust = buildRoleTrustIn(buildRole().stack);
    expect(await trusts(trust, principal, 'sts:AssumeRole', context)).toBe(expected);
    expect(await trusts(trust, principal, 'sts:TagSession', context)).toBe(expected);
  });

  test('is for every image whose name matches its pattern', async () => {
    const trust = buildRoleTrustIn(buildRole({ microvmImageName: 'sandbox*' }).stack);
    expect(await trusts(trust, SERVICE, 'sts:AssumeRole', { ...SOURCE, 'aws:SourceArn': OTHER_IMAGE })).toBe(true);
    const { stack, role } = buildRole({ microvmImageName: 'sand?ox*' });
    expect(() => testImage({ microvmImageName: 'sandbox7', buildRole: role }, stack)).not.toThrow();
    expect(() => testImage({ microvmImageName: 'sandpit', buildRole: role }, stack, 'Other')).toThrow('MicrovmImageBuildRoleInvalid');
  });

  test('is for its account only, also without the condition on the image', async () => {
    const trust = buildRoleTrustIn(buildRole({ sourceArnCondition: false }).stack);
    expect(await trusts(trust, SERVICE, 'sts:AssumeRole', { 'aws:SourceAccount': ACCOUNT })).toBe(true);
    expect(await trusts(trust, SERVICE, 'sts:AssumeRole', { 'aws:SourceAccount': '111122223333' })).toBe(false);
  });
  test.each<[string, () => unknown, string]>([
    ['an ARN for a name', () => buildRole({ microvmImageName: IMAGE }), "microvmImageName: 'arn:aws:"],
    ['a name with a blank', () => buildRole({ microvmImageName: 'a b' }), 'MicrovmBuildRoleImageNameInvalid'],
  ])('fails on %s', (_, make, message) => {
    expect(make).toThrow(message);
  });

  test('has no empty policy, which IAM rejects', () => {
    const stack = testStack();
    new MicrovmBuildRole(stack, 'Role', { microvmImageName: 'x', denyFromFunctions: false });
    expect(ResolvedTemplate.stack(stack).resource('AWS::IAM::Role').Properties.Policies ?? []).toEqual([]);
  });

  test('accepts a token as name', () => {
    const stack = testStack();
    const name = new CfnParameter(stack, 'Name').valueAsString;
    expect(() => testImage({ microvmImageName: 'x', buildRole: new MicrovmBuildRole(stack, 'Role', { microvmImageName: name }) }, stack)).not.toThrow();
  });

  test('can have a name and a description', () => {
    const { stack } = buildRole({ roleName: 'builds', description: 'of sandboxes' });
    Template.fromStack(stack).hasResourceProperties('AWS::IAM::Role', { RoleName: 'builds', Description: 'of sandboxes' });
  });
});
