import * as iam from 'aws-cdk-lib/aws-iam';
import { CATALOG_PATH } from './catalog';
import type { Permission } from '../private/permissions';
import { PERMISSIONS } from '../private/permissions';

/** Input of the statements of a guardrail. */
export interface GuardrailFacts {
  readonly partition: string;
  /** ARNs of the connectors that developers may use; undefined: all connectors of the account. */
  readonly allowedArns?: string[];
  readonly managedConnectors: string[];
  /** Starts and ends with a slash. */
  readonly networkTeamPath: string;
  readonly networkTeamStacks: string[];
}

/**
 * Returns the denies that all forms of a guardrail have. Regions and accounts are wildcards, because a policy of an
 * organization applies to all of them.
 */
export function guardrailDenies(facts: GuardrailFacts): iam.PolicyStatement[] {
  const { guardrail } = PERMISSIONS;
  const { partition, networkTeamPath, networkTeamStacks } = facts;
  const connectors = `arn:${partition}:lambda:*:*:network-connector:`;
  const teamRoles = `arn:${partition}:iam::*:role${networkTeamPath}*`;
  const conditions = { ArnNotLike: { 'aws:PrincipalArn': teamRoles } };
  const deny = (sid: string, { actions }: Permission, resources: string[]) =>
    new iam.PolicyStatement({ sid, effect: iam.Effect.DENY, actions, resources, conditions });
  const denyAllBut = (sid: string, { actions: notActions }: Permission, resources: string[], otherConditions: iam.Conditions = {}) =>
    new iam.PolicyStatement({ sid, effect: iam.Effect.DENY, notActions, resources, conditions: { ...conditions, ...otherConditions } });

  return [
    new iam.PolicyStatement({
      sid: 'OnlyPublished',
      effect: iam.Effect.DENY,
      actions: guardrail.pass.actions,
      notResources: [
        // One entry covers a connector and its versions. The list cannot be split over two policies: each policy would
        // deny the connectors of the other one.
        ...facts.allowedArns?.map(arn => `${arn}*`) ?? [`${connectors}nc-*`],
        ...facts.managedConnectors.map(name => `arn:${partition}:lambda:*:aws:network-connector:aws-network-connector:${name}`),
      ],
    }),
    deny('NoChange', guardrail.change, ['*']),
    deny('NoTags', guardrail.tags, [`${connectors}*`]),
    denyAllBut('NetworkTeamRoles', guardrail.teamRoles, [teamRoles]),
    denyAllBut('Catalog', guardrail.catalog, [`arn:${partition}:ssm:*:*:parameter${CATALOG_PATH}/*`]),
    ...networkTeamStacks.length === 0 ? [] : [
      denyAllBut('NetworkTeamStacks', guardrail.teamStacks, networkTeamStacks.map(name => `arn:${partition}:cloudformation:*:*:stack/${name}/*`)),
      denyAllBut('NetworkTeamFunctions', guardrail.teamFunctions, networkTeamStacks.map(name => `arn:${partition}:lambda:*:*:function:${name}-*`)),
      // The name of a state machine does not contain the name of its stack.
      denyAllBut('NetworkTeamStateMachines', guardrail.teamStateMachines, [`arn:${partition}:states:*:*:*`],
        { StringLike: { 'aws:ResourceTag/aws:cloudformation:stack-name': networkTeamStacks } }),
    ],
  ];
}

/**
 * Returns the other statements of a boundary: it allows what is not denied, and principals that have the boundary must
 * put it on every role and user that they create.
 */
export function boundaryStatements(boundaryArn: string): iam.PolicyStatement[] {
  const { guardrail } = PERMISSIONS;
  const deny = (sid: string, { actions }: Permission, resource: string, conditions?: iam.Conditions) =>
    new iam.PolicyStatement({ sid, effect: iam.Effect.DENY, actions, resources: [resource], conditions });
  return [
    new iam.PolicyStatement({ sid: 'Bound', actions: guardrail.boundary.actions, resources: ['*'] }),
    deny('BoundaryOnRoles', guardrail.rolesWithoutBoundary, '*', { StringNotEquals: { 'iam:PermissionsBoundary': boundaryArn } }),
    deny('KeepBoundary', guardrail.keepBoundary, '*'),
    deny('KeepPolicy', guardrail.keepPolicy, boundaryArn),
  ];
}
