'use strict';
const { createHmac } = require('node:crypto');
const { closeSync, openSync, readSync } = require('node:fs');
const { createServer } = require('node:http');

const HOOKS = '/aws/lambda-microvms/runtime/v1/';

/** Random numbers from a seed. A seed from the snapshot would give all MicroVMs of the image the same numbers. */
const random = {
  seed: undefined,
  drawn: 0,
  reseed() {
    const device = openSync('/dev/urandom', 'r');
    this.seed = Buffer.alloc(32);
    readSync(device, this.seed, 0, 32);
    closeSync(device);
    this.drawn = 0;
  },
  draw() {
    return createHmac('sha256', this.seed).update(String(this.drawn++)).digest('hex');
  },
};

const hooks = {
  /** The service takes the snapshot after this hook has succeeded. */
  ready: () => random.reseed(),
  /** The service calls this hook first in each MicroVM. From here on, its random numbers are its own. */
  run: () => random.reseed(),
};

createServer((request, response) => {
  const { pathname } = new URL(request.url, 'http://localhost');
  const answer = (status, body) => response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  if (request.method === 'POST' && pathname.startsWith(HOOKS)) {
    const hook = hooks[pathname.slice(HOOKS.length)];
    if (!hook) return answer(404, { error: 'no such hook' });
    hook();
    return answer(200, {});
  }
  if (pathname !== '/') return answer(404, { error: 'not found' });
  return answer(200, { greeting: process.env.GREETING ?? 'hello', random: random.draw() });
}).listen(Number(process.env.PORT ?? 8080), '0.0.0.0');

random.reseed();
