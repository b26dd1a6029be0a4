import { openAccount } from '../../../integ/live/account';
import { liveOptions } from '../../../integ/live/options';

const open = async (environment: NodeJS.ProcessEnv) => openAccount({ region: 'us-east-1' }, environment);

test('fails if an environment variable would send credentials of an account to another endpoint', async () => {
  await expect(open({ AWS_ENDPOINT_URL_STS: 'http://127.0.0.1:4566' })).rejects.toThrow(/AWS_ENDPOINT_URL_STS redirects calls/);
});

test('fails with credentials of a local AWS without --endpoint', async () => {
  await expect(open({ AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' })).rejects.toThrow(/credentials of a local AWS: set --endpoint to its URL/);
});

test('fails without a Region', () => {
  expect(() => liveOptions([])).toThrow(/--region is missing/);
});

test('asks for confirmation and writes live-report.md by default', () => {
  expect(liveOptions(['--region', 'us-east-1'])).toMatchObject({ yes: false, keep: false, report: 'live-report.md' });
});
