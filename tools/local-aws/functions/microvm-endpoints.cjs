'use strict';
/**
 * Allows Lambda functions on Node.js to reach the endpoints of MicroVMs. It is loaded through `NODE_OPTIONS`.
 *
 * `https://<uuid>.lambda-microvm.<region>.on.aws` has neither DNS nor a certificate here. A TLS connection to such a
 * host becomes a plain connection to the simulator, which finds the MicroVM by the Host header. `fetch`, `node:https`
 * and WebSocket clients all connect with `tls.connect`.
 */
const { syncBuiltinESMExports } = require('node:module');
const net = require('node:net');
const tls = require('node:tls');

const ENDPOINT = /^[^.]+\.lambda-microvm\.[a-z0-9-]+\.on\.aws$/;
const simulator = new URL(process.env.SIMULATOR_URL);
const connect = tls.connect;

tls.connect = (...args) => {
  const options = args.find(arg => arg !== null && typeof arg === 'object') ?? {};
  const host = options.host ?? options.servername ?? args.find(arg => typeof arg === 'string');
  if (!ENDPOINT.test(host)) return connect(...args);
  const socket = net.connect({ host: simulator.hostname, port: Number(simulator.port) });
  const listener = args.find(arg => typeof arg === 'function');
  if (listener) socket.once('secureConnect', listener);
  socket.once('connect', () => socket.emit('secureConnect'));
  return Object.assign(socket, { encrypted: true, authorized: true, alpnProtocol: false });
};
syncBuiltinESMExports();

// The code of the function must not see the variable.
delete process.env.NODE_OPTIONS;
