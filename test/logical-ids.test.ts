import * as fs from 'fs';
import * as path from 'path';
import { Template } from 'aws-cdk-lib/assertions';
import { AllowedNetworkConnectors, MicrovmBuildRole, NetworkConnector, NetworkConnectorCatalog, NetworkConnectorGuardrail } from '../src';
import { testNetworkConnector } from './network/support';
import { testApp, testImage, testStack } from './support/constructs';

jest.mock('../src/private/bundle', () => jest.requireActual('./support/bundle'));
jest.setTimeout(60_000);

test('logical ids stay as they are: a resource can neither move to another service token nor be renamed', () => {
  const app = testApp({});
  const stack = testStack(app, 'Ids');
  testImage({ microvmImageName: 'sandbox' }, stack, 'Sandbox');
  testImage({}, stack, 'Second');
  const role = new MicrovmBuildRole(testStack(app, 'Roles'), 'Role', { microvmImageName: 'third' });
  testImage({ microvmImageName: 'third', buildRole: role }, stack, 'Third');

  const { connector } = testNetworkConnector({ securityGroups: undefined }, stack);
  new NetworkConnectorCatalog(stack, 'Catalog', { catalogName: 'platform' }).add('internal', connector);
  const allowed = AllowedNetworkConnectors.allOwn();
  expect(new NetworkConnectorGuardrail(stack, 'Guardrail', { allowed, networkTeamPath: '/team/', boundaryName: 'boundary' }).denyPolicy).toBeDefined();
  NetworkConnector.fromNetworkConnectorName(stack, 'Found', 'found');

  const { Resources: resources } = Template.fromStack(stack).toJSON();
  const ids = Object.fromEntries(Object.entries<{ Type: string }>(resources).map(([id, resource]) => [id, resource.Type]));
  const committed = JSON.parse(fs.readFileSync(path.join(__dirname, 'logical-ids.json'), 'utf8'));
  expect(ids).toEqual(committed);
});
