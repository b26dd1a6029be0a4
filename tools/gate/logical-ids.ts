/**
 * Writes test/logical-ids.json: the logical ID and type of every resource of a stack that has each construct.
 *
 *   tsx tools/gate/logical-ids.ts
 */
import { writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { Template } from 'aws-cdk-lib/assertions';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import { ROOT } from './repository';
import {
  AllowedNetworkConnectors, Microvm, MicrovmBuildRole, MicrovmEgress, MicrovmIngress, MicrovmLaunchCheck, MicrovmLauncher,
  MicrovmStateMachineFragment, NetworkConnector, NetworkConnectorCatalog, NetworkConnectorGuardrail,
} from '../../src';
import { testNetworkConnector } from '../../test/network/support';
import { testApp, testImage, testStack } from '../../test/support/stacks';

export function logicalIds(): Record<string, string> {
  const app = testApp({});
  const stack = testStack(app, 'Ids');
  const image = testImage({ microvmImageName: 'sandbox' }, stack, 'Sandbox');
  testImage({}, stack, 'Second');
  const role = new MicrovmBuildRole(testStack(app, 'Roles'), 'Role', { microvmImageName: 'third' });
  testImage({ microvmImageName: 'third', buildRole: role }, stack, 'Third');

  const { connector } = testNetworkConnector({ securityGroups: undefined }, stack);
  new NetworkConnectorCatalog(stack, 'Catalog', { catalogName: 'platform' }).add('internal', connector);
  const allowed = AllowedNetworkConnectors.allInAccount();
  // The guardrail creates its policies when they are read.
  void new NetworkConnectorGuardrail(stack, 'Guardrail', { allowed, networkTeamPath: '/team/', boundaryName: 'boundary' }).denyPolicy;
  NetworkConnector.fromNetworkConnectorName(stack, 'Found', 'found');

  const launcher = new MicrovmLauncher(stack, 'Launcher', { image, ingress: MicrovmIngress.http(), egress: MicrovmEgress.connector(connector) });
  new Microvm(stack, 'Shared', { launcher });
  new MicrovmLaunchCheck(stack, 'Check', { launcher });
  const workflow = new MicrovmStateMachineFragment(stack, 'Workflow', { launcher, body: new sfn.Pass(stack, 'Body') });
  new sfn.StateMachine(stack, 'Machine', { definitionBody: sfn.DefinitionBody.fromChainable(workflow) });

  const { Resources: resources } = Template.fromStack(stack).toJSON();
  return Object.fromEntries(Object.entries<{ Type: string }>(resources).map(([id, resource]) => [id, resource.Type]).sort());
}

if (require.main === module) writeFileSync(path.join(ROOT, 'test/logical-ids.json'), `${JSON.stringify(logicalIds(), undefined, 2)}\n`);
