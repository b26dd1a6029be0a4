import type { LambdaMicrovmsClient } from '@aws-sdk/client-lambda-microvms';
import { GetMicrovmImageCommand, ListTagsCommand } from '@aws-sdk/client-lambda-microvms';
import type { Outcome, Probe, Settle } from './probe';
import { outcome } from './probe';
import { allow } from './statements';
import { OWNER_STACK_TAG } from '../../../src/contract/common';
import type { FactId } from '../facts/catalog';

type Tags = Record<string, string> | undefined;

/** Where the tags of an image show. The image of the stack has the owner tags of this library. */
export const imageTags: Probe = {
  name: 'image tags',
  facts: ['tagsInGet', 'tagsWithoutListTags', 'tagsInListTags'],
  async run(context, settle) {
    const { ImageArn: imageIdentifier } = context.outputs;
    const byGet = async (by: LambdaMicrovmsClient) => outcome(async () => (await by.send(new GetMicrovmImageCommand({ imageIdentifier }))).tags);
    const byList = async (by: LambdaMicrovmsClient) => outcome(async () => (await by.send(new ListTagsCommand({ Resource: imageIdentifier }))).Tags);
    const both = await context.serviceUnder(allow(['lambda:GetMicrovmImage', 'lambda:ListTags'], '*'));
    const getOnly = await context.serviceUnder(allow('lambda:GetMicrovmImage', '*'));

    settleTags(settle, 'tagsInGet', await byGet(both));
    settleTags(settle, 'tagsWithoutListTags', await byGet(getOnly));
    settleTags(settle, 'tagsInListTags', await byList(both));
  },
};

function settleTags(settle: Settle, fact: FactId, result: Outcome<Tags>): void {
  if (result.rejected !== undefined) return settle(fact, 'unclear', result.rejected);
  const keys = Object.keys(result.answer ?? {});
  settle(fact, keys.includes(OWNER_STACK_TAG) ? 'yes' : 'no', `keys of the tags: ${keys.join(', ') || 'none'}`);
}
