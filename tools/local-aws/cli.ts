import { parseArgs } from 'util';
import { foreignVariables } from './environment';
import type { LocalAws } from './local-aws';
import { startLocalAws } from './local-aws';
import { numberOption } from '../shared/number-option';

const HELP = `Runs a local AWS with IAM enforced. You can deploy any CDK app to it. Ctrl-C stops it.

Usage: npm run local-aws -- [options]

  --port N            port to listen on (default: a free port)
  --simulator-port N  port of the simulator of the MicroVM service (default: a free port)
  --wait-scale N      seconds that pass for each second that a state machine waits (default: 1/6)
  --no-processes      start no processes for MicroVMs: all hooks succeed, and every MicroVM serves the same page
  --no-bootstrap      do not bootstrap the account for the CDK
  --help              this text

Standard output contains commands for a shell. They unset variables that select another AWS and export those for this one.
`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      'port': { type: 'string' },
      'simulator-port': { type: 'string' },
      'wait-scale': { type: 'string' },
      'no-processes': { type: 'boolean', default: false },
      'no-bootstrap': { type: 'boolean', default: false },
      'help': { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return;
  }
  const aws = await startLocalAws({
    port: optionalNumber('port', values.port),
    simulatorPort: optionalNumber('simulator-port', values['simulator-port']),
    waitScale: optionalNumber('wait-scale', values['wait-scale']),
    processes: !values['no-processes'],
    log: line => console.error(line),
  });
  if (!values['no-bootstrap']) await aws.bootstrap();
  printExports(aws);
  // The local AWS runs until a signal terminates this process, which terminates the local AWS.
}

function printExports(aws: LocalAws): void {
  const foreign = foreignVariables().filter(name => !(name in aws.environment));
  if (foreign.length > 0) console.log(`unset ${foreign.join(' ')}`);
  for (const [name, value] of Object.entries(aws.environment)) console.log(`export ${name}=${value}`);
  console.error(`simulator: ${aws.simulatorUrl}/_simulator/state`);
  console.error(`log: ${aws.logFile}`);
  console.error('Press Ctrl-C to stop the local AWS');
}

function optionalNumber(option: string, value: string | undefined): number | undefined {
  return value === undefined ? undefined : numberOption(option, value);
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
