import type { PollCircumstances } from './inputs';
import { arnOf, BASE_IMAGE, FakeImages, image, imageWorld, microvm, pollEvent, version } from './inputs';
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

interface Bench {
  readonly resource: MicrovmImageResource;
  readonly images: FakeImages;
  readonly clock: FakeClock;
}

/** A resource in a poll, before a service that can do only what the test expects. */
function bench(answers: Partial<MicrovmImageService> = {}, more: PollCircumstances = {}, now = NOW, dependencies: Partial<ImageDependencies> = {}): Bench {
  const images = new FakeImages(answers);
  const clock = new FakeClock(now);
  const event = pollEvent(more);
  return { images, clock, resource: new MicrovmImageResource(event, operationOf(event, 3000, now), imageWorld(images, { clock, ...dependencies })) };
}

describe('the physical id', () => {
  test.each(['Create', 'Update'] as const)('of an image is its ARN at %s', RequestType => {
    expect(imagePhysicalId(pollEvent({ RequestType, PhysicalResourceId: 'anything' }))).toBe(ARN);
  });

  test('that CloudFormation invented is answered unchanged at Delete', () => {
    expect(imagePhysicalId(pollEvent({ RequestType: 'Delete', PhysicalResourceId: 'app-Sandbox-1ABC' }))).toBe('app-Sandbox-1ABC');
  });
});

describe('what is resolved once', () => {
  const unpinned = { BaseImageVersion: undefined };
  const dependencies = (baseImage = BASE_IMAGE) => imageWorld(new FakeImages({}), { baseImages: { baseImage: async () => baseImage } });

  test.each(['Create', 'Update'] as const)('are the available versions of the base image at %s', async RequestType => {
    await expect(resolveImage(pollEvent({ RequestType, ResourceProperties: unpinned }), dependencies())).resolves.toEqual({ newestBaseImage: '2', availableBaseImages: '2 1' });
  });

  test('is nothing for a pinned base image, or for a deletion', async () => {
    await expect(resolveImage(pollEvent(), dependencies())).resolves.toBeUndefined();
    await expect(resolveImage(pollEvent({ RequestType: 'Delete', ResourceProperties: unpinned }), dependencies())).resolves.toBeUndefined();
  });

  test('is nothing if no version is available, so that the polls say so', async () => {
    await expect(resolveImage(pollEvent({ ResourceProperties: unpinned }), dependencies({ available: [] }))).resolves.toBeUndefined();
  });

  test('is what each poll begins with', () => {
    const Resolved = { newestBaseImage: '2', availableBaseImages: '2 1' };
    expect(bench({}, { Operation: { Resolved } }).resource.nothingObserved).toEqual({ images: {}, baseImage: BASE_IMAGE });
    expect(bench().resource.nothingObserved).toEqual({ images: {}, baseImage: undefined });
  });
});

test('values of the old and the new environment are secrets', () => {
  const old = { Environment: { A: 'old value' } };
  const { resource } = bench({}, { ResourceProperties: { Environment: { A: 'new value', B: 'other value' } }, OldResourceProperties: old });
  expect(resource.secrets).toEqual(['new value', 'other value', 'old value']);
  expect(bench({}, { RequestType: 'Create', ResourceProperties: { Environment: undefined } }).resource.secrets).toEqual([]);
});

describe('looking', () => {
  test('at an image that is there is one call', async () => {
    const { resource, images } = bench({ image: async () => image() });
    await expect(resource.observe({ at: 'image', arn: ARN, confirmAbsence: true }, NOTHING)).resolves.toEqual({ images: { [ARN]: { image: image() } } });
    expect(images.calls).toEqual(['image']);
  });

  test('at a missing image is one call if its absence need not be certain', async () => {
    const { resource, images, clock } = bench({ image: async () => 'absent' });
    await expect(resource.observe({ at: 'image', arn: ARN, confirmAbsence: false }, NOTHING)).resolves.toEqual({ images: { [ARN]: { image: 'absent' } } });
    expect([images.calls.length, clock.now() - NOW]).toEqual([1, 0]);
  });

  test('finds an image gone only after three looks over six seconds did not find it', async () => {
    const { resource, images, clock } = bench({ image: async () => 'absent' });
    await expect(resource.observe({ at: 'image', arn: ARN, confirmAbsence: true }, NOTHING)).resolves.toEqual({ images: { [ARN]: { image: 'absent' } } });
    expect([images.calls.length, clock.now() - NOW]).toEqual([3, 6 * SECOND]);
  });

  test('finds an image that shows at the third look', async () => {
    const answers = ['absent', 'absent', image()] as const;
    let looks = 0;
    const { resource } = bench({ image: async () => answers[looks++] });
    await expect(resource.observe({ at: 'image', arn: ARN, confirmAbsence: true }, NOTHING)).resolves.toEqual({ images: { [ARN]: { image: image() } } });
  });

  test('adds to what was seen before', async () => {
    const { resource } = bench({ versions: async () => [version(1)], microvms: async () => [microvm('a')] });
    const observed = await resource.observe({ at: 'versions', arn: ARN }, { baseImage: BASE_IMAGE, images: { [ARN]: { image: image() }, other: { image: 'absent' } } });
    await expect(resource.observe({ at: 'microvms', arn: ARN }, observed)).resolves.toEqual({
      baseImage: BASE_IMAGE, images: { [ARN]: { image: image(), versions: [version(1)], microvms: [microvm('a')] }, other: { image: 'absent' } },
    });
  });

  test('at the base image asks the service with the role of the provider', async () => {
    const { resource, images } = bench();
    await expect(resource.observe({ at: 'baseImage' }, NOTHING)).resolves.toEqual({ images: {}, baseImage: BASE_IMAGE });
    expect(images.calls).toEqual([]);
  });
});

describe('the roles', () => {
  const old = { ResourceRoleArn: 'arn:aws:iam::123456789012:role/handler-of-old-name', ImageArn: arnOf('old-name'), ImageName: 'old-name' };
  const rolesOf = async (more: PollCircumstances, arn: string) => {
    const used: string[][] = [];
    const images = new FakeImages({ microvms: async () => [] });
    const { resource } = bench({}, more, NOW, { images: async (...args) => { used.push(args); return images.service; } });
    await resource.observe({ at: 'microvms', arn }, NOTHING);
    return used;
  };

  test('are those of the resource, in a session of its name', async () => {
    await expect(rolesOf({}, ARN)).resolves.toEqual([[ROLE, 'Sandbox']]);
  });

  test('are those of the old properties for an image of the old name', async () => {
    await expect(rolesOf({ OldResourceProperties: old }, arnOf('old-name'))).resolves.toEqual([[old.ResourceRoleArn, 'Sandbox']]);
    await expect(rolesOf({ OldResourceProperties: old }, ARN)).resolves.toEqual([[ROLE, 'Sandbox']]);
  });

  test('are the new ones for an image that keeps its name', async () => {
    await expect(rolesOf({ OldResourceProperties: { ResourceRoleArn: old.ResourceRoleArn } }, ARN)).resolves.toEqual([[ROLE, 'Sandbox']]);
  });

  test('are those of the properties of a deletion', async () => {
    await expect(rolesOf({ RequestType: 'Delete', PhysicalResourceId: arnOf('earlier') }, arnOf('earlier'))).resolves.toEqual([[ROLE, 'Sandbox']]);
  });
});

describe('a deletion', () => {
  const lookOf = (PhysicalResourceId: string) => bench({}, { RequestType: 'Delete', PhysicalResourceId }, NOW + MINUTE).resource.reconcile(NOTHING);

  test('means the image that its physical id names, whatever the properties say', () => {
    expect(lookOf(arnOf('earlier'))).toMatchObject({ observe: { at: 'image', arn: arnOf('earlier') } });
    const { resource } = bench({}, { RequestType: 'Delete', PhysicalResourceId: arnOf('earlier') }, NOW + MINUTE);
    expect(resource.reconcile({ images: { [arnOf('earlier')]: { image: image({ state: 'DELETING' }) } } })).toMatchObject({ waitingFor: "microvm image 'earlier' to be deleted" });
  });

  test.each(['app-Sandbox-1ABC', 'sandbox', 'arn:aws:lambda:us-east-1:123456789012:function:sandbox', `${ARN}:1`])(
    'with an invented physical id means the image that the properties name: %s', id => {
      expect(lookOf(id)).toMatchObject({ observe: { at: 'image', arn: ARN } });
    });

  test('waits for what a cancelled creation may still have under way', () => {
    const at = (milliseconds: number) => bench({}, { RequestType: 'Delete' }, NOW + milliseconds).resource.reconcile(NOTHING).kind;
    expect([at(0), at(9_999), at(10_000)]).toEqual(['wait', 'wait', 'observe']);
  });
});

describe('the first build', () => {
  const creating = { RequestType: 'Create' as const };
  const create = { do: 'create' as const, arn: ARN, baseImageVersion: '1' };

  test('carries owner tags, the tags of the user and the marker from the first request on', async () => {
    const asked: unknown[][] = [];
    const { resource } = bench({ create: async (...args) => { asked.push(args); return { createdAt: NOW }; } }, creating);
    await resource.apply(create);
    expect(asked).toEqual([[
      expect.objectContaining({
        name: 'sandbox',
        tags: { 'team': 'runtime', 'cdk-lambda-microvms:stack': OWNER.stackId, 'cdk-lambda-microvms:resource': OWNER.logicalId },
        baseImageVersion: '1',
        description: `for untrusted code [cdk db942cc14c78caf3/${resource.operation.id}]`,
      }),
      resource.operation.clientToken,
    ]]);
  });

  test('is the same request in each poll, byte by byte', async () => {
    const bodies: string[] = [];
    for (const now of [NOW, NOW + MINUTE]) {
      const { resource } = bench({ create: async (...args) => { bodies.push(JSON.stringify(args)); return { createdAt: NOW }; } }, creating, now);
      await resource.apply(create);
    }
    expect(bodies[1]).toBe(bodies[0]);
  });

  test('is asked for with another token if the first one replays an image from before the operation', async () => {
    const tokens: string[] = [];
    const createdAt = [NOW - 61 * SECOND, NOW];
    const { resource } = bench({ create: async (_, token) => { tokens.push(token); return { createdAt: createdAt[tokens.length - 1] }; } }, creating);
    await resource.apply(create);
    expect(tokens).toEqual([resource.operation.clientToken, resource.operation.secondClientToken]);
  });

  test('bears with clocks that differ', async () => {
    const { resource, images } = bench({ create: async () => ({ createdAt: NOW - 60 * SECOND }) }, creating);
    await resource.apply(create);
    expect(images.calls).toEqual(['create']);
  });
});

describe('a further build', () => {
  const build = (listed: string[]) => ({ do: 'build' as const, arn: ARN, baseImageVersion: '1', listed });
  const tokensFor = async (listed: string[], answered: string) => {
    const tokens: string[] = [];
    const { resource } = bench({ build: async (_arn, _request, token) => { tokens.push(token); return { version: answered }; } });
    await resource.apply(build(listed));
    return tokens.map(token => token === resource.operation.clientToken ? 'first' : 'second');
  };

  test('carries the marker, and no tags', async () => {
    const asked: unknown[][] = [];
    const { resource } = bench({ build: async (...args) => { asked.push(args); return { version: '2.0' }; } });
    await resource.apply(build(['1.0']));
    const { id, clientToken } = resource.operation;
    expect(asked).toEqual([[ARN, expect.objectContaining({ description: expect.stringContaining(id) }), clientToken]]);
    expect(asked[0][1]).not.toHaveProperty('tags');
  });

  test('is asked for with another token if the first one replays a version that was deleted since', async () => {
    await expect(tokensFor(['1.0', '10.0'], '9.0')).resolves.toEqual(['first', 'second']);
  });

  test('is asked for once if the answer is a new version, or one that is listed', async () => {
    await expect(tokensFor(['1.0', '9.0'], '10.0')).resolves.toEqual(['first']);
    await expect(tokensFor(['1.0', '2.0'], '1.0')).resolves.toEqual(['first']);
    await expect(tokensFor([], '1.0')).resolves.toEqual(['first']);
  });
});

describe('a build that cannot begin', () => {
  const failing = (error: Error) => ({ create: async () => { throw error; }, build: async () => { throw error; } });
  const create = { do: 'create' as const, arn: ARN, baseImageVersion: '1' };
  const build = { do: 'build' as const, arn: ARN, baseImageVersion: '1', listed: [] };
  const invalid = (message: string) => serviceError('ValidationException', message);

  test.each([create, build])('waits for builds beyond the quota with a random pause of at most one poll: $do', async change => {
    const quota = serviceError('ServiceQuotaExceededException', 'The maximum number of concurrent builds has been reached');
    for (const [random, pause] of [[0, 0], [0.5, 3_000], [0.999, 5_994]]) {
      const { resource, clock } = bench(failing(quota), {}, NOW, { random: () => random });
      await expect(resource.apply(change)).rejects.toBe(quota);
      expect(clock.now() - NOW).toBe(pause);
    }
  });

  test('does not pause for other errors', async () => {
    const { resource, clock } = bench(failing(serviceError('ThrottlingException', 'Rate exceeded')));
    await expect(resource.apply(create)).rejects.toThrow('Rate exceeded');
    expect(clock.now()).toBe(NOW);
  });

  test.each([create, build])('fails for a request that the service refuses, with its words and the property they concern: $do', async change => {
    const { resource } = bench(failing(invalid('The requested memory size 1000 MiB is not supported')));
    const refusal = new TerminalError('MicrovmImageRejected', "memory: the service rejected microvm image 'sandbox': The requested memory size 1000 MiB is not supported");
    await expect(resource.apply(change)).rejects.toEqual(refusal);
    await expect(resource.apply(change)).rejects.toBeInstanceOf(TerminalError);
    await expect(resource.apply(change)).rejects.toMatchObject({ code: 'MicrovmImageRejected', hints: [] });
  });

  test('fails without a property if the words do not tell one', async () => {
    await expect(bench(failing(invalid('something new'))).resource.apply(create)).rejects.toThrow(/^the service rejected microvm image 'sandbox': something new$/);
  });

  test.each([
    "A MicroVM image with the name 'sandbox' already exists in this account",
    'Cannot update MicroVM image in its current state: UPDATING',
    'MicroVM Image is already in state: UPDATING',
    'The client token was already used for a request with other parameters',
  ])('looks again after words that may pass: %s', async message => {
    await expect(bench(failing(invalid(message)), {}, NOW + 30 * MINUTE).resource.apply(create)).rejects.not.toBeInstanceOf(TerminalError);
  });

  test('waits until a fresh build role can be assumed, but not for ever', async () => {
    const refused = invalid('The service is unable to assume the provided role');
    await expect(bench(failing(refused), {}, NOW + 119 * SECOND).resource.apply(create)).rejects.toBe(refused);
    await expect(bench(failing(refused), {}, NOW + 120 * SECOND).resource.apply(create)).rejects.toMatchObject({
      message: "buildRole: the service rejected microvm image 'sandbox': The service is unable to assume the provided role",
      hints: [{ property: 'buildRole', text: expect.stringMatching(/^its trust policy must allow lambda\.amazonaws\.com sts:AssumeRole/) }],
    });
  });
});

describe('other changes', () => {
  test.each([
    [{ do: 'tag', arn: ARN, tags: { a: 'b' } }, 'tag', [ARN, { a: 'b' }]],
    [{ do: 'untag', arn: ARN, keys: ['a'] }, 'untag', [ARN, ['a']]],
    [{ do: 'activate', arn: ARN, version: '1.0' }, 'setStatus', [ARN, '1.0', 'ACTIVE']],
    [{ do: 'deactivate', arn: ARN, version: '1.0' }, 'setStatus', [ARN, '1.0', 'INACTIVE']],
    [{ do: 'deleteVersion', arn: ARN, version: '1.0' }, 'deleteVersion', [ARN, '1.0']],
    [{ do: 'deleteImage', arn: ARN }, 'deleteImage', [ARN]],
  ] as const)('are one call each: $do', async (change, method, args) => {
    const asked: unknown[][] = [];
    const { resource, images } = bench({ [method]: async (...given: unknown[]) => { asked.push(given); } });
    await resource.apply(change as Parameters<typeof resource.apply>[0]);
    expect(images.calls).toEqual([method]);
    expect(asked).toEqual([args]);
  });

  test('end all the MicroVMs of a step at once', async () => {
    const ended: string[] = [];
    const { resource } = bench({ terminate: async id => void ended.push(id) });
    await resource.apply({ do: 'terminate', arn: ARN, microvmIds: ['a', 'b', 'c'] });
    expect(ended).toEqual(['a', 'b', 'c']);
  });
});

describe('the builds of a failed version', () => {
  const builds = [{ generation: '3', reason: 'The container image build failed.' }];
  const log = { lines: ['one', 'two'], streams: ['stream-a', 'stream-b'] };
  const observedBy = async (answers: Partial<MicrovmImageService>, more: PollCircumstances = {}) => {
    const { resource } = bench({ failedBuilds: async () => builds, ...answers }, more);
    return (await resource.observe({ at: 'builds', arn: ARN, version: '2.0' }, NOTHING)).images[ARN].builds;
  };

  test('come with the end of the log and where the whole is', async () => {
    const asked: unknown[] = [];
    await expect(observedBy({ buildLog: async (...args) => { asked.push(args); return log; } })).resolves.toEqual({
      builds, log: ['one', 'two'], whole: 'the whole log is in the log group /aws/lambda-microvms/sandbox, streams stream-a, stream-b',
    });
    expect(asked).toEqual([['/aws/lambda-microvms/sandbox', '2.0']]);
  });

  test('come with the log group alone if it has no stream of the version', async () => {
    await expect(observedBy({ buildLog: async () => ({ lines: [], streams: [] }) }))
      .resolves.toEqual({ builds, log: [], whole: 'the whole log is in the log group /aws/lambda-microvms/sandbox' });
  });

  test('come without the log if the user does not want it in errors', async () => {
    await expect(observedBy({}, { ResourceProperties: { ShowBuildLogInErrors: 'false' } }))
      .resolves.toEqual({ builds, log: [], whole: 'the whole log is in the log group /aws/lambda-microvms/sandbox' });
  });

  test('come without the log if there is none', async () => {
    await expect(observedBy({}, { ResourceProperties: { LogGroupName: undefined } })).resolves.toEqual({ builds, log: [], whole: 'logging is disabled for this image' });
  });

  test('come without the log if it cannot be read', async () => {
    await expect(observedBy({ buildLog: async () => { throw serviceError('AccessDeniedException', 'no'); } }))
      .resolves.toEqual({ builds, log: [], whole: 'the whole log is in the log group /aws/lambda-microvms/sandbox' });
  });

  test('are asked for again if they cannot be listed', async () => {
    await expect(observedBy({ failedBuilds: async () => { throw serviceError('ThrottlingException', 'Rate exceeded'); } })).rejects.toThrow('Rate exceeded');
  });
});
