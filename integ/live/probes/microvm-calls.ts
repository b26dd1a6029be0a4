import { IAMClient, ListRoleTagsCommand } from '@aws-sdk/client-iam';
import type { Probe, Say } from './probe';
import { AUDIENCE } from './stack-outputs';
import { asksForSource, trustOf } from './trust';

/** What the application of the probes' image is asked to do. */
export interface CallsRequest {
  readonly region: string;
  readonly endpoint?: string;
  readonly targetRoleArn: string;
  readonly audience: string;
}

type Told = { readonly claims: object; readonly refused?: undefined } | { readonly refused: string };

export interface CallsOfMicrovm {
  readonly assumesRole: Told;
  readonly tokenWithDuration: Told;
  readonly tokenWithoutDuration: Told;
}

/** Calls that a MicroVM makes with its execution role, which denies everything to functions and limits web-identity tokens. */
export const microvmCalls: Probe = {
  name: 'calls of a MicroVM',
  facts: ['executionSource', 'functionKey', 'webIdentityDuration', 'sessionTagsInToken'],
  async ask(lab, say) {
    const { region, endpoint, client } = lab.account;
    const microvm = await lab.launchAndWait();
    const trust = await trustOf(lab.account, microvm.executionRoleArn!);
    say('executionSource', asksForSource(trust) ? 'yes' : 'unclear', `a MicroVM of ${lab.outputs.ImageArn} runs as a role that trusts: ${trust}`);
    const request: CallsRequest = { region, endpoint, targetRoleArn: lab.outputs.TargetRoleArn, audience: AUDIENCE };
    const { assumesRole, tokenWithDuration, tokenWithoutDuration } = await lab.ask<CallsOfMicrovm>(microvm, '/calls', request);
    await lab.terminate(microvm.microvmId!);
    if (assumesRole.refused === undefined) say('functionKey', 'yes', 'sts:AssumeRole is allowed to a role that denies everything to calls with the key');
    else say('functionKey', /explicit deny/.test(assumesRole.refused) ? 'no' : 'unclear', assumesRole.refused);
    judgeDuration(tokenWithDuration, tokenWithoutDuration, say);
    if (tokenWithDuration.refused !== undefined) return say('sessionTagsInToken', 'not settled', tokenWithDuration.refused);
    const { Tags: tags = [] } = await new IAMClient(client).send(new ListRoleTagsCommand({ RoleName: lab.outputs.ExecutionRoleArn.split('/').pop() }));
    judgeTags(tokenWithDuration.claims, tags.map(({ Key }) => Key!), say);
  },
};

function judgeDuration(withDuration: Told, without: Told, say: Say): void {
  if (withDuration.refused !== undefined) say('webIdentityDuration', 'not settled', `also with it: ${withDuration.refused}`);
  else if (without.refused !== undefined) say('webIdentityDuration', 'no', without.refused);
  else say('webIdentityDuration', 'yes', 'a token was given');
}

/** Tags of role and session are one claim. */
function judgeTags(claims: object, ofRole: string[], say: Say): void {
  const provider = (claims as Record<string, { principal_tags?: Record<string, string> }>)['https://sts.amazonaws.com/'];
  const inToken = provider?.principal_tags;
  if (inToken === undefined) return say('sessionTagsInToken', 'unclear', `the token has no principal_tags; its claims: ${Object.keys(claims).join(', ')}`);
  const ofSession = Object.keys(inToken).filter(key => !ofRole.includes(key));
  say('sessionTagsInToken', ofSession.length > 0 ? 'yes' : 'no', `in the token ${Object.keys(inToken).join(', ')}; of the role ${ofRole.join(', ')}`);
}
