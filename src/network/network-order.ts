import type { CustomResource } from 'aws-cdk-lib';
import { Stack, Stage } from 'aws-cdk-lib';
import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type { IConstruct } from 'constructs';
import type { ConnectorNetwork } from './connector-network';
import { isEgressRule, isEndpoint, isOfType, isSameId, networkOf } from './connector-network';
import { waitForFound } from '../private/acyclic-dependencies';
import { outermost, stacksAround } from '../private/stacks';

/** The outermost stacks with resources whose egress is a connector. */
const stacksThatGoOut = new WeakSet<Stack>();

/**
 * Lets a resource wait for the network of a connector: for the rules of its security groups, and for the endpoints
 * of its VPC. The connector itself waits for routes.
 *
 * Rules may be added until synth, so they are looked up then. If they are in the stack of the resource or in a stack in
 * which it is nested, the resource depends on them. If another stack has such rules, the stack of the resource depends
 * on that stack. There are two exceptions: a circular dependency, and a stack that has such resources of its own, whose
 * rules serve these resources.
 */
export function waitForNetwork(resource: CustomResource, connector: lambda.INetworkConnectorRef): void {
  const stack = outermost(Stack.of(resource));
  stacksThatGoOut.add(stack);
  waitForFound(resource, () => partsAround(resource, networkOf(connector)));
  resource.node.addValidation({
    validate: () => {
      stacksWithNetwork(resource, networkOf(connector))
        .filter(other => !stacksThatGoOut.has(other) && !dependsOn(stack, other) && !dependsOn(other, stack))
        .forEach(other => stack.addStackDependency(other, `the network of ${resource.node.path}`));
      return [];
    },
  });
}

/** Returns the rules and endpoints in the stack of a resource and in the stacks around it. */
function partsAround(resource: IConstruct, network: ConnectorNetwork): IConstruct[] {
  return stacksAround(Stack.of(resource))
    .flatMap(stack => stack.node.findAll().filter(other => Stack.of(other) === stack && isPartOf(other, network)));
}

/** Returns the other outermost stacks, in the stage of the resource, that have rules or endpoints. */
function stacksWithNetwork(resource: IConstruct, network: ConnectorNetwork): Stack[] {
  const stage = Stage.of(resource);
  if (!stage) return [];
  const parts = stage.node.findAll().filter(other => isPartOf(other, network) && Stage.of(other) === stage);
  const stacks = new Set(parts.map(other => outermost(Stack.of(other))));
  stacks.delete(outermost(Stack.of(resource)));
  return [...stacks];
}

function isPartOf(resource: IConstruct, { vpcId, securityGroupIds }: ConnectorNetwork): boolean {
  return isEgressRule(resource, securityGroupIds) || isEndpoint(resource, vpcId) || admits(resource, securityGroupIds);
}

/** Whether a resource is an ingress rule that admits one of these security groups elsewhere. */
function admits(resource: IConstruct, securityGroupIds: string[]): boolean {
  return isOfType<ec2.CfnSecurityGroupIngress>(resource, 'AWS::EC2::SecurityGroupIngress')
    && securityGroupIds.some(id => isSameId(id, resource.sourceSecurityGroupId));
}

/** Whether a stack depends on another one, directly or not. */
function dependsOn(stack: Stack, other: Stack, seen = new Set<Stack>()): boolean {
  if (stack === other) return true;
  if (seen.has(stack)) return false;
  seen.add(stack);
  return stack.dependencies.some(next => dependsOn(next, other, seen));
}
