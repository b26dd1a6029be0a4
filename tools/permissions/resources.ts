import type { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import {
  Microvm, MicrovmCode, MicrovmEgress, MicrovmImage, MicrovmIngress, MicrovmLaunchCheck, MicrovmLauncher, MicrovmStateMachineFragment,
  NetworkConnector,
} from '../../src';
import { testApp, testStack } from '../../test/support/stacks';

/** Number of resources by type. */
type Types = Readonly<Record<string, number>>;

/** Logical IDs of the resources that all constructs of a stack share. */
const SHARED = /^CdkLambdaMicrovms/;

/** What a stack has more for each construct, as a table of docs/guides/limits.md. */
export function resourceTable(): string {
  const image = counted(stack => imageIn(stack));
  const launcher = counted(stack => launcherIn(stack));
  const besides = (make: (stack: Stack) => unknown, than: Types) => difference(than, counted(make));
  const rows: [string, Types][] = [
    ['shared by all constructs of a stack, once', besides(stack => imageIn(stack), counted(stack => imageIn(stack), SHARED))],
    ['`MicrovmImage`', counted(stack => imageIn(stack), SHARED)],
    ['`NetworkConnector`', counted(stack => connectorIn(stack), SHARED)],
    ['`MicrovmLauncher`', difference(image, launcher)],
    ['`Microvm`', besides(stack => new Microvm(stack, 'Microvm', { launcher: launcherIn(stack) }), launcher)],
    ['`MicrovmLaunchCheck`', besides(stack => new MicrovmLaunchCheck(stack, 'Check', { launcher: launcherIn(stack) }), launcher)],
    ['`MicrovmStateMachineFragment`, without its state machine', besides(workflowIn, launcher)],
  ];
  const line = (cells: string[]) => `| ${cells.join(' | ')} |`;
  return [
    line(['construct', 'resources', 'types']),
    line(['---', '--:', '---']),
    ...rows.map(([name, types]) => line([name, String(total(types)), inWords(types)])),
  ].join('\n');
}

function imageIn(stack: Stack): MicrovmImage {
  return new MicrovmImage(stack, 'Image', { code: MicrovmCode.fromInline('FROM scratch') });
}

function connectorIn(stack: Stack): NetworkConnector {
  const vpc = ec2.Vpc.fromVpcAttributes(stack, 'Vpc', { vpcId: 'vpc-0123456789abcdef1', availabilityZones: ['a'], privateSubnetIds: ['subnet-0123456789abcdef1'] });
  return new NetworkConnector(stack, 'Connector', { vpc });
}

function launcherIn(stack: Stack): MicrovmLauncher {
  return new MicrovmLauncher(stack, 'Launcher', { image: imageIn(stack), ingress: MicrovmIngress.http(), egress: MicrovmEgress.internet() });
}

function workflowIn(stack: Stack): void {
  const workflow = new MicrovmStateMachineFragment(stack, 'Workflow', { launcher: launcherIn(stack), body: new sfn.Pass(stack, 'Work') });
  new sfn.StateMachine(stack, 'Machine', { definitionBody: sfn.DefinitionBody.fromChainable(workflow) });
}

/** The resources of a stack, without a state machine and its role and policy, which belong to the user. */
function counted(make: (stack: Stack) => unknown, without = /^$/): Types {
  const stack = testStack(testApp());
  make(stack);
  const resources = Object.entries<any>(Template.fromStack(stack).toJSON().Resources).filter(([id]) => !without.test(id) && !id.startsWith('Machine'));
  return resources.reduce<Record<string, number>>((types, [, { Type: type }]) => ({ ...types, [type]: (types[type] ?? 0) + 1 }), {});
}

function difference(had: Types, has: Types): Types {
  return Object.fromEntries(Object.entries(has).map(([type, count]) => [type, count - (had[type] ?? 0)] as const).filter(([, count]) => count > 0));
}

function total(types: Types): number {
  return Object.values(types).reduce((sum, count) => sum + count, 0);
}

function inWords(types: Types): string {
  return Object.entries(types).map(([type, count]) => `${count > 1 ? `${count} ` : ''}\`${type}\``).join(', ');
}
