import { Readable } from 'node:stream';
import { LambdaMicrovmsClient, ListManagedMicrovmImageVersionsCommand } from '@aws-sdk/client-lambda-microvms';
import { answerTo } from '../../../src/handlers/engine/answer-body';
import { CLIENT_SETTINGS } from '../../../src/handlers/engine/calls';

function clientAnswering(statusCode: number, headers: Record<string, string>, body: string): LambdaMicrovmsClient {
  const handle = async () => ({ response: { statusCode, headers, body: Readable.from(body === '' ? [] : [Buffer.from(body.slice(0, 9)), Buffer.from(body.slice(9))]) } });
  return new LambdaMicrovmsClient({
    ...CLIENT_SETTINGS, region: 'us-east-1', credentials: { accessKeyId: 'key', secretAccessKey: 'secret' }, requestHandler: { handle } as any,
  });
}

const command = () => new ListManagedMicrovmImageVersionsCommand({ imageIdentifier: 'base' });

test('the client drops a member that it does not know, and the recorded answer has it', async () => {
  const sent = command();
  const answer = answerTo(sent);
  const client = clientAnswering(200, {}, JSON.stringify({ items: [{ imageVersion: '1.0', supportedUnknowns: ['a'] }] }));
  await expect(client.send(sent)).resolves.toMatchObject({ items: [expect.not.objectContaining({ supportedUnknowns: ['a'] })] });
  expect(answer()).toEqual({ items: [{ imageVersion: '1.0', supportedUnknowns: ['a'] }] });
});

test('an error is thrown as usual, also if its body is not JSON', async () => {
  const throttled = command();
  const answer = answerTo(throttled);
  await expect(clientAnswering(429, { 'x-amzn-errortype': 'ThrottlingException' }, '{"message":"Rate exceeded"}').send(throttled))
    .rejects.toMatchObject({ name: 'ThrottlingException', message: 'Rate exceeded' });
  const broken = command();
  answerTo(broken);
  await expect(clientAnswering(502, {}, '<html>').send(broken)).rejects.toThrow();
  expect(answer()).toBeUndefined();
});
