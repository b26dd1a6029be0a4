import type { CallsRequest, MicrovmCalls } from './microvm-calls';
import { said, settleNeed } from './need';
import type { Outcome, Probe } from './probe';
import { outcome, textOf } from './probe';
import type { ProbeContext } from './probe-context';
import { AUDIENCE } from './stack-outputs';

/** Connectors with service-managed Elastic IPs in a public subnet. */
export const elasticIps: Probe = {
  name: 'elastic IPs',
  facts: ['elasticIpMinimum', 'elasticIpAllocate', 'elasticIpAssociate', 'elasticIpInternet'],
  async run(context, settle) {
    const { ElasticIpsRoleArn, NoAllocateRoleArn, NoAssociateRoleArn } = context.outputs;
    // All at once, because each connector takes minutes to become active.
    const roles = [ElasticIpsRoleArn, NoAllocateRoleArn, NoAssociateRoleArn];
    const [both, noAllocate, noAssociate] = await Promise.all(roles.map(async role => create(context, role)));
    settle('elasticIpMinimum', both.rejected === undefined ? 'yes' : 'no', both.rejected ?? `${both.answer} is ACTIVE`);
    settleNeed(settle, 'elasticIpAllocate', both, noAllocate);
    settleNeed(settle, 'elasticIpAssociate', both, noAssociate);
    if (both.rejected !== undefined) return settle('elasticIpInternet', 'not settled', said(both));

    const failure = await reachesInternet(context, both.answer);
    settle('elasticIpInternet', failure === undefined ? 'yes' : 'no', failure ?? 'AWS STS answered a MicroVM');
  },
};

/** Creates a connector and waits until it is active. */
async function create({ connectors, outputs: { PublicSubnetId, PublicSecurityGroupId } }: ProbeContext, role: string): Promise<Outcome<string>> {
  const created = await outcome(() => connectors.create(role, {}, undefined, {
    SubnetIds: [PublicSubnetId], SecurityGroupIds: [PublicSecurityGroupId], ElasticIpConfiguration: { Type: 'ServiceManaged' },
  }));
  if (created.rejected !== undefined) return created;
  const { State: state, StateReasonCode: code, StateReason: reason } = await connectors.untilSettled(created.answer);
  return state === 'ACTIVE' ? created : { rejected: `the connector is ${[state, code, reason].filter(Boolean).join(': ')}` };
}

/** Calls a public endpoint from a MicroVM. Any answer will do. @returns why there was none. */
async function reachesInternet(context: ProbeContext, connectorArn: string): Promise<string | undefined> {
  const { region, endpoint } = context.account;
  const request: CallsRequest = { region, endpoint, targetRoleArn: context.outputs.TargetRoleArn, audience: AUDIENCE };
  try {
    const microvm = await context.launchAndWait({ egressNetworkConnectors: [connectorArn] });
    const { assumesRole } = await context.request<MicrovmCalls>(microvm, '/calls', request);
    return /ENOTFOUND|ETIMEDOUT|ECONN|EAI_AGAIN|Timeout/.test(assumesRole.rejected ?? '') ? assumesRole.rejected : undefined;
  } catch (error) {
    return textOf(error);
  }
}
