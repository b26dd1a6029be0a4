import { requestOf, testFunction, testLauncher } from './support';
import { MicrovmImage, MicrovmImageVersion } from '../../src';
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
    launcher.addToFunction(testFunction(testStack(app, 'Backends')));
    expect(() => app.synth()).toThrow(/microvmImageVersion: stack 'Backends' cannot read .*MicrovmImageVersionCrossStack/);
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
