import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { LambdaMicrovmsClient, RunMicrovmCommand, UpdateMicrovmImageCommand } from '@aws-sdk/client-lambda-microvms';
import { CLIENT_SETTINGS } from '../../../src/handlers/engine/calls';
import { applyOverrides, withMembers, withOverrides } from '../../../src/handlers/engine/request-body';

const KEY = 'arn:aws:kms:us-east-1:123456789012:key/1';
const IMAGE = 'arn:aws:lambda:us-east-1:123456789012:microvm-image:app';

interface Sent {
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body: string | Uint8Array;
}

function textOf({ body }: Sent): string {
  return typeof body === 'string' ? body : new TextDecoder().decode(body);
}

/** Sends a command, and returns what was on the wire. */
async function sent(command: any): Promise<{ request: Sent; body: any }> {
  const requests: Sent[] = [];
  const handle = async (request: Sent) => {
    requests.push(request);
    return { response: { statusCode: 200, headers: {}, body: Readable.from([Buffer.from('{}')]) } };
  };
  const client = new LambdaMicrovmsClient({
    ...CLIENT_SETTINGS, region: 'us-east-1', credentials: { accessKeyId: 'key', secretAccessKey: 'secret' }, requestHandler: { handle } as any,
  });
  await client.send(command);
  expect(requests).toHaveLength(1);
  return { request: requests[0], body: JSON.parse(textOf(requests[0])) };
}

const run = (members: object = {}) => new RunMicrovmCommand({ imageIdentifier: IMAGE, clientToken: 'token', ...members });

test('the client drops a member that it does not know', async () => {
  const { body } = await sent(run({ unknownMember: 'value' }));
  expect(body).toEqual({ imageIdentifier: IMAGE, clientToken: 'token' });
});

describe('members', () => {
  test('that the client does not know are in the body, beside those that it knows', async () => {
    const { body } = await sent(withMembers(run(), { kmsKeyIdentifier: KEY, unknown: { nested: [1, true] } }));
    expect(body).toEqual({ imageIdentifier: IMAGE, clientToken: 'token', kmsKeyIdentifier: KEY, unknown: { nested: [1, true] } });
  });

  test('that are absent change nothing', async () => {
    const { body } = await sent(withMembers(run(), { kmsKeyIdentifier: undefined }));
    expect(body).toEqual({ imageIdentifier: IMAGE, clientToken: 'token' });
  });

  test('count for the length of the body, in bytes', async () => {
    const { request } = await sent(withMembers(run(), { unknown: 'ü' }));
    expect(request.headers['content-length']).toBe(String(Buffer.byteLength(textOf(request))));
  });

  test('are signed', async () => {
    const { request } = await sent(withMembers(run(), { kmsKeyIdentifier: KEY }));
    const { headers } = request;
    expect(headers['x-amz-content-sha256']).toBe(createHash('sha256').update(textOf(request)).digest('hex'));
    expect(headers.authorization).toMatch(/SignedHeaders=.*x-amz-content-sha256/);
  });

  test('leave the path of the request as it is', async () => {
    const update = new UpdateMicrovmImageCommand({ imageIdentifier: IMAGE, codeArtifact: { uri: 's3://bucket/key' }, baseImageArn: 'base', buildRoleArn: 'role' });
    const { request, body } = await sent(withMembers(update, { kmsKeyIdentifier: KEY }));
    expect(request.path).toContain(encodeURIComponent(IMAGE));
    expect(body).toMatchObject({ codeArtifact: { uri: 's3://bucket/key' }, kmsKeyIdentifier: KEY });
    expect(body).not.toHaveProperty('imageIdentifier');
  });
});

describe('overrides', () => {
  test('reach the body of a command, at any depth and after everything else', async () => {
    const command = withMembers(run({ logging: { cloudWatch: { logGroup: 'group' } }, maximumDurationInSeconds: 60 }), { kmsKeyIdentifier: KEY });
    const overrides = { 'logging.cloudWatch.unknown': 'yes', 'maximumDurationInSeconds': 30, 'list.0.name': 'first', 'kmsKeyIdentifier': 'other' };
    const { body } = await sent(withOverrides(command, JSON.stringify(overrides)));
    expect(body).toEqual({
      imageIdentifier: IMAGE,
      clientToken: 'token',
      logging: { cloudWatch: { logGroup: 'group', unknown: 'yes' } },
      maximumDurationInSeconds: 30,
      list: [{ name: 'first' }],
      kmsKeyIdentifier: 'other',
    });
  });

  test('that are absent change nothing', async () => {
    const { body } = await sent(withOverrides(run(), undefined));
    expect(body).toEqual({ imageIdentifier: IMAGE, clientToken: 'token' });
  });

  test('apply to a request that no client serializes', () => {
    const request = { Configuration: { VpcEgressConfiguration: { SubnetIds: ['subnet-1'] } } };
    expect(applyOverrides(request, JSON.stringify({ 'Configuration.VpcEgressConfiguration.ElasticIpConfiguration.Type': 'ServiceManaged' }))).toEqual({
      Configuration: { VpcEgressConfiguration: { SubnetIds: ['subnet-1'], ElasticIpConfiguration: { Type: 'ServiceManaged' } } },
    });
    expect(applyOverrides(request, undefined)).toBe(request);
    expect(request.Configuration.VpcEgressConfiguration).toEqual({ SubnetIds: ['subnet-1'] });
  });

  test('create lists for indexes, replace elements, and keep dots after a backslash in a name', () => {
    const request = { list: ['a', 'b'], text: 'text' };
    const overrides = { 'list.1': 'c', 'list.2': 'd', 'text.member': 1, 'variables.a\\.b': 'dotted', 'new.0': 'first' };
    expect(applyOverrides<object>(request, JSON.stringify(overrides))).toEqual({
      list: ['a', 'c', 'd'], text: { member: 1 }, variables: { 'a.b': 'dotted' }, new: ['first'],
    });
  });
});
