import type { Hint, HintRule } from '../engine/hints';
import { firstHint } from '../engine/hints';

const CANNOT_ASSUME: HintRule = {
  when: /unable to assume/i,
  property: 'executionRole',
  text: 'its trust policy must allow lambda.amazonaws.com sts:AssumeRole for this image; see sourceArnCondition of MicrovmExecutionRole',
};

/** What to do if the record of a launch has no room for the request. */
export const RECORD_HINT: Hint = {
  property: 'payload',
  text: 'put the data into S3 or a parameter, and pass its name; values of addRequestOverride count too',
};

/** What to check first after a rejected launch (messages: service-facts.md, 1.2). */
const REJECTIONS: HintRule[] = [
  { when: /iam:PassRole/, property: 'executionRole', text: 'the deployment must be allowed to pass it, without iam:PassedToService' },
  CANNOT_ASSUME,
  { when: /run hook/i, property: 'payload', text: 'only an image with a run hook accepts one; see MicrovmHooks' },
  { when: /No active version/i, property: 'imageVersion', text: 'the image has no such version, or the version is inactive' },
  {
    when: /memory limit/i,
    text: 'the account has a quota for the memory of all its MicroVMs; terminate some, or raise the quota (L-CD1C0CC4)',
  },
  {
    when: /\bkms\b|encryption key/i,
    property: 'encryptionKey',
    text: 'the deployment must be allowed to use the key through Lambda; check the key policy, and that the key is enabled',
  },
  { when: /network connector/i, property: 'egress', text: 'the connector must be active, for MicroVMs, and in the same account and Region' },
];

export function hintsForRejection(message: string): Hint[] {
  return firstHint(message, REJECTIONS);
}

/** What to check first if a MicroVM terminated early. */
export function hintsForEnd(reason: string): Hint[] {
  return firstHint(reason, [CANNOT_ASSUME]);
}

/** The answer of the endpoint if nothing answers in the MicroVM. Applications may send it too. */
const NOT_REACHED = 'the server must listen on 0.0.0.0 and the port of the health check; if it starts slowly, increase healthCheck.timeout';

/** What to check first if a MicroVM runs, but does not answer as it should. The first one that matches counts. */
const UNHEALTHY: HintRule[] = [
  { when: /answered with 3\d\d/, property: 'healthCheck.path', text: 'the health check follows no redirects; use the final path' },
  {
    when: /answered with 40[13]/,
    property: 'healthCheck.path',
    text: 'the health check sends no credentials of your application; use a path that needs none',
  },
  { when: /answered with 404/, property: 'healthCheck.path', text: 'the server answers, but not on this path; use a path that it serves' },
  { when: /answered with 4\d\d/, property: 'healthCheck.path', text: 'the server answers, but rejects a GET request to this path' },
  { when: /answered with 502/, property: 'healthCheck.port', text: NOT_REACHED },
  { when: /answered with 5\d\d/, property: 'healthCheck', text: 'the application failed or is not ready; its log says why' },
  {
    when: /not answered within/,
    property: 'healthCheck.responseTimeout',
    text: 'increase it if the application needs longer for one response; if nothing answers at all, the server must listen on 0.0.0.0 and the port',
  },
  {
    when: /not answered: .*(?:TLS|SSL|certificate)|not answered: CERT_/i,
    property: 'healthCheck',
    text: 'the TLS connection to the endpoint failed, before a request reached the MicroVM; try again',
  },
  { when: /not answered/, property: 'healthCheck.port', text: NOT_REACHED },
];

/** What to check first if a MicroVM runs, but does not answer as it should. */
export function hintsForHealth(answer: string): Hint[] {
  return firstHint(answer, UNHEALTHY);
}
