import * as http from 'http';
import type { AddressInfo } from 'net';

/** Starts the server that answers for all MicroVMs that have no process. @returns its port */
export async function startPlaceholder(): Promise<number> {
  const server = http.createServer((_request, response) => response.end('no process runs in this MicroVM\n'));
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  // It must not keep this process alive.
  server.unref();
  return (server.address() as AddressInfo).port;
}
