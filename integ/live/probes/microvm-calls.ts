import { IAMClient, ListRoleTagsCommand } from '@aws-sdk/client-iam';
import type { Probe, Settle } from './probe';
import { AUDIENCE } from './stack-outputs';
import { hasSourceConditions, trustOf } from './trust';

/** The request to the application of the probe image. */
export interface CallsRequest {
  readonly region: string;
  readonly endpoint?: string;
  readonly targetRoleArn: string;
  readonly audience: string;
}

type CallResult = { readonly claims: object; readonly rejected?: undefined } | { readonly rejected: string };

export interface MicrovmCalls {
  readonly assumesRole: CallResult;
  readonly tokenWithDuration: CallResult;
  readonly tokenWithoutDuration: CallResult;
}

/**
 * Calls that a MicroVM makes with its execution role. The role denies everything to functions and limits web identity
 * tokens.
 */
export const microvmCalls: Probe = {
  name: 'calls of a MicroVM',
  facts: ['executionSource', 'functionKey', 'webIdentityDuration', 'sessionTagsInToken'],
  async run(context, settle) {
    const { region, endpoint, client } = context.account;
    const microvm = await context.launchAndWait();
    const trust = await trustOf(context.account, microvm.executionRoleArn!);
    settle('executionSource', hasSourceConditions(trust) ? 'yes' : 'unclear', `a MicroVM of ${context.outputs.ImageArn} runs with a role whose trust policy is ${trust}`);
    const request: CallsRequest = { region, endpoint, targetRoleArn: context.outputs.TargetRoleArn, audience: AUDIENCE };
    const { assumesRole, tokenWithDuration, tokenWithoutDuration } = await context.request<MicrovmCalls>(microvm, '/calls', request);
    await context.terminate(microvm.microvmId!);
    if (assumesRole.rejected === undefined) settle('functionKey', 'yes', 'sts:AssumeRole is allowed, although the role denies all calls that carry the key');
    else settle('functionKey', /explicit deny/.test(assumesRole.rejected) ? 'no' : 'unclear', assumesRole.rejected);
    evaluateDuration(tokenWithDuration, tokenWithoutDuration, settle);
    if (tokenWithDuration.rejected !== undefined) return settle('sessionTagsInToken', 'not settled', tokenWithDuration.rejected);
    const { Tags: tags = [] } = await new IAMClient(client).send(new ListRoleTagsCommand({ RoleName: context.outputs.ExecutionRoleArn.split('/').pop() }));
    evaluateTags(tokenWithDuration.claims, tags.map(({ Key }) => Key!), settle);
  },
};

function evaluateDuration(withDuration: CallResult, without: CallResult, settle: Settle): void {
  if (withDuration.rejected !== undefined) settle('webIdentityDuration', 'not settled', `it also fails with DurationSeconds: ${withDuration.rejected}`);
  else if (without.rejected !== undefined) settle('webIdentityDuration', 'no', without.rejected);
  else settle('webIdentityDuration', 'yes', 'the service issued a token');
}

/** The token has one claim for the tags of the role and of the session. */
function evaluateTags(claims: object, ofRole: string[], settle: Settle): void {
  const provider = (claims as Record<string, { principal_tags?: Record<string, string> }>)['https://sts.amazonaws.com/'];
  const inToken = provider?.principal_tags;
  if (inToken === undefined) return settle('sessionTagsInToken', 'unclear', `the token has no principal_tags; its claims: ${Object.keys(claims).join(', ')}`);
  const ofSession = Object.keys(inToken).filter(key => !ofRole.includes(key));
  settle('sessionTagsInToken', ofSession.length > 0 ? 'yes' : 'no', `tags in the token: ${Object.keys(inToken).join(', ')}; tags of the role: ${ofRole.join(', ')}`);
}
