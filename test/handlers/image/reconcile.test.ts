import type { Circumstances } from './inputs';
import {
  arnOf, BASE_IMAGE, CONTENT, creating, foreignVersion, image, listOf, microvm, OLD_CONTENT, OTHER_CONTENT, rollingBack, SOURCE, updating, version,
} from './inputs';
import { ownerTags } from '../../../src/handlers/engine/owner';
import type { ImageState, Version } from '../../../src/handlers/image/observed';
import { reconcile } from '../../../src/handlers/image/reconcile';
import type { Source } from '../../../src/handlers/image/source';
import { BUILD } from '../../../src/handlers/image/usual-times';
import { EARLIER_OPERATION, MINUTE, NOW, OWNER, SECOND, ANOTHER_OWNER, THIS_OPERATION } from '../engine/inputs';

const ARN = arnOf('sandbox');
const OLD = arnOf('old-name');

/** Returns an idle image of this resource with these versions. */
function atRest(...versions: Version[]) {
  return { image: image(), versions, microvms: listOf() };
}

function inState(state: ImageState, ...versions: Version[]) {
  return { ...atRest(...versions), image: image({ state }) };
}

const JUST_BEGUN = { startedAt: NOW - 10 * SECOND };

const unpinned = version(1, { baseImageVersion: '1.0' });
const onDeprecatedBase = { ...unpinned, baseImageVersion: '0.0' };

describe('before the first change', () => {
  test('waits until calls of an earlier operation have taken effect', () => {
    expect(reconcile(rollingBack({ operation: { inGrace: true } }))).toEqual({ kind: 'wait', waitingFor: 'calls of an earlier operation to take effect' });
  });

  test('observes the image first', () => {
    expect(reconcile(updating())).toEqual({ kind: 'observe', observe: { at: 'image', arn: ARN, confirmAbsence: false } });
  });

  test('confirms the absence of the image in a deletion', () => {
    expect(reconcile(creating({ operation: { type: 'Delete' } }))).toEqual({ kind: 'observe', observe: { at: 'image', arn: ARN, confirmAbsence: true } });
  });

  test.each(['DELETING', 'DELETED'] as const)('waits while an image of any owner with the same name is %s', state => {
    const step = reconcile(creating({ observed: { image: image({ state, tags: ownerTags(ANOTHER_OWNER) }) } }));
    expect(step).toEqual({ kind: 'wait', waitingFor: "an earlier microvm image 'sandbox' to be deleted" });
  });
});

describe('creating', () => {
  test('creates the image on the newest base image', () => {
    expect(reconcile(creating({ observed: { image: 'absent' } }))).toEqual({
      kind: 'change', change: { do: 'create', arn: ARN, baseImageVersion: '2' }, waitingFor: "the build of microvm image 'sandbox' to begin", fallback: undefined,
    });
  });

  test('creates the image on the pinned version of the base image, without observing others', () => {
    const step = reconcile(creating({ observed: { image: 'absent' }, desired: { baseImagePin: '1' }, baseImage: undefined }));
    expect(step).toMatchObject({ change: { do: 'create', baseImageVersion: '1' } });
  });

  test('observes the base image if the first event could not', () => {
    expect(reconcile(creating({ observed: { image: 'absent' }, baseImage: undefined }))).toEqual({ kind: 'observe', observe: { at: 'baseImage' } });
  });

  test('fails if no version of the base image is available, and names the property', () => {
    const step = reconcile(creating({ observed: { image: 'absent' }, baseImage: { available: [] } }));
    expect(step).toEqual({
      kind: 'fail',
      code: 'MicrovmBaseImageUnavailable',
      summary: "baseImage: no version of the base image of microvm image 'sandbox' is AVAILABLE for ARM_64; use another base image or other architectures",
    });
  });

  test('fails with the reason why each version of the base image cannot be used', () => {
    const baseImage = { available: [], unavailable: ['3 is RECALLED', '2 supports ARM_64 only'] };
    expect(reconcile(creating({ observed: { image: 'absent' }, desired: { architectures: ['ARM_64', 'X86_64'] }, baseImage }))).toMatchObject({
      summary: "baseImage: no version of the base image of microvm image 'sandbox' is AVAILABLE for ARM_64 and X86_64 "
        + '(version 3 is RECALLED, version 2 supports ARM_64 only); use another base image or other architectures',
    });
  });

  test('does not create an image again that another delivery created', () => {
    const observed = { image: image({ state: 'CREATED' }), versions: [version(1, { by: THIS_OPERATION })] };
    expect(reconcile(creating({ observed }))).toMatchObject({ kind: 'done', data: { ImageVersion: '1.0' } });
  });

  test('also happens in an update if the image does not exist', () => {
    expect(reconcile(updating({ observed: { image: 'absent' } }))).toMatchObject({ kind: 'change', change: { do: 'create' } });
  });
});

describe('an image of another owner', () => {
  const ofNobody = image({ tags: { team: 'theirs' } });

  test.each([[false], [true]])('is considered to be without an owner only after its tags have been listed (adoption allowed: %s)', adoptExisting => {
    expect(reconcile(creating({ desired: { adoptExisting }, observed: { image: ofNobody } }))).toEqual({ kind: 'observe', observe: { at: 'tags', arn: ARN } });
  });

  test('belongs to this resource if only the list of its tags says so, even while it is new', () => {
    const observed = { ...atRest(version(1, { by: THIS_OPERATION })), image: image({ tags: {}, createdAt: NOW - SECOND }), tags: ownerTags(OWNER) };
    expect(reconcile(creating({ observed }))).toMatchObject({ kind: 'done', data: { ImageVersion: '1.0' } });
  });

  test('fails the operation if only the list of its tags says that another resource owns it', () => {
    const observed = { image: image({ tags: {} }), tags: ownerTags(ANOTHER_OWNER) };
    expect(reconcile(creating({ desired: { adoptExisting: true }, observed }))).toMatchObject({
      kind: 'fail', code: 'MicrovmImageOwnedElsewhere', summary: expect.stringContaining("belongs to the resource 'Theirs'"),
    });
  });

  test('fails the operation if it has no owner, with what to do', () => {
    expect(reconcile(creating({ observed: { image: ofNobody, tags: {} } }))).toEqual({
      kind: 'fail',
      code: 'MicrovmImageExists',
      summary: "microvmImageName: a microvm image 'sandbox' already exists; choose another name, delete that image, or adopt it with adoptExisting",
    });
  });

  test('is considered to be without an owner only when tags of a new image would show', () => {
    const step = reconcile(creating({ observed: { image: image({ tags: {}, createdAt: NOW - 59 * SECOND }), tags: {} } }));
    expect(step).toEqual({ kind: 'wait', waitingFor: "the tags of microvm image 'sandbox' to show" });
  });

  test.each([[false], [true]])('fails the operation if another resource owns it, with the command that releases it (adoption allowed: %s)', adoptExisting => {
    const step = reconcile(creating({ desired: { adoptExisting }, observed: { image: image({ tags: ownerTags(ANOTHER_OWNER) }) } }));
    expect(step).toMatchObject({ kind: 'fail', code: 'MicrovmImageOwnedElsewhere' });
    expect(step).toMatchObject({ summary: expect.stringContaining("belongs to the resource 'Theirs' of the stack 'arn:aws:cloudformation:us-east-1:123456789012:stack/other/0f2c'") });
    expect(step).toMatchObject({
      summary: expect.stringContaining(`'aws lambda untag-resource --resource ${ARN} --tag-keys cdk-lambda-microvms:stack cdk-lambda-microvms:resource'`),
    });
  });

  test.each([
    ['another resource of the same stack', { ...OWNER, logicalId: 'Another' }],
    ['a resource of the same name in another stack', { ...OWNER, stackId: ANOTHER_OWNER.stackId }],
  ])('fails the operation if it belongs to %s', (_, owner) => {
    expect(reconcile(creating({ observed: { image: image({ tags: ownerTags(owner) }) } }))).toMatchObject({ kind: 'fail', code: 'MicrovmImageOwnedElsewhere' });
  });

  test('fails the operation if it has only one of the two owner tags', () => {
    const step = reconcile(creating({ desired: { adoptExisting: true }, observed: { image: image({ tags: { 'cdk-lambda-microvms:stack': OWNER.stackId } }) } }));
    expect(step).toMatchObject({ kind: 'fail', code: 'MicrovmImageOwnedElsewhere' });
  });

  test('is adopted with a tag that records which version was active', () => {
    const observed = { image: ofNobody, tags: {}, versions: [foreignVersion(9), foreignVersion(10), foreignVersion(11, { active: false }), foreignVersion(12, { state: 'FAILED' })] };
    expect(reconcile(creating({ desired: { adoptExisting: true }, observed }))).toEqual({
      kind: 'change',
      change: { do: 'tag', arn: ARN, tags: { ...ownerTags(OWNER), 'cdk-lambda-microvms:adopted': '10.0' } },
      waitingFor: "microvm image 'sandbox' to be adopted",
      fallback: undefined,
    });
  });

  test('is adopted with a tag that records that no version was active', () => {
    const observed = { image: ofNobody, tags: {}, versions: [foreignVersion(1, { state: 'FAILED', active: false })] };
    expect(reconcile(creating({ desired: { adoptExisting: true }, observed }))).toMatchObject({ change: { tags: { 'cdk-lambda-microvms:adopted': 'none' } } });
  });

  test('is adopted after its versions have been observed', () => {
    const step = reconcile(creating({ desired: { adoptExisting: true }, observed: { image: ofNobody, tags: {} } }));
    expect(step).toEqual({ kind: 'observe', observe: { at: 'versions', arn: ARN } });
  });

  test('is adopted after the builds of its former owner', () => {
    const observed = { image: { ...ofNobody, state: 'UPDATING' as const }, tags: {} };
    expect(reconcile(creating({ desired: { adoptExisting: true }, operation: { startedAt: NOW - 30 * SECOND }, observed })))
      .toMatchObject({ kind: 'wait', waitingFor: "the builds of microvm image 'sandbox' to end", usual: BUILD });
  });

  test('is built with the desired content after its adoption, and keeps its other versions', () => {
    const observed = { image: image({ tags: { ...ownerTags(OWNER), 'cdk-lambda-microvms:adopted': '1.0' } }), versions: [foreignVersion(1)] };
    expect(reconcile(creating({ observed }))).toMatchObject({ change: { do: 'build', listed: ['1.0'] } });
    const built = { ...observed, versions: [foreignVersion(1), version(2, { by: THIS_OPERATION })] };
    expect(reconcile(creating({ observed: built }))).toMatchObject({ kind: 'done', data: { ImageVersion: '2.0' } });
  });
});

describe('the rollback of an update that was rejected because the image is not ours', () => {
  const theirs = image({ tags: ownerTags(ANOTHER_OWNER) });
  const nobodys = { image: image({ tags: {} }), tags: {} };

  test.each([['another owner has the image', { image: theirs }], ['nobody has the image', nobodys]])('ends when the image is as before, because it changed nothing: %s', (_, found) => {
    expect(reconcile(rollingBack({ observed: found }))).toEqual({ kind: 'observe', observe: { at: 'versions', arn: ARN } });
    const observed = { ...found, versions: [version(1), version(2, { content: OLD_CONTENT, active: false })] };
    expect(reconcile(rollingBack({ observed }))).toEqual({ kind: 'done', data: { ImageArn: ARN, ImageVersion: '1.0', BaseImageVersion: '2.0' } });
  });

  test.each([
    ['the old version is not active', [version(1, { active: false })]],
    ['a version above it is active', [version(1), version(2, { content: OLD_CONTENT })]],
    ['the old version does not exist', [version(2, { content: OLD_CONTENT })]],
  ])('fails if %s', (_, versions) => {
    expect(reconcile(rollingBack({ observed: { image: theirs, versions } }))).toMatchObject({ kind: 'fail', code: 'MicrovmImageOwnedElsewhere' });
    expect(reconcile(rollingBack({ observed: { ...nobodys, versions } }))).toMatchObject({ kind: 'fail', code: 'MicrovmImageExists' });
  });

  test('deletes the image of another name that a canceled rename left, before it ends', () => {
    const circumstances = { previous: { name: 'old-name' }, requestPhysicalId: ARN, observed: { image: theirs, versions: [version(1)] } };
    expect(reconcile(rollingBack(circumstances))).toMatchObject({ observe: { at: 'image', arn: OLD } });
  });

  test.each(['forward', 'unknown'] as const)('is the only phase that accepts it, not %s', phase => {
    expect(reconcile(updating({ operation: { phase }, observed: { image: theirs, versions: [version(1)] } }))).toMatchObject({ kind: 'fail' });
  });
});

describe('an image in motion', () => {
  test.each(['CREATING', 'UPDATING'] as const)('is observed with one call per poll while it is %s', state => {
    const step = reconcile(updating({ operation: { startedAt: NOW - 30 * SECOND }, observed: { image: image({ state }) } }));
    expect(step).toEqual({ kind: 'wait', waitingFor: "the builds of microvm image 'sandbox' to end", usual: BUILD });
  });

  test('is observed in detail once a minute', () => {
    const stepAfter = (seconds: number) => reconcile(updating({ operation: { startedAt: NOW - seconds * SECOND }, observed: { image: image({ state: 'UPDATING' }) } })).kind;
    expect([114, 119, 120, 123, 124, 150].map(stepAfter)).toEqual(['wait', 'wait', 'observe', 'observe', 'wait', 'wait']);
  });

  test('is observed in detail at the deadline', () => {
    const step = reconcile(updating({ operation: { startedAt: NOW - 30 * SECOND, expired: true }, observed: { image: image({ state: 'UPDATING' }) } }));
    expect(step).toEqual({ kind: 'observe', observe: { at: 'versions', arn: ARN } });
  });
});

describe('the choice of a version', () => {
  test('observes the versions of an idle image', () => {
    expect(reconcile(updating({ observed: { image: image() } }))).toEqual({ kind: 'observe', observe: { at: 'versions', arn: ARN } });
  });

  test('leads to a build if no version has the desired content', () => {
    expect(reconcile(updating({ observed: atRest(version(1, { content: OLD_CONTENT })) }))).toEqual({
      kind: 'change',
      change: { do: 'build', arn: ARN, baseImageVersion: '2', listed: ['1.0'], isFull: false },
      waitingFor: "the build of microvm image 'sandbox' to begin",
      fallback: undefined,
    });
  });

  test('ignores a version without a marker', () => {
    expect(reconcile(updating({ observed: atRest(foreignVersion(1)) }))).toMatchObject({ change: { do: 'build' } });
  });

  test.each(['FAILED', 'DELETING', 'DELETE_FAILED'] as const)('ignores a version with the desired content that is %s', state => {
    const unusable = version(2, { state, updatedAt: NOW - 2 * MINUTE });
    expect(reconcile(updating({ observed: atRest(version(1, { content: OLD_CONTENT }), unusable) }))).toMatchObject({ change: { do: 'build' } });
  });

  test('activates an existing version instead of building another one', () => {
    const observed = atRest(version(1, { active: false }), version(2, { content: OLD_CONTENT }));
    expect(reconcile(updating({ observed }))).toMatchObject({
      kind: 'change', change: { do: 'activate', version: '1.0' }, waitingFor: "version 1.0 of microvm image 'sandbox' to be the active one",
    });
  });

  test('prefers the highest of several versions with the desired content, compared as numbers', () => {
    const observed = atRest(version(9), version(10, { active: false }));
    expect(reconcile(updating({ observed }))).toMatchObject({ change: { do: 'activate', version: '10.0' } });
  });

  test('ignores an existing version whose base image is deprecated', () => {
    expect(reconcile(updating({ observed: atRest(onDeprecatedBase) }))).toMatchObject({ change: { do: 'build', baseImageVersion: '2' } });
  });

  test('accepts an existing version whose base image is available, although a newer base image exists', () => {
    expect(reconcile(updating({ observed: atRest(unpinned) }))).toMatchObject({ kind: 'done', data: { ImageVersion: '1.0', BaseImageVersion: '1.0' } });
  });

  test('accepts an older version with the desired content if the base image of the newest is deprecated', () => {
    const observed = atRest(unpinned, { ...onDeprecatedBase, version: '2.0', active: false });
    expect(reconcile(updating({ observed }))).toMatchObject({ kind: 'done', data: { ImageVersion: '1.0' } });
  });

  test('accepts the version that this operation built, although its base image is deprecated', () => {
    const built = { ...onDeprecatedBase, marker: { fingerprint: CONTENT, operationId: THIS_OPERATION } };
    expect(reconcile(updating({ observed: atRest(built) }))).toMatchObject({ kind: 'done' });
  });

  test('observes the base image before it accepts an existing version', () => {
    expect(reconcile(updating({ observed: atRest(unpinned), baseImage: undefined }))).toEqual({ kind: 'observe', observe: { at: 'baseImage' } });
  });

  test('does not check a pinned base image', () => {
    expect(reconcile(updating({ desired: { baseImagePin: '0' }, observed: atRest(onDeprecatedBase), baseImage: undefined }))).toMatchObject({ kind: 'done' });
  });

  test('leads to no build if only tags change, although the base image is deprecated', () => {
    const step = reconcile(updating({ previous: { fingerprint: CONTENT }, desired: { tags: { team: 'new' } }, observed: atRest(onDeprecatedBase), baseImage: undefined }));
    expect(step).toMatchObject({ kind: 'change', change: { do: 'tag', tags: { team: 'new' } } });
  });

  test.each(['rollback', 'unknown'] as const)('accepts an existing version although its base image is deprecated in the phase %s', phase => {
    const observed = atRest({ ...onDeprecatedBase, active: false }, version(2, { content: OLD_CONTENT }));
    expect(reconcile(updating({ operation: { phase }, observed, baseImage: undefined }))).toMatchObject({ change: { do: 'activate', version: '1.0' } });
  });

  describe('of others, with forged tags and marker', () => {
    const forged = (more: Partial<Source> = {}) => version(2, { source: { ...SOURCE, ...more } });
    const STRANGER = { buildRoleArn: 'arn:aws:iam::123456789012:role/stranger' };

    test('is not made by a creation, which builds, even if the source is the desired one', () => {
      expect(reconcile(creating({ observed: atRest(version(1), forged()) }))).toMatchObject({ change: { do: 'build', listed: ['1.0', '2.0'] } });
    });

    test('is made by a creation that may adopt what exists, if the source is the desired one', () => {
      const observed = atRest(version(1), forged(STRANGER));
      expect(reconcile(creating({ desired: { adoptExisting: true }, observed: atRest(version(1)) }))).toMatchObject({ kind: 'done' });
      expect(reconcile(creating({ desired: { adoptExisting: true }, observed }))).toMatchObject({ change: { do: 'deactivate', version: '2.0' } });
    });

    test('leaves the version that the creation itself built', () => {
      const built = version(3, { by: THIS_OPERATION });
      expect(reconcile(creating({ observed: atRest(forged(STRANGER), built) }))).toMatchObject({ kind: 'done', data: { ImageVersion: '3.0' } });
    });

    test.each<[keyof Source, Partial<Source>]>([
      ['buildRoleArn', STRANGER],
      ['codeUri', { codeUri: 's3://stranger/code.zip' }],
      ['baseImageArn', { baseImageArn: 'arn:aws:lambda:us-east-1:aws:microvm-image:other' }],
    ])('is made neither by an update nor by a rollback if the source has another %s', (_, source) => {
      expect(reconcile(updating({ observed: atRest(version(1, { content: OLD_CONTENT }), forged(source)) }))).toMatchObject({ change: { do: 'build' } });
      expect(reconcile(rollingBack({ observed: atRest(version(1), forged(source)) }))).toMatchObject({ change: { do: 'deactivate', version: '2.0' } });
    });

    test('does not compare what the service does not show, or what the properties of another release lack', () => {
      expect(reconcile(updating({ observed: atRest(version(1, { source: {} })) }))).toMatchObject({ kind: 'done' });
      expect(reconcile(updating({ desired: { source: {} }, observed: atRest(version(1)) }))).toMatchObject({ kind: 'done' });
    });

    test('fails the operation if a forged version has the marker of this operation and no other has it', () => {
      const step = reconcile(creating({ observed: atRest({ ...forged(STRANGER), marker: { fingerprint: CONTENT, operationId: THIS_OPERATION } }) }));
      expect(step).toMatchObject({
        kind: 'fail',
        code: 'MicrovmImageVersionForged',
        summary: "version 2.0 of microvm image 'sandbox' has the marker of this deployment, but another source: "
          + 'buildRoleArn arn:aws:iam::123456789012:role/stranger instead of arn:aws:iam::123456789012:role/build; '
          + 'find out with AWS CloudTrail who requested it, then deploy again',
      });
    });
  });

  test('leads to a build in a rollback only if the old version does not exist', () => {
    expect(reconcile(rollingBack({ observed: atRest(version(2, { content: OLD_CONTENT })) }))).toMatchObject({ change: { do: 'build' } });
  });
});

describe('the end of an operation', () => {
  test('comes when the chosen version is active and no version above it is', () => {
    const observed = atRest(version(1, { content: OLD_CONTENT }), version(2));
    expect(reconcile(updating({ observed }))).toEqual({ kind: 'done', data: { ImageArn: ARN, ImageVersion: '2.0', BaseImageVersion: '2.0' } });
  });

  test('comes after the chosen version was activated and then the versions above it were deactivated', () => {
    const above = version(10, { content: OLD_CONTENT });
    const below = version(9, { content: OLD_CONTENT });
    expect(reconcile(rollingBack({ observed: atRest(version(1, { active: false }), below, above) }))).toMatchObject({ change: { do: 'activate', version: '1.0' } });
    expect(reconcile(rollingBack({ observed: atRest(version(1), below, above) }))).toMatchObject({ change: { do: 'deactivate', version: '10.0' } });
    expect(reconcile(rollingBack({ observed: atRest(version(1), below, { ...above, active: false }) }))).toMatchObject({ change: { do: 'deactivate', version: '9.0' } });
    expect(reconcile(rollingBack({ observed: atRest(version(1), { ...below, active: false }, { ...above, active: false }) }))).toMatchObject({ kind: 'done' });
  });

  test('does not depend on a failed version above the chosen one, whatever its status', () => {
    expect(reconcile(rollingBack({ observed: atRest(version(1), version(2, { content: OLD_CONTENT, state: 'FAILED' })) }))).toMatchObject({ kind: 'done' });
  });

  test('can come in the same poll as the activation, which shows at once', () => {
    const above = version(10, { content: OLD_CONTENT });
    expect(reconcile(rollingBack({ observed: atRest(version(1, { active: false }), above) }))).toMatchObject({ change: { do: 'activate' }, showsAtOnce: true });
    expect(reconcile(rollingBack({ observed: atRest(version(1), above) }))).toMatchObject({ change: { do: 'deactivate' }, showsAtOnce: true });
  });

  test('leaves versions below the chosen one active', () => {
    expect(reconcile(updating({ observed: atRest(version(1, { content: OLD_CONTENT }), version(2)) }))).toMatchObject({ kind: 'done' });
  });

  test.each(['PENDING', 'IN_PROGRESS'] as const)('waits for a version that is %s, with any builder', state => {
    const observed = atRest(version(1), foreignVersion(2, { state, active: false }));
    expect(reconcile(updating({ observed }))).toMatchObject({ kind: 'wait', waitingFor: "version 2.0 of microvm image 'sandbox' to be built" });
  });

  test('waits a minute for a version that is being deleted', () => {
    const deleting = (seconds: number) => version(1, { content: OLD_CONTENT, state: 'DELETING', active: false, updatedAt: NOW - seconds * SECOND });
    expect(reconcile(updating({ observed: atRest(deleting(59), version(2)) }))).toMatchObject({ kind: 'wait', waitingFor: "version 1.0 of microvm image 'sandbox' to be deleted" });
    expect(reconcile(updating({ observed: atRest(deleting(60), version(2)) }))).toMatchObject({ kind: 'done' });
  });

  test('waits for a deletion from the start of the operation if the service does not show its time', () => {
    const observed = atRest(version(1, { state: 'DELETING', updatedAt: undefined }), version(2));
    expect(reconcile(updating({ operation: { startedAt: NOW - 30 * SECOND }, observed }))).toMatchObject({ kind: 'wait' });
    expect(reconcile(updating({ operation: { startedAt: NOW - 90 * SECOND }, observed }))).toMatchObject({ kind: 'done' });
  });

  test('is a success at the deadline of a rollback if a build hangs but the old version is active', () => {
    const hanging = version(2, { content: OLD_CONTENT, state: 'IN_PROGRESS', active: false });
    const step = reconcile(rollingBack({ operation: { expired: true }, observed: inState('UPDATING', version(1), hanging) }));
    expect(step).toMatchObject({ kind: 'wait', fallback: { kind: 'done', data: { ImageVersion: '1.0' } } });
  });

  test.each([
    ['the old version is not active', [version(1, { active: false })]],
    ['a version above it is active', [version(1), version(3, { content: OLD_CONTENT })]],
    ['the old version does not exist', []],
  ])('is a failure at the deadline of a rollback if a build hangs and %s', (_, versions) => {
    const hanging = version(2, { content: OLD_CONTENT, state: 'IN_PROGRESS', active: false });
    const step = reconcile(rollingBack({ operation: { expired: true }, observed: inState('UPDATING', hanging, ...versions) }));
    expect(step).toMatchObject({ kind: 'wait', fallback: undefined });
  });

  test('is a success at the deadline if only the deletion of a version hangs', () => {
    const deleting = version(1, { state: 'DELETING', active: false, updatedAt: NOW - SECOND });
    expect(reconcile(updating({ observed: atRest(deleting, version(2)) }))).toMatchObject({ kind: 'wait', fallback: { kind: 'done' } });
  });
});

describe('a failed build', () => {
  const failed = version(2, { by: THIS_OPERATION, state: 'FAILED', active: false });
  const versions = [version(1, { content: OLD_CONTENT }), failed];
  const builds = {
    builds: [{ processor: 'Graviton 3', reason: 'The container image build failed.' }, { processor: 'Graviton 4', reason: 'Ready hook invocation timed out after PT5M' }],
    log: ['COPY missing.txt .', 'not found'],
    whole: 'the whole log is in the log group builds',
  };

  test('is observed in detail', () => {
    const since = NOW - 5 * MINUTE;
    const step = reconcile(updating({ observed: atRest(versions[0], { ...failed, createdAt: since }) }));
    expect(step).toEqual({ kind: 'observe', observe: { at: 'builds', arn: ARN, version: '2.0', since } });
  });

  test('is observed since the start of the operation if the service does not show when the version was created', () => {
    expect(reconcile(updating({ observed: atRest(...versions) }))).toMatchObject({ observe: { since: NOW - 20 * MINUTE } });
  });

  test('fails with the reason of each processor, hints and the end of its log', () => {
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

  test('of an earlier operation fails nothing, and the same content is built again', () => {
    const observed = atRest(version(1, { content: OLD_CONTENT }), version(2, { by: EARLIER_OPERATION, state: 'FAILED', active: false }));
    expect(reconcile(updating({ observed }))).toMatchObject({ change: { do: 'build' } });
  });

  test('of another party fails nothing', () => {
    expect(reconcile(updating({ observed: atRest(version(1, { content: OLD_CONTENT }), foreignVersion(2, { state: 'FAILED' })) }))).toMatchObject({ change: { do: 'build' } });
  });

  test('does not fail an operation for which another version has the desired content', () => {
    expect(reconcile(updating({ observed: atRest(version(1), failed) }))).not.toMatchObject({ kind: 'fail' });
  });
});

describe('tags', () => {
  const settled = (tags: Record<string, string>, circumstances: Circumstances = {}) =>
    reconcile(updating({ ...circumstances, observed: { ...atRest(version(1)), image: image({ tags: { ...ownerTags(OWNER), ...tags } }) } }));

  test('that are missing or differ are added', () => {
    expect(settled({ stage: 'beta', keep: 'yes' }, { desired: { tags: { team: 'runtime', stage: 'prod', keep: 'yes' } } })).toMatchObject({
      change: { do: 'tag', arn: ARN, tags: { team: 'runtime', stage: 'prod' } }, waitingFor: "microvm image 'sandbox' to be tagged", showsAtOnce: true,
    });
  });

  test('that the old properties have and the new ones lack are removed', () => {
    expect(settled({ team: 'runtime', stage: 'prod' }, { desired: { tags: { stage: 'prod' } }, previous: { tags: { team: 'runtime', stage: 'prod' } } })).toMatchObject({
      change: { do: 'untag', arn: ARN, keys: ['team'] }, waitingFor: "microvm image 'sandbox' to be untagged", showsAtOnce: true,
    });
  });

  test('of others are never removed', () => {
    expect(settled({ cost: 'theirs' }, { previous: { tags: { team: 'runtime' } } })).toMatchObject({ kind: 'done' });
  });

  test('of a user never replace the owner tags', () => {
    expect(settled({}, { desired: { tags: { 'cdk-lambda-microvms:resource': 'mine' } } })).toMatchObject({ kind: 'done' });
  });

  test('that a failed update added are removed by its rollback', () => {
    const observed = { ...atRest(version(1)), image: image({ tags: { ...ownerTags(OWNER), fresh: 'yes' } }) };
    expect(reconcile(rollingBack({ previous: { tags: { fresh: 'yes' } }, observed }))).toMatchObject({ change: { do: 'untag', keys: ['fresh'] } });
  });

  test('are changed after the version, so that a failed build changes none', () => {
    expect(reconcile(updating({ desired: { tags: { team: 'runtime' } }, observed: atRest(version(1, { active: false })) }))).toMatchObject({ change: { do: 'activate' } });
  });
});

describe('tags of the owner of an adopted image', () => {
  const adopted = { ...ownerTags(OWNER), 'cdk-lambda-microvms:adopted': '1.0' };
  const settled = (tags: Record<string, string>, circumstances: Circumstances = {}) =>
    reconcile(updating({ ...circumstances, observed: { ...atRest(version(1)), image: image({ tags: { ...adopted, ...tags } }) } }));

  test('are recorded at the adoption if the template has a tag with the same key, even with the same value', () => {
    const observed = { image: image({ tags: { team: 'theirs', cost: '7', stage: 'prod' } }), tags: {}, versions: [foreignVersion(1)] };
    expect(reconcile(creating({ desired: { adoptExisting: true, tags: { team: 'runtime', stage: 'prod', more: 'yes' } }, observed }))).toMatchObject({
      change: { do: 'tag', tags: { ...adopted, 'cdk-lambda-microvms:was:team': 'theirs', 'cdk-lambda-microvms:was:stage': 'prod' } },
    });
  });

  test('are recorded together with the change of a later update that replaces them', () => {
    expect(settled({ team: 'theirs' }, { desired: { tags: { team: 'runtime', stage: 'prod' } }, previous: { tags: {} } })).toMatchObject({
      change: { do: 'tag', tags: { 'team': 'runtime', 'stage': 'prod', 'cdk-lambda-microvms:was:team': 'theirs' } },
    });
  });

  test('are recorded once, with their first value', () => {
    const recorded = { 'team': 'theirs', 'cdk-lambda-microvms:was:team': 'first' };
    const step = settled(recorded, { desired: { tags: { team: 'runtime' } }, previous: { tags: {} } });
    expect(step).toMatchObject({ change: { do: 'tag', tags: { team: 'runtime' } } });
    expect(step).not.toMatchObject({ change: { tags: { 'cdk-lambda-microvms:was:team': expect.anything() } } });
  });

  test('are not those that the old properties have, or that a rollback changes back', () => {
    expect(settled({ team: 'changed by hand' }, { desired: { tags: { team: 'runtime' } }, previous: { tags: { team: 'runtime' } } }))
      .toMatchObject({ change: { tags: { team: 'runtime' } } });
    const step = settled({ team: 'other' }, { operation: { phase: 'rollback' }, desired: { tags: { team: 'runtime' } }, previous: { tags: {} } });
    expect(step).toMatchObject({ change: { do: 'tag' } });
    expect(step).not.toMatchObject({ change: { tags: { 'cdk-lambda-microvms:was:team': 'other' } } });
  });

  test('have their value again when the template has the key no longer', () => {
    const recorded = { 'cdk-lambda-microvms:was:team': 'theirs' };
    const without = { previous: { tags: { team: 'runtime' } } };
    expect(settled({ ...recorded, team: 'runtime' }, without)).toMatchObject({ change: { do: 'tag', tags: { team: 'theirs' } } });
    expect(settled({ ...recorded, team: 'theirs' }, without)).toMatchObject({ kind: 'done' });
  });

  test.each([
    ['changed it', { team: 'theirs again' }],
    ['removed it', {}],
    ['left it', { team: 'theirs' }],
  ])('stay as they are when the template has the key no longer and the owner %s, and the next update deletes the record', (_, now) => {
    const recorded = { ...now, 'cdk-lambda-microvms:was:team': 'theirs' };
    expect(settled(recorded, { previous: { tags: { team: 'runtime' } } })).toMatchObject({ kind: 'done' });
    expect(settled(recorded, { previous: { tags: {} } })).toMatchObject({ change: { do: 'untag', keys: ['cdk-lambda-microvms:was:team'] } });
  });

  test('stay when the template has the key no longer, although ours had the same value', () => {
    const recorded = { 'team': 'same', 'cdk-lambda-microvms:was:team': 'same' };
    expect(settled(recorded, { previous: { tags: { team: 'same' } } })).toMatchObject({ kind: 'done' });
  });

  test('have their value again if the tags before are not known, as in a creation', () => {
    const observed = { ...atRest(version(1, { by: THIS_OPERATION })), image: image({ tags: { ...adopted, 'team': 'ours', 'cdk-lambda-microvms:was:team': 'theirs' } }) };
    expect(reconcile(creating({ observed }))).toMatchObject({ change: { do: 'tag', tags: { team: 'theirs' } } });
  });

  test('are not recorded for an image that was not adopted', () => {
    const observed = { ...atRest(version(1)), image: image({ tags: { ...ownerTags(OWNER), team: 'by hand' } }) };
    const step = reconcile(updating({ desired: { tags: { team: 'runtime' } }, previous: { tags: {} }, observed }));
    expect(step).toMatchObject({ change: { tags: { team: 'runtime' } } });
    expect(step).not.toMatchObject({ change: { tags: { 'cdk-lambda-microvms:was:team': 'by hand' } } });
  });

  const long = 'k'.repeat(105);

  test('fail the adoption if their key is too long to be recorded', () => {
    const adopting = (key: string) => reconcile(creating({
      desired: { adoptExisting: true, tags: { [key]: 'ours' } }, observed: { image: image({ tags: { [key]: 'theirs' } }), tags: {}, versions: [foreignVersion(1)] },
    }));
    expect(adopting(long.slice(1))).toMatchObject({ change: { do: 'tag' } });
    expect(adopting(long)).toEqual({
      kind: 'fail',
      code: 'MicrovmImageTagTaken',
      summary: `tags: the adopted microvm image 'sandbox' has tags of its owner with the same keys: ${long}; `
        + 'their values cannot be recorded, because the key is too long or the image would have more than 50 tags; use other keys',
    });
  });

  test('fail the adoption if the image would have more than 50 tags', () => {
    const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`tag-${index}`, 'theirs']));
    const adopting = (count: number) => reconcile(creating({
      desired: { adoptExisting: true, tags: { 'tag-0': 'ours' } }, observed: { image: image({ tags: many(count) }), tags: {}, versions: [foreignVersion(1)] },
    }));
    expect(adopting(46)).toMatchObject({ change: { do: 'tag' } });
    expect(adopting(47)).toMatchObject({ kind: 'fail', code: 'MicrovmImageTagTaken', summary: expect.stringContaining('with the same keys: tag-0;') });
  });

  test('fail a later update that would replace them, before it builds', () => {
    const circumstances = { desired: { tags: { [long]: 'ours' }, fingerprint: OTHER_CONTENT }, previous: { tags: {} } };
    expect(settled({ [long]: 'theirs' }, circumstances)).toMatchObject({ kind: 'fail', code: 'MicrovmImageTagTaken' });
  });
});

describe('retention', () => {
  const old = [1, 2, 3, 4].map(number => version(number, { content: OTHER_CONTENT }));
  const full = [...old, version(5, { updatedAt: NOW - 10 * SECOND })];

  test('observes MicroVMs before it deletes a version', () => {
    expect(reconcile(updating({ observed: { image: image(), versions: full } }))).toMatchObject({ kind: 'observe', observe: { at: 'microvms', arn: ARN } });
  });

  test('does not fail the operation if MicroVMs cannot be listed', () => {
    expect(reconcile(updating({ observed: { image: image(), versions: full } }))).toMatchObject({ fallback: { kind: 'done' } });
  });

  test('does not observe MicroVMs if all versions are kept', () => {
    expect(reconcile(updating({ observed: { image: image(), versions: full.slice(2) } }))).toMatchObject({ kind: 'done' });
  });

  test('deletes the oldest surplus version, and does not fail the operation if that fails', () => {
    expect(reconcile(updating({ observed: atRest(...full) }))).toEqual({
      kind: 'change',
      change: { do: 'deleteVersion', arn: ARN, version: '1.0' },
      waitingFor: "version 1.0 of microvm image 'sandbox' to be deleted",
      fallback: { kind: 'done', data: { ImageArn: ARN, ImageVersion: '5.0', BaseImageVersion: '2.0' } },
    });
  });

  test('keeps a version that a MicroVM runs from, and deletes the next', () => {
    expect(reconcile(updating({ observed: { ...atRest(...full), microvms: listOf(microvm('microvm-1', '1.0', 'SUSPENDED')) } }))).toMatchObject({ change: { version: '2.0' } });
  });

  test('deletes nothing if MicroVMs run from all surplus versions', () => {
    const microvms = listOf(microvm('microvm-1', '1.0'), microvm('microvm-2', '2.0', 'TERMINATING'));
    expect(reconcile(updating({ observed: { ...atRest(...full), microvms } }))).toMatchObject({ kind: 'done' });
  });

  test.each(['rollback', 'unknown'] as const)('deletes nothing in the phase %s', phase => {
    expect(reconcile(updating({ operation: { phase }, observed: atRest(...full) }))).toMatchObject({ kind: 'done' });
  });

  test('keeps the version to which a rollback would return', () => {
    const versions = [version(1, { content: OLD_CONTENT }), ...full.slice(1)];
    expect(reconcile(updating({ observed: atRest(...versions) }))).toMatchObject({ change: { version: '2.0' } });
  });

  test('is optional: it gives up when it had no effect for a minute, whatever the reason', () => {
    const idle = atRest(...old, version(5));
    const after = (seconds: number) => reconcile(updating({ operation: { startedAt: NOW - seconds * SECOND }, observed: idle })).kind;
    expect([0, 59, 60].map(after)).toEqual(['change', 'change', 'done']);
  });

  test('has a minute after a build, however long the build took', () => {
    const built = (seconds: number) => atRest(...old, version(5, { by: THIS_OPERATION, updatedAt: NOW - seconds * SECOND }));
    const after = (seconds: number) => reconcile(updating({ operation: { startedAt: NOW - 45 * MINUTE }, observed: built(seconds) })).kind;
    expect([0, 59, 60].map(after)).toEqual(['change', 'change', 'done']);
  });

  test('has a minute after each version that it has deleted', () => {
    const changed = (seconds: number) => ({ ...atRest(...old, version(5)), image: image({ updatedAt: NOW - seconds * SECOND }) });
    const after = (seconds: number) => reconcile(updating({ operation: { startedAt: NOW - 4 * MINUTE }, observed: changed(seconds) })).kind;
    expect([0, 59, 60].map(after)).toEqual(['change', 'change', 'done']);
  });

  test('ends five minutes after the chosen version was built, or after the start, although it deletes a version each minute', () => {
    const after = (startedAt: number, updatedAt: number | undefined) => {
      const observed = { ...atRest(...old, version(5, { updatedAt })), image: image({ updatedAt: NOW - 10 * SECOND }) };
      return reconcile(updating({ operation: { startedAt }, observed })).kind;
    };
    const long = NOW - 60 * MINUTE;
    expect([after(long, NOW - 5 * MINUTE + 1), after(NOW - 5 * MINUTE + 1, long), after(long, undefined)]).toEqual(['change', 'change', 'change']);
    expect([after(long, NOW - 5 * MINUTE), after(NOW - 5 * MINUTE, long)]).toEqual(['done', 'done']);
  });

  test('lists no MicroVMs to delete a failed version, because none can run from it', () => {
    const versions = [...full, version(6, { state: 'FAILED', active: false })];
    expect(reconcile(updating({ observed: { image: image(), versions } }))).toMatchObject({ change: { do: 'deleteVersion', version: '6.0' } });
  });

  test('keeps all versions that a MicroVM may run from if the list of MicroVMs is too long to read', () => {
    const observed = { ...atRest(...full), microvms: { found: [], areAll: false } };
    expect(reconcile(updating({ observed }))).toMatchObject({ kind: 'done' });
  });

  test('keeps a version that a MicroVM runs from, in whatever form the service shows its number', () => {
    expect(reconcile(updating({ observed: { ...atRest(...full), microvms: listOf(microvm('microvm-1', '1')) } }))).toMatchObject({ change: { version: '2.0' } });
  });

  test('deletes nothing if the old properties do not tell the old content', () => {
    expect(reconcile(updating({ previous: { contentIsKnown: false }, observed: atRest(...full) }))).toMatchObject({ kind: 'done' });
  });

  describe('near the quota of versions', () => {
    const many = Array.from({ length: 49 }, (_, index) => version(index + 1, { content: OTHER_CONTENT }));

    test('deletes a version before a build, and builds if that fails', () => {
      expect(reconcile(updating({ operation: JUST_BEGUN, observed: atRest(...many) }))).toMatchObject({
        change: { do: 'deleteVersion', version: '1.0' }, fallback: { kind: 'change', change: { do: 'build' } },
      });
    });

    test('keeps the active version', () => {
      const versions = many.map((each, index) => ({ ...each, active: index === 0 }));
      expect(reconcile(updating({ operation: JUST_BEGUN, observed: atRest(...versions) }))).toMatchObject({ change: { do: 'deleteVersion', version: '2.0' } });
    });

    test('builds if there is nothing to delete', () => {
      const versions = many.map((_, index) => foreignVersion(index + 1));
      expect(reconcile(updating({ operation: JUST_BEGUN, observed: atRest(...versions) }))).toMatchObject({ change: { do: 'build' } });
    });

    test('builds without deleting while there is room', () => {
      expect(reconcile(updating({ operation: JUST_BEGUN, observed: atRest(...many.slice(1)) }))).toMatchObject({ change: { do: 'build' } });
    });

    test('builds if a deletion had no effect for a minute', () => {
      const after = (seconds: number, rolesMayBeFresh = false) =>
        reconcile(updating({ operation: { startedAt: NOW - seconds * SECOND, rolesMayBeFresh }, observed: atRest(...many) }));
      expect(after(59)).toMatchObject({ change: { do: 'deleteVersion' } });
      expect(after(60)).toMatchObject({ change: { do: 'build', isFull: false } });
      expect(after(60, true)).toMatchObject({ change: { do: 'deleteVersion' } });
    });

    test('builds with the knowledge that the quota may be reached', () => {
      const versions = [...many, version(50, { content: OTHER_CONTENT })].map((_, index) => foreignVersion(index + 1));
      expect(reconcile(updating({ observed: atRest(...versions) }))).toMatchObject({ change: { do: 'build', isFull: true } });
    });

    test('deletes nothing in a rollback', () => {
      expect(reconcile(rollingBack({ operation: { ...JUST_BEGUN, phase: 'rollback' }, observed: atRest(...many) }))).toMatchObject({ change: { do: 'build' } });
    });
  });
});

describe('a rename', () => {
  const renaming = (circumstances: Circumstances) => reconcile(updating({ previous: { name: 'old-name' }, observed: { image: 'absent' }, ...circumstances }));
  const running = { 'old-name': { microvms: listOf(...Array.from({ length: 12 }, (_, index) => microvm(`microvm-${index + 1}`))) } };

  test('observes MicroVMs of the old name before its first change', () => {
    expect(renaming({})).toEqual({ kind: 'observe', observe: { at: 'microvms', arn: OLD, enough: 1 } });
  });

  test('creates the new image if no MicroVM runs', () => {
    expect(renaming({ observedElsewhere: { 'old-name': { microvms: listOf() } } })).toMatchObject({ change: { do: 'create', arn: ARN } });
  });

  test('that would terminate MicroVMs is rejected before its first change, with the first ten MicroVMs', () => {
    expect(renaming({ observedElsewhere: running })).toEqual({
      kind: 'fail',
      code: 'MicrovmImageInUse',
      summary: "microvmImageName: renaming microvm image 'old-name' to 'sandbox' would terminate running MicroVMs: microvm-1, microvm-2, microvm-3, microvm-4, microvm-5, "
        + 'microvm-6, microvm-7, microvm-8, microvm-9, microvm-10 and 2 more; '
        + "terminate each with 'aws lambda-microvms terminate-microvm --microvm-identifier <ID>', "
        + 'or deploy microvmTermination ON_DELETE_OR_RENAME first, then rename',
    });
  });

  test('that would terminate MicroVMs is rejected before it adopts an image of the new name', () => {
    const observed = { image: image({ tags: {} }), tags: {}, versions: [foreignVersion(1)] };
    expect(renaming({ desired: { adoptExisting: true }, observed, observedElsewhere: running })).toMatchObject({ kind: 'fail', code: 'MicrovmImageInUse' });
  });

  test('may terminate MicroVMs if both the old and the new properties allow it', () => {
    const allowed = { termination: 'ON_DELETE_OR_RENAME' as const };
    expect(renaming({ desired: allowed, observedElsewhere: running })).toMatchObject({ change: { do: 'create' } });
    expect(renaming({ desired: allowed, previous: { name: 'old-name', termination: 'ON_DELETE' }, observedElsewhere: running })).toMatchObject({ change: { do: 'create' } });
    expect(renaming({ desired: allowed, previous: { name: 'old-name', termination: 'NEVER' }, observedElsewhere: running })).toMatchObject({ kind: 'fail', code: 'MicrovmImageInUse' });
  });

  test.each(['unknown', 'idle', 'cleanup'] as const)('that would terminate MicroVMs is rejected in the phase %s too: only a rollback proceeds', phase => {
    expect(renaming({ operation: { phase }, observedElsewhere: running })).toMatchObject({ kind: 'fail', code: 'MicrovmImageInUse' });
  });

  test('that would terminate MicroVMs is rejected with those that the first pages showed', () => {
    const observedElsewhere = { 'old-name': { microvms: { found: [microvm('a'), microvm('b', '1.0', 'TERMINATING')], areAll: false } } };
    expect(renaming({ observedElsewhere })).toMatchObject({
      kind: 'fail', code: 'MicrovmImageInUse', summary: expect.stringContaining('would terminate running MicroVMs: a and maybe others; terminate each'),
    });
  });

  test('is rejected if the list of MicroVMs is too long to find out whether one runs', () => {
    const observedElsewhere = { 'old-name': { microvms: { found: [], areAll: false } } };
    expect(renaming({ observedElsewhere })).toMatchObject({
      kind: 'fail',
      code: 'MicrovmImageInUse',
      summary: "microvmImageName: renaming microvm image 'old-name' to 'sandbox' would terminate running MicroVMs, and the list of its MicroVMs is too long "
        + 'to find out whether one runs; deploy microvmTermination ON_DELETE_OR_RENAME first, then rename',
    });
  });

  test('is not rejected in a rollback', () => {
    expect(renaming({ operation: { phase: 'rollback' }, observedElsewhere: running })).toMatchObject({ change: { do: 'create' } });
  });

  test('is not rejected if CloudFormation already knows the new name', () => {
    expect(renaming({ requestPhysicalId: ARN, observedElsewhere: running })).toMatchObject({ change: { do: 'create' } });
  });

  test('leaves the old image to the cleanup', () => {
    expect(renaming({ observed: atRest(version(1)) })).toMatchObject({ kind: 'done' });
  });
});

describe('the rollback of a rename', () => {
  const rollback = (circumstances: Circumstances) =>
    reconcile(rollingBack({ previous: { name: 'old-name' }, requestPhysicalId: ARN, observed: atRest(version(1)), ...circumstances }));

  test('observes the image of the other name before it ends', () => {
    expect(rollback({})).toEqual({ kind: 'observe', observe: { at: 'image', arn: OLD, confirmAbsence: true } });
  });

  test('deletes the image of the other name, which CloudFormation may not know', () => {
    expect(rollback({ observedElsewhere: { 'old-name': { image: image(), microvms: listOf() } } })).toMatchObject({ change: { do: 'deleteImage', arn: OLD } });
  });

  test('deletes no image of another owner', () => {
    expect(rollback({ observedElsewhere: { 'old-name': { image: image({ tags: ownerTags(ANOTHER_OWNER) }) } } })).toMatchObject({ kind: 'done' });
  });

  test('ends when the image of the other name does not exist', () => {
    expect(rollback({ observedElsewhere: { 'old-name': { image: 'absent' } } })).toMatchObject({ kind: 'done' });
  });

  test('activates the chosen version before it deletes the other image', () => {
    expect(rollback({ observed: atRest(version(1, { active: false })) })).toMatchObject({ change: { do: 'activate' } });
  });
});

test('a rollback chooses a version without observing the base image', () => {
  expect(reconcile(rollingBack({ observed: atRest(unpinned), baseImage: undefined }))).toMatchObject({ kind: 'done' });
  expect(reconcile(rollingBack({ observed: atRest(unpinned), baseImage: BASE_IMAGE }))).toMatchObject({ kind: 'done' });
});

test('a rename to an adopted image removes no tag that the image had before', () => {
  const observed = { image: image({ tags: { ...ownerTags(OWNER), team: 'theirs' } }), versions: [version(1)] };
  expect(reconcile(updating({ previous: { name: 'old-name', tags: { team: 'runtime' } }, observed }))).toMatchObject({ kind: 'done' });
});

test('a rename is not rejected because of MicroVMs that are terminating', () => {
  const observedElsewhere = { 'old-name': { microvms: listOf(microvm('microvm-1', '1.0', 'TERMINATING')) } };
  expect(reconcile(updating({ previous: { name: 'old-name' }, observed: { image: 'absent' }, observedElsewhere })))
    .toMatchObject({ kind: 'change', change: { do: 'create' } });
});

test('missing tags fail an operation at the deadline, although it waited for a build of another party', () => {
  const hanging = foreignVersion(2, { state: 'IN_PROGRESS', active: false });
  const observed = { image: image({ state: 'UPDATING' }), versions: [version(1), hanging] };
  expect(reconcile(updating({ desired: { tags: { team: 'runtime' } }, operation: { expired: true }, observed }))).toMatchObject({ kind: 'wait', fallback: undefined });
});
