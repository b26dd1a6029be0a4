import { runSnippet } from './guides';
import { MicrovmEgress, MicrovmIngress, MicrovmLauncher, MicrovmMemory, MicrovmPolicyValidation } from '../../src';
import { requestOf } from '../launcher/support';
import { testImage, testStack } from '../support/stacks';
import { ResolvedTemplate } from '../support/template';

jest.mock('../../src/private/bundle', () => jest.requireActual('../support/no-bundle'));

test('the injectors of the guide set the defaults of an organization, and developers override them', () => {
  const { app } = runSnippet('blueprints.md', 'class ImageDefaults', ['app']);
  const stack = testStack(app);
  const image = testImage({ tags: { app: 'one' } }, stack, 'Plain');
  testImage({ memory: MicrovmMemory.GIB_8 }, stack, 'Own');
  const launcher = new MicrovmLauncher(stack, 'Launcher', { image, ingress: MicrovmIngress.http(), egress: MicrovmEgress.internet() });

  const template = ResolvedTemplate.stack(stack);
  expect(template.resource('Custom::MicrovmImage', 'Plain')).toMatchObject({ DeletionPolicy: 'Retain', Properties: { MemoryMiB: '1024' } });
  const tags = template.resource('Custom::MicrovmImage', 'Plain').Properties.Tags;
  expect(tags).toEqual(expect.arrayContaining([
    { Key: 'app', Value: 'one' }, { Key: 'cost-center', Value: 'platform' }, { Key: 'team', Value: 'sandboxes' },
  ]));
  expect(template.resource('Custom::MicrovmImage', 'Own').Properties.MemoryMiB).toBe('8192');
  for (const owner of ['PlainLogGroup', 'LauncherLogGroup']) {
    expect(template.resource('AWS::Logs::LogGroup', owner)).toMatchObject({ DeletionPolicy: 'Retain', Properties: { RetentionInDays: 365 } });
  }
  const request = requestOf(launcher);
  expect(request.maximumDurationInSeconds).toBe(14400);
  expect(request.egressNetworkConnectors[0]).not.toContain('INTERNET_EGRESS');
});

test('the options of the guide reach the functions', () => {
  const { stack } = runSnippet('blueprints.md', 'MicrovmProvider.configure(stack', ['stack']);
  testImage({}, stack);
  expect(ResolvedTemplate.stack(stack).resource('AWS::Lambda::Function', 'CdkLambdaMicrovmsHandler').Properties).toMatchObject({
    ReservedConcurrentExecutions: 20, TracingConfig: { Mode: 'Active' }, VpcConfig: { SubnetIds: expect.any(Array) },
  });
});

test('the guide lists all rules, and the options of the guide are valid', () => {
  const { app } = runSnippet('blueprints.md', 'new MicrovmPolicyValidation', ['app']);
  testStack(app);
  expect(() => app.synth()).not.toThrow();
  expect(new MicrovmPolicyValidation().ruleIds).toHaveLength(9);
});
