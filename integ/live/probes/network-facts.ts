import type { Probe } from './probe';
import { signedRequest } from './signed-request';

/** The quota of connectors (service facts 4). */
const QUOTA = 'L-5E779850';

/** What other services know: EC2 of the interfaces and endpoints, Service Quotas of the quota. */
export const networkFacts: Probe = {
  name: 'network facts',
  facts: ['interfacesPerSubnet', 'registryEndpoint', 'connectorQuota'],
  async ask(lab, say) {
    const { account, outputs: { SecurityGroupId, SubnetIds } } = lab;
    const ec2 = async (parameters: Record<string, string>) =>
      signedRequest(account, 'ec2', { query: { ...parameters, Version: '2016-11-15' } });

    const interfaces = await ec2({ 'Action': 'DescribeNetworkInterfaces', 'Filter.1.Name': 'group-id', 'Filter.1.Value.1': SecurityGroupId });
    const inSubnets = elements(interfaces, 'subnetId');
    const subnets = SubnetIds.split(',');
    const each = subnets.map(subnet => inSubnets.filter(other => other === subnet).length);
    const evidence = `${each.join(', ')} in its ${subnets.length} subnets, other connectors of the run aside`;
    say('interfacesPerSubnet', inSubnets.length === 0 ? 'unclear' : each.every(count => count === 1) ? 'yes' : 'no', evidence);

    const services = elements(await ec2({ Action: 'DescribeVpcEndpointServices' }), 'serviceName');
    const registries = services.filter(service => /\.ecr\b|ecr-public/.test(service));
    const publicOne = registries.filter(service => service.includes('public'));
    say('registryEndpoint', services.length === 0 ? 'unclear' : publicOne.length > 0 ? 'yes' : 'no',
      `of ${services.length} services, those of registries: ${registries.join(', ') || 'none'}`);

    const { Quota: quota } = JSON.parse(await signedRequest(account, 'servicequotas', {
      headers: { 'x-amz-target': 'ServiceQuotasV20190624.GetServiceQuota', 'content-type': 'application/x-amz-json-1.1' },
      body: JSON.stringify({ ServiceCode: 'lambda', QuotaCode: QUOTA }),
    })) as { Quota?: { QuotaName: string; Value: number } };
    say('connectorQuota', quota === undefined ? 'no' : 'yes', quota === undefined ? 'no value' : `${quota.QuotaName}: ${quota.Value}`);
  },
};

function elements(xml: string, name: string): string[] {
  return [...xml.matchAll(new RegExp(`<${name}>([^<]*)</${name}>`, 'g'))].map(([, text]) => text);
}
