import { arnOf, desired, foreignVersion, image, listOf, microvm, version } from './inputs';
import { ownerTags } from '../../../src/handlers/engine/owner';
import { UNKNOWN } from '../../../src/handlers/engine/pace';
import type { DesiredImage } from '../../../src/handlers/image/desired';
import type { ObservedImage } from '../../../src/handlers/image/observed';
import { remove } from '../../../src/handlers/image/remove';
import { MINUTE, NOW, operation, OWNER, SECOND, ANOTHER_OWNER } from '../engine/inputs';

const ARN = arnOf('sandbox');

function removing(observed: ObservedImage, more: Partial<DesiredImage> = {}, startedAt?: number) {
  return remove(desired(more), observed, operation({ type: 'Delete', ...startedAt === undefined ? {} : { startedAt } }));
}

describe('deleting an image', () => {
  test('confirms its absence', () => {
    expect(removing({})).toEqual({ kind: 'observe', observe: { at: 'image', arn: ARN, confirmAbsence: true } });
  });

  test('ends if it does not exist', () => {
    expect(removing({ image: 'absent' })).toEqual({ kind: 'done', data: undefined });
  });

  test.each(['DELETING', 'DELETED'] as const)('waits until its name is free while an image of any owner is %s', state => {
    expect(removing({ image: image({ state, tags: {} }) })).toEqual({ kind: 'wait', waitingFor: "microvm image 'sandbox' to be deleted" });
  });

  test('does not delete an image of another owner', () => {
    expect(removing({ image: image({ tags: ownerTags(ANOTHER_OWNER) }) })).toMatchObject({ kind: 'done' });
  });

  test('does not delete an image without owner tags, once they would show', () => {
    const untagged = (age: number) => removing({ image: image({ tags: {}, createdAt: NOW - age }), tags: {} });
    expect(untagged(59 * SECOND)).toEqual({ kind: 'wait', waitingFor: "the tags of microvm image 'sandbox' to show" });
    expect(untagged(MINUTE)).toMatchObject({ kind: 'done' });
  });

  test("lists the tags of an image that shows no owner before it takes the image for nobody's", () => {
    expect(removing({ image: image({ tags: { team: 'x' } }) })).toEqual({ kind: 'observe', observe: { at: 'tags', arn: ARN } });
    expect(removing({ image: image({ tags: {} }), tags: ownerTags(OWNER), microvms: listOf() })).toMatchObject({ change: { do: 'deleteImage' } });
    expect(removing({ image: image({ tags: {} }), tags: ownerTags(ANOTHER_OWNER) })).toMatchObject({ kind: 'done' });
  });

  test.each(['CREATING', 'UPDATING'] as const)('waits for builds while it is %s, and says why', state => {
    expect(removing({ image: image({ state }) })).toEqual({
      kind: 'wait',
      waitingFor: "the builds of microvm image 'sandbox' to end; the service can neither cancel a build nor delete an image that is being built",
      usual: UNKNOWN,
    });
  });

  test('asks the service first, and lists MicroVMs only if the service rejects the deletion', () => {
    expect(removing({ image: image() })).toEqual({
      kind: 'change',
      change: { do: 'deleteImage', arn: ARN, isDecisive: false },
      waitingFor: "microvm image 'sandbox' to be deleted",
      fallback: { kind: 'observe', observe: { at: 'microvms', arn: ARN, enough: 10 } },
    });
    expect(removing({ image: image(), microvms: listOf() })).toMatchObject({ change: { do: 'deleteImage' }, fallback: undefined });
  });

  test('lists MicroVMs first with NEVER', () => {
    expect(removing({ image: image() }, { termination: 'NEVER' })).toEqual({ kind: 'observe', observe: { at: 'microvms', arn: ARN, enough: 10 } });
  });

  test('asks the service, even with NEVER, if the list of MicroVMs is too long to read', () => {
    expect(removing({ image: image(), microvms: { found: [], areAll: false } }, { termination: 'NEVER' })).toMatchObject({ change: { do: 'deleteImage' } });
  });

  test.each(['ON_DELETE', 'NEVER'] as const)('takes a rejection for final five minutes after its beginning if the list is too long to read: %s', termination => {
    const isDecisive = (areAll: boolean, age: number) => {
      const step = removing({ image: image(), microvms: { found: [], areAll } }, { termination }, NOW - age);
      return step.kind === 'change' && step.change.do === 'deleteImage' ? step.change.isDecisive : step;
    };
    expect([isDecisive(false, 5 * MINUTE - 1), isDecisive(false, 5 * MINUTE), isDecisive(true, 5 * MINUTE)]).toEqual([false, true, false]);
  });

  test.each(['CREATED', 'UPDATED', 'CREATE_FAILED', 'UPDATE_FAILED', 'DELETE_FAILED'] as const)('deletes an image that is %s', state => {
    expect(removing({ image: image({ state }), microvms: listOf() })).toMatchObject({
      kind: 'change', change: { do: 'deleteImage', arn: ARN }, waitingFor: "microvm image 'sandbox' to be deleted",
    });
  });
});

describe('MicroVMs of an image that is deleted', () => {
  const many = Array.from({ length: 12 }, (_, index) => microvm(`microvm-${index + 1}`));

  test('are terminated before the image is deleted, ten at a time', () => {
    expect(removing({ image: image(), microvms: listOf(...many) })).toEqual({
      kind: 'change',
      change: { do: 'terminate', arn: ARN, microvmIds: many.slice(0, 10).map(({ id }) => id) },
      waitingFor: "12 MicroVM(s) of image 'sandbox' to terminate",
      fallback: undefined,
    });
  });

  test('are terminated as soon as some are found in a list that is too long to read', () => {
    expect(removing({ image: image(), microvms: { found: [microvm('a')], areAll: false } })).toMatchObject({
      change: { do: 'terminate', microvmIds: ['a'] }, waitingFor: "at least 1 MicroVM(s) of image 'sandbox' to terminate",
    });
  });

  test('delay its deletion while they are terminating, because they still block it', () => {
    const step = removing({ image: image(), microvms: listOf(microvm('microvm-1', '1.0', 'TERMINATING')) });
    expect(step).toEqual({ kind: 'wait', waitingFor: "1 MicroVM(s) of image 'sandbox' to terminate" });
  });

  test('are terminated in any state', () => {
    const microvms = listOf(microvm('a', '1.0', 'PENDING'), microvm('b', '1.0', 'SUSPENDED'), microvm('c', '1.0', 'SUSPENDING'), microvm('d', '1.0', 'TERMINATING'));
    expect(removing({ image: image(), microvms })).toMatchObject({ change: { microvmIds: ['a', 'b', 'c'] } });
  });

  test('prevent its deletion with NEVER, and the error lists the first ten', () => {
    expect(removing({ image: image(), microvms: listOf(...many) }, { termination: 'NEVER' })).toMatchObject({
      kind: 'fail',
      code: 'MicrovmImageInUse',
      summary: "microvm image 'sandbox' is in use and microvmTermination is NEVER: microvm-1, microvm-2, microvm-3, microvm-4, microvm-5, microvm-6, microvm-7, "
        + "microvm-8, microvm-9, microvm-10 and 2 more; terminate each with 'aws lambda-microvms terminate-microvm --microvm-identifier <ID>', "
        + 'or deploy another microvmTermination first, and delete again',
    });
  });

  test('that are terminating delay its deletion, even with NEVER', () => {
    expect(removing({ image: image(), microvms: listOf(microvm('a', '1.0', 'TERMINATING')) }, { termination: 'NEVER' })).toMatchObject({ kind: 'wait' });
  });

  test('do not prevent its deletion if there are none, even with NEVER', () => {
    expect(removing({ image: image(), microvms: listOf() }, { termination: 'NEVER' })).toMatchObject({ change: { do: 'deleteImage' } });
  });
});

describe('returning an adopted image to its owner', () => {
  const adopted = image({ tags: { ...ownerTags(OWNER), 'cdk-lambda-microvms:adopted': '1.0', 'team': 'runtime', 'cost': 'theirs' } });
  const theirs = foreignVersion(1);
  const asBefore = "microvm image 'sandbox' to be as it was before its adoption";

  test('observes its versions', () => {
    expect(removing({ image: adopted })).toEqual({ kind: 'observe', observe: { at: 'versions', arn: ARN } });
  });

  test('waits for builds', () => {
    expect(removing({ image: { ...adopted, state: 'UPDATING' } })).toMatchObject({ kind: 'wait' });
  });

  test('waits for versions in motion', () => {
    expect(removing({ image: adopted, versions: [theirs, version(2, { state: 'DELETING' })] })).toEqual({ kind: 'wait', waitingFor: asBefore });
  });

  test('activates the version that was active before its adoption, before it deletes those of this library', () => {
    expect(removing({ image: adopted, versions: [{ ...theirs, active: false }, version(2)] })).toMatchObject({
      change: { do: 'activate', arn: ARN, version: '1.0' }, waitingFor: asBefore,
    });
  });

  test('does not activate a version that no longer exists, or has failed', () => {
    expect(removing({ image: adopted, versions: [foreignVersion(3), version(4)], microvms: listOf() })).toMatchObject({ change: { do: 'deleteVersion' } });
    expect(removing({ image: adopted, versions: [foreignVersion(1, { state: 'FAILED', active: false }), version(4)], microvms: listOf() })).toMatchObject({ change: { do: 'deleteVersion' } });
  });

  test('observes the MicroVMs of versions of this library', () => {
    expect(removing({ image: adopted, versions: [theirs, version(2)] })).toEqual({ kind: 'observe', observe: { at: 'microvms', arn: ARN } });
  });

  test('terminates only MicroVMs of versions of this library', () => {
    const microvms = listOf(microvm('theirs', '1.0'), microvm('ours', '2.0'));
    expect(removing({ image: adopted, versions: [theirs, version(2)], microvms })).toMatchObject({ change: { do: 'terminate', microvmIds: ['ours'] } });
    expect(removing({ image: adopted, versions: [theirs, version(2)], microvms }, { termination: 'NEVER' })).toMatchObject({
      kind: 'fail', code: 'MicrovmImageInUse', summary: expect.stringContaining('NEVER: ours; terminate each'),
    });
  });

  test('deletes the versions of this library, newest first, and no others', () => {
    const versions = [theirs, version(2), foreignVersion(3), version(4, { state: 'FAILED' })];
    expect(removing({ image: adopted, versions, microvms: listOf(microvm('theirs', '1.0')) })).toMatchObject({ change: { do: 'deleteVersion', version: '4.0' }, waitingFor: asBefore });
    expect(removing({ image: adopted, versions: versions.slice(0, 3), microvms: listOf() })).toMatchObject({ change: { do: 'deleteVersion', version: '2.0' } });
  });

  test('keeps one version of this library if there is no other, because an image has at least one', () => {
    expect(removing({ image: adopted, versions: [version(2), version(3)], microvms: listOf() })).toMatchObject({ change: { do: 'deleteVersion', version: '2.0' } });
    expect(removing({ image: adopted, versions: [version(3)] })).toMatchObject({ change: { do: 'untag' } });
  });

  test('removes the tags of this library last, and keeps those of others', () => {
    expect(removing({ image: adopted, versions: [theirs] }, { tags: { team: 'runtime', deleted: 'yes' } })).toMatchObject({
      change: { do: 'untag', arn: ARN, keys: ['team', 'cdk-lambda-microvms:stack', 'cdk-lambda-microvms:resource', 'cdk-lambda-microvms:adopted'] }, waitingFor: asBefore,
    });
  });

  test('ends when the owner tags are removed', () => {
    expect(removing({ image: image({ tags: { cost: 'theirs' } }), tags: { cost: 'theirs' } })).toMatchObject({ kind: 'done' });
  });

  test('restores the tags of its owner that tags of the template replaced, before it removes the others', () => {
    const tags = { ...adopted.tags, 'team': 'runtime', 'cdk-lambda-microvms:was:team': 'theirs', 'stage': 'prod', 'cdk-lambda-microvms:was:stage': 'prod' };
    const wanted = { tags: { team: 'runtime', stage: 'prod' } };
    expect(removing({ image: image({ tags }), versions: [theirs] }, wanted)).toMatchObject({ change: { do: 'tag', arn: ARN, tags: { team: 'theirs' } }, waitingFor: asBefore });
    expect(removing({ image: image({ tags: { ...tags, team: 'theirs' } }), versions: [theirs] }, wanted)).toMatchObject({
      change: {
        do: 'untag',
        keys: ['cdk-lambda-microvms:was:team', 'cdk-lambda-microvms:was:stage', 'cdk-lambda-microvms:stack', 'cdk-lambda-microvms:resource', 'cdk-lambda-microvms:adopted'],
      },
    });
  });

  test('keeps a tag of its owner that the template has no longer, because the owner may have changed it since', () => {
    const tags = { ...adopted.tags, 'team': 'theirs again', 'cdk-lambda-microvms:was:team': 'theirs' };
    expect(removing({ image: image({ tags }), versions: [theirs] }, { tags: {} })).toMatchObject({
      change: { do: 'untag', keys: ['cdk-lambda-microvms:was:team', 'cdk-lambda-microvms:stack', 'cdk-lambda-microvms:resource', 'cdk-lambda-microvms:adopted'] },
    });
  });

  test('finds the version that was active before in whatever form the service shows its number', () => {
    const versions = [foreignVersion(1, { version: '1', active: false }), version(2)];
    expect(removing({ image: adopted, versions })).toMatchObject({ change: { do: 'activate', version: '1' } });
  });

  test('deletes a version although the list of MicroVMs is too long to read, but not with NEVER', () => {
    const observed = { image: adopted, versions: [theirs, version(2)], microvms: { found: [microvm('theirs')], areAll: false } };
    expect(removing(observed)).toMatchObject({ change: { do: 'deleteVersion', version: '2.0' } });
    expect(removing(observed, { termination: 'NEVER' }, NOW - 5 * MINUTE + 1)).toMatchObject({ kind: 'wait' });
    expect(removing(observed, { termination: 'NEVER' }, NOW - 5 * MINUTE)).toMatchObject({
      kind: 'fail', code: 'MicrovmImageInUse', summary: expect.stringContaining(`list them with 'aws lambda-microvms list-microvms --image-identifier ${ARN}'`),
    });
  });

  test('deletes the image instead if the user chose that', () => {
    expect(removing({ image: adopted, microvms: listOf() }, { deleteAdopted: true })).toMatchObject({ change: { do: 'deleteImage' } });
  });

  test('activates no version if none was active at the adoption', () => {
    const without = image({ tags: { ...adopted.tags, 'cdk-lambda-microvms:adopted': 'none' } });
    expect(removing({ image: without, versions: [foreignVersion(1, { active: false }), version(2)], microvms: listOf() })).toMatchObject({ change: { do: 'deleteVersion', version: '2.0' } });
  });
});
