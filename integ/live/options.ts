import { parseArgs } from 'node:util';

/** Selects the probes in `--only`, next to the names of apps. */
export const PROBES = 'probes';

export const HELP = `Deploys the integration apps with their assertions to an account, asks the service what its documentation
leaves open, destroys everything, and writes a report. It first prints what it creates and what that costs, and asks.

Usage: npm run live -- --region us-east-1 [options]

  --region R      Region; it must be bootstrapped for the CDK
  --profile P     profile of the AWS configuration (default: the credentials of the environment)
  --only A,B      only these apps (microvm-image, network-connector, ...) or "${PROBES}" (default: all)
  --report F      file for the report (default: live-report.md)
  --keep          leave everything deployed
  --yes           do not ask for confirmation
  --endpoint U    URL of a local AWS (npm run local-aws), to develop this command
    --simulator U   URL of the simulator of that local AWS, where its MicroVMs have their endpoints
  --help          this text
`;

export interface LiveOptions {
  readonly region: string;
  readonly profile?: string;
  /** @default - everything */
  readonly only?: readonly string[];
  readonly report: string;
  readonly keep: boolean;
  readonly yes: boolean;
  /** URL of a local AWS that replaces the account. */
  readonly endpoint?: string;
  /** URL of the simulator, where the MicroVMs of the local AWS have their endpoints. */
  readonly simulator?: string;
}

/** @returns undefined for `--help`. */
export function liveOptions(args: string[]): LiveOptions | undefined {
  const { values } = parseArgs({
    args,
    options: {
      region: { type: 'string' },
      profile: { type: 'string' },
      only: { type: 'string' },
      report: { type: 'string', default: 'live-report.md' },
      keep: { type: 'boolean', default: false },
      yes: { type: 'boolean', default: false },
      endpoint: { type: 'string' },
      simulator: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  if (!values.region) throw new Error('--region is missing: pass the Region to deploy to, for example --region us-east-1');
  return { ...values, region: values.region, only: values.only?.split(',').map(name => name.trim()).filter(name => name !== '') };
}
