import type { LambdaMicrovmsClient } from '@aws-sdk/client-lambda-microvms';
import { CreateMicrovmImageCommand, GetMicrovmImageCommand } from '@aws-sdk/client-lambda-microvms';
import type { Outcome, Probe, Settle } from './probe';
import { isDenied, outcome } from './probe';
import type { ProbeContext } from './probe-context';
import { allow, deny } from './statements';
import { OWNER_STACK_TAG } from '../../../src/contract/common';
import type { FactId } from '../facts/catalog';

const TAG = 'live-probe';
/** What the service may do with the permissions of whoever creates a connector. */
const DESCRIBE = ['ec2:DescribeSubnets', 'ec2:DescribeSecurityGroups'];

/** The conditions that keep the role of one resource from others, and a new connector in its subnets. */
export const tagConditions: Probe = {
  name: 'tag conditions',
  facts: ['requestTagImage', 'requestTagConnector', 'placementKeys', 'tagsOfNewConnector', 'resourceTagImage', 'resourceTagConnector'],
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

    const { OperatorRoleArn: operatorRole } = context.outputs;
    const inSubnets = await outcome(async () => context.connectors.create(operatorRole, {}, await placedIn(context, context.outputs.SubnetIds.split(','))));
    const elsewhere = await outcome(async () => context.connectors.create(operatorRole, {}, await placedIn(context, ['subnet-other'])));
    evaluate(settle, 'placementKeys', inSubnets, elsewhere);
    const tagged = await outcome(async () => context.connectors.create(operatorRole, { [TAG]: 'right' }, await context.serviceUnder(
      allow(['lambda:CreateNetworkConnector', 'lambda:TagResource', ...DESCRIBE], '*'), allow('iam:PassRole', '*'),
      deny('lambda:TagResource', lambdaArn(context, 'network-connector:nc-*')),
    )));
    settle('tagsOfNewConnector', tagged.rejected === undefined ? 'yes' : isDenied(tagged) ? 'no' : 'unclear', tagged.rejected ?? 'created');
  },
};

/** Returns a caller that may create connectors in these subnets with the security group of the stack. */
async function placedIn(context: ProbeContext, subnets: string[]): Promise<LambdaMicrovmsClient> {
  return context.serviceUnder(
    allow('lambda:CreateNetworkConnector', lambdaArn(context, 'network-connector:*'), {
      'ForAllValues:StringEquals': { 'lambda:SubnetIds': subnets, 'lambda:SecurityGroupIds': [context.outputs.SecurityGroupId] },
      'Null': { 'lambda:SubnetIds': 'false', 'lambda:SecurityGroupIds': 'false' },
    }),
    allow(DESCRIBE, '*'), allow('iam:PassRole', '*'),
  );
}

function lambdaArn({ account: { partition, region, id } }: ProbeContext, rest: string): string {
  return `arn:${partition}:lambda:${region}:${id}:${rest}`;
}

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
