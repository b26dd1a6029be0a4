import * as http from 'http';
import type { AddressInfo } from 'net';
import { parseArgs } from 'util';
import { LocalAws } from './aws-access';
import { VirtualBuilder } from './builder';
import { RealClock } from './clock';
import { LocalBuilder } from './local-builder';
import { SimulatorServer } from './server';
import type { Members } from './settings';
import { Simulator } from './simulator';
import { numberOption } from '../shared/number-option';

const HELP = `Simulates AWS Lambda MicroVMs and Lambda network connectors over HTTP.

Usage: npm run simulator -- [options]

  --port N           port to listen on (default: a free port)
  --region R         Region in ARNs (default: us-east-1)
  --account A        account in ARNs (default: 123456789012)
  --speed N          N seconds of service time pass in one second (default: 1)
  --aws-endpoint URL build images for real, with code, roles and logs of the AWS at this URL
                     (without it, every build succeeds and every MicroVM serves the same page)
  --recorded         omit members that the service added after the recordings were made
  --help             this text

Prints one line to standard output: its URL. GET /_simulator/state shows the current state.
`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      'port': { type: 'string', default: '0' },
      'region': { type: 'string', default: 'us-east-1' },
      'account': { type: 'string', default: '123456789012' },
      'speed': { type: 'string', default: '1' },
      'aws-endpoint': { type: 'string' },
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
  const builder = values['aws-endpoint'] === undefined
    ? new VirtualBuilder({ clock, applicationPort: await startPlaceholder() })
    : new LocalBuilder({ aws: new LocalAws(values['aws-endpoint'], values.region) });
  const simulator = new Simulator({ clock, region: values.region, account: values.account, builder, members });
  const server = await SimulatorServer.start({ simulator, port: numberOption('port', values.port) });
  console.log(server.url);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void server.stop().then(() => process.exit(0)));
  }
}

/** Starts the server that answers for all MicroVMs whose images were not really built. */
async function startPlaceholder(): Promise<number> {
  const server = http.createServer((_request, response) => response.end('no process runs in this MicroVM: its image was not really built\n'));
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
