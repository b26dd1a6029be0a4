import type { PollCircumstances } from './inputs';
import { arnOf, BASE_IMAGE, FakeImages, image, imageDependencies, listOf, microvm, pollEvent, version } from './inputs';
import { TerminalError } from '../../../src/handlers/engine/errors';
import { operationOf } from '../../../src/handlers/engine/operation';
import type { ObservedImages } from '../../../src/handlers/image/input';
import type { ImageDependencies } from '../../../src/handlers/image/resource';
import { imagePhysicalId, MicrovmImageResource, resolveImage } from '../../../src/handlers/image/resource';
import type { MicrovmImageService } from '../../../src/handlers/image/service';
import { FakeClock, MINUTE, NOW, OWNER, SECOND, serviceError } from '../engine/inputs';

const ARN = arnOf('sandbox');
const NOTHING: ObservedImages = { images: {} };
const ROLE = 'arn:aws:iam::123456789012:role/handler-of-sandbox';

interface Fixture {
  readonly resource: MicrovmImageResource;
  readonly images: FakeImages;
  readonly clock: FakeClock;
}

/** Creates a resource in a poll, with a service that answers only the calls that the test expects. */
function fixture(
  answers: Partial<MicrovmImageService> = {}, more: PollCircumstances = {}, now = NOW, others: Partial<ImageDependencies> = {},
): Fixture {
  const images = new FakeImages(answers);
  const clock = new FakeClock(now);
  const event = pollEvent(more);
  const dependencies = imageDependencies(images, { clock, ...others });
  return { images, clock, resource: new MicrovmImageResource(event, operationOf(event, 3000, now), dependencies) };
}

describe('the physical ID', () => {
  test.each(['Create', 'Update'] as const)('of an image is its ARN at %s', RequestType => {
    expect(imagePhysicalId(pollEvent({ RequestType, PhysicalResourceId: 'anything' }))).toBe(ARN);
  });

  test('of an image is its ARN although the properties of an older release do not have it', () => {
    expect(imagePhysicalId(pollEvent({ ResourceProperties: { ImageArn: undefined } }))).toBe(ARN);
  });

  test('that CloudFormation invented is returned unchanged at Delete', () => {
    expect(imagePhysicalId(pollEvent({ RequestType: 'Delete', PhysicalResourceId: 'app-Sandbox-1ABC' }))).toBe('app-Sandbox-1ABC');
  });
});

describe('what the first event resolves', () => {
  const unpinned = { BaseImageVersion: undefined };
  const dependencies = (baseImage = BASE_IMAGE) => imageDependencies(new FakeImages({}), { baseImages: { baseImage: async () => baseImage } });

  test.each(['Create', 'Update'] as const)('is the available versions of the base image at %s', async RequestType => {
    await expect(resolveImage(pollEvent({ RequestType, ResourceProperties: unpinned }), dependencies())).resolves.toEqual({ newestBaseImage: '2', availableBaseImages: '2 1' });
  });

  test.each([[undefined, ['ARM_64']], [['X86_64'], ['X86_64']]])('is the versions for the architectures of the image: %j', async (Architectures, expected) => {
    const asked: unknown[] = [];
    const baseImages = { baseImage: async (...args: unknown[]) => { asked.push(args); return BASE_IMAGE; } };
    const event = pollEvent({ ResourceProperties: { ...unpinned, Architectures } });
    await resolveImage(event, imageDependencies(new FakeImages({}), { baseImages }));
    const { resource } = fixture({}, { ResourceProperties: { ...unpinned, Architectures } }, NOW, { baseImages });
    await resource.observe({ at: 'baseImage' }, NOTHING);
    expect(asked).toEqual([[event.ResourceProperties.BaseImageArn, expected], [event.ResourceProperties.BaseImageArn, expected]]);
  });

  test('is nothing for a pinned base image, or for a deletion', async () => {
    await expect(resolveImage(pollEvent(), dependencies())).resolves.toBeUndefined();
    await expect(resolveImage(pollEvent({ RequestType: 'Delete', ResourceProperties: unpinned }), dependencies())).resolves.toBeUndefined();
  });

  test('is nothing if no version is available, so that the polls say so', async () => {
    await expect(resolveImage(pollEvent({ ResourceProperties: unpinned }), dependencies({ available: [] }))).resolves.toBeUndefined();
  });

  test('is the first observation of each poll', () => {
    const Resolved = { newestBaseImage: '2', availableBaseImages: '2 1' };
    expect(fixture({}, { Operation: { Resolved } }).resource.nothingObserved).toEqual({ images: {}, baseImage: BASE_IMAGE });
    expect(fixture().resource.nothingObserved).toEqual({ images: {}, baseImage: undefined });
  });
});

test('values of the old and the new environment are secrets', () => {
  const old = { Environment: { A: 'old value' } };
  const { resource } = fixture({}, { ResourceProperties: { Environment: { A: 'new value', B: 'other value' } }, OldResourceProperties: old });
  expect(resource.secrets).toEqual(['new value', 'other value', 'old value']);
  expect(fixture({}, { RequestType: 'Create', ResourceProperties: { Environment: undefined } }).resource.secrets).toEqual([]);
});

test('values of the environment that an override sets are secrets', () => {
  const RequestOverrides = JSON.stringify({ 'environmentVariables.B': 'overriding value', 'hooks.port': 9000 });
  const { resource } = fixture({}, { RequestType: 'Create', ResourceProperties: { Environment: { A: 'a value' }, RequestOverrides } });
  expect(resource.secrets).toEqual(['a value', 'overriding value']);
  const without = fixture({}, { RequestType: 'Create', ResourceProperties: { RequestOverrides: '{"environmentVariables":null}' } });
  expect(without.resource.secrets).toEqual([]);
});

describe('an observation', () => {
  test('of an existing image is one call', async () => {
    const { resource, images } = fixture({ image: async () => image() });
    await expect(resource.observe({ at: 'image', arn: ARN, confirmAbsence: true }, NOTHING)).resolves.toEqual({ images: { [ARN]: { image: image() } } });
    expect(images.calls).toEqual(['image']);
  });

  test('of tags is one call', async () => {
    const { resource, images } = fixture({ tags: async () => ({ team: 'x' }) });
    await expect(resource.observe({ at: 'tags', arn: ARN }, NOTHING)).resolves.toEqual({ images: { [ARN]: { tags: { team: 'x' } } } });
    expect(images.calls).toEqual(['tags']);
  });

  test('of a missing image is one call if its absence need not be confirmed', async () => {
    const { resource, images, clock } = fixture({ image: async () => 'absent' });
    await expect(resource.observe({ at: 'image', arn: ARN, confirmAbsence: false }, NOTHING)).resolves.toEqual({ images: { [ARN]: { image: 'absent' } } });
    expect([images.calls.length, clock.now() - NOW]).toEqual([1, 0]);
  });

  test('confirms the absence of an image with three calls within six seconds', async () => {
    const { resource, images, clock } = fixture({ image: async () => 'absent' });
    await expect(resource.observe({ at: 'image', arn: ARN, confirmAbsence: true }, NOTHING)).resolves.toEqual({ images: { [ARN]: { image: 'absent' } } });
    expect([images.calls.length, clock.now() - NOW]).toEqual([3, 6 * SECOND]);
  });

  test('finds an image that shows at the third call', async () => {
    const answers = ['absent', 'absent', image()] as const;
    let calls = 0;
    const { resource } = fixture({ image: async () => answers[calls++] });
    await expect(resource.observe({ at: 'image', arn: ARN, confirmAbsence: true }, NOTHING)).resolves.toEqual({ images: { [ARN]: { image: image() } } });
  });

  test('is added to what was observed before', async () => {
    const { resource } = fixture({ versions: async () => [version(1)], microvms: async () => listOf(microvm('a')) });
    const observed = await resource.observe({ at: 'versions', arn: ARN }, { baseImage: BASE_IMAGE, images: { [ARN]: { image: image() }, other: { image: 'absent' } } });
    await expect(resource.observe({ at: 'microvms', arn: ARN }, observed)).resolves.toEqual({
      baseImage: BASE_IMAGE, images: { [ARN]: { image: image(), versions: [version(1)], microvms: listOf(microvm('a')) }, other: { image: 'absent' } },
    });
  });

  test('of the base image uses the function role', async () => {
    const { resource, images } = fixture();
    await expect(resource.observe({ at: 'baseImage' }, NOTHING)).resolves.toEqual({ images: {}, baseImage: BASE_IMAGE });
    expect(images.calls).toEqual([]);
  });
});

describe('the roles', () => {
  const old = { ResourceRoleArn: 'arn:aws:iam::123456789012:role/handler-of-old-name', ImageArn: arnOf('old-name'), ImageName: 'old-name' };
  const rolesOf = async (more: PollCircumstances, arn: string) => {
    const used: string[][] = [];
    const images = new FakeImages({ microvms: async () => listOf() });
    const { resource } = fixture({}, more, NOW, { images: async (...args) => { used.push(args); return images.service; } });
    await resource.observe({ at: 'microvms', arn }, NOTHING);
    return used;
  };

  test('are those of the resource, in a session with its name', async () => {
    await expect(rolesOf({}, ARN)).resolves.toEqual([[ROLE, 'Sandbox']]);
  });

  test('are those of the old properties for an image of the old name', async () => {
    await expect(rolesOf({ OldResourceProperties: old }, arnOf('old-name'))).resolves.toEqual([[old.ResourceRoleArn, 'Sandbox']]);
    await expect(rolesOf({ OldResourceProperties: old }, ARN)).resolves.toEqual([[ROLE, 'Sandbox']]);
  });

  test('are the new ones for an image that keeps its name', async () => {
    await expect(rolesOf({ OldResourceProperties: { ResourceRoleArn: old.ResourceRoleArn } }, ARN)).resolves.toEqual([[ROLE, 'Sandbox']]);
  });

  test('are those of the properties in a deletion', async () => {
    await expect(rolesOf({ RequestType: 'Delete', PhysicalResourceId: arnOf('earlier') }, arnOf('earlier'))).resolves.toEqual([[ROLE, 'Sandbox']]);
  });
});

describe('a deletion', () => {
  const stepOf = (PhysicalResourceId: string) => fixture({}, { RequestType: 'Delete', PhysicalResourceId }, NOW + MINUTE).resource.reconcile(NOTHING);

  test('deletes the image that its physical ID names, not that of the properties', () => {
    expect(stepOf(arnOf('earlier'))).toMatchObject({ observe: { at: 'image', arn: arnOf('earlier') } });
    const { resource } = fixture({}, { RequestType: 'Delete', PhysicalResourceId: arnOf('earlier') }, NOW + MINUTE);
    expect(resource.reconcile({ images: { [arnOf('earlier')]: { image: image({ state: 'DELETING' }) } } })).toMatchObject({ waitingFor: "microvm image 'earlier' to be deleted" });
  });

  test.each(['app-Sandbox-1ABC', 'sandbox', 'arn:aws:lambda:us-east-1:123456789012:function:sandbox', `${ARN}:1`])(
    'with an invented physical ID deletes the image that the properties name: %s', id => {
      expect(stepOf(id)).toMatchObject({ observe: { at: 'image', arn: ARN } });
    });

  test('waits until calls of a canceled creation have taken effect', () => {
    const at = (milliseconds: number) => fixture({}, { RequestType: 'Delete' }, NOW + milliseconds).resource.reconcile(NOTHING).kind;
    expect([at(0), at(7_999), at(8_000)]).toEqual(['wait', 'wait', 'observe']);
  });
});

describe('the first build', () => {
  const creating = { RequestType: 'Create' as const };
  const create = { do: 'create' as const, arn: ARN, baseImageVersion: '1' };

  test('has the owner tags, the tags of the user and the marker in the first request', async () => {
    const received: unknown[][] = [];
    const { resource } = fixture({ create: async (...args) => { received.push(args); return { createdAt: NOW }; } }, creating);
    await resource.apply(create);
    expect(received).toEqual([[
      expect.objectContaining({
        name: 'sandbox',
        tags: { 'team': 'runtime', 'cdk-lambda-microvms:stack': OWNER.stackId, 'cdk-lambda-microvms:resource': OWNER.logicalId },
        baseImageVersion: '1',
        description: `for untrusted code [cdk db942cc14c78caf3/${resource.operation.id}]`,
      }),
      resource.operation.clientToken,
    ]]);
  });

  test('is requested identically in each poll, byte by byte', async () => {
    const bodies: string[] = [];
    for (const now of [NOW, NOW + MINUTE]) {
      const { resource } = fixture({ create: async (...args) => { bodies.push(JSON.stringify(args)); return { createdAt: NOW }; } }, creating, now);
      await resource.apply(create);
    }
    expect(bodies[1]).toBe(bodies[0]);
  });

  test('is requested with another token if the first one replays an image from before the operation', async () => {
    const tokens: string[] = [];
    const createdAt = [NOW - 61 * SECOND, NOW];
    const answer = async (_: unknown, token: string) => { tokens.push(token); return { createdAt: createdAt[tokens.length - 1] }; };
    const { resource } = fixture({ create: answer }, creating);
    await resource.apply(create);
    expect(tokens).toEqual([resource.operation.clientToken, resource.operation.secondClientToken]);
  });

  test('is requested once if the clock of the service differs by a minute', async () => {
    const { resource, images } = fixture({ create: async () => ({ createdAt: NOW - 60 * SECOND }) }, creating);
    await resource.apply(create);
    expect(images.calls).toEqual(['create']);
  });
});

describe('a later build', () => {
  const build = (listed: string[]) => ({ do: 'build' as const, arn: ARN, baseImageVersion: '1', listed, isFull: false });
  const tokensFor = async (listed: string[], answered: string) => {
    const tokens: string[] = [];
    const { resource } = fixture({ build: async (_arn, _request, token) => { tokens.push(token); return { version: answered }; } });
    await resource.apply(build(listed));
    return tokens.map(token => token === resource.operation.clientToken ? 'first' : 'second');
  };

  test('has the marker, and no tags', async () => {
    const received: unknown[][] = [];
    const { resource } = fixture({ build: async (...args) => { received.push(args); return { version: '2.0' }; } });
    await resource.apply(build(['1.0']));
    const { id, clientToken } = resource.operation;
    expect(received).toEqual([[ARN, expect.objectContaining({ description: expect.stringContaining(id) }), clientToken]]);
    expect(received[0][1]).not.toHaveProperty('tags');
  });

  test('is requested with another token if the first one replays a version that has been deleted since', async () => {
    await expect(tokensFor(['1.0', '10.0'], '9.0')).resolves.toEqual(['first', 'second']);
  });

  test('is requested once if the answer is a new version, or one that is listed', async () => {
    await expect(tokensFor(['1.0', '9.0'], '10.0')).resolves.toEqual(['first']);
    await expect(tokensFor(['1.0', '2.0'], '1.0')).resolves.toEqual(['first']);
    await expect(tokensFor([], '1.0')).resolves.toEqual(['first']);
  });
});

describe('a build that cannot begin', () => {
  const failing = (error: Error) => ({ create: async () => { throw error; }, build: async () => { throw error; } });
  const create = { do: 'create' as const, arn: ARN, baseImageVersion: '1' };
  const build = { do: 'build' as const, arn: ARN, baseImageVersion: '1', listed: [], isFull: false };
  const invalid = (message: string) => serviceError('ValidationException', message);

  test.each([create, build])('waits for builds beyond the quota with a random pause of at most one poll: $do', async change => {
    const quota = serviceError('ServiceQuotaExceededException', 'The maximum number of concurrent builds has been reached');
    for (const [random, pause] of [[0, 0], [0.5, 2_000], [0.999, 3_996]]) {
      const { resource, clock } = fixture(failing(quota), {}, NOW, { random: () => random });
      await expect(resource.apply(change)).rejects.toBe(quota);
      expect(clock.now() - NOW).toBe(pause);
    }
  });

  test('does not pause for other errors', async () => {
    const { resource, clock } = fixture(failing(serviceError('ThrottlingException', 'Rate exceeded')));
    await expect(resource.apply(create)).rejects.toThrow('Rate exceeded');
    expect(clock.now()).toBe(NOW);
  });

  test.each([create, build])('fails if the service rejects the request, with its message and the property that it is about: $do', async change => {
    const { resource } = fixture(failing(invalid('The requested memory size 1000 MiB is not supported')));
    const rejection = new TerminalError('MicrovmImageRejected', "memory: the service rejected microvm image 'sandbox': The requested memory size 1000 MiB is not supported");
    await expect(resource.apply(change)).rejects.toEqual(rejection);
    await expect(resource.apply(change)).rejects.toBeInstanceOf(TerminalError);
    await expect(resource.apply(change)).rejects.toMatchObject({ code: 'MicrovmImageRejected', hints: [] });
  });

  test('fails without a property if the message is unknown', async () => {
    await expect(fixture(failing(invalid('something new'))).resource.apply(create)).rejects.toThrow(/^the service rejected microvm image 'sandbox': something new$/);
  });

  test.each([
    "A MicroVM image with the name 'sandbox' already exists in this account",
    'Cannot update MicroVM image in its current state: UPDATING',
    'MicroVM Image is already in state: UPDATING',
    'The client token was already used for a request with other parameters',
  ])('is tried again after a message that may describe a transient error: %s', async message => {
    await expect(fixture(failing(invalid(message)), {}, NOW + 30 * MINUTE).resource.apply(create)).rejects.not.toBeInstanceOf(TerminalError);
  });

  test('is tried again for two minutes while IAM may not have propagated the build role', async () => {
    const rejection = invalid('The service is unable to assume the provided role');
    await expect(fixture(failing(rejection), {}, NOW + 119 * SECOND).resource.apply(create)).rejects.toBe(rejection);
    await expect(fixture(failing(rejection), {}, NOW + 120 * SECOND).resource.apply(create)).rejects.toMatchObject({
      message: "buildRole: the service rejected microvm image 'sandbox': The service is unable to assume the provided role",
      hints: [{ property: 'buildRole', text: expect.stringMatching(/^its trust policy must allow lambda\.amazonaws\.com sts:AssumeRole/) }],
    });
  });
});

describe('a build beyond the quota of versions', () => {
  const build = (isFull: boolean) => ({ do: 'build' as const, arn: ARN, baseImageVersion: '1', listed: Array.from({ length: 50 }, (_, index) => `${index + 1}.0`), isFull });
  const rejected = (message: string) => fixture({ build: async () => { throw serviceError('ServiceQuotaExceededException', message); } }).resource;

  test.each(['The maximum number of versions of the MicroVM image has been reached', ''])('fails at once, with the command that deletes a version: %j', async message => {
    await expect(rejected(message).apply(build(true))).rejects.toMatchObject({
      code: 'MicrovmImageVersionQuotaReached',
      message: expect.stringMatching(/^microvm image 'sandbox' has 50 versions, and this deployment can delete none of them: .*ServiceQuotaExceededException/),
      hints: [{ text: `delete versions with 'aws lambda-microvms delete-microvm-image-version --image-identifier ${ARN} --image-version <VERSION>', or increase the quota L-F8BECE9C` }],
    });
  });

  test('waits if the message is about concurrent builds, or if the image has room for a version', async () => {
    const concurrent = rejected('The maximum number of concurrent builds has been reached');
    await expect(concurrent.apply(build(true))).rejects.toMatchObject({ name: 'ServiceQuotaExceededException' });
    await expect(rejected('something else').apply(build(false))).rejects.toMatchObject({ name: 'ServiceQuotaExceededException' });
  });
});

describe('a deletion of an image whose list of MicroVMs is too long', () => {
  const deleting = async (isDecisive: boolean, name: string, message: string) =>
    fixture({ deleteImage: async () => { throw serviceError(name, message); } }).resource.apply({ do: 'deleteImage', arn: ARN, isDecisive });
  const running = 'Cannot delete microvm image with running microvms.';

  test('fails if it is decisive and MicroVMs run, with the sentence of the service and the command that lists them', async () => {
    await expect(deleting(true, 'ValidationException', running)).rejects.toMatchObject({
      code: 'MicrovmImageInUse',
      message: expect.stringMatching(/^microvm image 'sandbox' is in use, and the list of its MicroVMs is too long .*: .*Cannot delete microvm image with running microvms\./),
      hints: [{
        text: `list the MicroVMs with 'aws lambda-microvms list-microvms --image-identifier ${ARN}', `
          + "terminate those that run with 'aws lambda-microvms terminate-microvm --microvm-identifier <ID>', and delete again",
      }],
    });
  });

  test.each([
    [false, 'ValidationException', running],
    [true, 'ValidationException', 'Cannot delete MicroVM image in its current state: UPDATING'],
    [true, 'InternalServerException', 'running'],
  ])('is tried again otherwise (decisive: %s): %s, %j', async (isDecisive, name, message) => {
    await expect(deleting(isDecisive, name, message)).rejects.toMatchObject({ name });
  });
});

describe('properties of an older release that lack a member', () => {
  test.each(['ImageArn', 'ImageName'])('still name the image: %s', member => {
    const { resource } = fixture({}, {
      OldResourceProperties: { ImageName: 'old-name', ImageArn: arnOf('old-name'), [member]: undefined }, Operation: { RequestPhysicalId: arnOf('old-name') },
    });
    expect(resource.reconcile({ images: { [ARN]: { image: 'absent' } } })).toMatchObject({ observe: { at: 'microvms', arn: arnOf('old-name') } });
  });

  test('leave the image to the role of the new properties if they name none', async () => {
    const used: string[] = [];
    const { service } = new FakeImages({ microvms: async () => listOf() });
    const more = { OldResourceProperties: { ImageArn: arnOf('old-name'), ResourceRoleArn: undefined } };
    const { resource } = fixture({}, more, NOW, { images: async roleArn => { used.push(roleArn); return service; } });
    await resource.observe({ at: 'microvms', arn: arnOf('old-name') }, NOTHING);
    expect(used).toEqual([ROLE]);
  });

  const content = ['BuildRoleArn', 'CodeUri', 'MemoryMiB'] as const;

  test.each(content)('leave all versions, because the old one cannot be recognized: %s', member => {
    const pollOf = (old: object) => fixture({}, { ResourceProperties: { Tags: [] }, OldResourceProperties: { Tags: [], ...old } }).resource;
    const { desired } = pollOf({}) as unknown as { desired: { fingerprint: string } };
    const versions = [1, 2, 3, 4, 5].map(number => version(number, { content: desired.fingerprint, baseImageVersion: '1.0' }));
    const observed = { images: { [ARN]: { image: image(), versions, microvms: listOf() } } };
    expect(pollOf({}).reconcile(observed)).toMatchObject({ change: { do: 'deleteVersion' } });
    expect(pollOf({ [member]: undefined }).reconcile(observed)).toMatchObject({ kind: 'done' });
  });

  const members = Object.keys(pollEvent().ResourceProperties).filter(member => member !== 'ResourceRoleArn');

  test.each(members)('do not prevent a deletion: %s', member => {
    const { resource } = fixture({}, { RequestType: 'Delete', ResourceProperties: { [member]: undefined } }, NOW + MINUTE);
    expect(resource.reconcile({ images: { [ARN]: { image: image() } } })).toMatchObject({ change: { do: 'deleteImage', arn: ARN } });
  });

  test('do not prevent a deletion if almost all are missing', () => {
    const ResourceProperties = { ...Object.fromEntries(members.map(member => [member, undefined])), ImageName: 'sandbox' };
    for (const PhysicalResourceId of [ARN, 'app-Sandbox-1ABC']) {
      const { resource } = fixture({}, { RequestType: 'Delete', PhysicalResourceId, ResourceProperties }, NOW + MINUTE);
      expect(resource.reconcile(NOTHING)).toMatchObject({ observe: { at: 'image', arn: ARN } });
    }
  });
});

describe('an observation in brief', () => {
  const inBrief = (observed: ObservedImages) => fixture().resource.inBrief(observed);

  test('has the states of the image and of its versions, and the number of MicroVMs', () => {
    const versions = [version(2), version(3, { state: 'PENDING', active: false }), version(1, { active: false })];
    expect(inBrief({ images: { [ARN]: { image: image({ state: 'UPDATING' }), versions, microvms: listOf(microvm('a'), microvm('b')) } } }))
      .toEqual({ image: 'UPDATING', versions: '3.0 PENDING, 2.0 ACTIVE, 1.0 SUCCESSFUL', microvms: 2 });
  });

  test('has only what was observed', () => {
    expect(inBrief(NOTHING)).toBeUndefined();
    expect(inBrief({ images: { [ARN]: { image: 'absent' } } })).toEqual({ image: 'absent' });
  });

  test('has the five newest versions', () => {
    const versions = Array.from({ length: 50 }, (_, index) => version(index + 1, { active: false }));
    expect(inBrief({ images: { [ARN]: { image: image(), versions } } })).toMatchObject({
      versions: '50.0 SUCCESSFUL, 49.0 SUCCESSFUL, 48.0 SUCCESSFUL, 47.0 SUCCESSFUL, 46.0 SUCCESSFUL, and 45 more',
    });
  });
});

describe('a list of MicroVMs', () => {
  const running = [microvm('a'), microvm('b', '1.0', 'TERMINATING'), microvm('c')];

  /** Returns which of these lists are enough, at a number of seconds after the first page. */
  async function enoughFor(enough: number | undefined, seconds: number) {
    const answers: boolean[] = [];
    const { resource, clock } = fixture({
      microvms: async (_, isEnough) => {
        clock.time += seconds * SECOND;
        answers.push(...[0, 1, 2, 3].map(length => isEnough(running.slice(0, length))));
        return listOf();
      },
    });
    await resource.observe({ at: 'microvms', arn: ARN, enough }, NOTHING);
    return answers;
  }

  test('ends when enough MicroVMs are found that are not terminating', async () => {
    await expect(enoughFor(1, 34)).resolves.toEqual([false, true, true, true]);
    await expect(enoughFor(2, 34)).resolves.toEqual([false, false, false, true]);
  });

  test('ends after 35 seconds, so that the poll has time for the change that follows', async () => {
    await expect(enoughFor(1, 35)).resolves.toEqual([true, true, true, true]);
  });

  test('that serves optional work ends after 20 seconds', async () => {
    await expect(enoughFor(undefined, 19)).resolves.toEqual([false, false, false, false]);
    await expect(enoughFor(undefined, 20)).resolves.toEqual([true, true, true, true]);
  });
});

test('a creation and a build send the overrides of the user, also with the second client token', async () => {
  const RequestOverrides = '{"hooks.port":9000}';
  const sent: unknown[] = [];
  const { resource } = fixture({
    create: async (_request, token, overrides) => { sent.push([token, overrides]); return { createdAt: NOW - 10 * MINUTE }; },
    build: async (_arn, _request, token, overrides) => { sent.push([token, overrides]); return { version: '2.0' }; },
  }, { ResourceProperties: { RequestOverrides } });
  await resource.apply({ do: 'create', arn: ARN, baseImageVersion: '1' });
  await resource.apply({ do: 'build', arn: ARN, baseImageVersion: '1', listed: ['3.0'], isFull: false });
  const { clientToken: first, secondClientToken: second } = resource.operation;
  expect(sent).toEqual([[first, RequestOverrides], [second, RequestOverrides], [first, RequestOverrides], [second, RequestOverrides]]);
});

test('a build that cannot use its key is tried again for two minutes while IAM may not have propagated the permissions', async () => {
  const rejection = serviceError('ValidationException', 'The service is unable to use the KMS key provided');
  const create = async () => { throw rejection; };
  const change = { do: 'create' as const, arn: ARN, baseImageVersion: '1' };
  await expect(fixture({ create }, {}, NOW + 119 * SECOND).resource.apply(change)).rejects.toBe(rejection);
  await expect(fixture({ create }, {}, NOW + 120 * SECOND).resource.apply(change)).rejects.toMatchObject({
    code: 'MicrovmImageRejected', message: expect.stringMatching(/^encryptionKey: /), hints: [{ property: 'encryptionKey', text: expect.stringContaining('key policy') }],
  });
});

describe('other changes', () => {
  test.each([
    [{ do: 'tag', arn: ARN, tags: { a: 'b' } }, 'tag', [ARN, { a: 'b' }]],
    [{ do: 'untag', arn: ARN, keys: ['a'] }, 'untag', [ARN, ['a']]],
    [{ do: 'activate', arn: ARN, version: '1.0' }, 'setStatus', [ARN, '1.0', 'ACTIVE']],
    [{ do: 'deactivate', arn: ARN, version: '1.0' }, 'setStatus', [ARN, '1.0', 'INACTIVE']],
    [{ do: 'deleteVersion', arn: ARN, version: '1.0' }, 'deleteVersion', [ARN, '1.0']],
    [{ do: 'deleteImage', arn: ARN, isDecisive: false }, 'deleteImage', [ARN]],
  ] as const)('are one call each: $do', async (change, method, args) => {
    const received: unknown[][] = [];
    const { resource, images } = fixture({ [method]: async (...given: unknown[]) => { received.push(given); } });
    await resource.apply(change as Parameters<typeof resource.apply>[0]);
    expect(images.calls).toEqual([method]);
    expect(received).toEqual([args]);
  });

  test('terminate all MicroVMs of a step', async () => {
    const terminated: string[] = [];
    const { resource } = fixture({ terminate: async id => void terminated.push(id) });
    await resource.apply({ do: 'terminate', arn: ARN, microvmIds: ['a', 'b', 'c'] });
    expect(terminated).toEqual(['a', 'b', 'c']);
  });
});

describe('the builds of a failed version', () => {
  const builds = [{ processor: 'Graviton 3', reason: 'The container image build failed.' }];
  const log = { lines: ['one', 'two'], streams: ['stream-a', 'stream-b'] };
  const observedBy = async (answers: Partial<MicrovmImageService>, more: PollCircumstances = {}) => {
    const { resource } = fixture({ failedBuilds: async () => builds, ...answers }, more);
    return (await resource.observe({ at: 'builds', arn: ARN, version: '2.0', since: NOW }, NOTHING)).images[ARN].builds;
  };

  test('are observed with the end of the log and the place of the whole log', async () => {
    const received: unknown[] = [];
    await expect(observedBy({ buildLog: async (...args) => { received.push(args); return log; } })).resolves.toEqual({
      builds, log: ['one', 'two'], whole: 'the whole log is in the log group /aws/lambda-microvms/sandbox, streams stream-a, stream-b',
    });
    expect(received).toEqual([['/aws/lambda-microvms/sandbox', '2.0', NOW]]);
  });

  test('are observed with the log group only if it has no stream of the version', async () => {
    await expect(observedBy({ buildLog: async () => ({ lines: [], streams: [] }) }))
      .resolves.toEqual({ builds, log: [], whole: 'the whole log is in the log group /aws/lambda-microvms/sandbox' });
  });

  test('of a creation are observed with the way to keep a log group that the rollback deletes', async () => {
    const kept = '; if the rollback deletes it, deploy with `cdk deploy --no-rollback` to keep it';
    await expect(observedBy({ buildLog: async () => log }, { RequestType: 'Create' }))
      .resolves.toMatchObject({ whole: `the whole log is in the log group /aws/lambda-microvms/sandbox, streams stream-a, stream-b${kept}` });
    await expect(observedBy({}, { RequestType: 'Create', ResourceProperties: { ShowBuildLogInErrors: 'false' } }))
      .resolves.toMatchObject({ whole: `the whole log is in the log group /aws/lambda-microvms/sandbox${kept}` });
  });

  test('are observed without the log if the user does not want it in errors', async () => {
    await expect(observedBy({}, { ResourceProperties: { ShowBuildLogInErrors: 'false' } }))
      .resolves.toEqual({ builds, log: [], whole: 'the whole log is in the log group /aws/lambda-microvms/sandbox' });
  });

  test('are observed without the log if logging is disabled', async () => {
    await expect(observedBy({}, { ResourceProperties: { LogGroupName: undefined } })).resolves.toEqual({ builds, log: [], whole: 'logging is disabled for this image' });
  });

  test('are observed without the log if it cannot be read', async () => {
    await expect(observedBy({ buildLog: async () => { throw serviceError('AccessDeniedException', 'no'); } }))
      .resolves.toEqual({ builds, log: [], whole: 'the whole log is in the log group /aws/lambda-microvms/sandbox' });
  });

  test('are not observed if they cannot be listed', async () => {
    await expect(observedBy({ failedBuilds: async () => { throw serviceError('ThrottlingException', 'Rate exceeded'); } })).rejects.toThrow('Rate exceeded');
  });
});
