import type { Probe } from './probe';
import { hasSourceConditions, trustOf } from './trust';

/** Facts that the deployment of the stack settles: without these conditions in the roles, the deployment would fail. */
export const deployedStack: Probe = {
  name: 'deployed stack',
  facts: ['buildSource', 'operatorPrincipal', 'operatorMinimum', 'hooksPort'],
  async run(context, settle) {
    const { BuildRoleArn, OperatorRoleArn, ImageVersion, ConnectorArn } = context.outputs;
    const build = await trustOf(context.account, BuildRoleArn);
    settle('buildSource', hasSourceConditions(build) ? 'yes' : 'unclear', `version ${ImageVersion} was built with a role whose trust policy is ${build}`);
    const operator = await trustOf(context.account, OperatorRoleArn);
    settle('operatorPrincipal', 'yes', `${ConnectorArn} became ACTIVE with a role whose trust policy is ${operator}`);
    settle('operatorMinimum', 'yes', `${ConnectorArn} became ACTIVE with a NetworkConnectorOperatorRole for exactly its subnets and security group`);
    settle('hooksPort', 'yes', `version ${ImageVersion} was built with its ready hook on port 8080`);
  },
};
