import type { IResolvable, IResolveContext } from 'aws-cdk-lib';
import { Reference, Stack, Token, Tokenization } from 'aws-cdk-lib';
import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type { IConstruct } from 'constructs';
import { environmentOf, placeOf, requireSameEnvironment } from '../private/environments';
import { ValidationError } from '../private/errors';

const CODE = 'NetworkConnectorCrossEnvironment';

/** What a connector or an operator role uses. */
export interface PlacementResources {
  readonly vpc?: ec2.IVpc;
  readonly subnets: ec2.ISubnetRef[];
  readonly securityGroups: ec2.ISecurityGroupRef[];
  readonly operatorRole?: iam.IRoleRef;
}

/** Throws if a part of the placement is in another account or Region than the construct. */
export function requirePlacementHere(scope: IConstruct, { vpc, subnets, securityGroups, operatorRole }: PlacementResources): void {
  if (vpc) requireSameEnvironment(scope, CODE, 'vpc', environmentOf(vpc), 'VPCs');
  const property = vpc ? 'vpcSubnets' : 'subnets';
  subnets.forEach(subnet => requireSameEnvironment(scope, CODE, property, environmentOf(subnet), 'subnets'));
  securityGroups.forEach(group => requireSameEnvironment(scope, CODE, 'securityGroups', environmentOf(group), 'security groups'));
  if (operatorRole) requireRoleHere(scope, 'operatorRole', operatorRole);
}

/** Throws if a role is in another account. Roles have no Region; see also `requireOperatorRoleHere`. */
export function requireRoleHere(scope: IConstruct, property: string, role: iam.IRoleRef): void {
  const { account } = environmentOf(role, role.roleRef.roleArn);
  requireSameEnvironment(scope, CODE, property, { account, region: '' }, 'roles');
}

/** Throws if an operator role of this library is for subnets of another Region: its policy contains the Region. */
export function requireOperatorRoleHere(scope: IConstruct, role: iam.IRole): void {
  requireSameEnvironment(scope, CODE, 'operatorRole', environmentOf(role), 'operator roles');
}

/** Throws if a construct cannot use a connector, because the connector is in another account or Region. */
export function requireConnectorHere(scope: IConstruct, property: string, connector: lambda.INetworkConnectorRef): void {
  const { networkConnectorArn: arn } = connector.networkConnectorRef;
  requireSameEnvironment(scope, CODE, property, environmentOf(connector, arn), 'network connectors');
  requireKnownArn(scope, property, connector);
}

/**
 * Throws if a construct needs the ARN of a connector that only another account or Region knows. An ARN in plain text is
 * known everywhere.
 */
export function requireKnownArn(scope: IConstruct, property: string, connector: lambda.INetworkConnectorRef): void {
  const arn = connector.networkConnectorRef.networkConnectorArn;
  if (Token.isUnresolved(arn) && isReference(arn)) requireReadable(scope, property, connector);
}

/**
 * Returns an attribute of a connector. In another account or Region, only a given value is known: without one, it
 * throws.
 *
 * aws-cdk-lib would make up an ARN with the name of the connector, but ARNs of connectors contain an ID.
 */
export function attributeInItsEnvironment(connector: IConstruct, property: string, attribute: Reference, elsewhere?: string): string {
  class Attribute extends Reference {
    public constructor() {
      super(attribute, attribute.target, attribute.displayName);
    }

    public override resolve(context: IResolveContext): IResolvable | string {
      if (isReadable(Stack.of(connector), Stack.of(context.scope))) return attribute;
      if (elsewhere === undefined || Token.isUnresolved(elsewhere)) requireReadable(context.scope, property, connector);
      return elsewhere!;
    }
  }
  return Token.asString(new Attribute());
}

function requireReadable(scope: IConstruct, property: string, connector: IConstruct): void {
  const [own, reader] = [Stack.of(connector), Stack.of(scope)];
  if (isReadable(own, reader)) return;
  throw new ValidationError(CODE,
    `${property}: ${connector.node.path} is in ${placeOf(own)}, and stack '${reader.node.path}' in ${placeOf(reader)}; `
    + 'the ARN contains an ID that is known only there; create a connector in this account and Region, or pass the ARN as text', scope);
}

/** Whether the CDK can pass values from one stack to another. */
function isReadable(from: Stack, to: Stack): boolean {
  return from.account === to.account && (from.region === to.region || to._crossRegionReferences);
}

function isReference(arn: string): boolean {
  return Reference.isReference(Tokenization.reverse(arn, { failConcat: false }));
}
