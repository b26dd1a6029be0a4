import type { Probe } from './probe';
import { asksForSource, trustOf } from './trust';

/** What is settled by the deployment of the stack itself: the library's roles have these conditions, and it would have failed. */
export const deployedStack: Probe = {
  name: 'deployed stack',
  facts: ['buildSource', 'operatorPrincipal', 'operatorMinimum', 'hooksPort'],
  async ask(lab, say) {
    const { BuildRoleArn, OperatorRoleArn, ImageVersion, ConnectorArn } = lab.outputs;
    const build = await trustOf(lab.account, BuildRoleArn);
    say('buildSource', asksForSource(build) ? 'yes' : 'unclear', `version ${ImageVersion} was built by a role that trusts: ${build}`);
    const operator = await trustOf(lab.account, OperatorRoleArn);
    say('operatorPrincipal', 'yes', `${ConnectorArn} became ACTIVE by a role that trusts: ${operator}`);
    say('operatorMinimum', 'yes', `${ConnectorArn} became ACTIVE by a NetworkConnectorOperatorRole of exactly its subnets and security group`);
    say('hooksPort', 'yes', `version ${ImageVersion} was built with its ready hook on port 8080`);
  },
};
