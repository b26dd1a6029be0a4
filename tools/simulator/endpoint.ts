import type { Microvms } from './microvms';
import type { EndpointTokens } from './tokens';

const DEFAULT_PORT = 8080;

/** The decision about a request to the host of a MicroVM. */
export type Admission =
  | { readonly admitted: false; readonly status: number; readonly text: string }
  /** The request is forwarded to a port of this host. */
  | { readonly admitted: true; readonly localPort: number };

export interface EndpointRequest {
  readonly endpointId: string;
  readonly token?: string;
  readonly port?: string;
}

/** The proxy of the service for MicroVMs. It checks tokens, resumes suspended MicroVMs and finds the port. */
export class Endpoint {
  constructor(private readonly microvms: Microvms, private readonly tokens: EndpointTokens) {}

  async admit(request: EndpointRequest): Promise<Admission> {
    const port = Number(request.port ?? DEFAULT_PORT);
    const microvm = this.microvms.byEndpoint(request.endpointId);
    switch (this.tokens.check(request.token, microvm?.id, port)) {
      case 'missing':
        return reject(403, 'Request missing authentication');
      case 'rejected':
        return reject(403, 'Token authentication failed');
      case 'port-denied':
        return reject(403, 'Access to port denied');
    }
    if (microvm === undefined || !(await this.microvms.wake(microvm.id))) return reject(502, '');
    this.microvms.touch(microvm.id);
    const localPort = this.microvms.machineOf(microvm.id)?.localPort(port);
    return localPort === undefined ? reject(502, '') : { admitted: true, localPort };
  }
}

function reject(status: number, text: string): Admission {
  return { admitted: false, status, text };
}

const HOST = /^([0-9a-fA-F-]{36})\.lambda-microvm\.([a-z0-9-]+)\.on\.aws(?::\d+)?$/;

/** The MicroVM and the Region in a host name; undefined for other hosts. */
export function endpointOf(host: string | undefined): { readonly endpointId: string; readonly region: string } | undefined {
  const [, endpointId, region] = HOST.exec(host ?? '') ?? [];
  return endpointId === undefined ? undefined : { endpointId, region };
}
