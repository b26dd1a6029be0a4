import * as path from 'node:path';
import { findLeftovers } from '../../../tools/demo/leftovers';
import type { StackOperationResult } from '../../../tools/local-aws/cdk';
import type { LocalAws } from '../../../tools/local-aws/local-aws';
import { startLocalAws } from '../../../tools/local-aws/local-aws';

/**
 * Uses the real CDK CLI, the deployed handler and enforced IAM, also for the operator role. The bundle of the handlers
 * must exist (npx projen bundle).
 */

const STACK = 'ElasticIps';
let aws: LocalAws;

beforeAll(async () => {
  aws = await startLocalAws({ times: { connectorCreation: 500, connectorUpdate: 500, connectorDeletion: 500 } });
  await aws.bootstrap();
});

afterAll(async () => aws.stop());

const settings = (context: Record<string, string>) => ({ app: `npx tsx ${path.join(__dirname, 'elastic-ips.app.ts')}`, stacks: [STACK], context });
const deploy = async (elasticIps: string, gateway = 'yes'): Promise<StackOperationResult> => aws.cdk.deploy(settings({ elasticIps, gateway }));
const versions = () => aws.simulator.connectors().flatMap(connector => connector.versions.map(({ number, configuration }) =>
  [number, configuration.ElasticIpConfiguration?.Type]));
const reasons = (result: StackOperationResult) => result.events.map(({ reason }) => reason).join('\n');

test('a connector gets elastic IPs, loses them with a new version, and is destroyed, with no call denied', async () => {
  const created = await deploy('yes');
  expect(created).toMatchObject({ exitCode: 0 });
  expect(versions()).toEqual([[1, 'ServiceManaged']]);
  const updated = await deploy('no');
  expect(updated).toMatchObject({ exitCode: 0 });
  expect(versions()).toEqual([[2, 'None']]);
  const destroyed = await aws.cdk.destroy(settings({ elasticIps: 'no', gateway: 'yes' }));
  expect(destroyed).toMatchObject({ exitCode: 0 });
  expect([created, updated, destroyed].map(reasons).join('\n')).not.toMatch(/AccessDenied|not authorized/);
  expect(await findLeftovers(aws, STACK)).toEqual([]);
});

test('a VPC without an internet gateway fails the connector, with what to do', async () => {
  const result = await deploy('yes', 'no');
  expect(result.exitCode).not.toBe(0);
  expect(reasons(result)).toMatch(/InternetGatewayNotAttached[^]*hint: elasticIps: elastic IPs need an internet gateway/);
  await aws.cdk.destroy(settings({ elasticIps: 'yes', gateway: 'no' }));
});
