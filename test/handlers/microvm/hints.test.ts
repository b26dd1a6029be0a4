import { renderHint } from '../../../src/handlers/engine/hints';
import { HEALTH_HINT, hintsForEnd, hintsForRejection } from '../../../src/handlers/microvm/hints';

describe('the hint for a rejected launch', () => {
  test.each([
    ['not authorized to perform: iam:PassRole on resource: x', /^hint: executionRole: the deployment must be allowed to pass it/],
    ['The service was unable to assume the role', /^hint: executionRole: its trust policy must allow lambda\.amazonaws\.com sts:AssumeRole/],
    ['The run hook must be enabled in the MicroVM image to pass the run hook payload', /^hint: payload: only an image with a run hook/],
    ['No active version found for MicroVM image', /^hint: imageVersion: the image has no such version/],
    ['The request exceeds the base maximum allocated memory limit of the account', /^hint: the account has a quota for the memory .*L-CD1C0CC4/],
    ['User is not authorized to perform: kms:GenerateDataKey on resource: x', /^hint: encryptionKey: the deployment must be allowed to use the key/],
    ['Network connector is not active', /^hint: egress: the connector must be active/],
  ])('%s', (message, hint) => {
    expect(hintsForRejection(message).map(renderHint)).toEqual([expect.stringMatching(hint)]);
  });

  test('does not exist for an unknown message', () => {
    expect(hintsForRejection('something else')).toEqual([]);
  });
});

describe('the hint for a MicroVM that terminated early', () => {
  test('names the trust policy of the execution role that the service could not assume', () => {
    expect(hintsForEnd('The service was unable to assume the role provided')).toMatchObject([{ property: 'executionRole' }]);
  });

  test.each(['The application ended', 'Run hook invocation timed out after PT1S'])('does not exist for another reason: %s', reason => {
    expect(hintsForEnd(reason)).toEqual([]);
  });
});

test('the hint for an unhealthy MicroVM names the health check', () => {
  expect(renderHint(HEALTH_HINT)).toMatch(/^hint: healthCheck: .*0\.0\.0\.0.*healthCheck\.timeout$/);
});
