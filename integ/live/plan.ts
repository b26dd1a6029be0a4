import type { Account } from './account';
import type { SynthesizedApp } from './apps';

/** What costs money, by type: US dollars, roughly, as listed for us-east-1 (service facts 5). */
const COSTS: Record<string, string> = {
  'AWS::EC2::NatGateway': 'NAT gateway, 0.05 an hour while its app is deployed',
  'Custom::MicrovmImage': 'MicroVM image, 0.02 per version and GB: the service counts a week of storage at least',
  'Custom::Microvm': 'MicroVM, 0.05 an hour and vCPU while its app is deployed',
  'Custom::MicrovmLaunchCheck': 'launch of a MicroVM for some seconds, less than 0.01',
};

export interface PlanProps {
  readonly probes: boolean;
  readonly keep: boolean;
}

/** Lines that say what a run will make, and where. */
export function plan(account: Account, apps: readonly SynthesizedApp[], { probes, keep }: PlanProps): string[] {
  return [
    `Account ${account.id}, ${account.region}, as ${account.callerArn}${account.endpoint === undefined ? '' : `, at ${account.endpoint}`}`,
    keep ? 'One after the other; nothing is destroyed:' : 'One after the other, each destroyed before the next:',
    ...apps.map(app => `  ${app.name}: ${app.stacks.map(({ name }) => name).join(', ')}`),
    ...probes ? ['The probes also launch some twenty MicroVMs for a minute or less each, build one more version, and make and delete six connectors.'] : [],
    'Each takes some ten to twenty minutes; temporary credentials must last as long as all of them.',
    'What costs money, in US dollars:',
    ...costs(apps).map(line => `  ${line}`),
    'Assets stay in the bucket of the CDK bootstrap.',
  ];
}

function costs(apps: readonly SynthesizedApp[]): string[] {
  const types = apps.flatMap(({ stacks }) => stacks.flatMap(({ template }) => Object.values(template.Resources ?? {}).map(({ Type }) => Type)));
  const lines = Object.entries(COSTS).map(([type, text]) => ({ text, count: types.filter(other => other === type).length }));
  return lines.filter(({ count }) => count > 0).map(({ text, count }) => `${count} x ${text}`);
}
