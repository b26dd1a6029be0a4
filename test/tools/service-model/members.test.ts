import { readdirSync, readFileSync } from 'node:fs';
import * as path from 'node:path';
import type { Deployed } from './samples';
import { deployed, SAMPLES } from './samples';
import { LIMITS, Wire } from './wire';
import { NetworkConnectorResource } from '../../../src/handlers/connector/resource';
import { NetworkConnectorClient } from '../../../src/handlers/connector/service';
import { identityOf } from '../../../src/handlers/image/desired';
import { MicrovmImageResource } from '../../../src/handlers/image/resource';
import { BaseImageClient, MicrovmImageClient } from '../../../src/handlers/image/service';
import { desiredMicrovm } from '../../../src/handlers/microvm/desired';
import { MicrovmResource } from '../../../src/handlers/microvm/resource';
import { MicrovmClient } from '../../../src/handlers/microvm/service';
import { PERMISSIONS } from '../../../src/private/permissions';
import { MEMBERS, SERVICE_MODEL_FILE } from '../../../tools/service-model/members';
import { parse } from '../../../tools/service-model/text';
import * as connectors from '../../handlers/connector/inputs';
import { FakeClock, NOW, operation } from '../../handlers/engine/inputs';
import * as images from '../../handlers/image/inputs';
import * as microvms from '../../handlers/microvm/inputs';

jest.mock('../../../src/private/bundle', () => jest.requireActual('../../support/no-bundle'));

const MODEL = parse(readFileSync(SERVICE_MODEL_FILE, 'utf8'));
const HANDLERS = path.join(__dirname, '..', '..', '..', 'src', 'handlers');

/** Every member of the table with its operation. */
const ROWS = Object.entries(MEMBERS).flatMap(([name, settings]) =>
  Object.entries(settings).map(([member, setting]) => ({ operation: name, member, setting })));
const ROWS_BY_PROPERTY = ROWS.flatMap(({ operation: name, member, setting }) => 'setBy' in setting ? [{ operation: name, member, property: setting.setBy }] : []);

describe('the committed model and the table of members', () => {
  test('have the same operations: those that handlers call and those that grants allow', () => {
    expect(Object.keys(MEMBERS).sort()).toEqual([...new Set([...calledByHandlers(), ...grantedOperations()])].sort());
  });

  test.each(Object.keys(MEMBERS))('have the same input members of %s', name => {
    const members = MODEL.find(other => other.name === name)!.input.map(({ path: member }) => member);

    expect(Object.keys(MEMBERS[name]).sort()).toEqual([...members].sort());
  });

  test('have a reason, a value or a property for each member', () => {
    expect(ROWS.filter(({ setting }) => Object.values(setting).some(words => words === ''))).toEqual([]);
  });
});

describe('requests on the wire', () => {
  let first: Wire;

  beforeAll(async () => {
    first = await send(deployed());
  });

  test('are those of every operation that handlers call', () => {
    expect(first.operations.sort()).toEqual(calledByHandlers());
  });

  test('carry every member that the handler sets', () => {
    const missing = ROWS.filter(row => 'handler' in row.setting && first.values(row.operation, row.member).length === 0);

    expect(missing).toEqual([]);
  });

  test('carry no member that the table says nothing sets', () => {
    const sent = ROWS.filter(row => 'notSet' in row.setting && first.values(row.operation, row.member).length > 0);

    expect(sent).toEqual([]);
  });

  const properties = [...new Set(ROWS_BY_PROPERTY.map(({ property }) => property))];

  test.each(properties)('carry what %s sets, and change with it', async property => {
    const second = await send(deployed(property));

    for (const row of ROWS_BY_PROPERTY.filter(other => other.property === property)) {
      const [before, after] = [first, second].map(wire => wire.values(row.operation, row.member));
      expect({ ...row, isSent: before.length + after.length > 0 }).toEqual({ ...row, isSent: true });
      expect({ ...row, values: JSON.stringify(after) }).not.toEqual({ ...row, values: JSON.stringify(before) });
    }
  });

  test('are proven for each property with a sample', () => {
    const sampled = Object.entries(SAMPLES).flatMap(([of, pairs]) => Object.keys(pairs).map(name => `${of}.${name}`));

    expect(sampled.sort()).toEqual([...properties].sort());
  });
});

/** Finds the operations in the source: commands of the SDK's client, and methods of the hand-written client. */
function calledByHandlers(): string[] {
  const files = readdirSync(HANDLERS, { recursive: true, encoding: 'utf8' }).filter(file => file.endsWith('.ts'));
  const found = files.flatMap(file => {
    const text = readFileSync(path.join(HANDLERS, file), 'utf8');
    const imported = [...text.matchAll(/import \{([^}]*)\} from '@aws-sdk\/client-lambda-microvms'/g)].map(([, names]) => names).join();
    const methods = /class LambdaCoreClient\b/.test(text) ? [...text.matchAll(/^ {2}public async (\w)(\w+)\(/gm)].map(([, head, tail]) => head.toUpperCase() + tail) : [];
    return [...imported.matchAll(/\b(\w+)Command\b/g)].map(([, name]) => name).concat(methods);
  });
  return [...new Set(found)].sort();
}

/** Finds the operations that a permission names. A pattern like `lambda:Get*` is no reason to list operations. */
function grantedOperations(): string[] {
  const actions = Object.values(PERMISSIONS).flatMap(group => Object.values(group)).flatMap(permission => permission.actions);
  return MODEL.map(({ name }) => name).filter(name => actions.includes(`lambda:${name}`));
}

/** Calls every operation, with what the handlers make of the properties. */
async function send({ image, connector, microvm }: Deployed): Promise<Wire> {
  const wire = new Wire(MODEL);
  await sendImage(wire, image);
  await sendConnector(wire, connector);
  await sendMicrovm(wire, microvm);
  return wire;
}

async function sendImage(wire: Wire, properties: Deployed['image']): Promise<void> {
  const logs = { send: async () => ({}) };
  const service = new MicrovmImageClient(wire.client, logs as never, LIMITS);
  const event = { ...images.pollEvent(), ResourceProperties: properties, OldResourceProperties: undefined };
  const resource = new MicrovmImageResource(event, operation(), {
    clock: new FakeClock(), random: () => 0, baseImages: new BaseImageClient(wire.client, LIMITS), images: async () => service,
  });
  const { arn } = identityOf(event, properties);
  const baseImageVersion = properties.BaseImageVersion!;
  await resource.observe({ at: 'baseImage' } as never, resource.nothingObserved);
  await resource.apply({ do: 'create', arn, baseImageVersion } as never);
  await resource.apply({ do: 'build', arn, baseImageVersion, listed: [] } as never);
  await service.image(arn);
  await service.versions(arn);
  await service.microvms(arn, () => false);
  await service.failedBuilds(arn, '1.0');
  await service.setStatus(arn, '1.0', 'ACTIVE');
  await service.deleteVersion(arn, '1.0');
  await service.deleteImage(arn);
  await service.tag(arn, { team: 'one' });
  await service.untag(arn, ['team']);
}

async function sendConnector(wire: Wire, properties: Deployed['connector']): Promise<void> {
  const service = new NetworkConnectorClient(wire.client, LIMITS, new Map());
  const event = { ...connectors.pollEvent(), ResourceProperties: properties, OldResourceProperties: undefined };
  const resource = new NetworkConnectorResource(event, operation(), { clock: new FakeClock(), connectors: async () => service });
  const name = properties.ConnectorName;
  await resource.apply({ do: 'create', name } as never);
  const outdated = connectors.ours({ subnetIds: ['subnet-old'], networkProtocol: properties.NetworkProtocol });
  const update = resource.reconcile({ [name]: outdated });
  if (update.kind !== 'change' || update.change.do !== 'update') throw new Error(`the next step is no update, but ${JSON.stringify(update)}`);
  await resource.apply(update.change);
  await service.tags('arn');
  await service.versions('arn');
  await service.deleteConnector('arn');
}

async function sendMicrovm(wire: Wire, properties: Deployed['microvm']): Promise<void> {
  const service = Object.assign(new MicrovmClient(wire.client, LIMITS, new FakeClock()), { get: async () => 200 });
  const ledger = { launches: async () => [], record: async () => true, write: async () => undefined, forget: async () => undefined };
  const event = { ...microvms.pollEvent(), ResourceProperties: properties, OldResourceProperties: undefined };
  const services = { microvms: service, ledger, logs: { lastLines: async () => [] } };
  const resource = new MicrovmResource(event, operation(), { clock: new FakeClock(), launches: async () => services });
  const { request, fingerprint, roleArn, healthCheck } = desiredMicrovm(properties);
  await resource.apply({ do: 'launch', launch: { name: 'token', fingerprint, request, roleArn, launchedAt: NOW }, isNew: true });
  const microvm = { id: 'microvm-1', state: 'RUNNING', endpoint: 'endpoint.example', imageVersion: '1.0', observedAt: NOW };
  await resource.observe({ at: 'health', roleArn, microvm, check: healthCheck } as never, resource.nothingObserved);
  await service.microvm('microvm-1');
  await service.terminate('microvm-1');
  await service.list(request.imageIdentifier);
}
