'use strict';
const { execFile } = require('node:child_process');
const { createServer } = require('node:http');

const HOOKS = '/aws/lambda-microvms/runtime/v1/';
const IMAGE = 'public.ecr.aws/docker/library/busybox:stable';

function docker(words, done) {
  execFile('docker', words, { timeout: 60_000 }, (error, stdout, stderr) => done(error, stdout, stderr));
}

/** Containers cannot reach the stub resolver of the MicroVM, so they use the resolver of the VPC. */
function run(command, done) {
  docker(['run', '--rm', '--dns', '169.254.169.253', IMAGE, 'sh', '-c', command], done);
}

createServer((request, response) => {
  const { pathname, searchParams } = new URL(request.url, 'http://localhost');
  const answer = (status, body) => response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  // 503 makes the service call the hook again. So the snapshot has a running dockerd and the pulled image.
  if (pathname === `${HOOKS}ready`) return docker(['pull', '--quiet', IMAGE], error => answer(error ? 503 : 200, {}));
  if (pathname.startsWith(HOOKS)) return answer(200, {});
  if (pathname !== '/') return answer(404, { error: 'not found' });
  return run(searchParams.get('command') ?? 'uname -a', (error, stdout, stderr) => answer(error ? 500 : 200, { stdout, stderr }));
}).listen(Number(process.env.PORT ?? 8080), '0.0.0.0');
