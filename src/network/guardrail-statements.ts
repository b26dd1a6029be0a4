import * as iam from 'aws-cdk-lib/aws-iam';
import { CATALOG_PATH } from './catalog-path';
import type { Permission } from '../private/permissions';
import { PERMISSIONS } from '../private/permissions';

/** What the statements of a guardrail are made of. */
export interface GuardrailFacts {
  readonly partition: string;
  /** Of connectors that may be used; undefined: all of the account. */
  readonly allowedArns?: string[];
  readonly managedConnectors: string[];
  /** Begins and ends with a slash. */
  readonly networkTeamPath: string;
  readonly networkTeamStacks: string[];
}

/** The denies that all outputs of a guardrail have. Regions and accounts are open: a policy of an organization is for all of them. */
export function guardrailDenies(facts: GuardrailFacts): iam.PolicyStatement[] {
  const { guardrail } = PERMISSIONS;
  const { partition, networkTeamPath, networkTeamStacks } = facts;
  const connectors = `arn:${partition}:lambda:*:*:network-connector:`;
  const teamRoles = `arn:${partition}:iam::*:role${networkTeamPath}*`;
  const conditions = { ArnNotLike: { 'aws:PrincipalArn': teamRoles } };
  const deny = (sid: string, { actions }: Permission, resources: string[]) =>
    new iam.PolicyStatement({ sid, effect: iam.Effect.DENY, actions, resources, conditions });
  const denyAllBut = (sid: string, { actions: notActions }: Permission, resources: string[], more: iam.Conditions = {}) =>
    new iam.PolicyStatement({ sid, effect: iam.Effect.DENY, notActions, resources, conditions: { ...conditions, ...more } });

  return [
    new iam.PolicyStatement({
      sid: 'OnlyPublished',
      effect: iam.Effect.DENY,
      actions: guardrail.pass.actions,
      notResources: [
        // One entry for a connector and its versions: a list of denies cannot be split over two policies, which would intersect.
        ...facts.allowedArns?.map(arn => `${arn}*`) ?? [`${connectors}nc-*`],
        ...facts.managedConnectors.map(name => `arn:${partition}:lambda:*:aws:network-connector:aws-network-connector:${name}`),
      ],
    }),
    deny('NoChange', guardrail.change, ['*']),
    deny('NoTags', guardrail.tags, [`${connectors}*`]),
    denyAllBut('NetworkTeamRoles', guardrail.teamRoles, [teamRoles]),
    denyAllBut('Catalogue', guardrail.catalog, [`arn:${partition}:ssm:*:*:parameter${CATALOG_PATH}/*`]),
    ...networkTeamStacks.length === 0 ? [] : [
      denyAllBut('NetworkTeamStacks', guardrail.teamStacks, networkTeamStacks.map(name => `arn:${partition}:cloudformation:*:*:stack/${name}/*`)),
      denyAllBut('NetworkTeamFunctions', guardrail.teamFunctions, networkTeamStacks.map(name => `arn:${partition}:lambda:*:*:function:${name}-*`)),
      // The names of state machines do not tell their stack.
      denyAllBut('NetworkTeamStateMachines', guardrail.teamStateMachines, [`arn:${partition}:states:*:*:*`],
        { StringLike: { 'aws:ResourceTag/aws:cloudformation:stack-name': networkTeamStacks } }),
    ],
  ];
}

/** What a boundary has besides: it lets through what is not denied, and stays on whatever its bearers make. */
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
