import type { Account } from './account';
import type { SynthesizedApp } from './apps';

/** Resources that cost money, by type, with approximate prices in US dollars for us-east-1 (service-facts.md, 5). */
const COSTS: Record<string, string> = {
  'AWS::EC2::NatGateway': 'NAT gateway, 0.05 per hour while its app is deployed',
  'Custom::MicrovmImage': 'MicroVM image, 0.02 per version and GB: the service bills at least a week of storage',
  'AWS::KMS::Key': 'KMS key, 1 per month until it is scheduled for deletion',
  'Custom::Microvm': 'MicroVM, 0.05 per hour and vCPU while its app is deployed',
  'Custom::MicrovmLaunchCheck': 'launch of a MicroVM for a few seconds, less than 0.01',
};

export interface PlanProps {
  readonly probes: boolean;
  readonly keep: boolean;
}

/** Returns the lines that tell the user what a run creates, and where. */
export function plan(account: Account, apps: readonly SynthesizedApp[], { probes, keep }: PlanProps): string[] {
  return [
    `Account ${account.id}, ${account.region}, as ${account.callerArn}${account.endpoint === undefined ? '' : `, at ${account.endpoint}`}`,
    keep ? 'The apps are deployed one after another. Nothing is destroyed:' : 'The apps are deployed one after another. Each is destroyed before the next:',
    ...apps.map(app => `  ${app.name}: ${app.stacks.map(({ name }) => name).join(', ')}`),
    ...probes ? [
      'The probes also launch about thirty MicroVMs for up to a minute each, build up to five more versions, and create and delete twelve connectors,',
      'three of them with an Elastic IP.',
    ] : [],
    'Each app takes about ten to twenty minutes. Temporary credentials must last for the whole run.',
    'Costs in US dollars:',
    ...costs(apps).map(line => `  ${line}`),
    'Assets remain in the bootstrap bucket of the CDK.',
  ];
}

function costs(apps: readonly SynthesizedApp[]): string[] {
  const types = apps.flatMap(({ stacks }) => stacks.flatMap(({ template }) => Object.values(template.Resources ?? {}).map(({ Type }) => Type)));
  const lines = Object.entries(COSTS).map(([type, text]) => ({ text, count: types.filter(other => other === type).length }));
  return lines.filter(({ count }) => count > 0).map(({ text, count }) => `${count} x ${text}`);
}
