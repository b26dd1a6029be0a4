import { App, Fn, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as logs from 'aws-cdk-lib/aws-logs';
import { concisePolicy, conciseText } from '../../src/private/concise';

const stack = new Stack(new App(), 'Test');
const group = new logs.LogGroup(stack, 'Group');
const role = new iam.Role(stack, 'Role', { assumedBy: new iam.AccountRootPrincipal() });
const GROUP = stack.getLogicalId(group.node.defaultChild as logs.CfnLogGroup);
const ROLE = stack.getLogicalId(role.node.defaultChild as iam.CfnRole);

describe('a text', () => {
  test.each([
    ['references', `arn:${stack.partition}:logs:${group.logGroupName}:*`, `arn:\${AWS::Partition}:logs:\${${GROUP}}:*`],
    ['attributes', `${role.roleArn}/*`, `\${${ROLE}.Arn}/*`],
    ['other substitutions', `arn:${Fn.sub('bucket-${AWS::Region}')}`, 'arn:bucket-${AWS::Region}'],
    ['text that looks like a substitution', `\${aws:username}-${stack.region}`, '${!aws:username}-${AWS::Region}'],
  ])('with %s is one substitution', (_, text, substitution) => {
    expect(stack.resolve(conciseText(text))).toEqual({ 'Fn::Sub': substitution });
  });

  test.each([
    ['without tokens', 'plain ${text}', 'plain ${text}'],
    ['that is a reference', group.logGroupName, { Ref: GROUP }],
    ['with a function that a substitution cannot contain', `a-${Fn.importValue('b')}`, { 'Fn::Join': ['', ['a-', { 'Fn::ImportValue': 'b' }]] }],
  ])('%s stays as it is', (_, text, expected) => {
    expect(stack.resolve(conciseText(text))).toEqual(expected);
  });
});

describe('a policy', () => {
  const statementsOf = (...statements: iam.PolicyStatementProps[]) =>
    stack.resolve(concisePolicy(new iam.PolicyDocument({ statements: statements.map(props => new iam.PolicyStatement(props)) }))).Statement;
  const pairsOf = (statements: any[]) => statements.flatMap(({ Effect, Action, Resource, Condition }) => [Action].flat()
    .flatMap(action => [Resource].flat().map(resource => JSON.stringify([Effect, action, resource, Condition])))).sort();

  test('has one statement for each set of actions, with the same pairs of actions and resources', () => {
    const statements = [
      { actions: ['logs:DescribeLogStreams'], resources: ['arn:a', 'arn:a:*'] },
      { actions: ['logs:GetLogEvents'], resources: ['arn:a:*'] },
      { actions: ['s3:GetObject'], resources: ['arn:b'] },
      { actions: ['s3:ListBucket'], resources: ['arn:b', 'arn:a'] },
    ];
    const merged = statementsOf(...statements);
    expect(merged).toEqual([
      { Effect: 'Allow', Action: ['logs:DescribeLogStreams', 's3:ListBucket'], Resource: 'arn:a' },
      { Effect: 'Allow', Action: ['logs:DescribeLogStreams', 'logs:GetLogEvents'], Resource: 'arn:a:*' },
      { Effect: 'Allow', Action: ['s3:GetObject', 's3:ListBucket'], Resource: 'arn:b' },
    ]);
    expect(pairsOf(merged)).toEqual(pairsOf(statements.map(({ actions, resources }) => ({ Effect: 'Allow', Action: actions, Resource: resources }))));
  });

  test.each<[string, iam.PolicyStatementProps, iam.PolicyStatementProps]>([
    ['with another effect', {}, { effect: iam.Effect.DENY }],
    ['with a condition', {}, { conditions: { Bool: { 'aws:SecureTransport': 'true' } } }],
    ['with other conditions', { conditions: { Bool: { a: 'true' } } }, { conditions: { Bool: { a: 'false' } } }],
    ['with an ID', {}, { sid: 'Named' }],
    ['with a principal', {}, { principals: [new iam.AccountRootPrincipal()] }],
    ['about other actions than these', {}, { actions: undefined, notActions: ['s3:GetObject'] }],
  ])('merges no statement %s', (_, one, other) => {
    expect(statementsOf({ actions: ['s3:GetObject'], resources: ['arn:a'], ...one }, { actions: ['s3:PutObject'], resources: ['arn:a'], ...other })).toHaveLength(2);
  });

  test('merges statements with the same conditions', () => {
    const conditions = { Bool: { 'aws:SecureTransport': 'true' } };
    expect(statementsOf(...['s3:GetObject', 's3:PutObject'].map(action => ({ actions: [action], resources: ['arn:a'], conditions })))).toEqual([
      { Effect: 'Allow', Action: ['s3:GetObject', 's3:PutObject'], Resource: 'arn:a', Condition: conditions },
    ]);
  });

  test('can refer to another stack', () => {
    const app = new App();
    const [producer, consumer] = ['Producer', 'Consumer'].map(id => new Stack(app, id));
    const other = new iam.Role(producer, 'Role', { assumedBy: new iam.AccountRootPrincipal() });
    const user = new iam.CfnRole(consumer, 'User', {
      assumeRolePolicyDocument: concisePolicy(new iam.PolicyDocument({
        statements: [new iam.PolicyStatement({ actions: ['sts:AssumeRole'], principals: [new iam.ArnPrincipal(other.roleArn)] })],
      })),
    });
    expect(Template.fromStack(user.stack).findResources('AWS::IAM::Role')).toMatchObject({
      User: { Properties: { AssumeRolePolicyDocument: { Statement: [{ Principal: { AWS: { 'Fn::ImportValue': expect.stringContaining('Producer') } } }] } } },
    });
  });
});
