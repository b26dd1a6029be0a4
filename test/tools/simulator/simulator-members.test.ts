import { SimulatorClient, vpcEgress } from './simulator-client';
import { buildsInOrder } from '../../../tools/simulator/builder';

// Members that the service added in November 2026.

const KEY = 'arn:aws:kms:us-east-1:123456789012:key/1111-2222';
const X86_64 = { cpuConfigurations: [{ architecture: 'X86_64' }] };
const BOTH = { cpuConfigurations: [{ architecture: 'X86_64' }, { architecture: 'ARM_64' }] };

async function withImage(client = new SimulatorClient(), more: object = {}): Promise<SimulatorClient> {
  await client.createImage('image', more);
  await client.settle();
  return client;
}

describe('architectures', () => {
  async function builds(client: SimulatorClient, query: Record<string, string> = {}): Promise<string[]> {
    const { items } = (await client.call('GET', `/2025-09-09/microvm-images/${client.imageArn('image')}/versions/1.0/builds`, undefined, query)).body;
    return items.map((item: any) => `${item.architecture} ${item.chipset} ${item.chipsetGeneration}`);
  }

  test.each([
    ['no architecture', {}, ['ARM_64 GRAVITON 4', 'ARM_64 GRAVITON 3']],
    ['x86-64', X86_64, ['X86_64 INTEL 8', 'X86_64 INTEL 7']],
    ['both architectures', BOTH, ['ARM_64 GRAVITON 4', 'ARM_64 GRAVITON 3', 'X86_64 INTEL 8', 'X86_64 INTEL 7']],
  ])('a version with %s is built once for each generation of the chipsets', async (_what, more, expected) => {
    expect(await builds(await withImage(undefined, more))).toEqual(expected);
  });

  test('builds are filtered by architecture, chipset and generation', async () => {
    const client = await withImage(undefined, BOTH);
    expect(await builds(client, { architecture: 'X86_64' })).toHaveLength(2);
    expect(await builds(client, { chipset: 'GRAVITON' })).toHaveLength(2);
    expect(await builds(client, { chipset: 'INTEL', chipsetGeneration: '7' })).toEqual(['X86_64 INTEL 7']);
    expect(await builds(client, { architecture: 'ARM_64', chipset: 'INTEL' })).toEqual([]);
  });

  test('a build that fails on one chipset fails the version', async () => {
    const client = await withImage(new SimulatorClient({ plan: buildsInOrder([{ failures: { 8: 'The container image build failed.' } }]) }), BOTH);
    expect((await client.image('GET', 'image')).body.state).toBe('CREATE_FAILED');
    const { items } = (await client.image('GET', 'image', '/versions/1.0/builds')).body;
    expect(items.filter((item: any) => item.buildState === 'FAILED')).toMatchObject([{ chipset: 'INTEL', chipsetGeneration: '8' }]);
  });

  test('base versions say which architectures they support; the newest that fits is the default', async () => {
    const client = new SimulatorClient();
    client.simulator.publishBaseVersion('2', 'al2023-1', ['ARM_64']);
    const { items } = (await client.call('GET', '/2025-09-09/managed-microvm-images/arn:aws:lambda:us-east-1:aws:microvm-image:al2023-1/versions')).body;
    expect(items.map((item: any) => item.supportedCpuConfigurations)).toEqual([
      [{ architecture: 'ARM_64' }], [{ architecture: 'ARM_64' }, { architecture: 'X86_64' }], undefined,
    ]);
    expect((await client.createImage('arm')).body.baseImageVersion).toBe('2.0');
    expect((await client.createImage('intel', X86_64)).body).toMatchObject({ baseImageVersion: '1.0', ...X86_64 });
    expect(await client.createImage('old', { ...X86_64, baseImageVersion: '0' }))
      .toMatchObject({ status: 400, body: { message: 'The base image version 0 does not support the CPU architectures [X86_64]' } });
  });

  test('a recalled base version is listed, but can no longer be requested', async () => {
    const client = new SimulatorClient();
    client.simulator.recallBaseVersion('1');
    const { items } = (await client.call('GET', '/2025-09-09/managed-microvm-images/arn:aws:lambda:us-east-1:aws:microvm-image:al2023-1/versions')).body;
    expect(items.map((item: any) => item.status)).toEqual(['RECALLED', 'AVAILABLE']);
    expect((await client.createImage('default')).body.baseImageVersion).toBe('0.0');
    expect(await client.createImage('recalled', { baseImageVersion: '1' })).toMatchObject({ status: 400, body: { message: 'Invalid base image version: 1' } });
  });
});

describe('customer managed keys', () => {
  test('the key of a version is returned by every operation that describes the version, until an update omits it', async () => {
    const client = new SimulatorClient();
    expect((await client.createImage('image', { kmsKeyIdentifier: KEY })).body.kmsKeyIdentifier).toBe(KEY);
    await client.settle();
    expect((await client.image('GET', 'image', '/versions/1.0')).body.kmsKeyIdentifier).toBe(KEY);
    expect((await client.image('GET', 'image', '/versions')).body.items[0].kmsKeyIdentifier).toBe(KEY);
    expect((await client.updateImage('image', { kmsKeyIdentifier: 'alias/other' })).body.kmsKeyIdentifier).toBe('alias/other');
    await client.settle();
    expect((await client.updateImage('image')).body).not.toHaveProperty('kmsKeyIdentifier');
  });

  test('the key of a launch is returned by RunMicrovm and GetMicrovm', async () => {
    const client = await withImage();
    const { body } = await client.runMicrovm('image', { kmsKeyIdentifier: KEY });
    expect(body.kmsKeyIdentifier).toBe(KEY);
    expect((await client.microvm('GET', body.microvmId)).body.kmsKeyIdentifier).toBe(KEY);
    expect((await client.runMicrovm('image')).body).not.toHaveProperty('kmsKeyIdentifier');
  });

  test('fails for a key of another Region, a key in a wrong form, and a key that the service cannot use', async () => {
    const client = await withImage(new SimulatorClient({ faults: { keyIsUnusable: key => key.endsWith('/disabled') } }));
    const foreign = KEY.replace('us-east-1', 'eu-west-1');
    expect(await client.runMicrovm('image', { kmsKeyIdentifier: foreign })).toMatchObject({ status: 400, body: { message: `The KMS key ${foreign} must be in the Region us-east-1` } });
    expect((await client.createImage('other', { kmsKeyIdentifier: 'not a key' })).body.message).toContain("at 'kmsKeyIdentifier' failed to satisfy constraint");
    const disabled = KEY.replace('1111-2222', 'disabled');
    expect(await client.createImage('other', { kmsKeyIdentifier: disabled }))
      .toMatchObject({ status: 400, errorType: 'ValidationException', body: { message: expect.stringContaining(`unable to use the KMS key provided: ${disabled}`) } });
  });

  test.each(['kms:DescribeKey', 'kms:GenerateDataKey', 'kms:Decrypt', 'kms:CreateGrant'])('fails if the caller lacks %s on the key', async missing => {
    const asked: string[] = [];
    const client = await withImage(new SimulatorClient({
      authorize: async (action, resource, context) => {
        if (action.startsWith('kms:')) asked.push(`${resource} ${context['kms:ViaService']} ${context['kms:GrantIsForAWSResource'] ?? 'false'}`);
        return action === missing ? `no ${action}` : undefined;
      },
    }));
    const denied = { status: 403, errorType: 'AccessDeniedException', body: { Message: `no ${missing}` } };
    expect(await client.createImage('other', { kmsKeyIdentifier: KEY })).toMatchObject(denied);
    expect(await client.updateImage('image', { kmsKeyIdentifier: KEY })).toMatchObject(denied);
    expect(await client.runMicrovm('image', { kmsKeyIdentifier: '1111-2222' })).toMatchObject(denied);
    expect(asked.at(-1)).toBe(`${KEY} lambda.us-east-1.amazonaws.com ${missing === 'kms:CreateGrant'}`);
    expect((await client.runMicrovm('image')).status).toBe(200);
  });
});

describe('elastic IPs of connectors', () => {
  const elastic = (more: object = {}) => ({ VpcEgressConfiguration: vpcEgress({ ElasticIpConfiguration: { Type: 'ServiceManaged' }, ...more }) });

  test('are part of the configuration, and a change creates a new version', async () => {
    const client = new SimulatorClient();
    const { Id } = (await client.createConnector('connector', { Configuration: elastic() })).body;
    await client.settle();
    expect((await client.connector('GET', Id)).body.Configuration.VpcEgressConfiguration.ElasticIpConfiguration).toEqual({ Type: 'ServiceManaged' });
    const update = async (ClientToken: string, Configuration: object) => {
      await client.connector('PUT', Id, '', { ClientToken, Configuration });
      await client.settle();
      return (await client.connector('GET', Id)).body.Version;
    };
    expect(await update('same', elastic())).toBe(1);
    expect(await update('none', elastic({ ElasticIpConfiguration: { Type: 'None' } }))).toBe(2);
    expect(await update('absent', elastic({ ElasticIpConfiguration: undefined }))).toBe(2);
    expect((await client.createConnector('wrong', { Configuration: elastic({ ElasticIpConfiguration: { Type: 'Own' } }) })).status).toBe(400);
  });

  test.each(['ec2:AllocateAddress', 'ec2:AssociateAddress'])('fails if the operator role lacks %s', async missing => {
    const client = new SimulatorClient({ faults: { operatorRoleLacks: (_role, action) => action === missing } });
    const message = 'Encountered unauthorized operation while calling EC2 due to invalid ConnectorOperatorRole permissions';
    expect(await client.createConnector('connector', { Configuration: elastic() }))
      .toMatchObject({ status: 400, errorType: 'InvalidParameterValueException', body: { message } });
    expect((await client.createConnector('without')).status).toBe(202);
  });

  test('fail after the answer if no internet gateway is attached, with a reason on the connector and on its version', async () => {
    const failure = { code: 'InternetGatewayNotAttached', reason: 'No internet gateway is attached to the VPC vpc-1' };
    const client = new SimulatorClient({ faults: { connector: () => ({ failure }) } });
    const { Id } = (await client.createConnector('connector', { Configuration: elastic() })).body;
    await client.settle();
    const reason = { StateReason: failure.reason, StateReasonCode: failure.code };
    expect((await client.connector('GET', Id)).body).toMatchObject({ State: 'FAILED', ...reason });
    expect((await client.connector('GET', Id, '/versions')).body.NetworkConnectorVersions).toMatchObject([{ State: 'FAILED', ...reason }]);
  });
});

describe('limits', () => {
  const ids = (count: number) => Array.from({ length: count }, (_, index) => `sg-${index}`);
  const groups = (count: number) => ({ Configuration: { VpcEgressConfiguration: vpcEgress({ SecurityGroupIds: ids(count) }) } });
  const variables = (count: number) => ({ environmentVariables: Object.fromEntries(ids(count).map(id => [id, '1'])) });

  test('an image can have 100 environment variables', async () => {
    const client = new SimulatorClient();
    expect((await client.createImage('most', variables(100))).status).toBe(201);
    expect((await client.createImage('more', variables(101))).status).toBe(400);
  });

  test('a connector accepts 16 security groups, but becomes active with only as many as EC2 allows on an interface', async () => {
    const client = new SimulatorClient();
    expect((await client.createConnector('more', groups(17))).status).toBe(400);
    const { Id } = (await client.createConnector('default-quota', groups(6))).body;
    await client.settle();
    expect((await client.connector('GET', Id)).body).toMatchObject({ State: 'FAILED', StateReasonCode: 'SecurityGroupsPerInterfaceLimitExceeded' });
    client.simulator.changeSettings({ limits: { securityGroupsPerInterface: 16 } });
    const raised = (await client.createConnector('raised-quota', groups(16))).body.Id;
    await client.settle();
    expect((await client.connector('GET', raised)).body.State).toBe('ACTIVE');
    client.simulator.changeSettings({ limits: { securityGroupsPerInterface: 5 } });
    await client.connector('PUT', raised, '', { ClientToken: 'fewer', ...groups(15) });
    await client.settle();
    expect((await client.connector('GET', raised)).body)
      .toMatchObject({ State: 'ACTIVE', LastUpdateStatus: 'Failed', LastUpdateStatusReasonCode: 'SecurityGroupsPerInterfaceLimitExceeded' });
  });
});
