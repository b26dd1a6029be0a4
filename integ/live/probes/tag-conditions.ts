import type { LambdaMicrovmsClient } from '@aws-sdk/client-lambda-microvms';
import { CreateMicrovmImageCommand, GetMicrovmImageCommand } from '@aws-sdk/client-lambda-microvms';
import type { Lab } from './lab';
import type { Outcome, Probe, Say } from './probe';
import { isDenied, outcome } from './probe';
import { allow } from './statements';
import { OWNER_STACK_TAG } from '../../../src/contract/common';
import type { FactId } from '../facts/catalog';

const TAG = 'live-probe';

/** The conditions on tags, by which one resource's role cannot touch what belongs to another. */
export const tagConditions: Probe = {
  name: 'tag conditions',
  facts: ['requestTagImage', 'requestTagConnector', 'resourceTagImage', 'resourceTagConnector'],
  async ask(lab, say) {
    await resourceTags(lab, say, 'resourceTagImage', 'lambda:GetMicrovmImage', async by =>
      by.send(new GetMicrovmImageCommand({ imageIdentifier: lab.outputs.ImageArn })));
    await resourceTags(lab, say, 'resourceTagConnector', 'lambda:GetNetworkConnector', async by => lab.connectors.get(lab.outputs.ConnectorArn, by));

    // The stack's image was created by a role with such a condition, which was met; here it is not, and nothing is created.
    const creation = async (action: string) => lab.serviceUnder(
      allow([action, 'lambda:TagResource'], '*', { StringEquals: { [`aws:RequestTag/${TAG}`]: 'right' } }), allow('iam:PassRole', '*'),
    );
    const creator = await creation('lambda:CreateMicrovmImage');
    const image = await outcome(() => creator.send(new CreateMicrovmImageCommand(wrongImage(lab))));
    if (image.refused === undefined) lab.images.add(image.answer.imageArn!);
    judge(say, 'requestTagImage', { answer: 'created by the role of its custom resource' }, image);
    const byTag = await creation('lambda:CreateNetworkConnector');
    const right = await outcome(() => lab.connectors.create(lab.outputs.OperatorRoleArn, { [TAG]: 'right' }, byTag));
    const wrong = await outcome(() => lab.connectors.create(lab.outputs.OperatorRoleArn, { [TAG]: 'wrong' }, byTag));
    judge(say, 'requestTagConnector', right, wrong);
  },
};

/** The stack's resources carry the owner tag with the stack's id. */
async function resourceTags(lab: Lab, say: Say, fact: FactId, action: string, call: (by: LambdaMicrovmsClient) => Promise<unknown>): Promise<void> {
  const under = async (value: string) => lab.serviceUnder(allow(action, '*', { StringLike: { [`aws:ResourceTag/${OWNER_STACK_TAG}`]: value } }));
  const right = await under('arn:*');
  const wrong = await under('another');
  judge(say, fact, await outcome(() => call(right)), await outcome(() => call(wrong)));
}

function judge(say: Say, fact: FactId, right: Outcome<unknown>, wrong: Outcome<unknown>): void {
  const evidence = `with the tag: ${right.refused ?? 'allowed'}; with another value: ${wrong.refused ?? 'allowed'}`;
  if (right.refused === undefined && isDenied(wrong)) say(fact, 'yes', evidence);
  else say(fact, isDenied(right) || wrong.refused === undefined ? 'no' : 'unclear', evidence);
}

/** Would fail for its code too, if it were allowed. */
function wrongImage({ account: { partition, region }, outputs }: Lab) {
  return {
    name: 'live-probe-never',
    baseImageArn: `arn:${partition}:lambda:${region}:aws:microvm-image:al2023-1`,
    buildRoleArn: outputs.BuildRoleArn,
    codeArtifact: { uri: 's3://live-probe-never/never.zip' },
    tags: { [TAG]: 'wrong' },
  };
}
