import { CfnResource, CfnStack, Stack } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { CfnStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import type { IConstruct } from 'constructs';
import { NETWORK_CONNECTOR_RESOURCE_TYPE } from '../contract/connector';
import { deploymentRoleArn } from '../private/deployment-role';
import { matchesWildcards } from '../private/wildcards';

/** The names of stacks, functions and state machines of a network team, as patterns for ARNs and tags. */
export interface NamePatterns {
  readonly stacks: string[];
  readonly functions: string[];
  /** Patterns of the names of state machines, and of their versions, aliases and executions. */
  readonly stateMachines: string[];
}

/** CloudFormation may cut longer parts of the names that it generates (names in public listings, November 2026). */
const UNCUT_STACK_NAME = 25;
const UNCUT_LOGICAL_ID = 24;

/** Longest name of a stack. */
const MAX_STACK_NAME = 128;

/** What CloudFormation appends to the name of a nested stack: a hyphen and a random part. */
const RANDOM_SUFFIX = 14;

/** The logical IDs of all functions that deploy resources of this library begin like this. */
const HANDLERS = 'CdkLambdaMicrovms';

const CONNECTORS = [NETWORK_CONNECTOR_RESOURCE_TYPE, lambda.CfnNetworkConnector.CFN_RESOURCE_TYPE_NAME];

const TEAM_PATH = Symbol.for('cdk-lambda-microvms.networkTeamPath');

/** A scope that may belong to a network team. */
type Marked = IConstruct & { [TEAM_PATH]?: string };

/** Records that everything in a scope belongs to the network team with this path. */
export function markAsTeams(scope: IConstruct, networkTeamPath: string): void {
  Object.defineProperty(scope, TEAM_PATH, { value: networkTeamPath, configurable: true });
}

/**
 * Returns all stacks of the app that belong to the network team with this path, are deployed with a role under the path
 * or create network connectors. Nested stacks are included.
 *
 * CloudFormation remembers the role with which a stack is deployed. Whoever may update the stack uses this role.
 */
export function stacksOfTeam(root: IConstruct, networkTeamPath: string): Stack[] {
  const isMarked = (scope: IConstruct) => (scope as Marked)[TEAM_PATH] === networkTeamPath;
  return root.node.findAll().filter(construct => Stack.isStack(construct))
    .filter(stack => stack.node.scopes.some(isMarked) || deploymentRoleArn(stack)?.includes(`:role${networkTeamPath}`)
      || CONNECTORS.some(type => resourcesOf(stack, type).length > 0));
}

/** Returns the paths of the scopes that contain the construct, from the outermost scope. */
export function pathsOfTeam(construct: IConstruct): string[] {
  return construct.node.scopes.flatMap(scope => (scope as Marked)[TEAM_PATH] ?? []);
}

/**
 * Returns the patterns of stacks.
 *
 * @param stacks stacks of the app.
 * @param otherStacks names of stacks that other apps may deploy. `*` and `?` are wildcards.
 * @param stateMachinePrefix the beginning of the names of state machines that have no name of their own.
 */
export function patternsOfTeam(stacks: readonly Stack[], otherStacks: readonly string[], stateMachinePrefix: string): NamePatterns {
  const own = stacks.filter(stack => !isCovered(stack, otherStacks));
  const named = stacks.flatMap(stateMachineNames).filter(name => !name.startsWith(stateMachinePrefix));
  return {
    stacks: unique([
      ...own.flatMap(stack => stack.nestedStackParent ? [] : [stack.stackName, ...nestedNames(stack)]),
      // The CDK puts this word into the logical ID of each nested stack.
      ...otherStacks.flatMap(name => [name, `${name}-*NestedStack*`]),
    ]),
    functions: unique([...own.flatMap(functionNames), ...otherStacks.map(name => functionName(name, HANDLERS))]),
    // Versions, aliases and executions have the name, and a colon after it.
    stateMachines: unique([`${stateMachinePrefix}*`, ...named.flatMap(name => [name, `${name}:*`])]),
  };
}

/** Whether one of the patterns matches the name of the stack, or of the stack in which it is nested. */
function isCovered({ nestedStackParent, stackName }: Stack, patterns: readonly string[]): boolean {
  if (nestedStackParent) return isCovered(nestedStackParent, patterns);
  return patterns.some(pattern => matchesWildcards(pattern, stackName));
}

/** Their names also cover the stacks that are nested in them. */
function nestedNames(stack: Stack): string[] {
  return resourcesOf(stack, CfnStack.CFN_RESOURCE_TYPE_NAME).map(({ logicalId }) => {
    const name = `${stack.stackName}-${stack.resolve(logicalId)}`;
    return `${name.length + RANDOM_SUFFIX > MAX_STACK_NAME ? name.slice(0, UNCUT_STACK_NAME) : name}*`;
  });
}

function functionNames(stack: Stack): string[] {
  const logicalIds = resourcesOf(stack, lambda.CfnFunction.CFN_RESOURCE_TYPE_NAME).map(({ logicalId }) => stack.resolve(logicalId) as string);
  const beginnings = logicalIds.map(id => id.startsWith(HANDLERS) ? HANDLERS : id);
  return beginnings.map(beginning => functionName(beginningOfName(stack), beginning));
}

function stateMachineNames(stack: Stack): string[] {
  return resourcesOf(stack, CfnStateMachine.CFN_RESOURCE_TYPE_NAME)
    .flatMap(resource => CfnStateMachine.isCfnStateMachine(resource) ? resource.stateMachineName ?? [] : []);
}

/** The random part of the name of a nested stack is not known. */
function beginningOfName(stack: Stack): string {
  const { nestedStackParent: parent, nestedStackResource: resource } = stack;
  if (!parent || !CfnResource.isCfnResource(resource)) return stack.stackName;
  return `${beginningOfName(parent)}-${parent.resolve(resource.logicalId)}-*`;
}

function functionName(stackName: string, logicalId: string): string {
  const stackPart = stackName.length > UNCUT_STACK_NAME ? `${stackName.slice(0, UNCUT_STACK_NAME)}*` : `${stackName}-`;
  return `${stackPart}${logicalId.slice(0, UNCUT_LOGICAL_ID)}*`;
}

function resourcesOf(stack: Stack, type: string): CfnResource[] {
  return stack.node.findAll().filter(child => CfnResource.isCfnResource(child))
    .filter(child => child.cfnResourceType === type && child.stack === stack);
}

function unique(texts: string[]): string[] {
  return [...new Set(texts)];
}
