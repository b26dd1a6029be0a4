import * as fs from 'fs';
import * as path from 'path';
import type { App } from 'aws-cdk-lib';
import { Aws, CfnParameter, Stack } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import { DockerImageAsset } from 'aws-cdk-lib/aws-ecr-assets';
import * as iam from 'aws-cdk-lib/aws-iam';
import { MicrovmBuildRole, MicrovmCode } from '../../src';
import { directoryWith } from '../support/directories';
import { ACCOUNT, DOCKERFILE, REGION, testApp, testImage, testStack } from '../support/stacks';
import { ResolvedTemplate } from '../support/template';

jest.mock('../../src/private/bundle', () => jest.requireActual('../support/no-bundle'));

const REGISTRY = `${ACCOUNT}.dkr.ecr.${REGION}.amazonaws.com`;
const DIGEST = `sha256:${'0123456789abcdef'.repeat(4)}`;

/** Returns the texts of all uploaded Dockerfiles of an app. */
function dockerfilesOf(app: App): string[] {
  const output = app.synth().directory;
  return (fs.readdirSync(output, { recursive: true }) as string[])
    .filter(name => path.basename(name) === 'Dockerfile').map(name => fs.readFileSync(path.join(output, name), 'utf8'));
}

/** Returns the actions on ECR that the statements of the build role of an image allow, with their resources. */
function pullsOf(stack: Stack): [actions: string[], resource: any][] {
  const template = ResolvedTemplate.stack(stack);
  const role = template.resource('AWS::IAM::Role', 'BuildRole').Properties;
  return role.Policies.flatMap((policy: any) => policy.PolicyDocument.Statement)
    .filter((statement: any) => JSON.stringify(statement.Action).includes('ecr:')).map((statement: any) => [[statement.Action].flat(), statement.Resource]);
}

describe('code from an image in ECR', () => {
  const from = (make: (stack: Stack) => ecr.IRepositoryRef, tagOrDigest = 'v1', stack = testStack()) => {
    testImage({ code: MicrovmCode.fromEcrImage(make(stack), tagOrDigest) }, stack);
    return dockerfilesOf(stack.node.root as App);
  };
  const imported = (stack: Stack) => ecr.Repository.fromRepositoryName(stack, 'Base', 'team/base');

  test('is a Dockerfile with its FROM line', () => {
    expect(from(imported)).toEqual([`FROM ${REGISTRY}/team/base:v1\n`]);
    expect(from(imported, DIGEST)).toEqual([`FROM ${REGISTRY}/team/base@${DIGEST}\n`]);
  });

  test('may be in a repository of the app, with a given name', () => {
    expect(from(stack => new ecr.Repository(stack, 'Base', { repositoryName: 'own' }))).toEqual([`FROM ${REGISTRY}/own:v1\n`]);
    expect(from(stack => new ecr.CfnRepository(stack, 'Base', { repositoryName: 'own' }))).toEqual([`FROM ${REGISTRY}/own:v1\n`]);
    expect(from(stack => ecr.Repository.fromRepositoryArn(stack, 'Base', `arn:aws:ecr:${REGION}:${ACCOUNT}:repository/a/b`))).toEqual([`FROM ${REGISTRY}/a/b:v1\n`]);
  });

  test('uses the domain of the Region', () => {
    const stack = testStack(testApp(), 'Test', { env: { account: ACCOUNT, region: 'cn-north-1' } });
    expect(from(imported, 'v1', stack)).toEqual([`FROM ${ACCOUNT}.dkr.ecr.cn-north-1.amazonaws.com.cn/team/base:v1\n`]);
  });

  test('lets the build role pull from this repository, and log in', () => {
    const stack = testStack();
    testImage({ code: MicrovmCode.fromEcrImage(imported(stack), 'v1') }, stack);
    expect(pullsOf(stack)).toEqual([
      [['ecr:GetAuthorizationToken'], '*'],
      [['ecr:BatchCheckLayerAvailability', 'ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'], `arn:aws:ecr:${REGION}:${ACCOUNT}:repository/team/base`],
    ]);
  });

  test('lets a role of the user pull, before the image is built', () => {
    const stack = testStack();
    const buildRole = new iam.Role(stack, 'Role', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });
    testImage({ code: MicrovmCode.fromEcrImage(imported(stack), 'v1'), buildRole }, stack);
    const template = ResolvedTemplate.stack(stack);
    const statements = template.resource('AWS::IAM::Policy', 'BuildPolicy').Properties.PolicyDocument.Statement;
    expect(statements.map((statement: any) => statement.Action).flat()).toEqual(expect.arrayContaining(['ecr:GetAuthorizationToken', 'ecr:BatchGetImage']));
    expect(template.resource('Custom::MicrovmImage', 'Image').DependsOn).toEqual(expect.arrayContaining([expect.stringContaining('BuildPolicy')]));
  });

  test('warns of a role that cannot be changed once, with all statements', () => {
    const stack = testStack();
    const buildRole = iam.Role.fromRoleArn(stack, 'Role', `arn:aws:iam::${ACCOUNT}:role/builds`, { mutable: false });
    testImage({ code: MicrovmCode.fromEcrImage(imported(stack), 'v1'), buildRole }, stack);
    const warnings = Annotations.fromStack(stack).findWarning('*', Match.anyValue()).map(({ entry }) => String(entry.data));
    expect(warnings).toEqual([expect.stringMatching(/ecr:BatchGetImage.*buildRoleNotModified/s)]);
  });

  test.each(['', 'a b', '-v1', 'x'.repeat(129), 'sha256:abc', `sha256:${'A'.repeat(64)}`, 'sha512:x', new CfnParameter(new Stack(), 'Tag').valueAsString])('fails on %p, which is neither a tag nor a digest', tag => {
    expect(() => from(imported, tag)).toThrow(/is neither a tag nor a digest; .* \[MicrovmCodeEcrImageInvalid at Test\/Image\]/);
  });

  test.each<[string, (stack: Stack) => ecr.IRepositoryRef, string]>([
    ['a name that CloudFormation generates', stack => new ecr.Repository(stack, 'Base'), 'the name of the repository Test/Base is known only during the deployment; set repositoryName'],
    ['another account', stack => ecr.Repository.fromRepositoryArn(stack, 'Base', `arn:aws:ecr:${REGION}:111122223333:repository/a`), `is in the account 111122223333, but the image is in ${ACCOUNT}`],
    ['another Region', stack => ecr.Repository.fromRepositoryArn(stack, 'Base', `arn:aws:ecr:us-east-1:${ACCOUNT}:repository/a`), `is in the Region us-east-1, but the image is in ${REGION}`],
  ])('fails on a repository with %s', (_, make, message) => {
    expect(() => from(make)).toThrow(message);
  });

  test('fails in a stack that does not know its account and Region', () => {
    const stack = new Stack(testApp(), 'Agnostic');
    expect(() => from(imported, 'v1', stack)).toThrow("the FROM line needs the account and Region of the repository, which stack 'Agnostic' does not know; set env with account and region on the stack");
  });
});

describe('code from an image that the CDK builds', () => {
  const directory = directoryWith({ Dockerfile: 'FROM scratch' });

  test('is the image of the asset, which the build role may pull', () => {
    const stack = testStack();
    const asset = new DockerImageAsset(stack, 'Asset', { directory });
    testImage({ code: MicrovmCode.fromImageAsset(asset) }, stack);
    const repository = `cdk-hnb659fds-container-assets-${ACCOUNT}-${REGION}`;
    expect(dockerfilesOf(stack.node.root as App)).toContain(`FROM ${REGISTRY}/${repository}:${asset.imageTag}\n`);
    expect(stack.resolve(asset.imageUri)).toEqual({ 'Fn::Sub': `${ACCOUNT}.dkr.ecr.${REGION}.\${AWS::URLSuffix}/${repository}:${asset.imageTag}` });
    expect(pullsOf(stack)[1][1]).toBe(`arn:aws:ecr:${REGION}:${ACCOUNT}:repository/${repository}`);
  });

  test('can have further lines as inline code, with a grant', () => {
    const stack = testStack();
    const asset = new DockerImageAsset(stack, 'Asset', { directory });
    const image = testImage({ code: MicrovmCode.fromInline(`FROM ${asset.imageUri}\nCMD ["true"]`) }, stack);
    asset.repository.grantPull(image.buildRole);
    expect(dockerfilesOf(stack.node.root as App)).toContain(`FROM ${REGISTRY}/cdk-hnb659fds-container-assets-${ACCOUNT}-${REGION}:${asset.imageTag}\nCMD ["true"]`);
  });
});

describe('a Dockerfile that names an image in a private registry', () => {
  const code = (uri = `${REGISTRY}/team/base:1`) => MicrovmCode.fromInline(`FROM ${uri}`);
  const synth = (stack: Stack) => () => (stack.node.root as App).synth();
  const repository = (stack: Stack, name = 'team/base') => ecr.Repository.fromRepositoryName(stack, 'Base', name);

  test('fails if the build role may not pull it, with the line of code that grants it', () => {
    const stack = testStack();
    testImage({ code: code() }, stack);
    expect(synth(stack)).toThrow(`code: line 1 of the Dockerfile pulls '${REGISTRY}/team/base:1', but the build role may not; `
      + "add ecr.Repository.fromRepositoryName(this, 'Base', 'team/base').grantPull(image.buildRole) [MicrovmCodeDockerfilePullNotGranted]");
  });

  test.each<[string, (stack: Stack) => void]>([
    ['a grant', stack => void repository(stack).grantPull(testImage({ code: code() }, stack).buildRole)],
    ['a build role with the repository', stack => void testImage({
      code: code(), microvmImageName: 'sandbox', buildRole: new MicrovmBuildRole(stack, 'Role', { microvmImageName: 'sandbox', repositories: [repository(stack)] }),
    }, stack)],
    ['a repository whose name is not known', stack => void new ecr.Repository(stack, 'Base').grantPull(testImage({ code: code() }, stack).buildRole)],
    ['a statement with wildcards', stack => void testImage({ code: code() }, stack).buildRole.addToPrincipalPolicy(
      new iam.PolicyStatement({ actions: ['ecr:*'], resources: [`arn:${Aws.PARTITION}:ecr:*:*:repository/team/*`] }))],
    ['a managed policy', stack => void testImage({ code: code() }, stack).buildRole.addManagedPolicy(iam.ManagedPolicy.fromAwsManagedPolicyName('AmazonEC2ContainerRegistryReadOnly'))],
    ['a policy of the app', stack => void new iam.ManagedPolicy(stack, 'Policy', {
      roles: [testImage({ code: code() }, stack).buildRole], statements: [new iam.PolicyStatement({ actions: ['ecr:Batch*'], resources: ['*'] })],
    })],
  ])('is fine with %s', (_, make) => {
    const stack = testStack();
    make(stack);
    expect(synth(stack)).not.toThrow();
    Annotations.fromStack(stack).hasNoWarning('*', Match.stringLikeRegexp('PullNotGranted'));
  });

  test('waits for the grant', () => {
    const stack = testStack();
    repository(stack).grantPull(testImage({ code: code() }, stack).buildRole);
    expect(ResolvedTemplate.stack(stack).resource('Custom::MicrovmImage', 'Image').DependsOn).toEqual(expect.arrayContaining([expect.stringContaining('BuildRoleDefaultPolicy')]));
  });

  test.each<[string, string]>([
    ['another repository', `${REGISTRY}/team/other:1`],
    ['a repository whose name begins alike', `${REGISTRY}/team/base2:1`],
    ['the same name in another account', `111122223333.dkr.ecr.${REGION}.amazonaws.com/team/base:1`],
    ['the same name in another Region', `${ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com/team/base:1`],
    ['the endpoint of both IP versions', `${ACCOUNT}.dkr-ecr.us-east-1.on.aws/team/base:1`],
  ])('fails with a grant on one, but %s in FROM', (_, uri) => {
    const stack = testStack();
    repository(stack).grantPull(testImage({ code: code(uri) }, stack).buildRole);
    expect(synth(stack)).toThrow(`pulls '${uri}', but the build role may not; add ecr.Repository.fromRepository`);
  });

  test('fails if a build role of this library may pull another repository only', () => {
    const stack = new Stack(testApp(), 'Agnostic');
    const granted = ecr.Repository.fromRepositoryName(stack, 'Other', 'team/other');
    testImage({ code: code(), microvmImageName: 'sandbox', buildRole: new MicrovmBuildRole(stack, 'Role', { microvmImageName: 'sandbox', repositories: [granted] }) }, stack);
    expect(synth(stack)).toThrow('MicrovmCodeDockerfilePullNotGranted');
  });

  test('fails for COPY --from too', () => {
    const stack = testStack();
    testImage({ code: MicrovmCode.fromInline(`${DOCKERFILE}\nCOPY --from=${REGISTRY}/tools:1 /a /a`) }, stack);
    expect(synth(stack)).toThrow("line 2 of the Dockerfile pulls '");
  });

  test('is a warning if the role is one that the app does not create as a build role', () => {
    const stack = testStack();
    testImage({ code: code(), buildRole: iam.Role.fromRoleName(stack, 'Role', 'existing') }, stack);
    const granted = new iam.Role(stack, 'Granted', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });
    testImage({ code: code(), buildRole: granted }, stack, 'Other');
    repository(stack).grantPull(granted);
    Annotations.fromStack(stack).hasWarning('/Test/Image', Match.stringLikeRegexp('but the build role may not; add .*ack: cdk-lambda-microvms:dockerfilePullNotGranted'));
    Annotations.fromStack(stack).hasNoWarning('/Test/Other', Match.stringLikeRegexp('PullNotGranted'));
  });

  test('does not concern public registries', () => {
    const stack = testStack();
    testImage({ code: code('public.ecr.aws/docker/library/alpine:3') }, stack);
    expect(synth(stack)).not.toThrow();
  });
});
