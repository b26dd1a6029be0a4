import { LambdaMicrovmsClient } from '@aws-sdk/client-lambda-microvms';
import { SSMClient } from '@aws-sdk/client-ssm';
import type { Request } from '../../examples/broker/typescript/broker/broker';
import { createBroker } from '../../examples/broker/typescript/broker/broker';
import { handler as launch } from '../../examples/broker/typescript/launch/handler';

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
])('nobody gets a token for a MicroVM %s, and the answer does not reveal whether it exists', async (_, tenant, microvmId) => {
  const { statusCode, body, created } = await ask(tenant, microvmId);
  expect([statusCode, JSON.parse(body)]).toEqual([403, { message: 'not your MicroVM' }]);
  expect(created).toEqual([]);
});

describe('the function that launches', () => {
  const request = { requestContext: { authorizer: { jwt: { claims: { sub: 'tenant-a' } } } } };
  const calls: unknown[][] = [];
  const recording = (answers: Record<string, object>) => async (command: any) => {
    calls.push([command.constructor.name, command.input]);
    return answers[command.constructor.name] ?? {};
  };

  beforeEach(() => {
    calls.length = 0;
    Object.assign(process.env, { MICROVM_LAUNCH_REQUEST: '{"imageIdentifier":"image"}', OWNERS_PATH: '/owners' });
    jest.spyOn(LambdaMicrovmsClient.prototype, 'send').mockImplementation(recording({ RunMicrovmCommand: { microvmId: MINE, endpoint: 'host.example' } }));
  });
  afterEach(() => jest.restoreAllMocks());

  test('stores the tenant as the owner of the MicroVM', async () => {
    jest.spyOn(SSMClient.prototype, 'send').mockImplementation(recording({}));
    const { statusCode, body } = await launch(request, { awsRequestId: 'request' });
    expect([statusCode, JSON.parse(body)]).toEqual([201, { microvmId: MINE, endpoint: 'host.example' }]);
    expect(calls).toEqual([
      ['RunMicrovmCommand', { imageIdentifier: 'image', clientToken: 'request' }],
      ['PutParameterCommand', { Name: `/owners/${MINE}`, Value: 'tenant-a', Type: 'String' }],
    ]);
  });

  test('terminates a MicroVM whose owner it could not store', async () => {
    jest.spyOn(SSMClient.prototype, 'send').mockRejectedValue(new Error('denied') as never);
    await expect(launch(request, { awsRequestId: 'request' })).rejects.toThrow('denied');
    expect(calls.map(([name]) => name)).toEqual(['RunMicrovmCommand', 'TerminateMicrovmCommand']);
  });
});
