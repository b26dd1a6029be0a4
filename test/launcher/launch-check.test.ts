import { testCheck } from './support';
import { MicrovmIngress } from '../../src';
import { ResolvedTemplate } from '../support/template';

jest.mock('../../src/private/bundle', () => jest.requireActual('../support/no-bundle'));

describe('a launch check', () => {
  test('sends requests to / on port 8080 for one minute, for each new version', () => {
    expect(ResolvedTemplate.stack(testCheck().stack).resource('Custom::MicrovmLaunchCheck').Properties).toMatchObject({
      HealthCheck: { Port: '8080', Path: '/', TimeoutSeconds: '60' }, ImageVersion: expect.stringMatching(/ImageVersion$/),
    });
  });

  test('has attributes with what it measured', () => {
    const { stack, check } = testCheck();
    expect(stack.resolve([check.timeToRunning, check.timeToFirstResponse, check.microvmImageVersion]).map((value: any) => value['Fn::GetAtt'][1]))
      .toEqual(['RunningAfter', 'RespondedAfter', 'ImageVersion']);
  });

  test('fails at synth if the ingress admits no requests', () => {
    expect(() => testCheck({}, { ingress: MicrovmIngress.none() })).toThrow('MicrovmHealthCheckNoIngress');
  });
});
