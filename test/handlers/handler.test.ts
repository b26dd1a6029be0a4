import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import {
  ARN as CONNECTOR, connector, FakeConnectors, lookupEvent, ourTags, pollEvent as connectorEvent, TEN_IDS_AND_MORE, TWELVE_USERS,
  version as connectorVersion,
} from './connector/inputs';
import { FakeClock, MINUTE, NOW, SECOND, serviceError } from './engine/inputs';
import { arnOf, FakeImages, image, imageWorld, pollEvent, properties, version } from './image/inputs';
import type { MicrovmImageProperties } from '../../src/contract/image';
import type { NetworkConnectorService } from '../../src/handlers/connector/service';
import { CallLimits } from '../../src/handlers/engine/calls';
import { stackViewer } from '../../src/handlers/engine/control-plane';
import type { IsCompleteAnswer, OnEventAnswer, PollEvent, RequestType, ResourceEvent } from '../../src/handlers/engine/event';
import { hash } from '../../src/handlers/engine/fingerprint';
import type { StackView } from '../../src/handlers/engine/stack';
import type { Handler, Dependencies } from '../../src/handlers/handler';
import { createHandler } from '../../src/handlers/handler';
import { fingerprintOf } from '../../src/handlers/image/request';
import type { MicrovmImageService } from '../../src/handlers/image/service';

const ARN = arnOf('sandbox');
const TIME = '2026-11-23T00:00:00.000Z';
const SETTINGS = { maxAttempts: 1, region: 'us-east-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' } };
const UNREACHABLE = new CloudFormationClient({ ...SETTINGS, requestHandler: { handle: async () => { throw new Error('connect ECONNREFUSED'); } } });
const CREATING: StackView = { stackStatus: 'CREATE_IN_PROGRESS', stackTime: TIME, resourceStatus: 'CREATE_IN_PROGRESS' };
const UPDATING: StackView = { stackStatus: 'UPDATE_IN_PROGRESS', stackTime: TIME, resourceStatus: 'UPDATE_IN_PROGRESS', physicalId: ARN };
const ROLLING_BACK: StackView = { ...UPDATING, stackStatus: 'UPDATE_ROLLBACK_IN_PROGRESS', resourceStatus: 'UPDATE_FAILED' };

/** A handler in a tiny dependencies: what the service answers and what CloudFormation shows are up to the test. */
class Bench {
  public readonly clock = new FakeClock();
  public readonly images: FakeImages;
  public readonly connectors: FakeConnectors;
  public readonly sessions: string[] = [];
  public view: StackView = CREATING;
  public readonly handler: Handler;

  public constructor(
    answers: Partial<MicrovmImageService> = {}, dependencies: Partial<Dependencies> = {}, connectorAnswers: Partial<NetworkConnectorService> = {},
  ) {
    this.images = new FakeImages(answers);
    this.connectors = new FakeConnectors(connectorAnswers);
    this.handler = createHandler(() => ({
      ...imageWorld(this.images),
      clock: this.clock,
      images: async roleArn => { this.sessions.push(roleArn); return this.images.service; },
      connectors: async roleArn => { this.sessions.push(roleArn); return this.connectors.service; },
      launches: async () => { throw new Error('the test expects no launch'); },
      viewStack: async () => this.view,
      ...dependencies,
    }));
  }

  /** The first event of an operation. */
  public async begin(event: ResourceEvent): Promise<OnEventAnswer> {
    return await this.handler(event) as OnEventAnswer;
  }

  /** A poll, with what the framework makes of event and answer: JSON. */
  public async poll(event: ResourceEvent, begun: OnEventAnswer): Promise<IsCompleteAnswer> {
    return await this.handler(JSON.parse(JSON.stringify({ ...event, ...begun })) as PollEvent) as IsCompleteAnswer;
  }
}

function request(RequestType: RequestType, more: Partial<MicrovmImageProperties> = {}, rest: Partial<ResourceEvent> = {}): ResourceEvent {
  const { Operation, OldResourceProperties, PhysicalResourceId, ...event } = pollEvent({ RequestType, ResourceProperties: more });
  return {
    ...event,
    ...(RequestType === 'Create' ? {} : { PhysicalResourceId }),
    ...(RequestType === 'Update' ? { OldResourceProperties } : {}),
    ...rest,
  };
}

describe('the first event', () => {
  test.each<RequestType>(['Create', 'Update', 'Delete'])('changes nothing in the service and assumes no role: %s', async type => {
    const bench = new Bench();
    await bench.begin(request(type, { BaseImageVersion: undefined }));
    expect(bench.images.calls).toEqual([]);
    expect(bench.sessions).toEqual([]);
  });

  test('describes the operation for all its polls', async () => {
    await expect(new Bench().begin(request('Create', { BaseImageVersion: undefined }))).resolves.toEqual({
      PhysicalResourceId: ARN,
      Operation: {
        Id: `request@${TIME}`,
        StackTime: TIME,
        Phase: 'forward',
        StartedAt: NOW,
        RequestPhysicalId: undefined,
        Resolved: { newestBaseImage: '2', availableBaseImages: '2 1' },
      },
    });
  });

  test('keeps the physical id that CloudFormation knew', async () => {
    const rename = request('Update', { ImageArn: arnOf('new-name'), ImageName: 'new-name' });
    await expect(new Bench().begin(rename)).resolves.toMatchObject({ PhysicalResourceId: arnOf('new-name'), Operation: { RequestPhysicalId: ARN } });
  });

  test('answers a deletion with an invented physical id unchanged', async () => {
    const answer = await new Bench().begin(request('Delete', {}, { PhysicalResourceId: 'app-Sandbox-1ABC' }));
    expect(answer.PhysicalResourceId).toBe('app-Sandbox-1ABC');
  });

  test('never throws when CloudFormation cannot be read', async () => {
    const viewStack = stackViewer(UNREACHABLE, new CallLimits(new FakeClock(), Infinity));
    await expect(new Bench({}, { viewStack }).begin(request('Create'))).resolves.toMatchObject({ PhysicalResourceId: ARN, Operation: { Id: 'request@', Phase: 'unknown' } });
  });

  test('never throws when there is no time to read anything', async () => {
    const viewStack = stackViewer(UNREACHABLE, new CallLimits(new FakeClock(), 0));
    await expect(new Bench({}, { viewStack }).begin(request('Create'))).resolves.toMatchObject({ Operation: { Phase: 'unknown' } });
  });

  test('never throws when the list of base images cannot be read', async () => {
    const baseImages = { baseImage: async () => { throw serviceError('AccessDeniedException', 'no'); } };
    const answer = await new Bench({}, { baseImages }).begin(request('Create', { BaseImageVersion: undefined }));
    expect(answer.Operation.Resolved).toBeUndefined();
  });
});

describe('a poll', () => {
  test('is told from the first event by the description that the first event answered', async () => {
    const bench = new Bench({ image: async () => 'absent', create: async () => ({ createdAt: NOW }) });
    const create = request('Create');
    const begun = await bench.begin(create);
    expect(bench.images.calls).toEqual([]);
    await expect(bench.poll(create, begun)).resolves.toEqual({ IsComplete: false });
    expect(bench.images.calls).toEqual(['image', 'create']);
  });

  test('looks the base image up itself if the first event could not, and says why it cannot', async () => {
    const baseImages = { baseImage: async () => { throw serviceError('ThrottlingException', 'Rate exceeded'); } };
    const bench = new Bench({ image: async () => 'absent' }, { baseImages });
    const create = request('Create', { BaseImageVersion: undefined });
    const begun = await bench.begin(create);
    await expect(bench.poll(create, begun)).resolves.toEqual({ IsComplete: false });
    bench.clock.time += 50 * MINUTE;
    await expect(bench.poll(create, begun)).rejects.toThrow('the last answer was ThrottlingException: Rate exceeded');
  });

  test('answers the attributes of the image when it is done', async () => {
    const bench = new Bench({
      image: async () => image({ state: 'CREATED' }),
      versions: async () => [version(1, { content: fingerprintOf(properties()), by: hash(`request@${TIME}`).slice(0, 12) })],
    });
    const create = request('Create');
    await expect(bench.poll(create, await bench.begin(create))).resolves.toEqual({ IsComplete: false });
    const tagged = { ...image({ state: 'CREATED' }), tags: { ...image().tags, team: 'runtime' } };
    const done = new Bench({ image: async () => tagged, versions: async () => [version(1, { content: fingerprintOf(properties()) })] });
    await expect(done.poll(create, await done.begin(create)))
      .resolves.toEqual({ IsComplete: true, Data: { ImageArn: ARN, ImageVersion: '1.0', BaseImageVersion: '2.0' } });
  });

  test('of a cancelled operation changes nothing and answers nothing', async () => {
    const bench = new Bench({ image: async () => image(), versions: async () => [version(1, { content: 'other' })] });
    bench.view = UPDATING;
    const update = request('Update');
    const begun = await bench.begin(update);
    bench.view = ROLLING_BACK;
    bench.clock.time += MINUTE;
    await expect(bench.poll(update, begun)).resolves.toEqual({ IsComplete: false });
    expect(bench.images.calls).toEqual(['image', 'versions']);
  });

  test('says at the deadline, which is the one of its properties, what it was waiting for', async () => {
    const bench = new Bench({ image: async () => image({ state: 'DELETING' }) });
    const create = request('Create', { TimeoutSeconds: '300' });
    const begun = await bench.begin(create);
    bench.clock.time += 299 * SECOND;
    await expect(bench.poll(create, begun)).resolves.toEqual({ IsComplete: false });
    bench.clock.time += SECOND;
    await expect(bench.poll(create, begun)).rejects.toThrow("timed out after 5 minutes of waiting for an earlier microvm image 'sandbox' to be deleted");
  });

  test('never shows values of the environment', async () => {
    const words = 'cannot use correct horse battery staple, Y29ycmVjdCBob3JzZSBiYXR0ZXJ5IHN0YXBsZQ==';
    const bench = new Bench({ image: async () => 'absent', create: async () => { throw serviceError('ValidationException', words); } });
    const create = request('Create');
    const begun = await bench.begin(create);
    await expect(bench.poll(create, begun)).rejects.toThrow("the service rejected microvm image 'sandbox': cannot use ***, ***");
  });

  test('without a description of a stack changes what it must all the same', async () => {
    const bench = new Bench({ image: async () => 'absent', create: async () => ({ createdAt: NOW }) });
    bench.view = {};
    const create = request('Create');
    await bench.poll(create, await bench.begin(create));
    expect(bench.images.calls).toContain('create');
  });
});

describe('waiting', () => {
  /** Polls for some minutes as the framework does. */
  async function pollFor(minutes: number, bench: Bench, event: ResourceEvent): Promise<void> {
    const begun = await bench.begin(event);
    bench.clock.time += 10 * SECOND;
    for (const end = bench.clock.now() + minutes * MINUTE; bench.clock.now() < end; bench.clock.time += 6 * SECOND) {
      await expect(bench.poll(event, begun)).resolves.toEqual({ IsComplete: false });
    }
  }

  test('for a build, an image in motion is asked for once per poll and its versions once a minute: 11 calls a minute', async () => {
    const bench = new Bench({
      image: async () => image({ state: 'CREATING' }), versions: async () => [version(1, { state: 'IN_PROGRESS', active: false })],
    });
    await pollFor(10, bench, request('Create'));
    expect(bench.images.calls.filter(call => call === 'image')).toHaveLength(100);
    expect(bench.images.calls.filter(call => call === 'versions')).toHaveLength(10);
    expect(bench.images.calls).toHaveLength(110);
  });

  test('for builds that keep an image from being deleted is one call per poll', async () => {
    const bench = new Bench({ image: async () => image({ state: 'UPDATING' }) });
    bench.view = { stackStatus: 'DELETE_IN_PROGRESS', stackTime: TIME, resourceStatus: 'DELETE_IN_PROGRESS', physicalId: ARN };
    await pollFor(2, bench, request('Delete'));
    expect(bench.images.calls).toHaveLength(20);
  });

  test('for a name to be free is one call per poll', async () => {
    const bench = new Bench({ image: async () => image({ state: 'DELETING' }) });
    await pollFor(2, bench, request('Create'));
    expect(bench.images.calls).toHaveLength(20);
  });
});

describe('a deletion', () => {
  test('ends the MicroVMs of an image before it deletes it, and answers when the name is free', async () => {
    const states = { microvm: 'RUNNING' as 'RUNNING' | 'TERMINATING' | 'TERMINATED', image: 'UPDATED' as 'UPDATED' | 'DELETING' | 'gone' };
    const bench = new Bench({
      image: async () => states.image === 'gone' ? 'absent' : image({ state: states.image }),
      microvms: async () => states.microvm === 'TERMINATED' ? [] : [{ id: 'microvm-1', state: states.microvm, imageVersion: '1.0' }],
      terminate: async () => { states.microvm = 'TERMINATING'; },
      deleteImage: async () => { states.image = 'DELETING'; },
    });
    bench.view = { stackStatus: 'DELETE_IN_PROGRESS', stackTime: TIME, resourceStatus: 'DELETE_IN_PROGRESS', physicalId: ARN };
    const deletion = request('Delete');
    const begun = await bench.begin(deletion);
    const poll = async () => {
      bench.images.calls.length = 0;
      bench.clock.time += 10 * SECOND;
      const { IsComplete } = await bench.poll(deletion, begun);
      return [IsComplete, ...bench.images.calls];
    };

    expect(await poll()).toEqual([false, 'image', 'microvms', 'terminate']);
    expect(await poll()).toEqual([false, 'image', 'microvms']);
    states.microvm = 'TERMINATED';
    expect(await poll()).toEqual([false, 'image', 'microvms', 'deleteImage']);
    expect(await poll()).toEqual([false, 'image']);
    states.image = 'gone';
    expect(await poll()).toEqual([true, 'image', 'image', 'image']);
  });

  test('does not act before the changes of a cancelled creation have landed', async () => {
    const bench = new Bench({ image: async () => 'absent' });
    bench.view = { stackStatus: 'ROLLBACK_IN_PROGRESS', stackTime: TIME, resourceStatus: 'DELETE_IN_PROGRESS', physicalId: 'app-Sandbox-1ABC' };
    const deletion = request('Delete', {}, { PhysicalResourceId: 'app-Sandbox-1ABC' });
    const begun = await bench.begin(deletion);
    await expect(bench.poll(deletion, begun)).resolves.toEqual({ IsComplete: false });
    expect(bench.images.calls).toEqual([]);
    bench.clock.time += 10 * SECOND;
    await expect(bench.poll(deletion, begun)).resolves.toEqual({ IsComplete: true });
  });

  test('that may not assume its role waits until the deadline and fails then, but never succeeds', async () => {
    const images = async () => { throw serviceError('AccessDenied', 'not authorized to perform: sts:AssumeRole'); };
    const bench = new Bench({}, { images });
    bench.view = { stackStatus: 'DELETE_IN_PROGRESS', stackTime: TIME, resourceStatus: 'DELETE_IN_PROGRESS', physicalId: ARN };
    const deletion = request('Delete');
    const begun = await bench.begin(deletion);
    bench.clock.time += 49 * MINUTE;
    await expect(bench.poll(deletion, begun)).resolves.toEqual({ IsComplete: false });
    bench.clock.time += MINUTE;
    await expect(bench.poll(deletion, begun)).rejects.toThrow('the last answer was AccessDenied: not authorized to perform: sts:AssumeRole');
  });
});

/** A connector that is as its properties ask for. */
const CONNECTOR_AT_REST: Partial<NetworkConnectorService> = {
  connector: async () => connector(),
  tags: async () => ourTags(undefined, { team: 'network' }),
  versions: async () => [connectorVersion(1)],
};

/** A request as CloudFormation sends it. */
function requested(event: PollEvent): ResourceEvent {
  const { Operation, PhysicalResourceId, ...rest } = event;
  return event.RequestType === 'Create' ? rest : { ...rest, PhysicalResourceId };
}

describe('a resource', () => {
  test('that is a connector is handled as one, with its own role', async () => {
    const bench = new Bench({}, {}, CONNECTOR_AT_REST);
    const create = requested(connectorEvent({ RequestType: 'Create' }));
    const begun = await bench.begin(create);
    expect([begun.PhysicalResourceId, begun.Operation.Resolved, bench.sessions]).toEqual(['network-connector:net', undefined, []]);
    await expect(bench.poll(create, begun)).resolves.toEqual({ IsComplete: true, Data: { ConnectorArn: CONNECTOR, ConnectorName: 'net', ConnectorId: 'nc-net' } });
    expect([bench.images.calls, bench.connectors.calls]).toEqual([[], ['connector', 'tags', 'versions']]);
    expect(bench.sessions).toEqual(['arn:aws:iam::123456789012:role/handler-of-net']);
  });

  test('that is a look-up of a connector is handled as one, with its own role', async () => {
    const bench = new Bench({}, {}, { connector: async () => connector() });
    const create = requested(lookupEvent());
    const begun = await bench.begin(create);
    expect(begun.PhysicalResourceId).toBe('network-connector-lookup:net');
    await expect(bench.poll(create, begun)).resolves.toMatchObject({ IsComplete: true, Data: { ConnectorArn: CONNECTOR } });
    expect([bench.connectors.calls, bench.sessions]).toEqual([['connector'], ['arn:aws:iam::123456789012:role/lookup']]);
  });

  test('that is an image is handled as one', async () => {
    const bench = new Bench({ image: async () => image({ state: 'DELETING' }) });
    const create = request('Create');
    await expect(bench.poll(create, await bench.begin(create))).resolves.toEqual({ IsComplete: false });
    expect([bench.images.calls, bench.connectors.calls]).toEqual([['image'], []]);
  });

  test.each(['AWS::Lambda::NetworkConnector', 'Custom::NetworkConnectorLookup2'])('of another type has no handler: %s', async ResourceType => {
    await expect(new Bench().begin({ ...request('Create'), ResourceType })).rejects.toThrow(`no handler for resources of type ${ResourceType}`);
  });
});

describe('a connector', () => {
  const DELETING: StackView = { stackStatus: 'DELETE_IN_PROGRESS', stackTime: TIME, resourceStatus: 'DELETE_IN_PROGRESS', physicalId: 'network-connector:net' };
  const inUse = { connector: async () => connector(), tags: async () => ourTags(), users: async () => TWELVE_USERS };

  test('that is to be deleted only when nobody uses it is waited for until the deadline, and its users are named then', async () => {
    const bench = new Bench({}, {}, inUse);
    bench.view = DELETING;
    const deletion = requested(connectorEvent({ RequestType: 'Delete', ResourceProperties: { Deletion: 'WAIT_UNTIL_UNUSED', TimeoutSeconds: '600' } }));
    const begun = await bench.begin(deletion);
    bench.clock.time += 599 * SECOND;
    await expect(bench.poll(deletion, begun)).resolves.toEqual({ IsComplete: false });
    bench.clock.time += SECOND;
    await expect(bench.poll(deletion, begun)).rejects.toThrow(
      `timed out after 10 minutes of waiting for the MicroVMs that use network connector 'net' to terminate: ${TEN_IDS_AND_MORE}`);
    expect(bench.connectors.calls).not.toContain('deleteConnector');
  });

  test('of an unchangeable VPC fails its update, and the rollback of that ends well', async () => {
    const bench = new Bench({}, {}, CONNECTOR_AT_REST);
    const [before, after] = [{}, { VpcId: 'vpc-2', SubnetIds: ['subnet-9'] }];
    bench.view = UPDATING;
    const update = requested(connectorEvent({ ResourceProperties: after, OldResourceProperties: before }));
    await expect(bench.poll(update, await bench.begin(update))).rejects.toThrow(/^vpc: network connector 'net' cannot change it from vpc-1 to vpc-2; .* \[NetworkConnectorUnchangeable\]$/);
    bench.view = { ...UPDATING, stackStatus: 'UPDATE_ROLLBACK_IN_PROGRESS' };
    const rollback = requested(connectorEvent({ RequestId: 'another', ResourceProperties: before, OldResourceProperties: after }));
    const begun = await bench.begin(rollback);
    bench.clock.time += 10 * SECOND;
    await expect(bench.poll(rollback, begun)).resolves.toMatchObject({ IsComplete: true, Data: { ConnectorArn: CONNECTOR } });
  });

  test.each(['ValidationException', 'AccessDeniedException'])('is not kept from its deployment by old versions that cannot be listed: %s', async name => {
    const bench = new Bench({}, {}, { ...CONNECTOR_AT_REST, versions: async () => { throw serviceError(name, 'no'); } });
    bench.view = UPDATING;
    const update = requested(connectorEvent());
    const begun = await bench.begin(update);
    bench.clock.time += 3 * MINUTE;
    await expect(bench.poll(update, begun)).resolves.toMatchObject({ IsComplete: true });
  });

  test('that comes up is asked for with two calls per poll', async () => {
    const bench = new Bench({}, {}, { connector: async () => connector({ state: 'PENDING' }), tags: async () => ourTags() });
    const create = requested(connectorEvent({ RequestType: 'Create' }));
    await expect(bench.poll(create, await bench.begin(create))).resolves.toEqual({ IsComplete: false });
    expect(bench.connectors.calls).toEqual(['connector', 'tags']);
  });
});

test('fails for a resource of an unknown type', async () => {
  const bench = new Bench();
  const strange = { ...request('Create'), ResourceType: 'Custom::Strange' };
  await expect(bench.begin(strange)).rejects.toThrow('no handler for resources of type Custom::Strange');
  await expect(bench.poll(strange, { PhysicalResourceId: 'x', Operation: { Id: 'x', Phase: 'forward', StartedAt: NOW } })).rejects.toThrow('Custom::Strange');
});

describe('what no later poll can mend', () => {
  const later = async (bench: Bench, event: ResourceEvent) => {
    const begun = await bench.begin(event);
    bench.clock.time = NOW + 5 * MINUTE;
    return bench.poll(event, begun);
  };

  test('tags that the service refuses fail at once, in its words', async () => {
    const event = request('Update', { Tags: [{ Key: 'team', Value: 'runtime' }] });
    const bench = new Bench({
      image: async () => image(),
      versions: async () => [version(1, { content: fingerprintOf(event.ResourceProperties as MicrovmImageProperties) })],
      tag: async () => { throw serviceError('ValidationException', 'Invalid tag'); },
    });
    bench.view = UPDATING;
    await expect(later(bench, event)).rejects.toThrow(/^tags: the service rejected .*Invalid tag \[MicrovmImageRejected\]$/);
  });

  test('a role that may not be passed is named', async () => {
    const bench = new Bench({ image: async () => 'absent', create: async () => { throw serviceError('AccessDeniedException', 'not authorized to perform: iam:PassRole'); } });
    await expect(later(bench, request('Create'))).rejects.toThrow(/^buildRole: .*iam:PassRole \[PermissionDenied\]$/);
  });

  test.each([undefined, '7'])('a base image that does not exist is named, pinned or not: %s', async BaseImageVersion => {
    const missing = async () => { throw serviceError('ResourceNotFoundException', 'MicroVMImage not found'); };
    const bench = new Bench({ image: async () => 'absent', create: missing }, { baseImages: { baseImage: missing } });
    await expect(later(bench, request('Create', { BaseImageVersion }))).rejects.toThrow(/^baseImage: .*; .* \[MicrovmBaseImageUnavailable\]$/);
  });
});

test('a poll without time to ask CloudFormation answers not yet', async () => {
  const event = request('Update');
  const bench = new Bench({ image: async () => image(), versions: async () => [version(1, { content: fingerprintOf(properties()) })] },
    { viewStack: stackViewer(UNREACHABLE, new CallLimits(new FakeClock(), 0)) });
  await expect(bench.poll(event, await bench.begin(event))).resolves.toEqual({ IsComplete: false });
});

test('a poll whose look at CloudFormation took long leaves the change to the next', async () => {
  const bench: Bench = new Bench({ image: async () => 'absent' }, { viewStack: async () => { bench.clock.time += 3 * SECOND; return CREATING; } });
  const event = request('Create');
  const begun = await bench.begin(event);
  await expect(bench.poll(event, begun)).resolves.toEqual({ IsComplete: false });
  expect(bench.images.calls.map(String)).not.toContain('create');
});
