import type { Probe } from './probe';
import { signedRequest } from './signed-request';

/** Code of the quota for network connectors (service-facts.md, 4). */
const QUOTA = 'L-5E779850';

/** Facts that other services know: EC2 has the network interfaces and endpoints, Service Quotas has the quota. */
export const networkFacts: Probe = {
  name: 'network facts',
  facts: ['interfacesPerSubnet', 'registryEndpoint', 'connectorQuota'],
  async run(context, settle) {
    const { account, outputs: { SecurityGroupId, SubnetIds } } = context;
    const ec2 = async (parameters: Record<string, string>) =>
      signedRequest(account, 'ec2', { query: { ...parameters, Version: '2016-11-15' } });

    const interfaces = await ec2({ 'Action': 'DescribeNetworkInterfaces', 'Filter.1.Name': 'group-id', 'Filter.1.Value.1': SecurityGroupId });
    const inSubnets = elements(interfaces, 'subnetId');
    const subnets = SubnetIds.split(',');
    const each = subnets.map(subnet => inSubnets.filter(other => other === subnet).length);
    const evidence = `${each.join(', ')} in its ${subnets.length} subnets, without the other connectors of this run`;
    settle('interfacesPerSubnet', inSubnets.length === 0 ? 'unclear' : each.every(count => count === 1) ? 'yes' : 'no', evidence);

    const services = elements(await ec2({ Action: 'DescribeVpcEndpointServices' }), 'serviceName');
    const registries = services.filter(service => /\.ecr\b|ecr-public/.test(service));
    const publicOne = registries.filter(service => service.includes('public'));
    settle('registryEndpoint', services.length === 0 ? 'unclear' : publicOne.length > 0 ? 'yes' : 'no',
      `${services.length} endpoint services; for registries: ${registries.join(', ') || 'none'}`);

    const { Quota: quota } = JSON.parse(await signedRequest(account, 'servicequotas', {
      headers: { 'x-amz-target': 'ServiceQuotasV20190624.GetServiceQuota', 'content-type': 'application/x-amz-json-1.1' },
      body: JSON.stringify({ ServiceCode: 'lambda', QuotaCode: QUOTA }),
    })) as { Quota?: { QuotaName: string; Value: number } };
    settle('connectorQuota', quota === undefined ? 'no' : 'yes', quota === undefined ? 'no value' : `${quota.QuotaName}: ${quota.Value}`);
  },
};

function elements(xml: string, name: string): string[] {
  return [...xml.matchAll(new RegExp(`<${name}>([^<]*)</${name}>`, 'g'))].map(([, text]) => text);
}
