import { parseArgs } from 'util';
import { LocalAws } from './aws-access';
import type { Builder } from './builder';
import { VirtualBuilder } from './builder';
import { RealClock } from './clock';
import { LocalBuilder } from './local-builder';
import { startPlaceholder } from './placeholder';
import { SimulatorServer } from './server';
import type { Members } from './settings';
import { NEW_ACCOUNT_MEMORY_MIB, SHORT_BUILD_MS, SHORT_TIMES } from './settings';
import { Simulator } from './simulator';
import { numberOption } from '../shared/number-option';

const HOME_REGION = 'us-east-1';

const HELP = `Simulates AWS Lambda MicroVMs and Lambda network connectors over HTTP.

Usage: npm run simulator -- [options]

  --port N           port to listen on (default: a free port)
  --account A        account in ARNs (default: 123456789012)
  --speed N          N seconds of service time pass in one second (default: 1)
  --aws-endpoint URL build images for real, with code, roles and logs of the AWS at this URL
                     (without it, every build succeeds and every MicroVM serves the same page)
  --no-processes     with --aws-endpoint: copy files, but start nothing; all hooks succeed
  --recorded         omit members that the service added after the recordings were made
  --help             this text

The Region is that of the signature of each request. Prints one line to standard output: its URL.
GET /_simulator/state shows the current state.
`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      'port': { type: 'string', default: '0' },
      'account': { type: 'string', default: '123456789012' },
      'speed': { type: 'string', default: '1' },
      'aws-endpoint': { type: 'string' },
      'no-processes': { type: 'boolean', default: false },
      'recorded': { type: 'boolean', default: false },
      'help': { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return;
  }
  const clock = new RealClock(numberOption('speed', values.speed));
  const members: Members = values.recorded ? 'recorded' : 'current';
  const placeholderPort = await startPlaceholder();
  const builder = (region: string): Builder => (values['aws-endpoint'] === undefined
    ? new VirtualBuilder({ clock, applicationPort: placeholderPort, plan: () => ({ durationMs: SHORT_BUILD_MS }) })
    : new LocalBuilder({ aws: new LocalAws(values['aws-endpoint'], region), placeholderPort: values['no-processes'] ? placeholderPort : undefined }));
  const simulator = (region: string) => new Simulator({
    clock,
    region,
    account: values.account,
    builder: builder(region),
    members,
    times: SHORT_TIMES,
    limits: { allocatedMemoryMiB: NEW_ACCOUNT_MEMORY_MIB },
    // IDs differ between Regions.
    seed: region,
  });
  const server = await SimulatorServer.start({ simulator: simulator(HOME_REGION), otherRegions: simulator, port: numberOption('port', values.port) });
  console.log(server.url);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void server.stop().then(() => process.exit(0)));
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  // Servers and directories of this process must not keep it alive.
  process.exit(1);
});
