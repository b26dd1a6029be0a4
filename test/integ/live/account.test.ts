import { openAccount } from '../../../integ/live/account';
import { liveOptions } from '../../../integ/live/options';

const open = async (environment: NodeJS.ProcessEnv) => openAccount({ region: 'us-east-1' }, environment);

test('fails where a variable would lead the credentials of an account elsewhere', async () => {
  await expect(open({ AWS_ENDPOINT_URL_STS: 'http://127.0.0.1:4566' })).rejects.toThrow(/AWS_ENDPOINT_URL_STS leads to another AWS/);
});

test('fails with the credentials of a local AWS whose URL is not named', async () => {
  await expect(open({ AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' })).rejects.toThrow(/credentials of a local AWS: name its URL with --endpoint/);
});

test('fails without a Region', () => {
  expect(() => liveOptions([])).toThrow(/--region is missing/);
});

test('asks before it makes anything, and writes the report beside the project, unless told otherwise', () => {
  expect(liveOptions(['--region', 'us-east-1'])).toMatchObject({ yes: false, keep: false, report: 'live-report.md' });
});
