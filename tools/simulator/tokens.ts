import type { Clock } from './clock';
import type { Ids } from './ids';

export interface PortRange {
  readonly startPort: number;
  readonly endPort: number;
}

export const ALL_PORTS: PortRange = { startPort: 1, endPort: 65535 };

interface Grant {
  readonly microvmId: string;
  readonly ports: readonly PortRange[];
  readonly shell: boolean;
  readonly expiresAt: number;
}

export type TokenCheck = 'missing' | 'rejected' | 'port-denied' | 'accepted';

/**
 * Bearer tokens for endpoints of MicroVMs. They look like tokens of the service (a JWE of five parts) and are opaque.
 */
export class EndpointTokens {
  private readonly grants = new Map<string, Grant>();

  constructor(private readonly clock: Clock, private readonly ids: Ids) {}

  issue(microvmId: string, ports: readonly PortRange[], expirationInMinutes: number, shell = false): string {
    const header = Buffer.from(JSON.stringify({ kid: this.ids.uuid(), alg: 'dir', enc: 'A256GCM' })).toString('base64url');
    // With `alg: dir` there is no encrypted key: the second part is empty.
    const token = [header, '', this.ids.base64url(12), this.ids.base64url(64), this.ids.base64url(16)].join('.');
    this.grants.set(token, { microvmId, ports, shell, expiresAt: this.clock.now() + expirationInMinutes * 60_000 });
    return token;
  }

  /** Whether a token is valid at the endpoint of a MicroVM. The MicroVM is undefined for an unknown host. */
  check(token: string | undefined, microvmId: string | undefined, port: number): TokenCheck {
    if (token === undefined || !isWellFormed(token)) return 'missing';
    const grant = this.grants.get(token);
    if (grant === undefined || grant.shell || grant.microvmId !== microvmId || grant.expiresAt <= this.clock.now()) return 'rejected';
    return grant.ports.some(({ startPort, endPort }) => startPort <= port && port <= endPort) ? 'accepted' : 'port-denied';
  }

  clear(): void {
    this.grants.clear();
  }
}

function isWellFormed(token: string): boolean {
  return /^[\w-]+\.[\w-]*\.[\w-]+\.[\w-]+\.[\w-]+$/.test(token);
}
