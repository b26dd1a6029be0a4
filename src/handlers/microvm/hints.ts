/** What the service says of a launch that it refuses, and the property that it is about. Sentences: service facts 1.2. */
const REFUSALS: [words: RegExp, hint: string][] = [
  [/iam:PassRole/, 'executionRole: the deployment must be allowed to pass it, without iam:PassedToService'],
  [/unable to assume/i, 'executionRole: its trust policy must allow lambda.amazonaws.com sts:AssumeRole for this image; see sourceArnCondition of MicrovmExecutionRole'],
  [/run hook/i, 'payload: only an image with a run hook takes one; see MicrovmHooks'],
  [/No active version/i, 'imageVersion: the image has no such version, or it is inactive'],
  [/memory limit/i, 'the memory of all MicroVMs of the account has a quota; end some, or raise it (L-CD1C0CC4)'],
  [/network connector/i, 'egress: the connector must be active, for MicroVMs, and in the same account and Region'],
];

/** What to look at first, in front of which goes the refusal. */
export function hintForRefusal(words: string): string {
  const hint = REFUSALS.find(([sentence]) => sentence.test(words))?.[1];
  return hint === undefined ? '' : `\nhint: ${hint}`;
}

/** The same for why a MicroVM ended. */
export function hintForEnd(why: string): string {
  return /unable to assume/i.test(why) ? hintForRefusal(why) : '';
}

/** For one that runs and does not answer as it should. */
export const HINT_FOR_HEALTH = 'hint: healthCheck: the server must listen on 0.0.0.0 and the port of the health check; give it more time by healthCheck.timeout';
