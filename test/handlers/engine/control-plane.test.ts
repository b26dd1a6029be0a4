import { Readable } from 'node:stream';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { STSClient } from '@aws-sdk/client-sts';
import { FakeClock, MINUTE, NOW, SECOND, STACK_ID } from './inputs';
import { CallLimits, CLIENT_SETTINGS, WORK_LIMIT, CALL_TIME_LIMIT } from '../../../src/handlers/engine/calls';
import { SYSTEM_CLOCK } from '../../../src/handlers/engine/clock';
import { roleAssumer, stackViewer } from '../../../src/handlers/engine/control-plane';
import { OutOfTimeError } from '../../../src/handlers/engine/errors';
import { GRACE } from '../../../src/handlers/engine/operation';

const SETTINGS = { ...CLIENT_SETTINGS, region: 'us-east-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' } };

interface Answer {
  readonly status?: number;
  readonly xml: string;
}

/** Answers by the action that a request asks for; what it does not know is not reachable. */
class FakeEndpoint {
  public readonly requests: URLSearchParams[] = [];

  public constructor(private readonly answers: Record<string, Answer>) {}

  public async handle({ body }: { body?: unknown }) {
    const request = new URLSearchParams(String(body));
    this.requests.push(request);
    const { status = 200, xml } = this.answers[request.get('Action')!] ?? {};
    if (xml === undefined) throw Object.assign(new Error('connect ECONNREFUSED'), { name: 'Error' });
    return { response: { statusCode: status, headers: { 'content-type': 'text/xml' }, body: Readable.from([Buffer.from(xml)]) } };
  }
}

function stacks(member: string): Answer {
  return { xml: `<DescribeStacksResponse><DescribeStacksResult><Stacks><member>${member}</member></Stacks></DescribeStacksResult></DescribeStacksResponse>` };
}

function resource(members: string): Answer {
  return {
    xml: '<DescribeStackResourceResponse><DescribeStackResourceResult><StackResourceDetail>'
      + `${members}</StackResourceDetail></DescribeStackResourceResult></DescribeStackResourceResponse>`,
  };
}

function refusal(code: string, message: string): Answer {
  return { status: 400, xml: `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>` };
}

describe('the view of the own stack', () => {
  const view = async (answers: Record<string, Answer>, time = NOW) => {
    const endpoint = new FakeEndpoint(answers);
    const clock = new FakeClock(time);
    const observed = await stackViewer(new CloudFormationClient({ ...SETTINGS, requestHandler: endpoint }), new CallLimits(clock, NOW + WORK_LIMIT))(STACK_ID, 'Sandbox');
    return { observed, endpoint };
  };
  const creation = '<CreationTime>2026-11-01T10:00:00.123Z</CreationTime>';
  const update = '<LastUpdatedTime>2026-11-23T09:08:07.456Z</LastUpdatedTime>';
  const name = '<StackName>app</StackName>';
  const detail = resource('<ResourceStatus>UPDATE_IN_PROGRESS</ResourceStatus><PhysicalResourceId>physical</PhysicalResourceId>');

  test('shows status, time and physical id, and asks about this stack and resource only', async () => {
    const { observed, endpoint } = await view({
      DescribeStacks: stacks(`${name}${creation}${update}<StackStatus>UPDATE_IN_PROGRESS</StackStatus>`), DescribeStackResource: detail,
    });
    expect(observed).toEqual({
      stackStatus: 'UPDATE_IN_PROGRESS', stackTime: '2026-11-23T09:08:07.456Z', resourceStatus: 'UPDATE_IN_PROGRESS', physicalId: 'physical',
    });
    expect(endpoint.requests.map(request => [request.get('StackName'), request.get('LogicalResourceId')])).toEqual([[STACK_ID, null], [STACK_ID, 'Sandbox']]);
  });

  test('shows the time of creation for a stack that was never updated', async () => {
    const { observed } = await view({ DescribeStacks: stacks(`${name}${creation}<StackStatus>CREATE_IN_PROGRESS</StackStatus>`), DescribeStackResource: detail });
    expect(observed.stackTime).toBe('2026-11-01T10:00:00.123Z');
  });

  test('says so if the stack has no such resource', async () => {
    const { observed } = await view({
      DescribeStacks: stacks(`${name}${creation}<StackStatus>DELETE_IN_PROGRESS</StackStatus>`),
      DescribeStackResource: refusal('ValidationError', `Resource Sandbox does not exist for stack ${STACK_ID}`),
    });
    expect(observed).toEqual({ stackStatus: 'DELETE_IN_PROGRESS', stackTime: expect.any(String), resourceIsAbsent: true });
  });

  test.each([
    ['it cannot be asked', {}],
    ['it may not be asked', { DescribeStacks: refusal('AccessDenied', 'no'), DescribeStackResource: refusal('AccessDenied', 'no') }],
    ['the stack is gone', {
      DescribeStacks: refusal('ValidationError', `Stack with id ${STACK_ID} does not exist`), DescribeStackResource: refusal('ValidationError', `Stack '${STACK_ID}' does not exist`),
    }],
  ])('never throws and takes nothing for known when %s', async (_, answers) => {
    const { observed } = await view(answers);
    expect(observed).toEqual({ resourceIsAbsent: false });
  });

  test('shows one half if the other cannot be seen', async () => {
    expect((await view({ DescribeStackResource: detail })).observed).toEqual({ resourceStatus: 'UPDATE_IN_PROGRESS', physicalId: 'physical' });
    expect((await view({ DescribeStacks: stacks(`${name}${creation}<StackStatus>CREATE_IN_PROGRESS</StackStatus>`) })).observed)
      .toMatchObject({ stackStatus: 'CREATE_IN_PROGRESS', resourceIsAbsent: false });
  });
});

describe('the time limit of calls', () => {
  const limits = (time: number) => new CallLimits(new FakeClock(time), NOW + WORK_LIMIT);

  test('leaves no call that could end after the handler should have', () => {
    expect(limits(NOW + WORK_LIMIT - CALL_TIME_LIMIT).options().abortSignal.aborted).toBe(false);
    expect(() => limits(NOW + WORK_LIMIT - CALL_TIME_LIMIT + 1).options()).toThrow(OutOfTimeError);
  });

  test('leaves ten seconds of the minute that the function has', () => {
    expect(WORK_LIMIT).toBe(50 * SECOND);
  });

  test('and one poll are the grace for changes under way', () => {
    expect([CALL_TIME_LIMIT, GRACE]).toEqual([4 * SECOND, 10 * SECOND]);
  });

  test('is not stretched by hidden retries', () => {
    expect(CLIENT_SETTINGS.maxAttempts).toBe(1);
  });
});

describe('assuming the role of a resource', () => {
  const credentials = (key: string): Answer => ({
    xml: `<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>${key}</AccessKeyId><SecretAccessKey>secret</SecretAccessKey>`
      + '<SessionToken>session</SessionToken><Expiration>2026-11-23T00:15:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>',
  });
  const assuming = (answer: Answer, clock: FakeClock) => {
    const endpoint = new FakeEndpoint({ AssumeRole: answer });
    return { endpoint, assume: roleAssumer(new STSClient({ ...SETTINGS, requestHandler: endpoint }), clock, new CallLimits(clock, Infinity)) };
  };

  test('gives the credentials of a short session named after the resource', async () => {
    const { assume, endpoint } = assuming(credentials('key'), new FakeClock());
    await expect(assume('arn:aws:iam::123456789012:role/one', 'A'.repeat(200))).resolves.toEqual({ accessKeyId: 'key', secretAccessKey: 'secret', sessionToken: 'session' });
    expect(Object.fromEntries(endpoint.requests[0])).toMatchObject({
      RoleArn: 'arn:aws:iam::123456789012:role/one', RoleSessionName: 'A'.repeat(64), DurationSeconds: '900',
    });
  });

  test('is not repeated for each poll, but well before the session ends', async () => {
    const clock = new FakeClock();
    const { assume, endpoint } = assuming(credentials('key'), clock);
    for (const minutes of [0, 5, 9.9, 10, 11]) {
      clock.time = NOW + minutes * MINUTE;
      await assume('arn:aws:iam::123456789012:role/two', 'Sandbox');
    }
    expect(endpoint.requests).toHaveLength(2);
  });

  test('is done anew for another role', async () => {
    const { assume, endpoint } = assuming(credentials('key'), new FakeClock());
    await assume('arn:aws:iam::123456789012:role/three', 'Sandbox');
    await assume('arn:aws:iam::123456789012:role/four', 'Sandbox');
    expect(endpoint.requests.map(request => request.get('RoleArn'))).toEqual(['arn:aws:iam::123456789012:role/three', 'arn:aws:iam::123456789012:role/four']);
  });

  test('fails in the words of the service, and is tried again the next time', async () => {
    const { assume, endpoint } = assuming(refusal('AccessDenied', 'not authorized to perform: sts:AssumeRole'), new FakeClock());
    for (const _ of [1, 2]) {
      await expect(assume('arn:aws:iam::123456789012:role/five', 'Sandbox')).rejects.toMatchObject({ name: 'AccessDenied', message: 'not authorized to perform: sts:AssumeRole' });
    }
    expect(endpoint.requests).toHaveLength(2);
  });

  test('fails if the answer holds no credentials', async () => {
    const { assume } = assuming({ xml: '<AssumeRoleResponse><AssumeRoleResult/></AssumeRoleResponse>' }, new FakeClock());
    await expect(assume('arn:aws:iam::123456789012:role/six', 'Sandbox')).rejects.toThrow('no credentials for the role arn:aws:iam::123456789012:role/six');
  });
});

test('the clock of the system tells the time', async () => {
  const before = Date.now();
  await SYSTEM_CLOCK.sleep(0);
  expect(SYSTEM_CLOCK.now()).toBeGreaterThanOrEqual(before);
});
