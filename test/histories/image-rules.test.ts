import type { MicrovmImageProperties } from '../../src/contract/image';
import { hash } from '../../src/handlers/engine/fingerprint';
import { operationOf } from '../../src/handlers/engine/operation';
import type { ImageReconcileInput } from '../../src/handlers/image/input';
import type { Version } from '../../src/handlers/image/observed';
import type { Event } from '../../tools/histories/history';
import type { ImageEvent, ImageHistory, ImageSpec } from '../../tools/histories/image-history';
import { imageProperties } from '../../tools/histories/image-history';
import { runImages } from '../../tools/histories/image-runner';
import type { Variant } from '../../tools/histories/test-bed';
import { bound } from '../../tools/histories/test-bed';

jest.mock('../../src/private/bundle', () => jest.requireActual('../support/no-bundle'));

/** Changes the input of the rules, to switch off one that nothing else that the handler receives switches off. */
let mockInput = (input: ImageReconcileInput) => input;

jest.mock('../../src/handlers/image/reconcile', () => {
  const { reconcile } = jest.requireActual('../../src/handlers/image/reconcile');
  return { reconcile: (input: ImageReconcileInput) => reconcile(mockInput(input)) };
});

afterEach(() => {
  mockInput = input => input;
});

/**
 * Tests each rule of images with a history that needs it. With the rule, all invariants hold. Without it, one is
 * violated.
 *
 * The handler has no switches: a rule is switched off by changing what the handler receives.
 */

const one: ImageSpec = { name: 'a1', content: 'one', retained: 2 };
const two: ImageSpec = { ...one, content: 'two' };
const three: ImageSpec = { ...one, content: 'three' };
const broken: ImageSpec = { ...one, content: 'broken' };
const deploy = (A: ImageSpec, circumstances = {}): Event<ImageSpec> | ImageEvent => ({ do: 'deploy', template: { A }, circumstances });
const deployBoth = (content: string, circumstances = {}): Event<ImageSpec> | ImageEvent =>
  ({ do: 'deploy', template: { A: { ...one, content }, B: { ...one, name: 'b1', content } }, circumstances });

interface Rule {
  readonly rule: string;
  readonly history: ImageHistory;
  /** How the service differs, with and without the rule. */
  readonly service?: Variant;
  readonly without: Variant | 'stack view';
  readonly violation: RegExp;
}

/** Returns a variant in which the handler receives changed versions. */
function withVersions(change: (version: Version, operationId: string) => Version): Variant {
  return {
    images: (service, event) => {
      const { id } = operationOf(event, 3000, 0);
      return { ...bound(service), versions: async arn => (await service.versions(arn)).map(version => change(version, id)) };
    },
  };
}

/** Shows version 10.0 and higher ones in the order of their texts, in which 10.0 stands between 1.0 and 2.0. */
const inOrderOfTexts: Variant['images'] = service => {
  const shown = (version: string) => Number(version) < 10 ? version : `1.${Number(version)}`;
  const real = (version: string) => /^1\.\d\d$/.test(version) ? `${version.slice(2)}.0` : version;
  return {
    ...bound(service),
    versions: async arn => (await service.versions(arn)).map(version => ({ ...version, version: shown(version.version) })),
    setStatus: async (arn, version, status) => service.setStatus(arn, real(version), status),
    deleteVersion: async (arn, version) => service.deleteVersion(arn, real(version)),
  };
};

/** A service whose GetMicrovmImage shows no tags. */
const withoutTags: Variant['images'] = service => ({
  ...bound(service),
  image: async arn => {
    const image = await service.image(arn);
    return image === 'absent' ? image : { ...image, tags: {} };
  },
});

const rules: Rule[] = [
  {
    rule: 'tags: ListTags says who owns an image whose tags GetMicrovmImage does not show',
    history: { events: [deploy(one), deploy({ ...two, tag: 't1' }), deploy(broken), { do: 'deleteStack' }] },
    service: { images: withoutTags },
    without: { images: (service, event) => ({ ...withoutTags(service, event), tags: async () => ({}) }) },
    violation: /fails without a reason/,
  },
  {
    rule: 'fence: a canceled operation makes no more changes',
    // The quota allows one build at a time, so that an update is canceled while it waits for the other build.
    history: { events: [deployBoth('one'), deployBoth('two', { siblingFailsAfter: 20_000 })], concurrentBuilds: 1 },
    without: 'stack view',
    violation: /wrong version active/,
  },
  {
    rule: 'grace: a rollback waits until calls of the canceled operation have taken effect',
    history: {
      events: [deploy(one), deploy(two, { siblingFailsAfter: 5_000 })],
      faults: { calls: [{ operation: 'UpdateMicrovmImage', nth: 0, fault: { kind: 'lateLanding', afterMs: 4_000 } }] },
    },
    without: { event: event => ({ ...event, Operation: { ...event.Operation, StartedAt: event.Operation.StartedAt - 10_000 } }) },
    violation: /wrong version active/,
  },
  {
    rule: 'ownership: only resources with the owner tags belong to the stack',
    history: { events: [deploy({ ...one, name: 'taken', content: 'broken' })] },
    without: {
      images: (service, event) => ({
        ...bound(service),
        image: async arn => {
          const image = await service.image(arn);
          return image === 'absent' ? image : {
            ...image,
            tags: { 'cdk-lambda-microvms:stack': event.StackId, 'cdk-lambda-microvms:resource': event.LogicalResourceId },
          };
        },
      }),
    },
    violation: /the image of another owner/,
  },
  {
    rule: 'deletion: a request with an invented physical ID deletes the image that the properties name',
    history: { events: [deploy(one, { siblingFailsAfter: 20_000 })] },
    without: {
      event: event => event.RequestType === 'Delete' && !event.PhysicalResourceId.startsWith('arn:')
        ? {
          ...event,
          ResourceProperties: {
            ...imageProperties({ ...one, name: 'invented' }, { stackId: event.StackId, logicalId: event.LogicalResourceId }),
            ResourceRoleArn: (event.ResourceProperties as MicrovmImageProperties).ResourceRoleArn,
          },
        }
        : event,
    },
    // The resource role does not allow reading another image.
    violation: /the rollback fails/,
  },
  {
    rule: 'client token: it identifies the operation and not the content, because the service never forgets a token',
    history: { events: [deploy(one), { do: 'deleteStack' }, deploy(one)] },
    without: {
      images: service => ({
        ...bound(service),
        create: async request => {
          // The body is always the same. Otherwise the service would reject the token.
          await service.create({ ...request, tags: undefined, description: undefined }, hash(request.codeArtifact!.uri!));
          return { createdAt: Infinity };
        },
      }),
    },
    violation: /fails without a reason/,
  },
  {
    rule: 'marker: a version is identified by its content',
    history: { events: [deploy(one), deploy(broken)] },
    without: withVersions((version, operationId) => version.marker?.operationId === operationId ? version : { ...version, marker: undefined }),
    violation: /unnecessary build|more than one build|fails|wrong version/,
  },
  {
    rule: 'base image: a rollback accepts any version of the base image',
    history: { events: [deploy(one), { do: 'publishBase' }, { do: 'deprecateBase' }, deploy(broken)] },
    without: withVersions((version, operationId) => version.marker?.operationId === operationId || version.baseImageVersion !== '1.0' ? version : { ...version, marker: undefined }),
    violation: /unnecessary build/,
  },
  {
    rule: 'activation: no version above the chosen one stays active',
    history: { events: [deploy(one), deploy(two, { siblingFailsAfter: 240_000 })] },
    without: withVersions(version => ({ ...version, active: version.active && version.version === '1.0' })),
    violation: /wrong version active/,
  },
  {
    rule: 'order of versions: they are compared as numbers',
    // The rollback returns from version 10.0 to version 9.0.
    history: {
      events: [
        ...['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'].map(content => deploy({ ...one, content })),
        deploy({ ...one, content: 'j' }, { siblingFailsAfter: 240_000 }),
      ],
      builds: [{ durationMs: 60_000 }],
    },
    without: { images: inOrderOfTexts },
    violation: /wrong version active/,
  },
  {
    rule: 'failed build: a failed version only fails the operation that built it',
    history: { events: [deploy(one), deploy(broken), deploy(three)] },
    without: withVersions((version, operationId) => version.state === 'FAILED' && version.marker
      ? { ...version, marker: { ...version.marker, operationId } } : version),
    violation: /fails without a reason/,
  },
  {
    rule: 'retention: the version to which a rollback returns is kept',
    history: { events: [deploy(one), deploy(two), deploy(one), deploy(three, { siblingFailsAfter: 240_000 })], builds: [{ durationMs: 60_000 }] },
    without: { event: event => event.OldResourceProperties && event.Operation.Phase === 'forward' ? { ...event, OldResourceProperties: undefined } : event },
    violation: /unnecessary build/,
  },
  {
    rule: 'retention: a version from which a MicroVM runs is kept',
    history: { events: [deploy(one), { do: 'launch', name: 'a1' }, deploy(two), deploy(three), deploy({ ...one, content: 'four' })] },
    without: { images: service => ({ ...bound(service), microvms: async () => ({ found: [], areAll: true }) }) },
    violation: /the version of a running MicroVM is deleted/,
  },
  {
    rule: 'source: an update uses no version whose build role, code or base image differs',
    history: { events: [deploy(one), { do: 'forge', id: 'A', spec: two }, deploy(two)] },
    without: withVersions(version => ({ ...version, source: {} })),
    violation: /wrong version active/,
  },
  {
    rule: 'creation: it uses the version that it built, whoever built another one',
    history: { events: [{ do: 'forge', id: 'A', spec: one, passesBuildRole: true }, deploy(one)] },
    without: { event: event => ({ ...event, ResourceProperties: { ...event.ResourceProperties as MicrovmImageProperties, AdoptExisting: 'true' } }) },
    violation: /a forged version is active/,
  },
  {
    rule: 'unacknowledged replacement: a canceled rename leaves no image of the other name',
    history: { events: [deploy(one), deploy({ ...one, name: 'a2' }, { siblingFailsAfter: 60_000 })] },
    without: { event: event => ({ ...event, Operation: { ...event.Operation, RequestPhysicalId: undefined } }) },
    violation: /left behind/,
  },
];

describe.each(rules)('$rule', ({ history, service, without, violation }) => {
  test('violates no invariant with the rule', async () => {
    await expect(runImages(history, { variant: service })).resolves.toBeDefined();
  });

  test('violates an invariant without the rule', async () => {
    const variant = without === 'stack view' ? { hidesStack: true } : { variant: without };
    await expect(runImages(history, variant)).rejects.toThrow(violation);
  });
});

describe('the order of activation', () => {
  const build = (content: string): Event<ImageSpec> | ImageEvent => deploy({ ...one, content, retained: 3 });
  // The last deployment returns to version 2.0. By then, 1.0 and 3.0 are active.
  const history: ImageHistory = { events: [build('one'), build('two'), build('one'), build('three'), build('two')] };

  /** Returns the version that a launch would use, after each change of a status in the last deployment. */
  async function launchable(without: NonNullable<Variant['images']> = service => bound(service)): Promise<string[]> {
    const latest: string[] = [];
    const images: Variant['images'] = (service, event) => ({
      ...without(service, event),
      setStatus: async (arn, version, status) => {
        await service.setStatus(arn, version, status);
        const active = (await service.versions(arn)).filter(each => each.active).map(each => Number(each.version));
        if ((event.ResourceProperties as MicrovmImageProperties).CodeUri.includes('two')) latest.push(`${Math.max(...active)}.0`);
      },
    });
    await runImages(history, { variant: { images } });
    return latest;
  }

  test('lets every launch use the old or the new version', async () => {
    expect(await launchable()).toEqual(['3.0', '2.0']);
  });

  test('matters: with the other order, a launch could use a third version', async () => {
    const deactivatesFirst: NonNullable<Variant['images']> = service => ({
      ...bound(service),
      versions: async arn => {
        const versions = await service.versions(arn);
        const isBelow = (version: Version) => versions.some(other => other.active && Number(other.version) > Number(version.version));
        return versions.map(version => ({ ...version, active: version.active || isBelow(version) }));
      },
    });
    expect(await launchable(deactivatesFirst)).toContain('1.0');
  });
});

describe('pruning', () => {
  const history: ImageHistory = { events: [deploy(one), deploy(two), deploy(broken)] };

  /** Returns the versions that rollbacks delete. */
  async function deletedInRollbacks(): Promise<string[]> {
    const deleted: string[] = [];
    const images: Variant['images'] = (service, event) => ({
      ...bound(service),
      deleteVersion: async (arn, version) => {
        const { CodeUri: wanted } = event.ResourceProperties as MicrovmImageProperties;
        const { CodeUri: before } = (event.OldResourceProperties ?? {}) as MicrovmImageProperties;
        if (before?.includes('broken')) deleted.push(`${version} while returning to ${wanted}`);
        await service.deleteVersion(arn, version);
      },
    });
    await runImages(history, { variant: { images } });
    return deleted;
  }

  test('never happens in a rollback, which leaves all versions as they were', async () => {
    expect(await deletedInRollbacks()).toEqual([]);
  });

  test('would otherwise delete the failed version whose error the user is about to read', async () => {
    mockInput = input => input.operation.phase === 'rollback' ? { ...input, operation: { ...input.operation, phase: 'forward' } } : input;
    expect(await deletedInRollbacks()).toEqual(['3.0 while returning to s3://assets/two.zip']);
  });
});
