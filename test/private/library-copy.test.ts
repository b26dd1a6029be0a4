import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import { Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import { version } from '../../package.json';
import * as library from '../../src';
import { DeploymentEncryption, MicrovmCode, MicrovmEgress, MicrovmExecutionRole, MicrovmIngress, MicrovmLauncher } from '../../src';
import { HANDLER_BUNDLE, HANDLER_FILE } from '../../src/private/bundle';
import { THIS_COPY } from '../../src/private/library-copy';
import { anotherCopy } from '../support/copies';
import { DOCKERFILE, testApp, testImage, testStack } from '../support/stacks';
import { ResolvedTemplate } from '../support/template';

jest.mock('../../src/private/bundle', () => jest.requireActual('../support/no-bundle'));

const ROOT = path.join(__dirname, '..', '..');
const ELSEWHERE = '/app/node_modules/platform/node_modules/cdk-lambda-microvms';

const same = anotherCopy({ location: ELSEWHERE });
const newer = anotherCopy({ location: ELSEWHERE, version: '9.9.9' });
const patched = anotherCopy({ location: ELSEWHERE, bundleHash: () => 'patched' });
const code = () => MicrovmCode.fromInline(DOCKERFILE);
const network = { ingress: MicrovmIngress.http(), egress: MicrovmEgress.internet() };

test('the copies of the tests have classes of their own, and the peers in common', () => {
  expect(same.MicrovmImage).not.toBe(library.MicrovmImage);
  const image = new same.MicrovmImage(testStack(), 'Image', { code: code() });
  expect(Stack.of(image)).toBeInstanceOf(Stack);
  expect(image).not.toBeInstanceOf(library.MicrovmImage);
});

describe('two copies of the library in one stack', () => {
  test('share the handler if they have the same version and the same bundle', () => {
    const stack = testStack();
    testImage({}, stack, 'One');
    new same.MicrovmImage(stack, 'Two', { code: code() });
    const deployed = ResolvedTemplate.stack(stack);
    expect(deployed.ids('Custom::MicrovmImage')).toHaveLength(2);
    expect(deployed.ids('AWS::Lambda::Function', 'Handler')).toHaveLength(1);
  });

  test.each([
    ['the older one first', library, newer, `${version} at ${ROOT} and 9.9.9 at ${ELSEWHERE}`],
    ['the newer one first', newer, library, `9.9.9 at ${ELSEWHERE} and ${version} at ${ROOT}`],
  ])('fail if they have different versions, and name both and the command that finds them: %s', (_, first, second, both) => {
    const stack = testStack();
    new first.MicrovmImage(stack, 'One', { code: code() });
    expect(() => new second.MicrovmImage(stack, 'Two', { code: code() })).toThrow(
      `the stack has constructs of two copies of this library, ${both}, and can have the handler of one only; `
      + 'run `npm ls cdk-lambda-microvms`, and let both dependents use one version [MicrovmProviderCopiesDiffer at Test/Two');
  });

  test('fail if they have the same version and different bundles', () => {
    const stack = testStack();
    testImage({}, stack, 'One');
    expect(() => new patched.MicrovmImage(stack, 'Two', { code: code() })).toThrow('MicrovmProviderCopiesDiffer');
  });

  test('have a handler each in different stacks of one app', () => {
    const app = testApp();
    testImage({}, testStack(app, 'One'));
    expect(() => new newer.MicrovmImage(testStack(app, 'Two'), 'Image', { code: code() })).not.toThrow();
  });

  test.each<[string, (stack: Stack) => unknown]>([
    ['connector', stack => new newer.NetworkConnector(stack, 'Connector', { vpc: new ec2.Vpc(stack, 'Vpc') })],
    ['lookup', stack => newer.NetworkConnector.fromNetworkConnectorName(stack, 'Found', 'internal')],
  ])('fail for a %s too', (_, create) => {
    const stack = testStack();
    testImage({}, stack);
    expect(() => create(stack)).toThrow('MicrovmProviderCopiesDiffer');
  });
});

test.each([
  ['a construct', (stack: Stack) => new Construct(stack, 'CdkLambdaMicrovms')],
  ['a resource', (stack: Stack) => new ec2.Vpc(stack, 'CdkLambdaMicrovms')],
])('%s of the user with the ID of the handler is an error that says so', (_, create) => {
  const stack = testStack();
  create(stack);
  expect(() => testImage({}, stack)).toThrow("id: a construct of yours has the ID 'CdkLambdaMicrovms'");
  expect(() => testImage({}, stack, 'Other')).toThrow('MicrovmProviderIdTaken at Test/CdkLambdaMicrovms');
});

describe('roles of another copy are recognized', () => {
  test('a build role gets the statements of the image into its own policy', () => {
    const stack = testStack();
    const buildRole = new same.MicrovmBuildRole(stack, 'BuildRole', { microvmImageName: 'app' });
    testImage({ buildRole, microvmImageName: 'app' }, stack);
    expect(ResolvedTemplate.stack(stack).policiesOf('BuildRole').some(policy => JSON.stringify(policy).includes('s3:GetObject'))).toBe(true);
    expect(ResolvedTemplate.stack(stack).ids('AWS::IAM::Policy', 'BuildPolicy')).toEqual([]);
  });

  test('a build role for another image is an error', () => {
    const stack = testStack();
    const buildRole = new same.MicrovmBuildRole(stack, 'BuildRole', { microvmImageName: 'app' });
    expect(() => testImage({ buildRole, microvmImageName: 'other' }, stack)).toThrow('MicrovmImageBuildRoleInvalid');
  });

  test('an execution role that belongs to a launcher of one copy is an error for a launcher of the other', () => {
    const stack = testStack();
    const image = testImage({}, stack);
    const executionRole = new same.MicrovmExecutionRole(stack, 'Role', { image });
    new MicrovmLauncher(stack, 'One', { image, executionRole, ...network });
    expect(() => new same.MicrovmLauncher(stack, 'Two', { image, executionRole, ...network })).toThrow('MicrovmExecutionRoleShared at Test/Two');
    expect(ResolvedTemplate.stack(stack).ids('AWS::IAM::Policy', 'LogPolicy')).toEqual([]);
  });

  test('an operator role that does not cover the subnets is an error', () => {
    const stack = testStack();
    const vpc = new ec2.Vpc(stack, 'Vpc');
    const operatorRole = new same.NetworkConnectorOperatorRole(stack, 'Role', {
      subnets: [vpc.privateSubnets[0]], securityGroups: [new ec2.SecurityGroup(stack, 'Group', { vpc })],
    });
    expect(() => new library.NetworkConnector(stack, 'Connector', { vpc, operatorRole })).toThrow('NetworkConnectorOperatorRoleInvalid');
  });

  test('by methods of the classes too', () => {
    const stack = testStack();
    const image = testImage({}, stack);
    const vpc = new ec2.Vpc(stack, 'Vpc');
    const securityGroups = [new ec2.SecurityGroup(stack, 'Group', { vpc })];
    const build = new same.MicrovmBuildRole(stack, 'Build', { microvmImageName: 'app' });
    const execution = new same.MicrovmExecutionRole(stack, 'Execution', { image });
    const operator = new same.NetworkConnectorOperatorRole(stack, 'Operator', { subnets: vpc.privateSubnets, securityGroups });
    const synthesizer = new same.NetworkTeamSynthesizer({ networkTeamPath: '/network-team/', qualifier: 'netteam' });
    const recognized = (x: unknown) => [
      library.MicrovmBuildRole.isMicrovmBuildRole(x), MicrovmExecutionRole.isMicrovmExecutionRole(x),
      library.NetworkConnectorOperatorRole.isNetworkConnectorOperatorRole(x), library.NetworkTeamSynthesizer.isNetworkTeamSynthesizer(x),
    ];
    expect([build, execution, operator, synthesizer].map(recognized)).toEqual([
      [true, false, false, false], [false, true, false, false], [false, false, true, false], [false, false, false, true],
    ]);
    expect([image, undefined, null, 'role', {}].flatMap(recognized)).not.toContain(true);
  });

  test('a synthesizer of another team fails the guardrail of this one', () => {
    const app = testApp();
    const stack = testStack(app, 'Other', { synthesizer: new same.NetworkTeamSynthesizer({ networkTeamPath: '/other/', qualifier: 'other' }) });
    library.NetworkConnectorGuardrail.applyNetworkTeamPath(stack, '/network-team/');
    expect(() => app.synth()).toThrow(/has the path '\/other\/', which is not under '\/network-team\/'/);
  });
});

test('deployments are encrypted if one copy asks for it and another one creates the resources', () => {
  const stack = testStack();
  DeploymentEncryption.apply(stack);
  new same.MicrovmImage(stack, 'Image', { code: code() });
  expect(ResolvedTemplate.stack(stack).resource('AWS::StepFunctions::StateMachine').Properties.EncryptionConfiguration.Type).toBe('CUSTOMER_MANAGED_KMS_KEY');
});

test('a copy knows its version, its location, and the hash of its bundle', () => {
  const hash = createHash('sha256').update(readFileSync(path.join(HANDLER_BUNDLE, HANDLER_FILE))).digest('hex');
  expect([THIS_COPY.version, THIS_COPY.location, THIS_COPY.bundleHash()]).toEqual([version, ROOT, hash]);
});
