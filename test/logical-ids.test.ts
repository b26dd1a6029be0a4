import * as fs from 'fs';
import * as path from 'path';
import { Template } from 'aws-cdk-lib/assertions';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import {
  AllowedNetworkConnectors, Microvm, MicrovmBuildRole, MicrovmEgress, MicrovmIngress, MicrovmLaunchCheck, MicrovmLauncher, MicrovmStateMachineFragment,
  NetworkConnector, NetworkConnectorCatalog, NetworkConnectorGuardrail,
} from '../src';
import { testNetworkConnector } from './network/support';
import { testApp, testImage, testStack } from './support/stacks';

jest.mock('../src/private/bundle', () => jest.requireActual('./support/no-bundle'));

test('logical ids stay as they are: a resource can neither move to another service token nor be renamed', () => {
  const app = testApp({});
  const stack = testStack(app, 'Ids');
  const image = testImage({ microvmImageName: 'sandbox' }, stack, 'Sandbox');
  testImage({}, stack, 'Second');
  const role = new MicrovmBuildRole(testStack(app, 'Roles'), 'Role', { microvmImageName: 'third' });
  testImage({ microvmImageName: 'third', buildRole: role }, stack, 'Third');

  const { connector } = testNetworkConnector({ securityGroups: undefined }, stack);
  new NetworkConnectorCatalog(stack, 'Catalog', { catalogName: 'platform' }).add('internal', connector);
  const allowed = AllowedNetworkConnectors.allInAccount();
  expect(new NetworkConnectorGuardrail(stack, 'Guardrail', { allowed, networkTeamPath: '/team/', boundaryName: 'boundary' }).denyPolicy).toBeDefined();
  NetworkConnector.fromNetworkConnectorName(stack, 'Found', 'found');

  const launcher = new MicrovmLauncher(stack, 'Launcher', { image, ingress: MicrovmIngress.http(), egress: MicrovmEgress.connector(connector) });
  new Microvm(stack, 'Shared', { launcher });
  new MicrovmLaunchCheck(stack, 'Check', { launcher });
  const workflow = new MicrovmStateMachineFragment(stack, 'Workflow', { launcher, body: new sfn.Pass(stack, 'Body') });
  new sfn.StateMachine(stack, 'Machine', { definitionBody: sfn.DefinitionBody.fromChainable(workflow) });

  const { Resources: resources } = Template.fromStack(stack).toJSON();
  const ids = Object.fromEntries(Object.entries<{ Type: string }>(resources).map(([id, resource]) => [id, resource.Type]));
  const committed = JSON.parse(fs.readFileSync(path.join(__dirname, 'logical-ids.json'), 'utf8'));
  expect(ids).toEqual(committed);
});
