import { App, CfnParameter, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { MicrovmCode, MicrovmLogging } from '../../src';
import { testNetworkConnector } from '../network/support';
import { ACCOUNT, propertiesOf, REGION, testApp, testImage, testStack } from '../support/stacks';

jest.mock('../../src/private/bundle', () => jest.requireActual('../support/no-bundle'));

describe('the removal policy SNAPSHOT', () => {
  const MESSAGE = 'SNAPSHOT is not possible, because CloudFormation takes no snapshots of this resource; use RemovalPolicy.RETAIN or RemovalPolicy.DESTROY [MicrovmRemovalPolicyInvalid';

  test.each<[string, () => unknown]>([
    ['an image', () => testImage({ removalPolicy: RemovalPolicy.SNAPSHOT })],
    ['an image later', () => testImage().applyRemovalPolicy(RemovalPolicy.SNAPSHOT)],
    ['a connector', () => testNetworkConnector({ removalPolicy: RemovalPolicy.SNAPSHOT })],
    ['a log group', () => MicrovmLogging.newLogGroup({ removalPolicy: RemovalPolicy.SNAPSHOT })],
  ])('fails for %s', (_, use) => expect(use).toThrow(MESSAGE));
});

describe('applyRemovalPolicy', () => {
  const policiesOf = (stack: Stack) => {
    const template = Template.fromStack(stack);
    return ['Custom::MicrovmImage', 'AWS::Logs::LogGroup'].map(type => Object.entries(template.findResources(type))
      .filter(([id]) => id.startsWith('Image')).map(([, resource]) => resource.DeletionPolicy)[0]);
  };

  test('retains the image and its log group', () => {
    const stack = testStack();
    testImage({}, stack).applyRemovalPolicy(RemovalPolicy.RETAIN);
    expect(policiesOf(stack)).toEqual(['Retain', 'Retain']);
  });

  test('does not change the removal policy that the log group was given', () => {
    const stack = testStack();
    testImage({ logging: MicrovmLogging.newLogGroup({ removalPolicy: RemovalPolicy.DESTROY }) }, stack).applyRemovalPolicy(RemovalPolicy.RETAIN);
    expect(policiesOf(stack)).toEqual(['Retain', 'Delete']);
  });

  test('does not change a log group of the user, and works without one', () => {
    const stack = testStack();
    const own = new logs.LogGroup(stack, 'Own', { removalPolicy: RemovalPolicy.DESTROY });
    testImage({ logging: MicrovmLogging.logGroup(own) }, stack).applyRemovalPolicy(RemovalPolicy.RETAIN);
    testImage({ logging: MicrovmLogging.disabled() }, stack, 'Image2').applyRemovalPolicy(RemovalPolicy.RETAIN);
    expect(policiesOf(stack)).toEqual(['Retain', undefined]);
    Template.fromStack(stack).hasResource('AWS::Logs::LogGroup', { DeletionPolicy: 'Delete' });
  });
});

describe('two resources with one explicit name', () => {
  const named = (stack: Stack, id: string) => testImage({ microvmImageName: 'sandbox' }, stack, id);

  test('fail in one stack', () => {
    const stack = testStack();
    named(stack, 'One');
    expect(() => named(stack, 'Two')).toThrow("microvmImageName: 'sandbox' is also the name of Test/One, in the same account and Region; use another name, or leave it out for a generated one [MicrovmImageNameDuplicate at Test/Two]");
    const { stack: other } = testNetworkConnector({ networkConnectorName: 'internal' });
    expect(() => testNetworkConnector({ networkConnectorName: 'internal' }, new Stack(other, 'Inner', { env: { account: ACCOUNT, region: REGION } })))
      .toThrow("networkConnectorName: 'internal' is also the name of Test/Connector, in the same account and Region; use another name, or leave it out for a generated one [NetworkConnectorNameDuplicate at Test/Inner/Connector]");
  });

  test('fail in two stacks of one account and Region, and in one stack of any', () => {
    const app = testApp();
    named(testStack(app, 'A'), 'One');
    expect(() => named(testStack(app, 'B'), 'Two')).toThrow('is also the name of A/One');
    const open = new Stack(app, 'Open');
    named(open, 'One');
    expect(() => named(open, 'Two')).toThrow('is also the name of Open/One');
  });

  test('are accepted in other environments, in stacks that may be deployed elsewhere, and after one was removed', () => {
    const app = testApp();
    const stack = testStack(app, 'A');
    named(stack, 'One');
    named(testStack(app, 'Region', { env: { account: ACCOUNT, region: 'us-east-1' } }), 'One');
    named(testStack(app, 'Account', { env: { account: '111122223333', region: REGION } }), 'One');
    named(new Stack(app, 'Open'), 'One');
    named(new Stack(app, 'Open2'), 'One');
    named(testStack(new App(), 'A'), 'One');
    stack.node.tryRemoveChild('One');
    named(stack, 'Two');
  });

  test('are accepted if the names are tokens', () => {
    const stack = testStack();
    const microvmImageName = new CfnParameter(stack, 'Name').valueAsString;
    for (const id of ['One', 'Two']) testImage({ microvmImageName }, stack, id);
  });
});

describe('L1s', () => {
  test('are accepted as build role, which gets a policy', () => {
    const stack = testStack();
    const role = new iam.CfnRole(stack, 'Role', { assumeRolePolicyDocument: {} });
    const image = testImage({ buildRole: role }, stack);
    expect(propertiesOf(image).BuildRoleArn).toEqual({ 'Fn::GetAtt': ['Role', 'Arn'] });
    expect(stack.resolve(image.buildRole.roleArn)).toEqual({ 'Fn::GetAtt': ['Role', 'Arn'] });
    Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', { Roles: [{ Ref: 'Role' }] });
  });

  test('are accepted as log group and as bucket', () => {
    const stack = testStack();
    const image = testImage({
      logging: MicrovmLogging.logGroup(new logs.CfnLogGroup(stack, 'Log')),
      code: MicrovmCode.fromBucket(new s3.CfnBucket(stack, 'Bucket'), 'code.zip', { contentHash: '1' }),
    }, stack);
    expect(propertiesOf(image)).toMatchObject({
      LogGroupName: { Ref: 'Log' }, CodeUri: { 'Fn::Sub': 's3://${Bucket}/code.zip' },
    });
    expect(stack.resolve(image.logGroup?.logGroupName)).toEqual({ Ref: 'Log' });
  });
});
