import { renderHint } from '../../../src/handlers/engine/hints';
import { hintsForEnd, hintsForHealth, hintsForRejection } from '../../../src/handlers/microvm/hints';

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

describe('the hint for an unhealthy MicroVM looks at the answer', () => {
  test.each([
    ['was answered with 301', /^hint: healthCheck\.path: .*no redirects; use the final path$/],
    ['was answered with 401', /^hint: healthCheck\.path: .*sends no credentials/],
    ['was answered with 403', /^hint: healthCheck\.path: .*sends no credentials/],
    ['was answered with 404', /^hint: healthCheck\.path: the server answers, but not on this path/],
    ['was answered with 405', /^hint: healthCheck\.path: .*rejects a GET request/],
    ['was answered with 500', /^hint: healthCheck: the application failed or is not ready; its log says why$/],
    ['was answered with 503', /^hint: healthCheck: the application failed or is not ready; its log says why$/],
    ['was answered with 502', /^hint: healthCheck\.port: the server must listen on 0\.0\.0\.0/],
    ['was not answered: ECONNREFUSED: Error: connect', /^hint: healthCheck\.port: the server must listen on 0\.0\.0\.0/],
    ['was not answered: TypeError: fetch failed', /^hint: healthCheck\.port: the server must listen on 0\.0\.0\.0/],
    ['was not answered within 4 seconds', /^hint: healthCheck\.responseTimeout: increase it/],
    ['was not answered: CERT_HAS_EXPIRED: Error: certificate has expired', /^hint: healthCheck: the TLS connection/],
    ['was not answered: ERR_SSL_WRONG_VERSION_NUMBER: Error: wrong version', /^hint: healthCheck: the TLS connection/],
  ])('GET /health on port 8080 %s', (answer, hint) => {
    expect(hintsForHealth(`MicroVM microvm-1 runs, but GET /404 on port 5000 ${answer}`).map(renderHint)).toEqual([expect.stringMatching(hint)]);
  });
});
