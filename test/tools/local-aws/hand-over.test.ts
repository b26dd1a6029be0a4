import * as path from 'node:path';
import type { SessionCredentials } from '../../../tools/local-aws/assume-role';
import type { StackOperationResult } from '../../../tools/local-aws/cdk';
import type { LocalAws } from '../../../tools/local-aws/local-aws';
import { startLocalAws } from '../../../tools/local-aws/local-aws';
import { administratorOf, memberOf } from '../../../tools/local-aws/network-team';
import { VirtualBuilder } from '../../../tools/simulator/builder';
import { RealClock } from '../../../tools/simulator/clock';

const TEAM = { networkTeamPath: '/network-team/', qualifier: 'netteam' };
const APP = `npx tsx ${path.join(__dirname, 'hand-over.app.ts')}`;

let aws: LocalAws;
let member: SessionCredentials;
let denied: StackOperationResult;
let maker: StackOperationResult;

beforeAll(async () => {
  aws = await startLocalAws({
    builder: new VirtualBuilder({ clock: new RealClock(100) }),
    times: { buildPending: 500, imageSettling: 300, connectorCreation: 500, connectorDeletion: 500, imageDeletion: 500 },
  });
  // The first bootstrap is an administrator's, because no role of the team exists yet.
  const bootstrap = await aws.cdk.bootstrapTeam({ app: APP, context: { part: 'Network' } }, TEAM.qualifier);
  if (bootstrap.exitCode !== 0) throw new Error(bootstrap.output);
  member = await memberOf(aws, TEAM);
  const { exitCode, output } = await deploy('Network', member);
  if (exitCode !== 0) throw new Error(output);
  expect(output).not.toContain('Proceeding anyway');
  // From here on, every deployment is a developer's.
  await aws.bootstrap(['--custom-permissions-boundary', 'DeveloperBoundary']);
  [denied, maker] = await Promise.all([deploy('Denied'), deploy('Maker')]);
});

afterAll(async () => aws.stop());

async function deploy(part: string, credentials?: SessionCredentials, options?: string[]) {
  return aws.cdk.deploy({ app: APP, stacks: [part], context: { part }, credentials, options });
}

function reasonOf({ events }: StackOperationResult, type: string): string {
  return events.filter(event => event.type === type && event.status.endsWith('_FAILED')).map(({ reason }) => reason).join();
}

test('a developer with the boundary builds an image through the published connector, which is found by its name', async () => {
  const { exitCode } = await deploy('Allowed');
  expect(exitCode).toBe(0);
  const [published] = aws.simulator.connectors().filter(({ name }) => name === 'published');
  const [image] = aws.simulator.images().filter(({ name }) => name.startsWith('Allowed-'));
  expect(image.versions[0].configuration.egressNetworkConnectors).toEqual([published.arn]);
  // Destroyed in the reverse order of their dependencies.
  expect((await aws.cdk.destroy({ app: APP, stacks: ['Allowed'], context: { part: 'Allowed' } })).exitCode).toBe(0);
});

test('an administrator outside the team cannot deploy its app with its bootstrap', async () => {
  const { exitCode, output } = await deploy('Network', await administratorOf(aws), ['--force']);
  expect(exitCode).not.toBe(0);
  expect(output).toMatch(/s3:PutObject on resource: .*:::cdk-netteam-assets-.* with an explicit deny in a resource-based policy/);
});

test('fails to use another connector, even with its name', () => {
  expect(denied.exitCode).not.toBe(0);
  expect(reasonOf(denied, 'Custom::MicrovmImage')).toMatch(/lambda:PassNetworkConnector .*explicit deny in a permissions boundary/);
  expect(aws.simulator.images().filter(({ name }) => name.startsWith('Refused-'))).toEqual([]);
});

test('fails for a name that is not published, with the path of the parameter', async () => {
  const { exitCode, output } = await deploy('Unknown');
  expect(exitCode).not.toBe(0);
  expect(output).toContain('/network-connectors/platform/nothing');
});

test('cannot deploy a connector', () => {
  expect(maker.exitCode).not.toBe(0);
  expect(reasonOf(maker, 'Custom::NetworkConnector')).toMatch(/lambda:CreateNetworkConnector .*explicit deny in a permissions boundary/);
  expect(aws.simulator.connectors().map(({ name }) => name).sort()).toEqual(['published', 'secret']);
});
