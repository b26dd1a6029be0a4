import type { AddressInfo } from 'net';
import { createServer } from 'net';

/** Returns a free port of this host. */
export async function freePort(): Promise<number> {
  return probe(0);
}

/** Fails if another process listens on a port. */
export async function requireFreePort(port: number): Promise<void> {
  await probe(port).catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'EADDRINUSE' ? portInUse(port) : error;
  });
}

export function portInUse(port: number): Error {
  return new Error(`port ${port} is in use: stop the process that listens on it, or choose another port`);
}

async function probe(wanted: number): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(wanted, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise(resolve => server.close(resolve));
  return port;
}
