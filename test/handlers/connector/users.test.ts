import { LambdaMicrovmsClient } from '@aws-sdk/client-lambda-microvms';
import { ARN } from './inputs';
import type { EgressOfMicrovms, IncompleteLists, UserQuery } from '../../../src/handlers/connector/users';
import { UserSearch } from '../../../src/handlers/connector/users';
import { CallLimits, CLIENT_SETTINGS, WORK_LIMIT } from '../../../src/handlers/engine/calls';
import { OutOfTimeError } from '../../../src/handlers/engine/errors';
import type { ClientRequest } from '../../../tools/simulator/in-process';
import { FakeClock, MINUTE, NOW, SECOND } from '../engine/inputs';

const OTHER = `${ARN}-other`;
const PAGE = 50;

interface FakeMicrovm {
  readonly id: string;
  readonly state?: string;
  readonly startedAt?: number;
  /** Absent: GetMicrovm answers that the MicroVM does not exist. */
  readonly egress?: string[];
}

/** An account, a container of the handler, and a clock. */
class Account {
  public readonly clock = new FakeClock();
  public readonly egressOf: EgressOfMicrovms = new Map();
  public readonly incomplete: IncompleteLists = new Map();
  /** The tokens of the pages that were listed, and the IDs that were described. */
  public readonly listed: string[] = [];
  public readonly described: string[] = [];
  /** The error name of the next calls, by number of calls from now. */
  public readonly failures = new Map<number, string>();

  /** How many calls were under way at the same time, at most. */
  public mostParallel = 0;
  private underWay = 0;

  public constructor(public microvms: FakeMicrovm[], private readonly callDuration = 100) {}

  /** Makes a search in a new poll. */
  public async find(query: Partial<UserQuery> = {}, seconds = WORK_LIMIT / SECOND) {
    const { clock } = this;
    const client = new LambdaMicrovmsClient({
      ...CLIENT_SETTINGS,
      region: 'us-east-1',
      credentials: { accessKeyId: 'key', secretAccessKey: 'secret' },
      requestHandler: { handle: async (request: ClientRequest) => ({ response: await this.answer(request) }) } as any,
    });
    const search = new UserSearch(client, new CallLimits(clock, clock.now() + seconds * SECOND), this.egressOf, this.incomplete);
    return search.find(ARN, { now: clock.now(), since: NOW, oneIsEnough: false, ...query });
  }

  private async answer({ path, query }: ClientRequest) {
    this.mostParallel = Math.max(this.mostParallel, ++this.underWay);
    await new Promise(setImmediate);
    this.underWay--;
    this.clock.time += this.callDuration;
    const failure = this.failures.get(0);
    this.failures.delete(0);
    for (const [calls, name] of [...this.failures]) {
      this.failures.delete(calls);
      this.failures.set(calls - 1, name);
    }
    const id = path.split('/')[3];
    const found = this.microvms.find(microvm => microvm.id === id);
    if (failure !== undefined) return this.error(failure);
    if (id === undefined) return this.body(this.page(query as Record<string, string>));
    this.described.push(id);
    return found?.egress ? this.body({ microvmId: id, egressNetworkConnectors: found.egress }) : this.error('ResourceNotFoundException');
  }

  private page({ nextToken = '0', maxResults }: Record<string, string>) {
    this.listed.push(nextToken);
    const [start, size] = [Number(nextToken), Number(maxResults)];
    const items = this.microvms.slice(start, start + size).map(({ id, state = 'RUNNING', startedAt = NOW - 60 * MINUTE }) => ({
      microvmId: id, state, startedAt: startedAt / SECOND,
    }));
    return { items, nextToken: start + size < this.microvms.length ? String(start + size) : undefined };
  }

  private body(content: object) {
    return { statusCode: 200, headers: {}, body: Buffer.from(JSON.stringify(content)) };
  }

  private error(name: string) {
    return { statusCode: 400, headers: { 'x-amzn-errortype': name }, body: Buffer.from('{}') };
  }
}

function terminated(count: number): FakeMicrovm[] {
  return Array.from({ length: count }, (_, index) => ({ id: `terminated-${index}`, state: 'TERMINATED' }));
}

const user: FakeMicrovm = { id: 'user', egress: [ARN] };
const found = { microvmId: 'user', startedAt: NOW - 60 * MINUTE, version: undefined };

describe('a search', () => {
  test('lists as many MicroVMs per page as the service allows', async () => {
    const account = new Account([...terminated(120), user]);
    await expect(account.find()).resolves.toEqual({ known: [found], unknown: [], isComplete: true });
    expect(account.listed).toEqual(['0', '50', '100']);
    expect(account.incomplete.size).toBe(0);
  });

  test('describes ten MicroVMs in parallel', async () => {
    const account = new Account(Array.from({ length: 25 }, (_, index) => ({ id: `user-${index}`, egress: [ARN] })));
    await expect(account.find()).resolves.toMatchObject({ known: { length: 25 } });
    expect(account.mostParallel).toBe(10);
  });

  test('does not know whether a MicroVM without egress uses the connector until it is a minute old', async () => {
    const none = (age: number) => ({ id: `none-${age}`, egress: [], startedAt: NOW - age });
    const account = new Account([none(MINUTE + SECOND), none(SECOND)]);
    const unknown = [{ microvmId: 'none-1000', startedAt: NOW - SECOND }];
    await expect(account.find()).resolves.toEqual({ known: [], unknown, isComplete: true });
    await expect(account.find()).resolves.toEqual({ known: [], unknown, isComplete: true });
    account.clock.time = NOW + MINUTE;
    await expect(account.find()).resolves.toEqual({ known: [], unknown: [], isComplete: true });
    expect(account.described).toEqual(['none-61000', 'none-1000', 'none-1000', 'none-1000']);
  });
});

describe('a MicroVM that is listed but does not exist for GetMicrovm', () => {
  test('is unknown, does not fail the search, and is described again by the next one', async () => {
    const account = new Account([user, { id: 'new', startedAt: NOW - SECOND }]);
    await expect(account.find()).resolves.toEqual({ known: [found], unknown: [{ microvmId: 'new', startedAt: NOW - SECOND }], isComplete: true });
    account.microvms = [user, { id: 'new', startedAt: NOW - SECOND, egress: [OTHER] }];
    await expect(account.find()).resolves.toEqual({ known: [found], unknown: [], isComplete: true });
    expect(account.described).toEqual(['user', 'new', 'new']);
  });

  test('is described once per search, however many pages there are', async () => {
    const account = new Account([{ id: 'new' }, ...terminated(3 * PAGE)]);
    await account.find();
    expect(account.described).toEqual(['new']);
  });
});

describe('a list that is too long for one poll', () => {
  /** 48 pages in 48 seconds. */
  const long = (more: FakeMicrovm[] = [], first: FakeMicrovm[] = []) => new Account([...first, ...terminated(2_400), ...more], SECOND);

  test('is incomplete, and the next poll goes on where the last one stopped', async () => {
    const account = long([user]);
    await expect(account.find()).resolves.toEqual({ known: [], unknown: [], isComplete: false });
    const stopped = account.listed.length;
    expect(stopped).toBeGreaterThan(40);
    account.clock.time += 6 * SECOND;
    await expect(account.find()).resolves.toEqual({ known: [found], unknown: [], isComplete: true });
    expect(account.listed).toEqual([...new Set(account.listed)]);
    expect(account.listed).toHaveLength(49);
  });

  test('that is complete is not continued: the next search begins again', async () => {
    const account = new Account(terminated(60));
    await account.find();
    await account.find();
    expect(account.listed).toEqual(['0', '50', '0', '50']);
  });

  test('is incomplete as long as a MicroVM of it has not been described', async () => {
    const account = new Account([user]);
    await expect(account.find({}, 4.05)).resolves.toEqual({ known: [], unknown: [], isComplete: false });
    await expect(account.find()).resolves.toMatchObject({ known: [found], isComplete: true });
    expect(account.listed).toEqual(['0']);
  });

  test('is not continued for what must include later launches', async () => {
    const account = long();
    await account.find();
    account.clock.time += 6 * SECOND;
    await account.find({ since: NOW + SECOND });
    expect(account.listed.filter(token => token === '0')).toHaveLength(2);
  });

  test('is not continued two minutes after it began', async () => {
    const account = long();
    await account.find();
    account.clock.time = NOW + 2 * MINUTE;
    await account.find();
    expect(account.listed.filter(token => token === '0')).toHaveLength(2);
  });

  test('is listed for ten seconds only if one user is enough, and then from the beginning', async () => {
    const account = new Account([user, ...terminated(101 * PAGE)]);
    await expect(account.find({ oneIsEnough: true })).resolves.toEqual({ known: [found], unknown: [], isComplete: false });
    expect([account.listed.length, account.clock.time]).toEqual([100, NOW + 10.1 * SECOND]);
    account.microvms = terminated(10);
    await expect(account.find({ oneIsEnough: true })).resolves.toEqual({ known: [], unknown: [], isComplete: true });
  });

  test('is listed to its end if all users are needed', async () => {
    const account = long([], [user]);
    await account.find();
    await expect(account.find()).resolves.toEqual({ known: [found], unknown: [], isComplete: true });
  });

  test('cannot be read without time for one page', async () => {
    await expect(long().find({}, 1)).rejects.toThrow(OutOfTimeError);
  });
});

describe('an error', () => {
  test('of a page or a description fails the search, and the next poll goes on after the last page', async () => {
    const account = new Account([{ id: 'one', egress: [OTHER] }, ...terminated(60), user]);
    account.failures.set(2, 'ThrottlingException');
    await expect(account.find()).rejects.toMatchObject({ name: 'ThrottlingException' });
    account.failures.set(1, 'ThrottlingException');
    await expect(account.find()).rejects.toMatchObject({ name: 'ThrottlingException' });
    await expect(account.find()).resolves.toEqual({ known: [found], unknown: [], isComplete: true });
    expect(account.listed).toEqual(['0', '50']);
  });

  test('that may mean that the token of an earlier poll is not valid begins the list again', async () => {
    const account = new Account(terminated(60));
    account.failures.set(1, 'ThrottlingException');
    await expect(account.find()).rejects.toMatchObject({ name: 'ThrottlingException' });
    account.failures.set(0, 'ValidationException');
    await expect(account.find()).rejects.toMatchObject({ name: 'ValidationException' });
    await expect(account.find()).resolves.toEqual({ known: [], unknown: [], isComplete: true });
    expect(account.listed).toEqual(['0', '0', '50']);
  });
});
