import { settleNeed } from './need';
import type { Probe } from './probe';
import { outcome } from './probe';
import { allow } from './statements';

const DESCRIBE = { describeSubnets: 'ec2:DescribeSubnets', describeSecurityGroups: 'ec2:DescribeSecurityGroups' } as const;

/** What the caller of CreateNetworkConnector and UpdateNetworkConnector needs besides Lambda's own actions. */
export const connectorCallers: Probe = {
  name: 'callers of connector operations',
  facts: ['describeSubnets', 'describeSecurityGroups', 'describeOnUpdate'],
  async run(context, settle) {
    const { connectors, outputs: { OperatorRoleArn, SubnetIds } } = context;
    const callerWith = async (...describe: string[]) => context.serviceUnder(
      allow(['lambda:CreateNetworkConnector', 'lambda:UpdateNetworkConnector', 'lambda:GetNetworkConnector', 'lambda:TagResource', ...describe], '*'),
      allow('iam:PassRole', OperatorRoleArn),
    );
    const create = async (...describe: string[]) => {
      const by = await callerWith(...describe);
      return outcome(() => connectors.create(OperatorRoleArn, {}, by));
    };
    const complete = await create(...Object.values(DESCRIBE));
    for (const fact of ['describeSubnets', 'describeSecurityGroups'] as const) {
      settleNeed(settle, fact, complete, await create(...Object.values(DESCRIBE).filter(action => action !== DESCRIBE[fact])));
    }
    if (complete.rejected !== undefined) return;

    const arn = complete.answer;
    await connectors.untilSettled(arn);
    const update = async (count: number, ...describe: string[]) => {
      const by = await callerWith(...describe);
      return outcome(() => connectors.update(arn, OperatorRoleArn, { SubnetIds: SubnetIds.split(',').slice(0, count) }, by));
    };
    const updated = await update(1, ...Object.values(DESCRIBE));
    await connectors.untilSettled(arn);
    settleNeed(settle, 'describeOnUpdate', updated, await update(2));
  },
};
