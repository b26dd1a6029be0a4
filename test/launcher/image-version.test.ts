import type { Stack } from 'aws-cdk-lib';
import { NestedStack } from 'aws-cdk-lib';
import { requestOf, testFunction, testLauncher } from './support';
import { Microvm, MicrovmImage, MicrovmImageVersion } from '../../src';
import { testApp, testStack } from '../support/stacks';

jest.mock('../../src/private/bundle', () => jest.requireActual('../support/no-bundle'));

describe('the version of the image', () => {
  test('is in the launch request if it is fixed or that of the deployment', () => {
    expect(requestOf(testLauncher({ imageVersion: MicrovmImageVersion.latestActive() }).launcher)).not.toHaveProperty('imageVersion');
    expect(requestOf(testLauncher({ imageVersion: MicrovmImageVersion.of('3.0') }).launcher).imageVersion).toBe('3.0');
    expect(requestOf(testLauncher({ imageVersion: MicrovmImageVersion.ofThisDeployment() }).launcher).imageVersion).toMatch(/ImageVersion$/);
  });

  test('fails in another stack if it is that of the deployment', () => {
    const app = testApp();
    const { launcher } = testLauncher({ imageVersion: MicrovmImageVersion.ofThisDeployment() }, testStack(app, 'Images'));
    const backends = testStack(app, 'Backends');
    const message = /^imageVersion: stack 'Backends' cannot use ofThisDeployment\(\) of image Images\/Image, .*\[MicrovmImageVersionCrossStack at [\w/]+\]\n/;
    expect(() => launcher.addToFunction(testFunction(backends))).toThrow(message);
    expect(() => new Microvm(backends, 'Microvm', { launcher })).toThrow(message);
    const { image } = launcher;
    expect(() => testLauncher({ image, imageVersion: MicrovmImageVersion.ofThisDeployment() }, backends)).toThrow(message);
  });

  test('can be that of the deployment in a nested stack', () => {
    const { launcher, stack } = testLauncher({ imageVersion: MicrovmImageVersion.ofThisDeployment() });
    expect(() => launcher.addToFunction(testFunction(new NestedStack(stack, 'Backends') as Stack))).not.toThrow();
  });

  test('fails once, with the code at the end of the first line, if only the end of synth shows it', () => {
    const app = testApp();
    const { launcher } = testLauncher({ imageVersion: MicrovmImageVersion.ofThisDeployment() }, testStack(app, 'Images'));
    testFunction(testStack(app, 'Backends')).addEnvironment('REQUEST', launcher.launchRequest);
    expect(() => app.synth()).toThrow(/^microvmImageVersion: stack 'Backends' cannot read .*\[MicrovmImageVersionCrossStack at Images\/Image\]\nhttps.*microvmimageversioncrossstack$/);
  });

  test('fails for an imported image if it is that of the deployment', () => {
    const image = MicrovmImage.fromMicrovmImageName(testStack(), 'Import', 'sandbox');
    expect(() => testLauncher({ image, imageVersion: MicrovmImageVersion.ofThisDeployment() }))
      .toThrow(/imageVersion: ofThisDeployment\(\) needs a MicrovmImage of the same stack.*MicrovmLauncherImageVersionInvalid/);
  });

  test('fails for a text that is not a version', () => {
    for (const version of ['', 'latest', '1.0.0', '$LATEST']) {
      expect(() => MicrovmImageVersion.of(version)).toThrow('MicrovmLauncherImageVersionInvalid');
    }
  });
});
