import { spawnSync } from 'child_process';
import * as fs from 'fs';
import * as path from 'path';
import type { Stack } from 'aws-cdk-lib';
import { App, DefaultStackSynthesizer, LegacyStackSynthesizer, NestedStack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as s3 from 'aws-cdk-lib/aws-s3';
import type { MicrovmImageProps } from '../../src';
import { MicrovmBuildRole, MicrovmCode } from '../../src';
import { directoryWith } from '../support/directories';
import { DOCKERFILE, testApp, testImage, testStack } from '../support/stacks';
import { ResolvedTemplate } from '../support/template';

jest.mock('../../src/private/bundle', () => jest.requireActual('../support/no-bundle'));

const inline = (text: string) => MicrovmCode.fromInline(`${DOCKERFILE}\n# ${text}`);
/** Returns the template without what a change of the code may change. */
const permissionsOf = (stack: Stack) => {
  const { Resources } = Template.fromStack(stack).toJSON();
  return Object.values<any>(Resources).filter(({ Type }) => Type.startsWith('AWS::IAM::'));
};

describe('a change of the code', () => {
  const own = (stack: Stack) => ({ buildRole: new iam.Role(stack, 'Role', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') }) });
  const encrypted = () => testStack(testApp(), 'Test', { synthesizer: new DefaultStackSynthesizer({ fileAssetsBucketName: 'code', bucketPrefix: 'team/' }) });

  test.each<[string, () => Stack, (stack: Stack) => Partial<MicrovmImageProps>]>([
    ['with the build role of the library', testStack, () => ({})],
    ['with a role of the user', testStack, own],
    ['with another bucket and a prefix', encrypted, () => ({})],
    ['in a nested stack', () => new NestedStack(testStack(), 'Nested') as Stack, () => ({})],
  ])('changes no permission %s', (_, stackOf, props) => {
    const [before, after] = ['one', 'two'].map(text => {
      const stack = stackOf();
      testImage({ code: inline(text), ...props(stack) }, stack);
      return stack;
    });
    expect(permissionsOf(after)).toEqual(permissionsOf(before));
    expect(Template.fromStack(after).toJSON().Mappings).not.toEqual(Template.fromStack(before).toJSON().Mappings);
  });

  test('changes what the role may read', () => {
    const resources = ['one', 'two'].map(text => {
      const stack = testStack();
      testImage({ code: inline(text) }, stack);
      const template = ResolvedTemplate.stack(stack);
      const { Properties: { CodeUri } } = Template.fromStack(stack).findResources('Custom::MicrovmImage')[template.ids('Custom::MicrovmImage')[0]];
      const [statement] = template.policiesOf('BuildRole').flatMap(policy => policy.Statement).filter(({ Action }) => Action === 's3:GetObject');
      expect(statement.Resource).toBe(CodeUri.replace('s3://', 'arn:aws:s3:::'));
      return statement.Resource;
    });
    expect(resources[0]).not.toBe(resources[1]);
  });

  test('needs no approval by the CDK CLI', () => {
    const directory = directoryWith({});
    const [before, after] = ['one', 'two'].map(text => {
      const app = new App({ outdir: path.join(directory, text), analyticsReporting: false });
      testImage({ code: inline(text) }, testStack(app));
      return app.synth().directory;
    });
    const differences = (template: string, other: string) => {
      const options = ['--security-only', '--no-version-reporting', '--no-notices', '--no-color', '--app', other, '--template', template];
      const { status, output } = spawnSync(process.execPath, [require.resolve('aws-cdk/bin/cdk'), 'diff', 'Test', ...options], { encoding: 'utf8' });
      expect([status, output.join('')]).toEqual([0, expect.stringContaining('Number of stacks with differences')]);
      return output.join('');
    };
    const template = path.join(before, 'Test.template.json');
    expect(differences(template, after)).not.toMatch(/IAM (Statement|Policy) Changes/);
    // The same command shows a statement whose key changes. So the comparison above can fail.
    const literal = fs.readFileSync(template, 'utf8').replace(/\{\s*"Fn::FindInMap": \[[^\]]*\]\s*\}/g, '"old.zip"');
    fs.writeFileSync(template, literal);
    expect(differences(template, after)).toContain('IAM Statement Changes');
  });
});

describe('the keys', () => {
  test('of 100 images are in one mapping, within the quota of 200 attributes', () => {
    const stack = testStack();
    for (let index = 0; index < 100; index++) testImage({ code: inline(`${index}`) }, stack, `Image${index}`);
    // More than CloudFormation's 500 resources, so that CDK does not synthesize the stack.
    const { Mappings } = (stack as any)._toCloudFormation();
    const resolved = stack.resolve(Mappings);
    expect(Object.keys(resolved)).toEqual(['CdkLambdaMicrovmsCode']);
    const entries = Object.entries<any>(resolved.CdkLambdaMicrovmsCode);
    expect(entries).toHaveLength(100);
    expect(new Set(entries.map(([, { Key }]) => Key)).size).toBe(100);
    for (const [name, { Key }] of entries) expect([name, Key]).toEqual([expect.stringMatching(/^[A-Za-z0-9]{1,255}$/), expect.stringMatching(/^[0-9a-f]{64}\.zip$/)]);
  });

  test('of a role that several images share are in it, one for each image', () => {
    const stack = testStack();
    const buildRole = new MicrovmBuildRole(stack, 'Shared', { microvmImageName: '*' });
    for (const name of ['one', 'two']) testImage({ code: inline(name), buildRole, microvmImageName: name }, stack, name);
    const statements = ResolvedTemplate.stack(stack).policiesOf('Shared').flatMap(policy => policy.Statement).filter(({ Action }) => Action === 's3:GetObject');
    expect(new Set(statements.flatMap(({ Resource }) => Resource)).size).toBe(2);
  });

  test('that the user chooses stay in the policy, where a review sees them', () => {
    const stack = testStack();
    testImage({ code: MicrovmCode.fromBucket(s3.Bucket.fromBucketName(stack, 'Bucket', 'artifacts'), 'sandbox.zip', { contentHash: 'a' }) }, stack);
    expect(Template.fromStack(stack).toJSON().Mappings).toBeUndefined();
    expect(JSON.stringify(permissionsOf(stack))).toContain('/sandbox.zip');
  });

  test('that are parameters stay in the policy', () => {
    const stack = testStack(testApp(), 'Test', { synthesizer: new LegacyStackSynthesizer() });
    testImage({ code: inline('one') }, stack);
    expect(Template.fromStack(stack).toJSON().Mappings).toBeUndefined();
  });
});
