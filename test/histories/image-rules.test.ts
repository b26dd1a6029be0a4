import type { MicrovmImageProperties } from '../../src/contract/image';
import { hash } from '../../src/handlers/engine/fingerprint';
import { operationOf } from '../../src/handlers/engine/operation';
import type { Version } from '../../src/handlers/image/observed';
import type { Event } from '../../tools/histories/history';
import type { ImageEvent, ImageHistory, ImageSpec } from '../../tools/histories/image-history';
import { imageProperties } from '../../tools/histories/image-history';
import { playImages } from '../../tools/histories/image-player';
import type { Variant } from '../../tools/histories/lab';
import { bound } from '../../tools/histories/lab';

jest.mock('../../src/private/bundle', () => jest.requireActual('../support/no-bundle'));

/**
 * Each rule that a model showed to be needed, in a history that it saves: with the rule the history ends well,
 * without it, an invariant is violated. A rule is switched off by what the handler gets to see; the handler has no switches.
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
  readonly without: Variant | 'blindfold';
  readonly violation: RegExp;
}

/** Versions as the handler does not see them. */
function seeing(change: (version: Version, operation: string) => Version): Variant {
  return {
    images: (service, event) => {
      const { id } = operationOf(event, 3000, 0);
      return { ...bound(service), versions: async arn => (await service.versions(arn)).map(version => change(version, id)) };
    },
  };
}

const rules: Rule[] = [
  {
    rule: 'fence: a cancelled operation changes nothing any more',
    // Only one build at a time: the update that waits for its turn is cancelled while it waits.
    history: { events: [deployBoth('one'), deployBoth('two', { siblingFailsAfter: 20_000 })], concurrentBuilds: 1 },
    without: 'blindfold',
    violation: /wrong version active/,
  },
  {
    rule: 'grace: a rollback waits for what the operation before may still have under way',
    history: {
      events: [deploy(one), deploy(two, { siblingFailsAfter: 5_000 })],
      faults: { calls: [{ operation: 'UpdateMicrovmImage', nth: 0, fault: { kind: 'lateLanding', afterMs: 4_000 } }] },
    },
    without: { event: event => ({ ...event, Operation: { ...event.Operation, StartedAt: event.Operation.StartedAt - 10_000 } }) },
    violation: /wrong version active/,
  },
  {
    rule: 'ownership: only what carries our tags is ours',
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
    violation: /the image of somebody else/,
  },
  {
    rule: 'deletion: an invented physical id means the image that the properties name',
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
    // The role of the resource may not look for another image.
    violation: /the rollback fails/,
  },
  {
    rule: 'client token: of the operation, not of the content, since the service never forgets one',
    history: { events: [deploy(one), { do: 'deleteStack' }, deploy(one)] },
    without: {
      images: service => ({
        ...bound(service),
        create: async request => {
          // A body that never differs, or the service would refuse the token.
          await service.create({ ...request, tags: undefined, description: undefined }, hash(request.codeArtifact!.uri!));
          return { createdAt: Infinity };
        },
      }),
    },
    violation: /fails without a reason/,
  },
  {
    rule: 'marker: a version is known by what it was built from',
    history: { events: [deploy(one), deploy(broken)] },
    without: seeing((version, operation) => version.marker?.operationId === operation ? version : { ...version, marker: undefined }),
    violation: /needless build|more than one build|fails|wrong version/,
  },
  {
    rule: 'base image: a rollback accepts any',
    history: { events: [deploy(one), { do: 'publishBase' }, { do: 'deprecateBase' }, deploy(broken)] },
    without: seeing((version, operation) => version.marker?.operationId === operation || version.baseImageVersion !== '1.0' ? version : { ...version, marker: undefined }),
    violation: /needless build/,
  },
  {
    rule: 'finish: nothing above the chosen version stays active',
    history: { events: [deploy(one), deploy(two, { siblingFailsAfter: 240_000 })] },
    without: seeing(version => ({ ...version, active: version.active && version.version === '1.0' })),
    violation: /wrong version active/,
  },
  {
    rule: 'failed: only a version that this operation built',
    history: { events: [deploy(one), deploy(broken), deploy(three)] },
    without: seeing((version, operation) => version.state === 'FAILED' && version.marker
      ? { ...version, marker: { ...version.marker, operation } } : version),
    violation: /fails without a reason/,
  },
  {
    rule: 'retention: what a rollback goes back to stays',
    history: { events: [deploy(one), deploy(two), deploy(one), deploy(three, { siblingFailsAfter: 240_000 })], builds: [{ durationMs: 60_000 }] },
    without: { event: event => event.OldResourceProperties && event.Operation.Phase === 'forward' ? { ...event, OldResourceProperties: undefined } : event },
    violation: /needless build/,
  },
  {
    rule: 'retention: what a MicroVM runs from stays',
    history: { events: [deploy(one), { do: 'launch', name: 'a1' }, deploy(two), deploy(three), deploy({ ...one, content: 'four' })] },
    without: { images: service => ({ ...bound(service), microvms: async () => [] }) },
    violation: /deleted under a MicroVM/,
  },
  {
    rule: 'unacknowledged replacement: a rename that was cancelled midway leaves no image of the other name',
    history: { events: [deploy(one), deploy({ ...one, name: 'a2' }, { siblingFailsAfter: 60_000 })] },
    without: { event: event => ({ ...event, Operation: { ...event.Operation, RequestPhysicalId: undefined } }) },
    violation: /left behind/,
  },
];

describe.each(rules)('$rule', ({ history, without, violation }) => {
  test('ends well with the rule', async () => {
    await expect(playImages(history)).resolves.toBeDefined();
  });

  test('violates an invariant without it', async () => {
    const variant = without === 'blindfold' ? { blindfolded: true } : { variant: without };
    await expect(playImages(history, variant)).rejects.toThrow(violation);
  });
});
