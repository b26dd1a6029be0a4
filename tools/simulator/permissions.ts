import { connectorArn, keyArn, managedConnectorArn } from './arns';
import type { Operation } from './model';
import type { Input, World } from './world';

/** One permission that the caller of an operation needs. */
export interface Permission {
  readonly action: string;
  readonly resource: string;
  readonly context: Readonly<Record<string, string | readonly string[]>>;
  /** Denials of actions that are only implied come without a message. */
  readonly implied?: boolean;
}

/** Returns why a caller may not perform an action; undefined if the caller may. */
export type Authorize = (action: string, resource: string, context: Permission['context'], caller: string) => Promise<string | undefined>;

/** The permissions of a call, according to the service authorization reference and measurements. */
export function permissionsOf(world: World, operation: Operation, input: Input): Permission[] {
  return [
    ...ownPermission(world, operation, input),
    ...passedRoles(input),
    ...passedConnectors(world, operation, input),
    ...taggingOnCreate(operation, input),
    ...usedKey(world, input),
  ];
}

function ownPermission(world: World, operation: Operation, input: Input): Permission[] {
  // Nothing is authorized for a MicroVM that does not exist, because its image is not known.
  if (input.microvmIdentifier !== undefined && world.microvms.get(input.microvmIdentifier) === undefined) return [];
  const resource = resourceOf(world, operation, input);
  return [{ action: `lambda:${operation.name}`, resource, context: { ...contextOf(operation, input), ...resourceTags(world, resource) } }];
}

function resourceTags(world: World, resource: string): Permission['context'] {
  const tags = (world.images.get(resource) ?? world.connectors.list().find(({ arn }) => arn === resource))?.tags ?? {};
  return Object.fromEntries(Object.entries(tags).map(([key, value]) => [`aws:ResourceTag/${key}`, value]));
}

function resourceOf(world: World, operation: Operation, input: Input): string {
  switch (operation.name) {
    case 'ListMicrovmImages':
    case 'ListManagedMicrovmImages':
    case 'ListMicrovms':
    case 'ListNetworkConnectors':
    case 'CreateMicrovmImage':
      return '*';
    case 'CreateNetworkConnector':
      return connectorArn(world, '*');
    default:
      // There is no resource type for MicroVMs: IAM authorizes calls on the image.
      return world.microvms.get(input.microvmIdentifier)?.imageArn ?? input.imageIdentifier ?? input.Resource ?? connectorOf(world, input.Identifier) ?? '*';
  }
}

function connectorOf(world: World, identifier: string | undefined): string | undefined {
  const connector = world.connectors.list().find(({ id, name, arn }) => identifier === id || identifier === name || identifier?.startsWith(arn));
  if (connector !== undefined || identifier === undefined) return connector?.arn;
  return identifier.startsWith('arn:') ? identifier : connectorArn(world, identifier);
}

function contextOf(operation: Operation, input: Input): Permission['context'] {
  const tags: Record<string, string> | undefined = input.tags ?? input.Tags;
  const network = operation.name === 'CreateNetworkConnector' ? input.Configuration?.VpcEgressConfiguration : undefined;
  return {
    ...(tags === undefined ? {} : { 'aws:TagKeys': Object.keys(tags) }),
    ...Object.fromEntries(Object.entries(tags ?? {}).map(([key, value]) => [`aws:RequestTag/${key}`, value])),
    ...(input.TagKeys === undefined ? {} : { 'aws:TagKeys': input.TagKeys }),
    ...(network?.SubnetIds === undefined ? {} : { 'lambda:SubnetIds': network.SubnetIds }),
    ...(network?.SecurityGroupIds === undefined ? {} : { 'lambda:SecurityGroupIds': network.SecurityGroupIds }),
  };
}

/** No service is named: on live AWS, a policy with a condition on iam:PassedToService does not match. */
function passedRoles(input: Input): Permission[] {
  const roles: (string | undefined)[] = [input.buildRoleArn, input.executionRoleArn, input.OperatorRole];
  return roles.filter(role => role !== undefined).map(role => ({ action: 'iam:PassRole', resource: role, context: {} }));
}

/** Connectors that are attached by default are passed too. */
function passedConnectors(world: World, operation: Operation, input: Input): Permission[] {
  if (!['RunMicrovm', 'CreateMicrovmImage', 'UpdateMicrovmImage'].includes(operation.name)) return [];
  const egress: string[] = input.egressNetworkConnectors ?? [managedConnectorArn(world, 'INTERNET_EGRESS')];
  const ingress: string[] = operation.name === 'RunMicrovm' ? input.ingressNetworkConnectors ?? [managedConnectorArn(world, 'HTTP_INGRESS')] : [];
  return [...egress, ...ingress].map(resource => ({ action: 'lambda:PassNetworkConnector', resource, context: {} }));
}

/**
 * "You must have permission to use the key." Which actions that means is not known. These are the documented ones for
 * services that encrypt with a key of the caller.
 */
function usedKey(world: World, input: Input): Permission[] {
  if (input.kmsKeyIdentifier === undefined) return [];
  const resource = keyArn(world, input.kmsKeyIdentifier);
  const context = { 'kms:ViaService': `lambda.${world.region}.${world.region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com'}` };
  return [
    { action: 'kms:DescribeKey', resource, context },
    { action: 'kms:GenerateDataKey', resource, context },
    { action: 'kms:Decrypt', resource, context },
    { action: 'kms:CreateGrant', resource, context: { ...context, 'kms:GrantIsForAWSResource': 'true' } },
  ];
}

function taggingOnCreate(operation: Operation, input: Input): Permission[] {
  const creates = operation.name === 'CreateMicrovmImage' || operation.name === 'CreateNetworkConnector';
  if (!creates || (input.tags ?? input.Tags) === undefined) return [];
  return [{ action: 'lambda:TagResource', resource: '*', context: contextOf(operation, input), implied: true }];
}
