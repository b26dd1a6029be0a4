import type { Circumstances } from './inputs';
import {
  arnOf, BASE_IMAGE, CONTENT, creating, foreignVersion, image, microvm, OLD_CONTENT, OTHER_CONTENT, rollingBack, updating, version,
} from './inputs';
import { ownerTags } from '../../../src/handlers/engine/owner';
import type { ImageState, Version } from '../../../src/handlers/image/observed';
import { reconcile } from '../../../src/handlers/image/reconcile';
import { EARLIER_OPERATION, MINUTE, NOW, OWNER, SECOND, SOMEBODY_ELSE, THIS_OPERATION } from '../engine/inputs';

const ARN = arnOf('sandbox');
const OLD = arnOf('old-name');

/** An image that is ours and at rest, with these versions. */
function atRest(...versions: Version[]) {
  return { image: image(), versions, microvms: [] };
}

function inState(state: ImageState, ...versions: Version[]) {
  return { ...atRest(...versions), image: image({ state }) };
}

const unpinned = version(1, { baseImageVersion: '1.0' });
const onDeprecatedBase = { ...unpinned, baseImageVersion: '0.0' };

describe('before the first step', () => {
  test('lets the changes of an earlier operation land', () => {
    expect(reconcile(rollingBack({ operation: { inGrace: true } }))).toEqual({ kind: 'wait', waitingFor: 'calls of an earlier operation to take effect' });
  });

  test('looks at the image first', () => {
    expect(reconcile(updating())).toEqual({ kind: 'observe', observe: { at: 'image', arn: ARN, confirmAbsence: false } });
  });

  test('looks at the image that a deletion means until its absence is certain', () => {
    expect(reconcile(creating({ operation: { type: 'Delete' } }))).toEqual({ kind: 'observe', observe: { at: 'image', arn: ARN, confirmAbsence: true } });
  });

  test.each(['DELETING', 'DELETED'] as const)('waits while the name is still taken by an image that is %s, whoever owned it', state => {
    const step = reconcile(creating({ observed: { image: image({ state, tags: ownerTags(SOMEBODY_ELSE) }) } }));
    expect(step).toEqual({ kind: 'wait', waitingFor: "an earlier microvm image 'sandbox' to be deleted" });
  });
});

describe('creating', () => {
  test('creates the image on the newest base image', () => {
    expect(reconcile(creating({ observed: { image: 'absent' } }))).toEqual({
      kind: 'change', change: { do: 'create', arn: ARN, baseImageVersion: '2' }, waitingFor: "the build of microvm image 'sandbox' to begin", fallback: undefined,
    });
  });

  test('creates the image on the version of the base image that is pinned, without looking at others', () => {
    const step = reconcile(creating({ observed: { image: 'absent' }, desired: { baseImagePin: '1' }, baseImage: undefined }));
    expect(step).toMatchObject({ change: { do: 'create', baseImageVersion: '1' } });
  });

  test('looks the base image up if the first event could not', () => {
    expect(reconcile(creating({ observed: { image: 'absent' }, baseImage: undefined }))).toEqual({ kind: 'observe', observe: { at: 'baseImage' } });
  });

  test('fails if no version of the base image is available, and names the property', () => {
    const step = reconcile(creating({ observed: { image: 'absent' }, baseImage: { available: [] } }));
    expect(step).toEqual({
      kind: 'fail',
      code: 'MicrovmBaseImageUnavailable',
      summary: "baseImage: no version of the base image of microvm image 'sandbox' is available; use another base image",
    });
  });

  test('an image of its own that is there already, after a second delivery, is not created again', () => {
    const observed = { image: image({ state: 'CREATED' }), versions: [version(1, { by: THIS_OPERATION })] };
    expect(reconcile(creating({ observed }))).toMatchObject({ kind: 'done', data: { ImageVersion: '1.0' } });
  });

  test('an image that vanished is made again by an update', () => {
    expect(reconcile(updating({ observed: { image: 'absent' } }))).toMatchObject({ kind: 'change', change: { do: 'create' } });
  });
});

describe('an image that somebody else made', () => {
  const ofNobody = image({ tags: { team: 'theirs' } });

  test('fails for an image without an owner, and tells the ways out', () => {
    expect(reconcile(creating({ observed: { image: ofNobody } }))).toEqual({
      kind: 'fail',
      code: 'MicrovmImageExists',
      summary: "microvmImageName: a microvm image 'sandbox' already exists; choose another name, delete that image, or adopt it with adoptExisting",
    });
  });

  test('waits for the tags of a very new image before it takes it for one without an owner', () => {
    const step = reconcile(creating({ observed: { image: image({ tags: {}, createdAt: NOW - 59 * SECOND }) } }));
    expect(step).toEqual({ kind: 'wait', waitingFor: "the tags of microvm image 'sandbox' to show" });
  });

  test.each([[false], [true]])('fails for an image of another resource, with the command that gives it up (adoption allowed: %s)', adoptExisting => {
    const step = reconcile(creating({ desired: { adoptExisting }, observed: { image: image({ tags: ownerTags(SOMEBODY_ELSE) }) } }));
    expect(step).toMatchObject({ kind: 'fail', code: 'MicrovmImageOwnedElsewhere' });
    expect(step).toMatchObject({ summary: expect.stringContaining("belongs to the resource 'Theirs' of the stack 'arn:aws:cloudformation:us-east-1:123456789012:stack/other/0f2c'") });
    expect(step).toMatchObject({
      summary: expect.stringContaining(`'aws lambda untag-resource --resource ${ARN} --tag-keys cdk-lambda-microvms:stack cdk-lambda-microvms:resource'`),
    });
  });

  test.each([
    ['another resource of the same stack', { ...OWNER, logicalId: 'Another' }],
    ['a resource of the same name in another stack', { ...OWNER, stackId: SOMEBODY_ELSE.stackId }],
  ])('fails for an image of %s', (_, owner) => {
    expect(reconcile(creating({ observed: { image: image({ tags: ownerTags(owner) }) } }))).toMatchObject({ kind: 'fail', code: 'MicrovmImageOwnedElsewhere' });
  });

  test('fails for an image that carries only one of the two owner tags', () => {
    const step = reconcile(creating({ desired: { adoptExisting: true }, observed: { image: image({ tags: { 'cdk-lambda-microvms:stack': OWNER.stackId } }) } }));
    expect(step).toMatchObject({ kind: 'fail', code: 'MicrovmImageOwnedElsewhere' });
  });

  test('adoption tags the image and remembers which version was active', () => {
    const observed = { image: ofNobody, versions: [foreignVersion(9), foreignVersion(10), foreignVersion(11, { active: false }), foreignVersion(12, { state: 'FAILED' })] };
    expect(reconcile(creating({ desired: { adoptExisting: true }, observed }))).toEqual({
      kind: 'change',
      change: { do: 'tag', arn: ARN, tags: { ...ownerTags(OWNER), 'cdk-lambda-microvms:adopted': '10.0' } },
      waitingFor: "microvm image 'sandbox' to be adopted",
      fallback: undefined,
    });
  });

  test('adoption remembers that no version was active', () => {
    const observed = { image: ofNobody, versions: [foreignVersion(1, { state: 'FAILED', active: false })] };
    expect(reconcile(creating({ desired: { adoptExisting: true }, observed }))).toMatchObject({ change: { tags: { 'cdk-lambda-microvms:adopted': 'none' } } });
  });

  test('adoption looks at the versions first', () => {
    const step = reconcile(creating({ desired: { adoptExisting: true }, observed: { image: ofNobody } }));
    expect(step).toEqual({ kind: 'observe', observe: { at: 'versions', arn: ARN } });
  });

  test('adoption waits for builds of the former owner', () => {
    const observed = { image: { ...ofNobody, state: 'UPDATING' as const } };
    expect(reconcile(creating({ desired: { adoptExisting: true }, operation: { startedAt: NOW - 30 * SECOND }, observed })))
      .toMatchObject({ kind: 'wait', waitingFor: "the builds of microvm image 'sandbox' to end" });
  });

  test('an adopted image builds its first version of our content and leaves the others alone', () => {
    const observed = { image: image({ tags: { ...ownerTags(OWNER), 'cdk-lambda-microvms:adopted': '1.0' } }), versions: [foreignVersion(1)] };
    expect(reconcile(creating({ observed }))).toMatchObject({ change: { do: 'build', listed: ['1.0'] } });
    const built = { ...observed, versions: [foreignVersion(1), version(2, { by: THIS_OPERATION })] };
    expect(reconcile(creating({ observed: built }))).toMatchObject({ kind: 'done', data: { ImageVersion: '2.0' } });
  });
});

describe('an image in motion', () => {
  test.each(['CREATING', 'UPDATING'] as const)('is not looked at closer while it is %s, so that the service is asked once per poll', state => {
    const step = reconcile(updating({ operation: { startedAt: NOW - 30 * SECOND }, observed: { image: image({ state }) } }));
    expect(step).toEqual({ kind: 'wait', waitingFor: "the builds of microvm image 'sandbox' to end" });
  });

  test('is looked at closer once a minute', () => {
    const looksAt = (seconds: number) => reconcile(updating({ operation: { startedAt: NOW - seconds * SECOND }, observed: { image: image({ state: 'UPDATING' }) } })).kind;
    expect([114, 119, 120, 125, 126, 150].map(looksAt)).toEqual(['wait', 'wait', 'observe', 'observe', 'wait', 'wait']);
  });

  test('is looked at closer at the deadline', () => {
    const step = reconcile(updating({ operation: { startedAt: NOW - 30 * SECOND, expired: true }, observed: { image: image({ state: 'UPDATING' }) } }));
    expect(step).toEqual({ kind: 'observe', observe: { at: 'versions', arn: ARN } });
  });
});

describe('choosing a version', () => {
  test('looks at the versions of an image at rest', () => {
    expect(reconcile(updating({ observed: { image: image() } }))).toEqual({ kind: 'observe', observe: { at: 'versions', arn: ARN } });
  });

  test('builds if no version has the content asked for', () => {
    expect(reconcile(updating({ observed: atRest(version(1, { content: OLD_CONTENT })) }))).toEqual({
      kind: 'change',
      change: { do: 'build', arn: ARN, baseImageVersion: '2', listed: ['1.0'] },
      waitingFor: "the build of microvm image 'sandbox' to begin",
      fallback: undefined,
    });
  });

  test('a version without a marker never counts as the content asked for', () => {
    expect(reconcile(updating({ observed: atRest(foreignVersion(1)) }))).toMatchObject({ change: { do: 'build' } });
  });

  test.each(['FAILED', 'DELETING', 'DELETE_FAILED'] as const)('a version of the same content that is %s does not count', state => {
    const gone = version(2, { state, updatedAt: NOW - 2 * MINUTE });
    expect(reconcile(updating({ observed: atRest(version(1, { content: OLD_CONTENT }), gone) }))).toMatchObject({ change: { do: 'build' } });
  });

  test('a version built earlier is activated instead of building again', () => {
    const observed = atRest(version(1, { active: false }), version(2, { content: OLD_CONTENT }));
    expect(reconcile(updating({ observed }))).toMatchObject({
      kind: 'change', change: { do: 'activate', version: '1.0' }, waitingFor: "version 1.0 of microvm image 'sandbox' to be the active one",
    });
  });

  test('the highest of several identical versions is chosen, by number and not by text', () => {
    const observed = atRest(version(9), version(10, { active: false }));
    expect(reconcile(updating({ observed }))).toMatchObject({ change: { do: 'activate', version: '10.0' } });
  });

  test('a version built earlier does not count once its base image is deprecated', () => {
    expect(reconcile(updating({ observed: atRest(onDeprecatedBase) }))).toMatchObject({ change: { do: 'build', baseImageVersion: '2' } });
  });

  test('a version built earlier counts while its base image is available, although a newer one is out', () => {
    expect(reconcile(updating({ observed: atRest(unpinned) }))).toMatchObject({ kind: 'done', data: { ImageVersion: '1.0', BaseImageVersion: '1.0' } });
  });

  test('an older identical version counts if the base image of the newest is deprecated', () => {
    const observed = atRest(unpinned, { ...onDeprecatedBase, version: '2.0', active: false });
    expect(reconcile(updating({ observed }))).toMatchObject({ kind: 'done', data: { ImageVersion: '1.0' } });
  });

  test('the version that this operation built counts although its base image was deprecated meanwhile', () => {
    const built = { ...onDeprecatedBase, marker: { fingerprint: CONTENT, operationId: THIS_OPERATION } };
    expect(reconcile(updating({ observed: atRest(built) }))).toMatchObject({ kind: 'done' });
  });

  test('the base image is looked up before a version built earlier is taken', () => {
    expect(reconcile(updating({ observed: atRest(unpinned), baseImage: undefined }))).toEqual({ kind: 'observe', observe: { at: 'baseImage' } });
  });

  test('a pinned base image is never checked', () => {
    expect(reconcile(updating({ desired: { baseImagePin: '0' }, observed: atRest(onDeprecatedBase), baseImage: undefined }))).toMatchObject({ kind: 'done' });
  });

  test('a tags-only change builds nothing although its base image is deprecated', () => {
    const step = reconcile(updating({ previous: { fingerprint: CONTENT }, desired: { tags: { team: 'new' } }, observed: atRest(onDeprecatedBase), baseImage: undefined }));
    expect(step).toMatchObject({ kind: 'change', change: { do: 'tag', tags: { team: 'new' } } });
  });

  test.each(['rollback', 'unknown'] as const)('a version still there is taken again although its base image is deprecated (phase %s)', phase => {
    const observed = atRest({ ...onDeprecatedBase, active: false }, version(2, { content: OLD_CONTENT }));
    expect(reconcile(updating({ operation: { phase }, observed, baseImage: undefined }))).toMatchObject({ change: { do: 'activate', version: '1.0' } });
  });

  test('a rollback builds only if the old version is gone', () => {
    expect(reconcile(rollingBack({ observed: atRest(version(2, { content: OLD_CONTENT })) }))).toMatchObject({ change: { do: 'build' } });
  });
});

describe('finishing', () => {
  test('is done when the chosen version is active and nothing above it is', () => {
    const observed = atRest(version(1, { content: OLD_CONTENT }), version(2));
    expect(reconcile(updating({ observed }))).toEqual({ kind: 'done', data: { ImageArn: ARN, ImageVersion: '2.0', BaseImageVersion: '2.0' } });
  });

  test('activates the chosen version before it deactivates the ones above it', () => {
    const above = version(10, { content: OLD_CONTENT });
    const below = version(9, { content: OLD_CONTENT });
    expect(reconcile(rollingBack({ observed: atRest(version(1, { active: false }), below, above) }))).toMatchObject({ change: { do: 'activate', version: '1.0' } });
    expect(reconcile(rollingBack({ observed: atRest(version(1), below, above) }))).toMatchObject({ change: { do: 'deactivate', version: '10.0' } });
    expect(reconcile(rollingBack({ observed: atRest(version(1), below, { ...above, active: false }) }))).toMatchObject({ change: { do: 'deactivate', version: '9.0' } });
    expect(reconcile(rollingBack({ observed: atRest(version(1), { ...below, active: false }, { ...above, active: false }) }))).toMatchObject({ kind: 'done' });
  });

  test('does not mind a version above the chosen one that failed, whatever its status', () => {
    expect(reconcile(rollingBack({ observed: atRest(version(1), version(2, { content: OLD_CONTENT, state: 'FAILED' })) }))).toMatchObject({ kind: 'done' });
  });

  test('goes on in the same poll, in which both show', () => {
    const above = version(10, { content: OLD_CONTENT });
    expect(reconcile(rollingBack({ observed: atRest(version(1, { active: false }), above) }))).toMatchObject({ change: { do: 'activate' }, showsAtOnce: true });
    expect(reconcile(rollingBack({ observed: atRest(version(1), above) }))).toMatchObject({ change: { do: 'deactivate' }, showsAtOnce: true });
  });

  test('leaves active what is below the chosen version', () => {
    expect(reconcile(updating({ observed: atRest(version(1, { content: OLD_CONTENT }), version(2)) }))).toMatchObject({ kind: 'done' });
  });

  test.each(['PENDING', 'IN_PROGRESS'] as const)('waits for a version that is %s, whoever builds it', state => {
    const observed = atRest(version(1), foreignVersion(2, { state, active: false }));
    expect(reconcile(updating({ observed }))).toMatchObject({ kind: 'wait', waitingFor: "version 2.0 of microvm image 'sandbox' to be built" });
  });

  test('waits for a version that is being deleted, for a minute', () => {
    const deleting = (seconds: number) => version(1, { content: OLD_CONTENT, state: 'DELETING', active: false, updatedAt: NOW - seconds * SECOND });
    expect(reconcile(updating({ observed: atRest(deleting(59), version(2)) }))).toMatchObject({ kind: 'wait', waitingFor: "version 1.0 of microvm image 'sandbox' to be deleted" });
    expect(reconcile(updating({ observed: atRest(deleting(60), version(2)) }))).toMatchObject({ kind: 'done' });
  });

  test('waits for a deletion by the start of the operation if the service does not tell when it began', () => {
    const observed = atRest(version(1, { state: 'DELETING', updatedAt: undefined }), version(2));
    expect(reconcile(updating({ operation: { startedAt: NOW - 30 * SECOND }, observed }))).toMatchObject({ kind: 'wait' });
    expect(reconcile(updating({ operation: { startedAt: NOW - 90 * SECOND }, observed }))).toMatchObject({ kind: 'done' });
  });

  test('a build that hangs during a rollback does not fail it at the deadline if the old version is active', () => {
    const hanging = version(2, { content: OLD_CONTENT, state: 'IN_PROGRESS', active: false });
    const step = reconcile(rollingBack({ operation: { expired: true }, observed: inState('UPDATING', version(1), hanging) }));
    expect(step).toMatchObject({ kind: 'wait', fallback: { kind: 'done', data: { ImageVersion: '1.0' } } });
  });

  test.each([
    ['the old version is not active', [version(1, { active: false })]],
    ['a version above it is active', [version(1), version(3, { content: OLD_CONTENT })]],
    ['there is no old version', []],
  ])('fails at the deadline for a build that hangs during a rollback while %s', (_, versions) => {
    const hanging = version(2, { content: OLD_CONTENT, state: 'IN_PROGRESS', active: false });
    const step = reconcile(rollingBack({ operation: { expired: true }, observed: inState('UPDATING', hanging, ...versions) }));
    expect(step).toMatchObject({ kind: 'wait', fallback: undefined });
  });

  test('a deletion of a version that hangs does not fail an operation at the deadline', () => {
    const deleting = version(1, { state: 'DELETING', active: false, updatedAt: NOW - SECOND });
    expect(reconcile(updating({ observed: atRest(deleting, version(2)) }))).toMatchObject({ kind: 'wait', fallback: { kind: 'done' } });
  });
});

describe('a failed build', () => {
  const failed = version(2, { by: THIS_OPERATION, state: 'FAILED', active: false });
  const versions = [version(1, { content: OLD_CONTENT }), failed];
  const builds = {
    builds: [{ generation: '3', reason: 'The container image build failed.' }, { generation: '4', reason: 'Ready hook invocation timed out after PT5M' }],
    log: ['COPY missing.txt .', 'not found'],
    whole: 'the whole log is in the log group builds',
  };

  test('is looked at closer', () => {
    expect(reconcile(updating({ observed: atRest(...versions) }))).toEqual({ kind: 'observe', observe: { at: 'builds', arn: ARN, version: '2.0' } });
  });

  test('names the reason of each generation, hints and the end of its log', () => {
    expect(reconcile(updating({ observed: { ...atRest(...versions), builds } }))).toEqual({
      kind: 'fail',
      code: 'MicrovmImageBuildFailed',
      summary: [
        "the build of version 2.0 of microvm image 'sandbox' failed",
        'Graviton 3: The container image build failed.',
        'Graviton 4: Ready hook invocation timed out after PT5M',
      ].join('\n'),
      hints: [
        { property: 'hooks', text: 'the server must listen on 0.0.0.0 and the port of the hooks, and answer 503 until it is ready' },
        { property: 'code', text: 'the Dockerfile does not build; or the build cannot reach a base image or package through buildEgress' },
      ],
      log: ['COPY missing.txt .', 'not found'],
      more: 'the whole log is in the log group builds',
    });
  });

  test('of an earlier operation fails nothing, also with the same content: it is built again', () => {
    const observed = atRest(version(1, { content: OLD_CONTENT }), version(2, { by: EARLIER_OPERATION, state: 'FAILED', active: false }));
    expect(reconcile(updating({ observed }))).toMatchObject({ change: { do: 'build' } });
  });

  test('of somebody else fails nothing', () => {
    expect(reconcile(updating({ observed: atRest(version(1, { content: OLD_CONTENT }), foreignVersion(2, { state: 'FAILED' })) }))).toMatchObject({ change: { do: 'build' } });
  });

  test('does not fail an operation that has an identical version all the same', () => {
    expect(reconcile(updating({ observed: atRest(version(1), failed) }))).not.toMatchObject({ kind: 'fail' });
  });
});

describe('tags', () => {
  const settled = (tags: Record<string, string>, circumstances: Circumstances = {}) =>
    reconcile(updating({ ...circumstances, observed: { ...atRest(version(1)), image: image({ tags: { ...ownerTags(OWNER), ...tags } }) } }));

  test('are set where they are missing or differ', () => {
    expect(settled({ stage: 'beta', keep: 'yes' }, { desired: { tags: { team: 'runtime', stage: 'prod', keep: 'yes' } } })).toMatchObject({
      change: { do: 'tag', arn: ARN, tags: { team: 'runtime', stage: 'prod' } }, waitingFor: "microvm image 'sandbox' to be tagged", showsAtOnce: true,
    });
  });

  test('are taken off if the old properties had them and the new ones have not', () => {
    expect(settled({ team: 'runtime', stage: 'prod' }, { desired: { tags: { stage: 'prod' } }, previous: { tags: { team: 'runtime', stage: 'prod' } } })).toMatchObject({
      change: { do: 'untag', arn: ARN, keys: ['team'] }, waitingFor: "microvm image 'sandbox' to be untagged", showsAtOnce: true,
    });
  });

  test('of others are never taken off', () => {
    expect(settled({ cost: 'theirs' }, { previous: { tags: { team: 'runtime' } } })).toMatchObject({ kind: 'done' });
  });

  test('of a user never take the place of the owner tags', () => {
    expect(settled({}, { desired: { tags: { 'cdk-lambda-microvms:resource': 'mine' } } })).toMatchObject({ kind: 'done' });
  });

  test('that a failed update had set are taken off by its rollback', () => {
    const observed = { ...atRest(version(1)), image: image({ tags: { ...ownerTags(OWNER), fresh: 'yes' } }) };
    expect(reconcile(rollingBack({ previous: { tags: { fresh: 'yes' } }, observed }))).toMatchObject({ change: { do: 'untag', keys: ['fresh'] } });
  });

  test('come after the version, so that a failed build changes none', () => {
    expect(reconcile(updating({ desired: { tags: { team: 'runtime' } }, observed: atRest(version(1, { active: false })) }))).toMatchObject({ change: { do: 'activate' } });
  });
});

describe('retention', () => {
  const old = [1, 2, 3, 4].map(number => version(number, { content: OTHER_CONTENT }));
  const full = [...old, version(5)];

  test('looks for MicroVMs before it deletes a version', () => {
    expect(reconcile(updating({ observed: { image: image(), versions: full } }))).toMatchObject({ kind: 'observe', observe: { at: 'microvms', arn: ARN } });
  });

  test('is done if MicroVMs cannot be looked for', () => {
    expect(reconcile(updating({ observed: { image: image(), versions: full } }))).toMatchObject({ fallback: { kind: 'done' } });
  });

  test('does not look for MicroVMs if all versions stay', () => {
    expect(reconcile(updating({ observed: { image: image(), versions: full.slice(2) } }))).toMatchObject({ kind: 'done' });
  });

  test('deletes the oldest version that need not stay, and is done if it cannot', () => {
    expect(reconcile(updating({ observed: atRest(...full) }))).toEqual({
      kind: 'change',
      change: { do: 'deleteVersion', arn: ARN, version: '1.0' },
      waitingFor: "version 1.0 of microvm image 'sandbox' to be deleted",
      fallback: { kind: 'done', data: { ImageArn: ARN, ImageVersion: '5.0', BaseImageVersion: '2.0' } },
    });
  });

  test('keeps a version that a MicroVM runs from, and deletes the next', () => {
    expect(reconcile(updating({ observed: { ...atRest(...full), microvms: [microvm('microvm-1', '1.0', 'SUSPENDED')] } }))).toMatchObject({ change: { version: '2.0' } });
  });

  test('is done if MicroVMs run from all that need not stay', () => {
    const microvms = [microvm('microvm-1', '1.0'), microvm('microvm-2', '2.0', 'TERMINATING')];
    expect(reconcile(updating({ observed: { ...atRest(...full), microvms } }))).toMatchObject({ kind: 'done' });
  });

  test.each(['rollback', 'unknown'] as const)('deletes nothing in the phase %s', phase => {
    expect(reconcile(updating({ operation: { phase }, observed: atRest(...full) }))).toMatchObject({ kind: 'done' });
  });

  test('keeps the version that a rollback would go back to', () => {
    const versions = [version(1, { content: OLD_CONTENT }), ...old.slice(1), version(5)];
    expect(reconcile(updating({ observed: atRest(...versions) }))).toMatchObject({ change: { version: '2.0' } });
  });

  describe('near the quota of versions', () => {
    const many = Array.from({ length: 49 }, (_, index) => version(index + 1, { content: OTHER_CONTENT }));

    test('makes room before it builds, and builds if it cannot', () => {
      expect(reconcile(updating({ observed: atRest(...many) }))).toMatchObject({
        change: { do: 'deleteVersion', version: '1.0' }, fallback: { kind: 'change', change: { do: 'build' } },
      });
    });

    test('keeps the active version', () => {
      const versions = many.map((each, index) => ({ ...each, active: index === 0 }));
      expect(reconcile(updating({ observed: atRest(...versions) }))).toMatchObject({ change: { do: 'deleteVersion', version: '2.0' } });
    });

    test('builds if there is nothing to delete', () => {
      const versions = many.map((_, index) => foreignVersion(index + 1));
      expect(reconcile(updating({ observed: atRest(...versions) }))).toMatchObject({ change: { do: 'build' } });
    });

    test('builds without deleting while there is room', () => {
      expect(reconcile(updating({ observed: atRest(...many.slice(1)) }))).toMatchObject({ change: { do: 'build' } });
    });

    test('deletes nothing in a rollback', () => {
      expect(reconcile(rollingBack({ observed: atRest(...many) }))).toMatchObject({ change: { do: 'build' } });
    });
  });
});

describe('a rename', () => {
  const renaming = (circumstances: Circumstances) => reconcile(updating({ previous: { name: 'old-name' }, observed: { image: 'absent' }, ...circumstances }));
  const running = { 'old-name': { microvms: Array.from({ length: 12 }, (_, index) => microvm(`microvm-${index + 1}`)) } };

  test('looks for MicroVMs of the old name before its first step', () => {
    expect(renaming({})).toEqual({ kind: 'observe', observe: { at: 'microvms', arn: OLD } });
  });

  test('makes the new image if no MicroVM runs', () => {
    expect(renaming({ observedElsewhere: { 'old-name': { microvms: [] } } })).toMatchObject({ change: { do: 'create', arn: ARN } });
  });

  test('that would end MicroVMs is refused before its first step, and names the first ten MicroVMs', () => {
    expect(renaming({ observedElsewhere: running })).toEqual({
      kind: 'fail',
      code: 'MicrovmImageInUse',
      summary: "microvmImageName: renaming microvm image 'old-name' to 'sandbox' would terminate running MicroVMs: microvm-1, microvm-2, microvm-3, microvm-4, microvm-5, "
        + 'microvm-6, microvm-7, microvm-8, microvm-9, microvm-10 and 2 more; terminate them, or deploy microvmTermination ON_DELETE_OR_RENAME first, then rename',
    });
  });

  test('that would end MicroVMs is refused before it adopts an image of the new name', () => {
    const observed = { image: image({ tags: {} }), versions: [foreignVersion(1)] };
    expect(renaming({ desired: { adoptExisting: true }, observed, observedElsewhere: running })).toMatchObject({ kind: 'fail', code: 'MicrovmImageInUse' });
  });

  test('may end MicroVMs if both the old and the new properties allow it', () => {
    const allowed = { termination: 'ON_DELETE_OR_RENAME' as const };
    expect(renaming({ desired: allowed, observedElsewhere: running })).toMatchObject({ change: { do: 'create' } });
    expect(renaming({ desired: allowed, previous: { name: 'old-name', termination: 'ON_DELETE' }, observedElsewhere: running })).toMatchObject({ change: { do: 'create' } });
    expect(renaming({ desired: allowed, previous: { name: 'old-name', termination: 'NEVER' }, observedElsewhere: running })).toMatchObject({ kind: 'fail', code: 'MicrovmImageInUse' });
  });

  test('is not refused in a rollback', () => {
    expect(renaming({ operation: { phase: 'rollback' }, observedElsewhere: running })).toMatchObject({ change: { do: 'create' } });
  });

  test('is not refused if CloudFormation knows the new name already', () => {
    expect(renaming({ requestPhysicalId: ARN, observedElsewhere: running })).toMatchObject({ change: { do: 'create' } });
  });

  test('leaves the old image to the clean-up', () => {
    expect(renaming({ observed: atRest(version(1)) })).toMatchObject({ kind: 'done' });
  });
});

describe('a rename that was cancelled midway', () => {
  const rollback = (circumstances: Circumstances) =>
    reconcile(rollingBack({ previous: { name: 'old-name' }, requestPhysicalId: ARN, observed: atRest(version(1)), ...circumstances }));

  test('looks for the image of the other name before it is done', () => {
    expect(rollback({})).toEqual({ kind: 'observe', observe: { at: 'image', arn: OLD, confirmAbsence: true } });
  });

  test('deletes the image of the other name, which CloudFormation may not know', () => {
    expect(rollback({ observedElsewhere: { 'old-name': { image: image(), microvms: [] } } })).toMatchObject({ change: { do: 'deleteImage', arn: OLD } });
  });

  test('deletes nothing of others', () => {
    expect(rollback({ observedElsewhere: { 'old-name': { image: image({ tags: ownerTags(SOMEBODY_ELSE) }) } } })).toMatchObject({ kind: 'done' });
  });

  test('is done when the image of the other name is gone', () => {
    expect(rollback({ observedElsewhere: { 'old-name': { image: 'absent' } } })).toMatchObject({ kind: 'done' });
  });

  test('activates the version that is to be before it deletes the other image', () => {
    expect(rollback({ observed: atRest(version(1, { active: false })) })).toMatchObject({ change: { do: 'activate' } });
  });
});

test('what was seen of the base image is not needed to find a version of a rollback', () => {
  expect(reconcile(rollingBack({ observed: atRest(unpinned), baseImage: undefined }))).toMatchObject({ kind: 'done' });
  expect(reconcile(rollingBack({ observed: atRest(unpinned), baseImage: BASE_IMAGE }))).toMatchObject({ kind: 'done' });
});

test('a rename onto an adopted image takes no tag off that the image had of its own', () => {
  const observed = { image: image({ tags: { ...ownerTags(OWNER), team: 'theirs' } }), versions: [version(1)] };
  expect(reconcile(updating({ previous: { name: 'old-name', tags: { team: 'runtime' } }, observed }))).toMatchObject({ kind: 'done' });
});

test('a rename is not refused for MicroVMs that terminate already', () => {
  const observedElsewhere = { 'old-name': { microvms: [microvm('microvm-1', '1.0', 'TERMINATING')] } };
  expect(reconcile(updating({ previous: { name: 'old-name' }, observed: { image: 'absent' }, observedElsewhere })))
    .toMatchObject({ kind: 'change', change: { do: 'create' } });
});

test('a build of somebody else that hangs at the deadline does not make up for missing tags', () => {
  const hanging = foreignVersion(2, { state: 'IN_PROGRESS', active: false });
  const observed = { image: image({ state: 'UPDATING' }), versions: [version(1), hanging] };
  expect(reconcile(updating({ desired: { tags: { team: 'runtime' } }, operation: { expired: true }, observed }))).toMatchObject({ kind: 'wait', fallback: undefined });
});
