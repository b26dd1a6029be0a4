import type { Hint, HintRule } from '../engine/hints';
import { firstHint } from '../engine/hints';

const CANNOT_ASSUME: HintRule = {
  when: /unable to assume/i,
  property: 'executionRole',
  text: 'its trust policy must allow lambda.amazonaws.com sts:AssumeRole for this image; see sourceArnCondition of MicrovmExecutionRole',
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

/** For a MicroVM that runs, but does not answer as it should. */
export const HEALTH_HINT: Hint = {
  property: 'healthCheck',
  text: 'the server must listen on 0.0.0.0 and the port of the health check; to wait longer, increase healthCheck.timeout',
};
