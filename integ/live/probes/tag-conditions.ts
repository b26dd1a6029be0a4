import type { LambdaMicrovmsClient } from '@aws-sdk/client-lambda-microvms';
import { CreateMicrovmImageCommand, GetMicrovmImageCommand } from '@aws-sdk/client-lambda-microvms';
import type { Outcome, Probe, Settle } from './probe';
import { isDenied, outcome } from './probe';
import type { ProbeContext } from './probe-context';
import { allow } from './statements';
import { OWNER_STACK_TAG } from '../../../src/contract/common';
import type { FactId } from '../facts/catalog';

const TAG = 'live-probe';

/** Tag conditions, which keep the role of one resource from changing another resource. */
export const tagConditions: Probe = {
  name: 'tag conditions',
  facts: ['requestTagImage', 'requestTagConnector', 'resourceTagImage', 'resourceTagConnector'],
  async run(context, settle) {
    await resourceTags(context, settle, 'resourceTagImage', 'lambda:GetMicrovmImage', async by =>
      by.send(new GetMicrovmImageCommand({ imageIdentifier: context.outputs.ImageArn })));
    await resourceTags(context, settle, 'resourceTagConnector', 'lambda:GetNetworkConnector', async by => context.connectors.get(context.outputs.ConnectorArn, by));

    // The role that created the image of the stack met such a condition. This request does not, so nothing is created.
    const creation = async (action: string) => context.serviceUnder(
      allow([action, 'lambda:TagResource'], '*', { StringEquals: { [`aws:RequestTag/${TAG}`]: 'right' } }), allow('iam:PassRole', '*'),
    );
    const creator = await creation('lambda:CreateMicrovmImage');
    const image = await outcome(() => creator.send(new CreateMicrovmImageCommand(wrongImage(context))));
    if (image.rejected === undefined) context.images.add(image.answer.imageArn!);
    evaluate(settle, 'requestTagImage', { answer: 'created by the role of its custom resource' }, image);
    const byTag = await creation('lambda:CreateNetworkConnector');
    const right = await outcome(() => context.connectors.create(context.outputs.OperatorRoleArn, { [TAG]: 'right' }, byTag));
    const wrong = await outcome(() => context.connectors.create(context.outputs.OperatorRoleArn, { [TAG]: 'wrong' }, byTag));
    evaluate(settle, 'requestTagConnector', right, wrong);
  },
};

/** The resources of the stack carry the owner tag with the ID of the stack. */
async function resourceTags(
  context: ProbeContext, settle: Settle, fact: FactId, action: string, call: (by: LambdaMicrovmsClient) => Promise<unknown>,
): Promise<void> {
  const under = async (value: string) => context.serviceUnder(allow(action, '*', { StringLike: { [`aws:ResourceTag/${OWNER_STACK_TAG}`]: value } }));
  const right = await under('arn:*');
  const wrong = await under('another');
  evaluate(settle, fact, await outcome(() => call(right)), await outcome(() => call(wrong)));
}

function evaluate(settle: Settle, fact: FactId, right: Outcome<unknown>, wrong: Outcome<unknown>): void {
  const evidence = `with the right value: ${right.rejected ?? 'allowed'}; with another value: ${wrong.rejected ?? 'allowed'}`;
  if (right.rejected === undefined && isDenied(wrong)) settle(fact, 'yes', evidence);
  else settle(fact, isDenied(right) || wrong.rejected === undefined ? 'no' : 'unclear', evidence);
}

/** A request that would also fail because of its code, if it were allowed. */
function wrongImage({ account: { partition, region }, outputs }: ProbeContext) {
  return {
    name: 'live-probe-never',
    baseImageArn: `arn:${partition}:lambda:${region}:aws:microvm-image:al2023-1`,
    buildRoleArn: outputs.BuildRoleArn,
    codeArtifact: { uri: 's3://live-probe-never/never.zip' },
    tags: { [TAG]: 'wrong' },
  };
}
