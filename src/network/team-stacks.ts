import { CfnResource, CfnStack, Stack } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import type { IConstruct } from 'constructs';
import { NETWORK_CONNECTOR_RESOURCE_TYPE } from '../contract/connector';

/** The names of stacks and functions of a network team, as patterns for ARNs and tags. */
export interface NamePatterns {
  readonly stacks: string[];
  readonly functions: string[];
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

/** Records that everything in a scope belongs to the network team with this path. */
export function markAsTeams(scope: IConstruct, networkTeamPath: string): void {
  Object.defineProperty(scope, TEAM_PATH, { value: networkTeamPath, configurable: true });
}

/**
 * Returns all stacks of the app that belong to the network team with this path or create network connectors. Nested
 * stacks are included.
 */
export function stacksOfTeam(root: IConstruct, networkTeamPath: string): Stack[] {
  const isMarked = (scope: IConstruct) => (scope as IConstruct & { [TEAM_PATH]?: string })[TEAM_PATH] === networkTeamPath;
  return root.node.findAll().filter(construct => Stack.isStack(construct))
    .filter(stack => stack.node.scopes.some(isMarked) || CONNECTORS.some(type => resourcesOf(stack, type).length > 0));
}

/** Returns the patterns of stacks that are in the app. */
export function patternsOf(stacks: readonly Stack[]): NamePatterns {
  return {
    stacks: unique(stacks.flatMap(stack => stack.nestedStackParent ? [] : [stack.stackName, ...nestedNames(stack)])),
    functions: unique(stacks.flatMap(functionNames)),
  };
}

/** Returns the patterns of stacks that another app may deploy, as far as their names tell. */
export function patternsOfNames(stackNames: readonly string[]): NamePatterns {
  return {
    // The CDK puts this word into the logical ID of each nested stack.
    stacks: stackNames.flatMap(name => [name, `${name}-*NestedStack*`]),
    functions: stackNames.map(name => functionName(name, HANDLERS)),
  };
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
