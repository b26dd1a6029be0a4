import { Duration, Stack } from 'aws-cdk-lib';
import { testLauncher } from './support';
import type { WebIdentityOptions } from '../../src';
import { WebIdentitySigningAlgorithm } from '../../src';
import { expectAnswers } from '../support/iam';
import { ResolvedTemplate } from '../support/template';

jest.mock('../../src/private/bundle', () => jest.requireActual('../support/no-bundle'));

const PARTNER = 'https://api.partner.example';
const EVIL = 'https://evil.example';
const REQUEST = { 'sts:IdentityTokenAudience': [PARTNER], 'sts:DurationSeconds': '300', 'sts:SigningAlgorithm': 'ES384' };

function policiesWith(...grants: WebIdentityOptions[]) {
  const { stack, launcher } = testLauncher();
  grants.forEach(options => launcher.grantWebIdentity(options));
  return ResolvedTemplate.stack(stack).policiesOf('LauncherExecutionRole');
}

const asking = (context: Record<string, string | string[]>) => [{ action: 'sts:GetWebIdentityToken', resource: '*', context }];

describe('web identity', () => {
  test('is granted for the audience, five minutes and ES384', async () => {
    const policies = policiesWith({ audiences: [PARTNER] });
    await expectAnswers(policies, true, asking(REQUEST));
    await expectAnswers(policies, true, asking({ ...REQUEST, 'sts:DurationSeconds': '60' }));
    for (const wrong of [
      { ...REQUEST, 'sts:IdentityTokenAudience': [EVIL] },
      { ...REQUEST, 'sts:IdentityTokenAudience': [PARTNER, EVIL] },
      { ...REQUEST, 'sts:DurationSeconds': '301' },
      { ...REQUEST, 'sts:SigningAlgorithm': 'RS256' },
      { 'sts:DurationSeconds': '300', 'sts:SigningAlgorithm': 'ES384' },
    ]) await expectAnswers(policies, false, asking(wrong));
    await expectAnswers(policies, false, [{ action: 'sts:TagGetWebIdentityToken', resource: '*', context: REQUEST }]);
  });

  test('is granted as asked for', async () => {
    const policies = policiesWith({
      audiences: [PARTNER, 'second'], maximumLifetime: Duration.hours(1), signingAlgorithm: WebIdentitySigningAlgorithm.RS256,
    });
    await expectAnswers(policies, true, asking({ 'sts:IdentityTokenAudience': ['second', PARTNER], 'sts:DurationSeconds': '3600', 'sts:SigningAlgorithm': 'RS256' }));
    await expectAnswers(policies, false, asking(REQUEST));
  });

  test('of one grant does not widen another', async () => {
    const policies = policiesWith({ audiences: [PARTNER] }, { audiences: ['second'], maximumLifetime: Duration.hours(1) });
    await expectAnswers(policies, true, asking({ ...REQUEST, 'sts:IdentityTokenAudience': ['second'], 'sts:DurationSeconds': '3600' }));
    await expectAnswers(policies, false, asking({ ...REQUEST, 'sts:DurationSeconds': '3600' }));
    await expectAnswers(policies, false, asking({ ...REQUEST, 'sts:IdentityTokenAudience': [PARTNER, 'second'] }));
  });

  test.each<[string, WebIdentityOptions]>([
    ['no audience', { audiences: [] }],
    ['an empty audience', { audiences: [''] }],
    ['any audience', { audiences: ['*'] }],
    ['a pattern of audiences', { audiences: [PARTNER, 'https://*.partner.example'] }],
    ['eleven audiences', { audiences: Array.from({ length: 11 }, (_, index) => `audience${index}`) }],
    ['too long a lifetime', { audiences: [PARTNER], maximumLifetime: Duration.minutes(61) }],
    ['too short a lifetime', { audiences: [PARTNER], maximumLifetime: Duration.seconds(59) }],
  ])('fails for %s', (_, options) => {
    expect(() => policiesWith(options)).toThrow('MicrovmWebIdentityInvalid');
  });

  test('tells a relying party what to pin', () => {
    const { stack, launcher } = testLauncher({ webIdentityIssuer: 'https://issuer.example' });
    const claims = launcher.webIdentityClaims;
    launcher.grantWebIdentity({ audiences: [PARTNER] });
    launcher.grantWebIdentity({ audiences: [PARTNER, 'second'] });
    expect(claims.issuer).toBe('https://issuer.example');
    expect(stack.resolve(claims.audiences)).toEqual([PARTNER, 'second']);
    expect(Stack.of(launcher).resolve(claims.subject)).toEqual(stack.resolve(launcher.executionRole.roleArn));
  });
});
