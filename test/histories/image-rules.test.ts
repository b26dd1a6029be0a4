import type { MicrovmImageProperties } from '../../src/contract/image';
import { hash } from '../../src/handlers/engine/fingerprint';
import { operationOf } from '../../src/handlers/engine/operation';
import type { Version } from '../../src/handlers/image/observed';
import type { Event } from '../../tools/histories/history';
import type { ImageEvent, ImageHistory, ImageSpec } from '../../tools/histories/image-history';
import { imageProperties } from '../../tools/histories/image-history';
import { runImages } from '../../tools/histories/image-runner';
import type { Variant } from '../../tools/histories/test-bed';
import { bound } from '../../tools/histories/test-bed';

jest.mock('../../src/private/bundle', () => jest.requireActual('../support/no-bundle'));

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
