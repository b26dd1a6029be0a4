import { pollEvent, properties } from './inputs';
import { desiredImage } from '../../../src/handlers/image/desired';
import { completed } from '../../../src/handlers/image/properties';

const EVENT = pollEvent();
const DEFAULTS = [
  'BaseImageArn', 'BuildEgressArn', 'RetainedVersions', 'MicrovmTermination', 'AdoptExisting', 'DeleteAdopted', 'ShowBuildLogInErrors', 'TimeoutSeconds',
] as const;

describe('a property that the template leaves out', () => {
  test.each(DEFAULTS)('has its default: %s', member => {
    expect(completed(EVENT, properties({ [member]: undefined }))[member]).toBe(properties()[member]);
  });

  test('changes neither the desired image nor its fingerprint', () => {
    const absent = Object.fromEntries(DEFAULTS.map(member => [member, undefined]));
    expect(desiredImage(EVENT, properties({ ...absent, ImageArn: undefined }))).toEqual(desiredImage(EVENT, properties()));
  });

  test('is in the partition, the Region and the account of the stack', () => {
    const event = { ...EVENT, StackId: 'arn:aws-cn:cloudformation:cn-north-1:111122223333:stack/App/uuid' };
    expect(completed(event, {})).toMatchObject({
      BaseImageArn: 'arn:aws-cn:lambda:cn-north-1:aws:microvm-image:al2023-1',
      BuildEgressArn: 'arn:aws-cn:lambda:cn-north-1:aws:network-connector:aws-network-connector:INTERNET_EGRESS',
    });
    expect(desiredImage(event, properties({ ImageArn: undefined })).arn).toBe('arn:aws-cn:lambda:cn-north-1:111122223333:microvm-image:sandbox');
  });
});

test('a property keeps its value', () => {
  expect(completed(EVENT, properties({ ShowBuildLogInErrors: 'false', RetainedVersions: '9' }))).toMatchObject({ ShowBuildLogInErrors: 'false', RetainedVersions: '9' });
});
