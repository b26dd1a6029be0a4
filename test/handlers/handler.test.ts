import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import {
  ARN as CONNECTOR, connector, FakeConnectors, lookupEvent, ourTags, pollEvent as connectorEvent, TEN_IDS_AND_MORE, TWELVE_USERS,
  usage, version as connectorVersion,
} from './connector/inputs';
import { FakeClock, MINUTE, NOW, SECOND, serviceError } from './engine/inputs';
import { arnOf, FakeImages, image, imageDependencies, pollEvent, properties, version } from './image/inputs';
import type { MicrovmImageProperties } from '../../src/contract/image';
import type { NetworkConnectorService } from '../../src/handlers/connector/service';
import { CallLimits } from '../../src/handlers/engine/calls';
import { stackViewer } from '../../src/handlers/engine/control-plane';
import type { IsCompleteAnswer, OnEventAnswer, PollEvent, RequestType, ResourceEvent } from '../../src/handlers/engine/event';
import { hash } from '../../src/handlers/engine/fingerprint';
import type { StackView } from '../../src/handlers/engine/stack';
import type { Handler, Dependencies } from '../../src/handlers/handler';
import { createHandler } from '../../src/handlers/handler';
import type { CompleteProperties } from '../../src/handlers/image/properties';
import { fingerprintOf } from '../../src/handlers/image/request';
import type { MicrovmImageService } from '../../src/handlers/image/service';

const ARN = arnOf('sandbox');
const TIME = '2026-11-23T00:00:00.000Z';
const SETTINGS = { maxAttempts: 1, region: 'us-east-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' } };
const UNREACHABLE = new CloudFormationClient({ ...SETTINGS, requestHandler: { handle: async () => { throw new Error('connect ECONNREFUSED'); } } });
const CREATING: StackView = { stackStatus: 'CREATE_IN_PROGRESS', stackTime: TIME, resourceStatus: 'CREATE_IN_PROGRESS' };
const UPDATING: StackView = { stackStatus: 'UPDATE_IN_PROGRESS', stackTime: TIME, resourceStatus: 'UPDATE_IN_PROGRESS', physicalId: ARN };
const ROLLING_BACK: StackView = { ...UPDATING, stackStatus: 'UPDATE_ROLLBACK_IN_PROGRESS', resourceStatus: 'UPDATE_FAILED' };

/** A handler with fake dependencies: the test defines the answers of the services and the view of CloudFormation. */
class Fixture {
  public readonly clock = new FakeClock();
  public readonly images: FakeImages;
  public readonly connectors: FakeConnectors;
  public readonly sessions: string[] = [];
  public readonly log: [string, Readonly<Record<string, unknown>>][] = [];
  public view: StackView = CREATING;
  public readonly handler: Handler;

  public constructor(
    answers: Partial<MicrovmImageService> = {}, dependencies: Partial<Dependencies> = {}, connectorAnswers: Partial<NetworkConnectorService> = {},
  ) {
    this.images = new FakeImages(answers);
    this.connectors = new FakeConnectors(connectorAnswers);
    this.handler = createHandler(() => ({
      ...imageDependencies(this.images),
      clock: this.clock,
      images: async roleArn => { this.sessions.push(roleArn); return this.images.service; },
      connectors: async roleArn => { this.sessions.push(roleArn); return this.connectors.service; },
      launches: async () => { throw new Error('the test expects no launch'); },
      viewStack: async () => this.view,
      isServiceAvailable: async () => true,
      log: (level, fields) => { this.log.push([level, fields]); },
      ...dependencies,
    }));
  }

  /** Sends the first event of an operation. */
  public async begin(event: ResourceEvent): Promise<OnEventAnswer> {
    return await this.handler(event) as OnEventAnswer;
  }

  /** Polls. Like the framework, it converts event and answer to JSON. */
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
    const fixture = new Fixture();
    await fixture.begin(request(type, { BaseImageVersion: undefined }));
    expect(fixture.images.calls).toEqual([]);
    expect(fixture.sessions).toEqual([]);
  });

  test('describes the operation for all its polls', async () => {
    await expect(new Fixture().begin(request('Create', { BaseImageVersion: undefined }))).resolves.toEqual({
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

  test('records the physical ID that CloudFormation knew', async () => {
    const rename = request('Update', { ImageArn: arnOf('new-name'), ImageName: 'new-name' });
    await expect(new Fixture().begin(rename)).resolves.toMatchObject({ PhysicalResourceId: arnOf('new-name'), Operation: { RequestPhysicalId: ARN } });
  });

  test('returns the invented physical ID of a deletion unchanged', async () => {
    const answer = await new Fixture().begin(request('Delete', {}, { PhysicalResourceId: 'app-Sandbox-1ABC' }));
    expect(answer.PhysicalResourceId).toBe('app-Sandbox-1ABC');
  });

  test('asks again until CloudFormation shows the operation, which keeps the time at which the request arrived', async () => {
    const views: StackView[] = [{ isIncomplete: true }, { stackStatus: 'UPDATE_COMPLETE', stackTime: 'before', resourceStatus: 'UPDATE_COMPLETE' }, ROLLING_BACK, UPDATING];
    const { Operation } = await new Fixture({}, { viewStack: async () => views.shift()! }).begin(request('Update'));
    expect(views).toEqual([]);
    expect(Operation).toMatchObject({ Id: `request@${TIME}`, Phase: 'forward', StartedAt: NOW });
  });

  test('stops asking after some twenty seconds', async () => {
    const fixture = new Fixture({}, { viewStack: async () => { throw serviceError('Throttling', 'Rate exceeded'); } });
    await expect(fixture.begin(request('Create'))).resolves.toMatchObject({ Operation: { Id: 'request@', Phase: 'unknown', StartedAt: NOW } });
    expect(fixture.clock.now() - NOW).toBeLessThan(25 * SECOND);
  });

  test('is a line of the log with what CloudFormation showed', async () => {
    const fixture = new Fixture();
    await fixture.begin(request('Create'));
    expect(fixture.log).toEqual([['INFO', expect.objectContaining({ step: 'described', resource: 'Sandbox', type: 'Create', phase: 'forward', stackTime: TIME, resourceStatus: 'CREATE_IN_PROGRESS' })]]);
  });

  test('does not throw if CloudFormation cannot be reached', async () => {
    const viewStack = stackViewer(UNREACHABLE, new CallLimits(new FakeClock(), Infinity));
    await expect(new Fixture({}, { viewStack }).begin(request('Create'))).resolves.toMatchObject({ PhysicalResourceId: ARN, Operation: { Id: 'request@', Phase: 'unknown' } });
  });

  test('does not throw if there is no time for calls', async () => {
    const viewStack = stackViewer(UNREACHABLE, new CallLimits(new FakeClock(), 0));
    await expect(new Fixture({}, { viewStack }).begin(request('Create'))).resolves.toMatchObject({ Operation: { Phase: 'unknown' } });
  });

  test('does not throw if the base images cannot be listed', async () => {
    const baseImages = { baseImage: async () => { throw serviceError('AccessDeniedException', 'no'); } };
    const answer = await new Fixture({}, { baseImages }).begin(request('Create', { BaseImageVersion: undefined }));
    expect(answer.Operation.Resolved).toBeUndefined();
  });
});

describe('a poll', () => {
  test('is recognized by the description that the first event returned', async () => {
    const fixture = new Fixture({ image: async () => 'absent', create: async () => ({ createdAt: NOW }) });
    const create = request('Create');
    const begun = await fixture.begin(create);
    expect(fixture.images.calls).toEqual([]);
    await expect(fixture.poll(create, begun)).resolves.toEqual({ IsComplete: false });
    expect(fixture.images.calls).toEqual(['image', 'create']);
  });

  test('sends the same client token for two deliveries, one of whose first events saw nothing of the stack', async () => {
    const tokens: string[] = [];
    const create = request('Create');
    for (const first of [CREATING, { isIncomplete: true }]) {
      const fixture = new Fixture({ image: async () => 'absent', create: async (_, token) => { tokens.push(token); return { createdAt: NOW }; } });
      fixture.view = first;
      const begun = await fixture.begin(create);
      fixture.view = CREATING;
      await fixture.poll(create, begun);
    }
    expect(tokens).toEqual([tokens[0], tokens[0]]);
  });

  test('observes the base image if the first event could not, and reports why that fails', async () => {
    const baseImages = { baseImage: async () => { throw serviceError('ThrottlingException', 'Rate exceeded'); } };
    const fixture = new Fixture({ image: async () => 'absent' }, { baseImages });
    const create = request('Create', { BaseImageVersion: undefined });
    const begun = await fixture.begin(create);
    await expect(fixture.poll(create, begun)).resolves.toEqual({ IsComplete: false });
    fixture.clock.time += 50 * MINUTE;
    await expect(fixture.poll(create, begun)).rejects.toThrow('the last answer was ThrottlingException: Rate exceeded');
  });

  test('returns the attributes of the image at the end', async () => {
    const versions = async () => [version(1, { content: fingerprintOf(properties()), by: hash(`request@${TIME}`).slice(0, 12) })];
    const fixture = new Fixture({ image: async () => image({ state: 'CREATED' }), versions });
    const create = request('Create');
    await expect(fixture.poll(create, await fixture.begin(create))).resolves.toEqual({ IsComplete: false });
    const tagged = { ...image({ state: 'CREATED' }), tags: { ...image().tags, team: 'runtime' } };
    const done = new Fixture({ image: async () => tagged, versions });
    await expect(done.poll(create, await done.begin(create)))
      .resolves.toEqual({ IsComplete: true, Data: { ImageArn: ARN, ImageVersion: '1.0', BaseImageVersion: '2.0' } });
  });

  test('of a canceled operation changes nothing, and ends neither with success nor with failure', async () => {
    const fixture = new Fixture({ image: async () => image(), versions: async () => [version(1, { content: 'other' })] });
    fixture.view = UPDATING;
    const update = request('Update');
    const begun = await fixture.begin(update);
    fixture.view = ROLLING_BACK;
    fixture.clock.time += MINUTE;
    await expect(fixture.poll(update, begun)).resolves.toEqual({ IsComplete: false });
    expect(fixture.images.calls).toEqual(['image', 'versions']);
  });

  test('reports at the deadline of its properties what it was waiting for', async () => {
    const fixture = new Fixture({ image: async () => image({ state: 'DELETING' }) });
    const create = request('Create', { TimeoutSeconds: '300' });
    const begun = await fixture.begin(create);
    fixture.clock.time += 299 * SECOND;
    await expect(fixture.poll(create, begun)).resolves.toEqual({ IsComplete: false });
    fixture.clock.time += SECOND;
    await expect(fixture.poll(create, begun)).rejects.toThrow("timed out after 5 minutes of waiting for an earlier microvm image 'sandbox' to be deleted");
  });

  test('has a deadline after 50 minutes if its properties have none, like those of an older release', async () => {
    const fixture = new Fixture({ image: async () => image({ state: 'DELETING' }) });
    const create = request('Create', { TimeoutSeconds: undefined });
    const begun = await fixture.begin(create);
    fixture.clock.time += 50 * MINUTE;
    await expect(fixture.poll(create, begun)).rejects.toThrow('timed out after 50 minutes');
  });

  test('shows no values of the environment', async () => {
    const message = 'cannot use correct horse battery staple, Y29ycmVjdCBob3JzZSBiYXR0ZXJ5IHN0YXBsZQ==';
    const fixture = new Fixture({ image: async () => 'absent', create: async () => { throw serviceError('ValidationException', message); } });
    const create = request('Create');
    const begun = await fixture.begin(create);
    await expect(fixture.poll(create, begun)).rejects.toThrow("the service rejected microvm image 'sandbox': cannot use ***, ***");
  });

  test('of a rollback that the first view took for the update before it acts as the rollback', async () => {
    const calls: string[] = [];
    const fixture = new Fixture({
      image: async () => image(),
      versions: async () => [version(2, { content: 'other' }), version(1, { content: fingerprintOf(properties()), active: false })],
      setStatus: async (_, number, status) => { calls.push(`${number} ${status}`); },
    });
    fixture.view = UPDATING;
    const update = request('Update');
    const begun = await fixture.begin(update);
    fixture.view = { ...ROLLING_BACK, resourceStatus: 'UPDATE_IN_PROGRESS', resourceTime: new Date(NOW).toISOString() };
    await expect(fixture.poll(update, begun)).resolves.toEqual({ IsComplete: false });
    expect(calls).toEqual([]);
    fixture.clock.time += 10 * SECOND;
    await fixture.poll(update, begun);
    expect(calls[0]).toBe('1.0 ACTIVE');
  });

  test('of a canceled update changes nothing in the rollback, although its first view showed nothing', async () => {
    const fixture = new Fixture({ image: async () => image(), versions: async () => [version(1, { content: 'other' })] });
    fixture.view = {};
    const update = request('Update');
    const begun = await fixture.begin(update);
    fixture.clock.time += MINUTE;
    fixture.view = { ...ROLLING_BACK, resourceStatus: 'UPDATE_IN_PROGRESS', resourceTime: new Date(NOW + 50 * SECOND).toISOString() };
    await expect(fixture.poll(update, begun)).resolves.toEqual({ IsComplete: false });
    expect(fixture.images.calls).toEqual(['image', 'versions']);
  });

  test('changes nothing while CloudFormation limits the rate of calls', async () => {
    const fixture = new Fixture({ image: async () => image(), versions: async () => [version(1, { content: 'other' })] });
    fixture.view = UPDATING;
    const update = request('Update');
    const begun = await fixture.begin(update);
    fixture.view = { isIncomplete: true };
    await expect(fixture.poll(update, begun)).resolves.toEqual({ IsComplete: false });
    expect(fixture.images.calls).toEqual(['image', 'versions']);
  });

  test('makes its changes although CloudFormation shows nothing about the stack', async () => {
    const fixture = new Fixture({ image: async () => 'absent', create: async () => ({ createdAt: NOW }) });
    fixture.view = {};
    const create = request('Create');
    await fixture.poll(create, await fixture.begin(create));
    expect(fixture.images.calls).toContain('create');
  });
});

describe('waiting', () => {
  /** Polls for some minutes at the interval of the framework. */
  async function pollFor(minutes: number, fixture: Fixture, event: ResourceEvent, begun: OnEventAnswer): Promise<void> {
    for (const end = fixture.clock.now() + minutes * MINUTE; fixture.clock.now() < end; fixture.clock.time += 4 * SECOND) {
      await expect(fixture.poll(event, begun)).resolves.toEqual({ IsComplete: false });
    }
  }

  test('for a build takes 5 calls a minute before it is due and after that, and 15 while it is due; once a minute another one for its versions', async () => {
    const fixture = new Fixture({
      image: async () => image({ state: 'CREATING' }), versions: async () => [version(1, { state: 'IN_PROGRESS', active: false })],
    });
    const begun = await fixture.begin(request('Create'));
    const calls: string[][] = [];
    for (let minute = 0; minute < 10; minute++) {
      const before = fixture.images.calls.length;
      await pollFor(1, fixture, request('Create'), begun);
      calls.push(fixture.images.calls.slice(before));
    }
    expect(calls.map(minute => minute.filter(call => call === 'image').length)).toEqual([6, 6, 15, 15, 15, 15, 4, 4, 4, 4]);
    expect(calls.map(minute => minute.filter(call => call === 'versions').length)).toEqual(Array(10).fill(1));
  });

  test('for builds that delay the deletion of an image takes fewer calls the longer it takes', async () => {
    const fixture = new Fixture({ image: async () => image({ state: 'UPDATING' }) });
    fixture.view = { stackStatus: 'DELETE_IN_PROGRESS', stackTime: TIME, resourceStatus: 'DELETE_IN_PROGRESS', physicalId: ARN };
    const deletion = request('Delete');
    const begun = await fixture.begin(deletion);
    await pollFor(1, fixture, deletion, begun);
    const inFirstMinute = fixture.images.calls.length;
    await pollFor(1, fixture, deletion, begun);
    expect([inFirstMinute, fixture.images.calls.length - inFirstMinute]).toEqual([6, 4]);
  });

  test('for a free name takes one call per poll', async () => {
    const fixture = new Fixture({ image: async () => image({ state: 'DELETING' }) });
    const creation = request('Create');
    await pollFor(2, fixture, creation, await fixture.begin(creation));
    expect(fixture.images.calls).toHaveLength(30);
  });
});

describe('a deletion', () => {
  test('terminates the MicroVMs of an image before it deletes it, and ends when the name is free', async () => {
    const states = { microvm: 'RUNNING' as 'RUNNING' | 'TERMINATING' | 'TERMINATED', image: 'UPDATED' as 'UPDATED' | 'DELETING' | 'deleted' };
    const fixture = new Fixture({
      image: async () => states.image === 'deleted' ? 'absent' : image({ state: states.image }),
      microvms: async () => ({ found: states.microvm === 'TERMINATED' ? [] : [{ id: 'microvm-1', state: states.microvm, imageVersion: '1.0' }], areAll: true }),
      terminate: async () => { states.microvm = 'TERMINATING'; },
      deleteImage: async () => {
        if (states.microvm !== 'TERMINATED') throw serviceError('ValidationException', 'Cannot delete microvm image with running microvms.');
        states.image = 'DELETING';
      },
    });
    fixture.view = { stackStatus: 'DELETE_IN_PROGRESS', stackTime: TIME, resourceStatus: 'DELETE_IN_PROGRESS', physicalId: ARN };
    const deletion = request('Delete');
    const begun = await fixture.begin(deletion);
    const poll = async () => {
      fixture.images.calls.length = 0;
      fixture.clock.time += 10 * SECOND;
      const { IsComplete } = await fixture.poll(deletion, begun);
      return [IsComplete, ...fixture.images.calls];
    };

    expect(await poll()).toEqual([false, 'image', 'deleteImage', 'microvms', 'terminate']);
    expect(await poll()).toEqual([false, 'image', 'deleteImage', 'microvms']);
    states.microvm = 'TERMINATED';
    expect(await poll()).toEqual([false, 'image', 'deleteImage']);
    expect(await poll()).toEqual([false, 'image']);
    states.image = 'deleted';
    expect(await poll()).toEqual([true, 'image', 'image']);
  });

  test('makes no call before the calls of a canceled creation have taken effect', async () => {
    const fixture = new Fixture({ image: async () => 'absent' });
    fixture.view = { stackStatus: 'ROLLBACK_IN_PROGRESS', stackTime: TIME, resourceStatus: 'DELETE_IN_PROGRESS', physicalId: 'app-Sandbox-1ABC' };
    const deletion = request('Delete', {}, { PhysicalResourceId: 'app-Sandbox-1ABC' });
    const begun = await fixture.begin(deletion);
    await expect(fixture.poll(deletion, begun)).resolves.toEqual({ IsComplete: false });
    expect(fixture.images.calls).toEqual([]);
    fixture.clock.time += 10 * SECOND;
    await expect(fixture.poll(deletion, begun)).resolves.toEqual({ IsComplete: true });
  });

  test('that cannot assume its role fails after ten minutes, and never succeeds', async () => {
    const images = async () => { throw serviceError('AccessDenied', 'not authorized to perform: sts:AssumeRole'); };
    const fixture = new Fixture({}, { images });
    fixture.view = { stackStatus: 'DELETE_IN_PROGRESS', stackTime: TIME, resourceStatus: 'DELETE_IN_PROGRESS', physicalId: ARN };
    const deletion = request('Delete');
    const begun = await fixture.begin(deletion);
    fixture.clock.time += 9 * MINUTE;
    await expect(fixture.poll(deletion, begun)).resolves.toEqual({ IsComplete: false });
    fixture.clock.time += MINUTE;
    await expect(fixture.poll(deletion, begun)).rejects.toThrow(/^AccessDenied: not authorized to perform: sts:AssumeRole \[PermissionDenied\]$/m);
  });
});

/** A connector that is as its properties describe it. */
const CONNECTOR_AT_REST: Partial<NetworkConnectorService> = {
  connector: async () => connector(),
  tags: async () => ourTags(undefined, { team: 'network' }),
  versions: async () => [connectorVersion(1)],
};

/** Returns a request as CloudFormation sends it. */
function requested(event: PollEvent): ResourceEvent {
  const { Operation, PhysicalResourceId, ...rest } = event;
  return event.RequestType === 'Create' ? rest : { ...rest, PhysicalResourceId };
}

describe('a resource', () => {
  test('of type connector is handled with its own role', async () => {
    const fixture = new Fixture({}, {}, CONNECTOR_AT_REST);
    const create = requested(connectorEvent({ RequestType: 'Create' }));
    const begun = await fixture.begin(create);
    expect([begun.PhysicalResourceId, begun.Operation.Resolved, fixture.sessions]).toEqual(['network-connector:net', undefined, []]);
    await expect(fixture.poll(create, begun)).resolves.toEqual({ IsComplete: true, Data: { ConnectorArn: CONNECTOR, ConnectorName: 'net', ConnectorId: 'nc-net' } });
    expect([fixture.images.calls, fixture.connectors.calls]).toEqual([[], ['connector', 'tags']]);
    expect(fixture.sessions).toEqual(['arn:aws:iam::123456789012:role/handler-of-net']);
  });

  test('of type connector lookup is handled with its own role', async () => {
    const fixture = new Fixture({}, {}, { connector: async () => connector() });
    const create = requested(lookupEvent());
    const begun = await fixture.begin(create);
    expect(begun.PhysicalResourceId).toBe('network-connector-lookup:net');
    await expect(fixture.poll(create, begun)).resolves.toMatchObject({ IsComplete: true, Data: { ConnectorArn: CONNECTOR } });
    expect([fixture.connectors.calls, fixture.sessions]).toEqual([['connector'], ['arn:aws:iam::123456789012:role/lookup']]);
  });

  test('of type image is handled', async () => {
    const fixture = new Fixture({ image: async () => image({ state: 'DELETING' }) });
    const create = request('Create');
    await expect(fixture.poll(create, await fixture.begin(create))).resolves.toEqual({ IsComplete: false });
    expect([fixture.images.calls, fixture.connectors.calls]).toEqual([['image'], []]);
  });

  test.each(['AWS::Lambda::NetworkConnector', 'Custom::NetworkConnectorLookup2'])('of another type has no handler: %s', async ResourceType => {
    await expect(new Fixture().begin({ ...request('Create'), ResourceType })).rejects.toThrow(`no handler for resources of type ${ResourceType}`);
  });
});

describe('a connector', () => {
  const DELETING: StackView = { stackStatus: 'DELETE_IN_PROGRESS', stackTime: TIME, resourceStatus: 'DELETE_IN_PROGRESS', physicalId: 'network-connector:net' };
  const inUse = { connector: async () => connector(), tags: async () => ourTags(), users: async () => usage(TWELVE_USERS) };

  test('with WAIT_UNTIL_UNUSED is not deleted before the deadline while it is in use, and the error lists its users', async () => {
    const fixture = new Fixture({}, {}, inUse);
    fixture.view = DELETING;
    const deletion = requested(connectorEvent({ RequestType: 'Delete', ResourceProperties: { Deletion: 'WAIT_UNTIL_UNUSED', TimeoutSeconds: '600' } }));
    const begun = await fixture.begin(deletion);
    fixture.clock.time += 599 * SECOND;
    await expect(fixture.poll(deletion, begun)).resolves.toEqual({ IsComplete: false });
    fixture.clock.time += SECOND;
    await expect(fixture.poll(deletion, begun)).rejects.toThrow(
      `timed out after 10 minutes of waiting for the MicroVMs that use network connector 'net' to terminate: ${TEN_IDS_AND_MORE}`);
    expect(fixture.connectors.calls).not.toContain('deleteConnector');
  });

  test('with an immutable VPC fails its update, and the rollback succeeds', async () => {
    const fixture = new Fixture({}, {}, CONNECTOR_AT_REST);
    const [before, after] = [{}, { VpcId: 'vpc-2', SubnetIds: ['subnet-9'] }];
    fixture.view = UPDATING;
    const update = requested(connectorEvent({ ResourceProperties: after, OldResourceProperties: before }));
    await expect(fixture.poll(update, await fixture.begin(update))).rejects.toThrow(/^vpc: network connector 'net' cannot change it from vpc-1 to vpc-2; .* \[NetworkConnectorUnchangeable\]$/m);
    fixture.view = { ...UPDATING, stackStatus: 'UPDATE_ROLLBACK_IN_PROGRESS' };
    const rollback = requested(connectorEvent({ RequestId: 'another', ResourceProperties: before, OldResourceProperties: after }));
    const begun = await fixture.begin(rollback);
    fixture.clock.time += 10 * SECOND;
    await expect(fixture.poll(rollback, begun)).resolves.toMatchObject({ IsComplete: true, Data: { ConnectorArn: CONNECTOR } });
  });

  test.each(['ValidationException', 'AccessDeniedException'])('is deployed although its old versions cannot be listed: %s', async name => {
    const fixture = new Fixture({}, {}, { ...CONNECTOR_AT_REST, versions: async () => { throw serviceError(name, 'no'); } });
    fixture.view = UPDATING;
    const update = requested(connectorEvent());
    const begun = await fixture.begin(update);
    fixture.clock.time += 3 * MINUTE;
    await expect(fixture.poll(update, begun)).resolves.toMatchObject({ IsComplete: true });
  });

  test('that is being created takes two calls per poll', async () => {
    const fixture = new Fixture({}, {}, { connector: async () => connector({ state: 'PENDING' }), tags: async () => ourTags() });
    const create = requested(connectorEvent({ RequestType: 'Create' }));
    await expect(fixture.poll(create, await fixture.begin(create))).resolves.toEqual({ IsComplete: false });
    expect(fixture.connectors.calls).toEqual(['connector', 'tags']);
  });
});

test('a resource of an unknown type fails', async () => {
  const fixture = new Fixture();
  const strange = { ...request('Create'), ResourceType: 'Custom::Strange' };
  await expect(fixture.begin(strange)).rejects.toThrow('no handler for resources of type Custom::Strange');
  await expect(fixture.poll(strange, { PhysicalResourceId: 'x', Operation: { Id: 'x', Phase: 'forward', StartedAt: NOW } })).rejects.toThrow('Custom::Strange');
});

describe('a terminal error', () => {
  const later = async (fixture: Fixture, event: ResourceEvent) => {
    const begun = await fixture.begin(event);
    fixture.clock.time = NOW + 5 * MINUTE;
    return fixture.poll(event, begun);
  };

  test('about tags that the service rejects is reported at once, with its message', async () => {
    const event = request('Update', { Tags: [{ Key: 'team', Value: 'runtime' }] });
    const fixture = new Fixture({
      image: async () => image(),
      versions: async () => [version(1, { content: fingerprintOf(event.ResourceProperties as CompleteProperties) })],
      tag: async () => { throw serviceError('ValidationException', 'Invalid tag'); },
    });
    fixture.view = UPDATING;
    await expect(later(fixture, event)).rejects.toThrow(/^tags: the service rejected .*Invalid tag \[MicrovmImageRejected\]$/m);
  });

  test('about a role that cannot be passed names the property', async () => {
    const fixture = new Fixture({ image: async () => 'absent', create: async () => { throw serviceError('AccessDeniedException', 'not authorized to perform: iam:PassRole'); } });
    await expect(later(fixture, request('Create'))).rejects.toThrow(/^buildRole: .*iam:PassRole \[PermissionDenied\]$/m);
  });

  test.each([undefined, '7'])('about a missing base image names the property, pinned or not: %s', async BaseImageVersion => {
    const missing = async () => { throw serviceError('ResourceNotFoundException', 'MicroVMImage not found'); };
    const fixture = new Fixture({ image: async () => 'absent', create: missing }, { baseImages: { baseImage: missing } });
    await expect(later(fixture, request('Create', { BaseImageVersion }))).rejects.toThrow(/^baseImage: .*; .* \[MicrovmBaseImageUnavailable\]$/m);
  });
});

test('a poll without time to ask CloudFormation is not complete', async () => {
  const event = request('Update');
  const fixture = new Fixture({ image: async () => image(), versions: async () => [version(1, { content: fingerprintOf(properties()) })] },
    { viewStack: stackViewer(UNREACHABLE, new CallLimits(new FakeClock(), 0)) });
  await expect(fixture.poll(event, await fixture.begin(event))).resolves.toEqual({ IsComplete: false });
});

test('a poll in which the answer of CloudFormation took long leaves the change to the next poll', async () => {
  const fixture: Fixture = new Fixture({ image: async () => 'absent' }, { viewStack: async () => { fixture.clock.time += 3 * SECOND; return CREATING; } });
  const event = request('Create');
  const begun = await fixture.begin(event);
  await expect(fixture.poll(event, begun)).resolves.toEqual({ IsComplete: false });
  expect(fixture.images.calls.map(String)).not.toContain('create');
});
