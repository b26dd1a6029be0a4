import type { ConnectorSpec } from '../../tools/histories/connector-history';
import { runConnectors } from '../../tools/histories/connector-runner';
import type { ImageSpec } from '../../tools/histories/image-history';
import { runImages } from '../../tools/histories/image-runner';

jest.mock('../../src/private/bundle', () => jest.requireActual('../support/no-bundle'));

/** Properties that an older release of the library did not write become old properties of an update. */

const image: ImageSpec = { name: 'a1', content: 'one' };
const connector: ConnectorSpec = { name: 'a1', subnets: ['1'] };

const NOT_ALWAYS_WRITTEN = [
  'BaseImageArn', 'BuildEgressArn', 'MicrovmTermination', 'AdoptExisting', 'DeleteAdopted', 'LogGroupName', 'ShowBuildLogInErrors', 'Tags',
  'TimeoutSeconds',
];

describe.each(NOT_ALWAYS_WRITTEN)('an image of a release without %s', name => {
  const deployed = { do: 'deploy', template: { A: image }, missing: [name] } as const;

  test('is updated', async () => {
    await expect(runImages({ events: [deployed, { do: 'deploy', template: { A: { ...image, content: 'two', tag: 't1' } } }] })).resolves.toMatchObject({ successes: 2 });
  });

  test('is as before after an update is rolled back', async () => {
    const outcome = await runImages({ events: [deployed, { do: 'deploy', template: { A: { ...image, content: 'broken' } } }] });
    expect(outcome).toMatchObject({ successes: 1, rollbacks: 1 });
  });
});

describe.each(['Deletion', 'NameIsGenerated', 'SubnetZones', 'Tags', 'TimeoutSeconds'])('a connector of a release without %s', name => {
  const deployed = { do: 'deploy', template: { A: connector }, missing: [name] } as const;

  test('is updated', async () => {
    await expect(runConnectors({ events: [deployed, { do: 'deploy', template: { A: { ...connector, subnets: ['2'] } } }] })).resolves.toMatchObject({ successes: 2 });
  });

  test('is as before after an update is rolled back', async () => {
    const outcome = await runConnectors({ events: [deployed, { do: 'deploy', template: { A: { ...connector, subnets: ['full'] } } }] });
    expect(outcome).toMatchObject({ successes: 1, rollbacks: 1 });
  });
});
