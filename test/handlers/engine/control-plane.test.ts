import { Readable } from 'node:stream';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { STSClient } from '@aws-sdk/client-sts';
import { FakeClock, MINUTE, NOW, STACK_ID } from './inputs';
import { CallLimits, CLIENT_SETTINGS, WORK_LIMIT } from '../../../src/handlers/engine/calls';
import { roleAssumer, stackViewer } from '../../../src/handlers/engine/control-plane';

const SETTINGS = { ...CLIENT_SETTINGS, region: 'us-east-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' } };

interface Answer {
  readonly status?: number;
  readonly xml: string;
}

/** Answers requests by their action. Requests for other actions fail as if the endpoint could not be reached. */
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

function errorAnswer(code: string, message: string): Answer {
  return { status: 400, xml: `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>` };
}

describe('the view of the stack', () => {
  const view = async (answers: Record<string, Answer>, { time = NOW, scope = 'all' as 'all' | 'resource' } = {}) => {
    const endpoint = new FakeEndpoint(answers);
    const clock = new FakeClock(time);
    const observed = await stackViewer(new CloudFormationClient({ ...SETTINGS, requestHandler: endpoint }), new CallLimits(clock, NOW + WORK_LIMIT))(STACK_ID, 'Sandbox', scope);
    return { observed, endpoint };
  };
  const creation = '<CreationTime>2026-11-01T10:00:00.123Z</CreationTime>';
  const update = '<LastUpdatedTime>2026-11-23T09:08:07.456Z</LastUpdatedTime>';
  const name = '<StackName>app</StackName>';
  const detail = resource('<ResourceStatus>UPDATE_IN_PROGRESS</ResourceStatus><LastUpdatedTimestamp>2026-11-23T09:08:08.789Z</LastUpdatedTimestamp>'
    + '<PhysicalResourceId>physical</PhysicalResourceId>');

  test('shows status, time and physical ID, and requests only this stack and resource', async () => {
    const { observed, endpoint } = await view({
      DescribeStacks: stacks(`${name}${creation}${update}<StackStatus>UPDATE_IN_PROGRESS</StackStatus>`), DescribeStackResource: detail,
    });
    expect(observed).toEqual({
      stackStatus: 'UPDATE_IN_PROGRESS',
      stackTime: '2026-11-23T09:08:07.456Z',
      resourceStatus: 'UPDATE_IN_PROGRESS',
      resourceTime: '2026-11-23T09:08:08.789Z',
      physicalId: 'physical',
    });
    expect(endpoint.requests.map(request => [request.get('StackName'), request.get('LogicalResourceId')])).toEqual([[STACK_ID, 'Sandbox'], [STACK_ID, null]]);
  });

  test('of the resource alone takes one call', async () => {
    const { observed, endpoint } = await view({ DescribeStackResource: detail }, { scope: 'resource' });
    expect(observed).toEqual({ resourceStatus: 'UPDATE_IN_PROGRESS', resourceTime: '2026-11-23T09:08:08.789Z', physicalId: 'physical' });
    expect(endpoint.requests).toHaveLength(1);
  });

  test('shows the time of creation for a stack that was never updated', async () => {
    const { observed } = await view({ DescribeStacks: stacks(`${name}${creation}<StackStatus>CREATE_IN_PROGRESS</StackStatus>`), DescribeStackResource: detail });
    expect(observed.stackTime).toBe('2026-11-01T10:00:00.123Z');
  });

  test('says that the resource is absent if the stack does not have it', async () => {
    const { observed } = await view({
      DescribeStacks: stacks(`${name}${creation}<StackStatus>DELETE_IN_PROGRESS</StackStatus>`),
      DescribeStackResource: errorAnswer('ValidationError', `Resource Sandbox does not exist for stack ${STACK_ID}`),
    });
    expect(observed).toEqual({ stackStatus: 'DELETE_IN_PROGRESS', stackTime: expect.any(String), resourceIsAbsent: true });
  });

  test.each([
    ['CloudFormation cannot be reached', {}],
    ['CloudFormation limits the rate of calls', { DescribeStacks: errorAnswer('Throttling', 'Rate exceeded'), DescribeStackResource: errorAnswer('Throttling', 'Rate exceeded') }],
  ])('never throws, and is incomplete if %s', async (_, answers) => {
    expect((await view(answers)).observed).toEqual({ isIncomplete: true });
  });

  test('is incomplete if the invocation has no time left', async () => {
    expect((await view({ DescribeStackResource: detail }, { time: NOW + WORK_LIMIT })).observed).toEqual({ isIncomplete: true });
  });

  test.each([
    ['IAM denies the calls', { DescribeStacks: errorAnswer('AccessDenied', 'no'), DescribeStackResource: errorAnswer('AccessDenied', 'no') }],
    ['the stack has been deleted', {
      DescribeStacks: errorAnswer('ValidationError', `Stack with id ${STACK_ID} does not exist`), DescribeStackResource: errorAnswer('ValidationError', `Stack '${STACK_ID}' does not exist`),
    }],
  ])('never throws, and shows nothing if %s', async (_, answers) => {
    const { observed } = await view(answers);
    expect(observed).toEqual({});
  });

  test('shows the stack or the resource if only the other cannot be described', async () => {
    expect((await view({ DescribeStackResource: detail })).observed).toMatchObject({ resourceStatus: 'UPDATE_IN_PROGRESS', isIncomplete: true });
    expect((await view({ DescribeStacks: stacks(`${name}${creation}<StackStatus>CREATE_IN_PROGRESS</StackStatus>`) })).observed)
      .toMatchObject({ stackStatus: 'CREATE_IN_PROGRESS', isIncomplete: true });
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

  test('returns credentials of a short session with the name of the resource', async () => {
    const { assume, endpoint } = assuming(credentials('key'), new FakeClock());
    await expect(assume('arn:aws:iam::123456789012:role/one', 'A'.repeat(200))).resolves.toEqual({ accessKeyId: 'key', secretAccessKey: 'secret', sessionToken: 'session' });
    expect(Object.fromEntries(endpoint.requests[0])).toMatchObject({
      RoleArn: 'arn:aws:iam::123456789012:role/one', RoleSessionName: 'A'.repeat(64), DurationSeconds: '900',
    });
  });

  test('happens again before the session ends, but not in each poll', async () => {
    const clock = new FakeClock();
    const { assume, endpoint } = assuming(credentials('key'), clock);
    for (const minutes of [0, 5, 9.9, 10, 11]) {
      clock.time = NOW + minutes * MINUTE;
      await assume('arn:aws:iam::123456789012:role/two', 'Sandbox');
    }
    expect(endpoint.requests).toHaveLength(2);
  });

  test('happens for each role', async () => {
    const { assume, endpoint } = assuming(credentials('key'), new FakeClock());
    await assume('arn:aws:iam::123456789012:role/three', 'Sandbox');
    await assume('arn:aws:iam::123456789012:role/four', 'Sandbox');
    expect(endpoint.requests.map(request => request.get('RoleArn'))).toEqual(['arn:aws:iam::123456789012:role/three', 'arn:aws:iam::123456789012:role/four']);
  });

  test('fails with the error of the service, and is tried again the next time', async () => {
    const { assume, endpoint } = assuming(errorAnswer('AccessDenied', 'not authorized to perform: sts:AssumeRole'), new FakeClock());
    for (const _ of [1, 2]) {
      await expect(assume('arn:aws:iam::123456789012:role/five', 'Sandbox')).rejects.toMatchObject({ name: 'AccessDenied', message: 'not authorized to perform: sts:AssumeRole' });
    }
    expect(endpoint.requests).toHaveLength(2);
  });

  test('fails if the answer contains no credentials', async () => {
    const { assume } = assuming({ xml: '<AssumeRoleResponse><AssumeRoleResult/></AssumeRoleResponse>' }, new FakeClock());
    await expect(assume('arn:aws:iam::123456789012:role/six', 'Sandbox')).rejects.toThrow('no credentials for the role arn:aws:iam::123456789012:role/six');
  });
});
