import * as http from 'http';
import type { AddressInfo, Socket } from 'net';
import { connect } from 'net';
import type { Admission, EndpointRequest } from './endpoint';
import { Endpoint, endpointOf } from './endpoint';
import { NoAnswerError } from './errors';
import type { ServiceResponse } from './messages';
import { Regions } from './regions';
import type { Simulator } from './simulator';
import { portInUse } from '../shared/free-port';

const TOKEN_HEADER = 'x-aws-proxy-auth';
const PORT_HEADER = 'x-aws-proxy-port';
const TOKEN_PROTOCOL = 'lambda-microvms.authentication.';
const PORT_PROTOCOL = 'lambda-microvms.port.';

export interface ServerProps {
  readonly simulator: Simulator;
  /** Creates the simulator of another Region. @default - one simulator serves requests for every Region */
  readonly otherRegions?: (region: string) => Simulator;
  /** @default - a free port */
  readonly port?: number;
}

/** A simulator over HTTP: the API, the hosts of MicroVMs, and `/_simulator` to inspect it. */
export class SimulatorServer {
  static async start(props: ServerProps): Promise<SimulatorServer> {
    const server = new SimulatorServer(new Regions(props.simulator, props.otherRegions));
    await new Promise<void>((resolve, reject) => {
      server.server.once('error', (error: NodeJS.ErrnoException) => reject(error.code === 'EADDRINUSE' ? portInUse(props.port!) : error));
      server.server.listen(props.port ?? 0, '127.0.0.1', resolve);
    });
    return server;
  }

  private readonly server: http.Server;

  private constructor(private readonly regions: Regions) {
    this.server = http.createServer((request, response) => {
      this.serve(request, response).catch((error: unknown) => fail(response, error));
    });
    this.server.on('upgrade', (request: http.IncomingMessage, socket: Socket, head: Buffer) => {
      this.upgrade(request, socket, head).catch(() => socket.destroy());
    });
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    await this.regions.dispose();
    this.server.closeAllConnections();
    await new Promise(resolve => this.server.close(resolve));
  }

  private async serve(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://simulator');
    if (endpointOf(request.headers.host) !== undefined) return this.proxy(request, response);
    const body = await textOf(request);
    if (url.pathname.startsWith('/_simulator/')) return this.control(request.method ?? 'GET', url.pathname, body, response);
    const query = Object.fromEntries([...new Set(url.searchParams.keys())].map(key => [key, url.searchParams.getAll(key)]));
    const headers = request.headers as Record<string, string>;
    const serviceRequest = { method: request.method ?? 'GET', path: url.pathname, query, headers, body };
    send(response, await this.regions.serving(serviceRequest).handle(serviceRequest));
  }

  private async control(method: string, path: string, body: string, response: http.ServerResponse): Promise<void> {
    const microvm = /^\/_simulator\/microvms\/([^/]+)$/.exec(path)?.[1];
    if (method === 'GET' && microvm !== undefined) {
      const imageArn = this.regions.list().flatMap(simulator => simulator.microvms()).find(({ id }) => id === microvm)?.imageArn;
      return sendJson(response, imageArn === undefined ? 404 : 200, { imageArn: imageArn ?? null });
    }
    switch (`${method} ${path}`) {
      case 'GET /_simulator/state':
        return sendJson(response, 200, this.regions.summary());
      case 'GET /_simulator/calls':
        return sendJson(response, 200, this.regions.calls());
      case 'POST /_simulator/reset':
        await this.regions.reset();
        return sendJson(response, 200, {});
      case 'POST /_simulator/settings':
        this.regions.changeSettings(JSON.parse(body));
        return sendJson(response, 200, {});
      default:
        return sendJson(response, 404, {});
    }
  }

  /** No token fits a host of a Region without MicroVMs. */
  private async admit(host: string | undefined, request: EndpointRequest): Promise<Admission> {
    const { microvmsService } = this.regions.existing(endpointOf(host)?.region ?? '') ?? this.regions.list()[0];
    return new Endpoint(microvmsService, microvmsService.endpointTokens).admit(request);
  }

  private async proxy(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const { host } = request.headers;
    const endpointId = endpointOf(host)?.endpointId ?? '';
    const admission = await this.admit(host, { endpointId, token: header(request, TOKEN_HEADER), port: header(request, PORT_HEADER) });
    if (!admission.admitted) {
      request.resume();
      response.writeHead(admission.status, { 'content-type': 'text/plain' }).end(admission.text);
      return;
    }
    const { [TOKEN_HEADER]: _token, [PORT_HEADER]: _port, ...headers } = request.headers;
    const forwarded = http.request({ host: '127.0.0.1', port: admission.localPort, method: request.method, path: request.url, headers }, answer => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    forwarded.on('error', () => (response.headersSent ? response.destroy() : response.writeHead(502).end()));
    request.pipe(forwarded);
  }

  /** WebSockets carry token and port as subprotocols, which are removed before the request reaches the MicroVM. */
  private async upgrade(request: http.IncomingMessage, socket: Socket, head: Buffer): Promise<void> {
    socket.on('error', () => socket.destroy());
    const { endpointRequest, guestProtocols } = webSocketRequest(request);
    const admission = await this.admit(request.headers.host, endpointRequest);
    if (!admission.admitted) {
      socket.end(`HTTP/1.1 ${admission.status} ${http.STATUS_CODES[admission.status]}\r\nContent-Length: ${admission.text.length}\r\n\r\n${admission.text}`);
      return;
    }
    const guest = connect(admission.localPort, '127.0.0.1', () => {
      const headers = Object.entries({ ...request.headers, 'sec-websocket-protocol': guestProtocols.join(', ') })
        .filter(([name, value]) => value !== '' && name !== TOKEN_HEADER && name !== PORT_HEADER);
      guest.write(`${request.method} ${request.url} HTTP/1.1\r\n${headers.map(([name, value]) => `${name}: ${String(value)}\r\n`).join('')}\r\n`);
      guest.write(head);
      guest.pipe(socket).pipe(guest);
    });
    guest.on('error', () => socket.destroy());
  }
}

function webSocketRequest(request: http.IncomingMessage): { endpointRequest: EndpointRequest; guestProtocols: string[] } {
  const protocols = (header(request, 'sec-websocket-protocol') ?? '').split(',').map(protocol => protocol.trim());
  const valueOf = (prefix: string) => protocols.find(protocol => protocol.startsWith(prefix))?.slice(prefix.length);
  return {
    endpointRequest: {
      endpointId: endpointOf(request.headers.host)?.endpointId ?? '',
      token: header(request, TOKEN_HEADER) ?? valueOf(TOKEN_PROTOCOL),
      port: header(request, PORT_HEADER) ?? valueOf(PORT_PROTOCOL),
    },
    guestProtocols: protocols.filter(protocol => protocol !== '' && !protocol.startsWith('lambda-microvms')),
  };
}

function header(request: http.IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

async function textOf(request: http.IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

function send(response: http.ServerResponse, answer: ServiceResponse): void {
  response.writeHead(answer.status, answer.headers).end(answer.body);
}

function sendJson(response: http.ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

/** A client without an answer loses its connection. */
function fail(response: http.ServerResponse, error: unknown): void {
  if (error instanceof NoAnswerError || response.headersSent) response.destroy();
  else sendJson(response, 500, { message: `the simulator failed: ${String(error)}` });
}
