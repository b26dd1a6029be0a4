import type { Request } from '../../examples/broker/typescript/broker/broker';
import { createBroker } from '../../examples/broker/typescript/broker/broker';

const MINE = 'microvm-00000000-0000-4000-8000-000000000001';

function ask(tenant: string | undefined, microvmId: string | undefined) {
  const created: unknown[][] = [];
  const broker = createBroker({
    ownerOf: async id => id === MINE ? 'tenant-a' : undefined,
    createToken: async (...args) => { created.push(args); return { 'X-aws-proxy-auth': 'token' }; },
  });
  const request: Request = { pathParameters: { microvmId }, requestContext: { authorizer: { jwt: { claims: { sub: tenant } } } } };
  return broker(request).then(answer => ({ ...answer, created }));
}

test('a tenant gets a token for its own MicroVM, for the port of the application and five minutes', async () => {
  const { statusCode, body, headers, created } = await ask('tenant-a', MINE);
  expect(statusCode).toBe(200);
  expect(JSON.parse(body)).toEqual({ token: { 'X-aws-proxy-auth': 'token' }, ports: [8080], expiresInMinutes: 5 });
  expect(headers['cache-control']).toBe('no-store');
  expect(created).toEqual([[MINE, [8080], 5]]);
});

test.each([
  ['of another tenant', 'tenant-b', MINE],
  ['that is nobody\'s', 'tenant-a', 'microvm-unknown'],
  ['that is not named', 'tenant-a', undefined],
  ['without a tenant', undefined, MINE],
  ['that is nobody\'s, without a tenant', undefined, 'microvm-unknown'],
])('nobody gets a token for a MicroVM %s, nor learns whether it is there', async (_, tenant, microvmId) => {
  const { statusCode, body, created } = await ask(tenant, microvmId);
  expect([statusCode, JSON.parse(body)]).toEqual([403, { message: 'not your MicroVM' }]);
  expect(created).toEqual([]);
});
