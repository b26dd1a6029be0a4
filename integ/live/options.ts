import { parseArgs } from 'node:util';

/** The name by which the probes are chosen, beside those of the apps. */
export const PROBES = 'probes';

export const HELP = `Deploys the integration apps and their assertions to an account, asks the service what its documentation
leaves open, destroys everything, and writes what came of it. It says first what will be made and what costs money.

Usage: npm run live -- --region us-east-1 [options]

  --region R      Region; the account must be bootstrapped for the CDK there
  --profile P     profile of the AWS configuration (default: the credentials of the environment)
  --only A,B      some of the apps (microvm-image, network-connector, ...) or of "${PROBES}" (default: all)
  --report F      where the report is written (default: live-report.md)
  --keep          leave everything deployed
  --yes           do not ask
  --endpoint U    for the development of this command only: the URL of a local AWS (npm run local-aws), with --simulator for endpoints of MicroVMs
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
  /** A local AWS takes the place of an account. */
  readonly endpoint?: string;
  /** Where the local AWS has the endpoints of its MicroVMs. */
  readonly simulator?: string;
}

/** @returns undefined if the help is asked for. */
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
  if (!values.region) throw new Error('--region is missing: name the Region to deploy to, like --region us-east-1');
  return { ...values, region: values.region, only: values.only?.split(',').map(name => name.trim()).filter(name => name !== '') };
}
