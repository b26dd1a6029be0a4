import { Fn } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { CATALOG_PATH } from './catalog';
import type { Permission } from '../private/permissions';
import { PERMISSIONS } from '../private/permissions';

/** What belongs to a network team, as the statements of a guardrail name it. */
export interface TeamFacts {
  /** Starts and ends with a slash. */
  readonly path: string;
  /** Names and patterns of its stacks. */
  readonly stacks: string[];
  /** Patterns of the names of the functions of these stacks. */
  readonly functions: string[];
  /** Patterns of the names of all of its state machines. */
  readonly stateMachines: string[];
  /** Qualifiers of its bootstraps. */
  readonly qualifiers: string[];
  /** ARN patterns of the people of the team. */
  readonly people: string[];
  /** ARNs of the identity providers through which the team signs in. */
  readonly identityProviders: string[];
}

/** Input of the statements of a guardrail. */
export interface GuardrailFacts {
  readonly partition: string;
  /** ARNs of the connectors that developers may use; undefined: all connectors of the account. */
  readonly allowedArns?: string[];
  readonly managedConnectors: string[];
  readonly boundaryName: string;
  readonly team: TeamFacts;
}

/**
 * Returns the denies that all forms of a guardrail have. Regions and accounts are wildcards, because a policy of an
 * organization applies to all of them.
 */
export function guardrailDenies(facts: GuardrailFacts): iam.PolicyStatement[] {
  const { guardrail } = PERMISSIONS;
  const { partition, team } = facts;
  const connectors = `arn:${partition}:lambda:*:*:network-connector:`;
  const teamRoles = `arn:${partition}:iam::*:role${team.path}*`;
  const others = { ArnNotLike: { 'aws:PrincipalArn': teamRoles } };
  const deny = (sid: string, { actions }: Permission, resource: string, conditions: iam.Conditions = {}) =>
    new iam.PolicyStatement({ sid, effect: iam.Effect.DENY, actions, resources: [resource], conditions: { ...others, ...conditions } });

  return [
    new iam.PolicyStatement({
      sid: 'OnlyPublished',
      effect: iam.Effect.DENY,
      actions: guardrail.pass.actions,
      notResources: [
        // One entry covers a connector and its versions. The list cannot be split over two policies: each policy would
        // deny the connectors of the other one.
        ...facts.allowedArns?.map(arn => `${connectors}${idOf(arn)}*`) ?? [`${connectors}nc-*`],
        ...facts.managedConnectors.map(name => `arn:${partition}:lambda:*:aws:network-connector:aws-network-connector:${name}`),
      ],
    }),
    deny('NoChange', guardrail.change, '*'),
    deny('NoTags', guardrail.tags, `${connectors}*`),
    // The service sets this tag. Nobody else can set or remove it.
    deny('NoInterfaces', guardrail.interfaces, '*', { Null: { 'aws:ResourceTag/aws:lambda:networkConnectorId': 'false' } }),
    // Each resource belongs to one service, so one list of actions is enough for all. It saves room for connectors.
    new iam.PolicyStatement({
      sid: 'NetworkTeam',
      effect: iam.Effect.DENY,
      notActions: guardrail.team.actions,
      resources: teamResources(facts),
      // People of the team may assume its roles. They do everything else with these roles.
      conditions: { ArnNotLike: { 'aws:PrincipalArn': [teamRoles, ...team.people] } },
    }),
    ...team.stacks.length === 0 ? [] : [
      deny('NetworkTeamStacks', guardrail.tagged, '*', { StringLike: { 'aws:ResourceTag/aws:cloudformation:stack-name': team.stacks } }),
    ],
  ];
}

/** Returns the deny that keeps a policy under the path of the team on those to whom it is attached. */
export function keepPolicyAttached(partition: string, networkTeamPath: string): iam.PolicyStatement {
  return new iam.PolicyStatement({
    sid: 'KeepAttached',
    effect: iam.Effect.DENY,
    actions: PERMISSIONS.guardrail.detach.actions,
    resources: ['*'],
    conditions: { ArnLike: { 'iam:PolicyARN': `arn:${partition}:iam::*:policy${networkTeamPath}*` } },
  });
}

/** Returns the deny that keeps the account in its organization. Outside of it, no service control policy applies. */
export function stayInOrganization(): iam.PolicyStatement {
  return new iam.PolicyStatement({ sid: 'Stay', effect: iam.Effect.DENY, actions: PERMISSIONS.guardrail.leave.actions, resources: ['*'] });
}

/** IDs are unique in all accounts and Regions. Without the rest of the ARNs, more connectors fit into a policy. */
function idOf(arn: string): string {
  return Fn.select(6, Fn.split(':', arn));
}

function teamResources({ partition, boundaryName, team }: GuardrailFacts): string[] {
  const arn = (service: string, resource: string) => `arn:${partition}:${service}:${resource}`;
  return [
    arn('iam', `:*:role${team.path}*`),
    arn('iam', `:*:policy${team.path}*`),
    arn('iam', `:*:policy/${boundaryName}`),
    ...team.identityProviders,
    arn('ssm', `*:*:parameter${CATALOG_PATH}/*`),
    ...team.stacks.map(name => arn('cloudformation', `*:*:stack/${name}/*`)),
    ...team.functions.map(name => arn('lambda', `*:*:function:${name}`)),
    ...['stateMachine', 'execution'].flatMap(type => team.stateMachines.map(name => arn('states', `*:*:${type}:${name}`))),
    ...team.qualifiers.flatMap(qualifier => [
      arn('s3', `::cdk-${qualifier}-assets-*`),
      arn('ecr', `*:*:repository/cdk-${qualifier}-*`),
      arn('ssm', `*:*:parameter/cdk-bootstrap/${qualifier}/*`),
      // The next bootstrap uses the parameters of the stack again, such as the accounts that may deploy.
      arn('cloudformation', `*:*:stack/CDKToolkit-${qualifier}/*`),
    ]),
    // Whoever changes the provider of IAM Identity Center can sign in with every permission set.
    ...team.people.length === 0 ? [] : [arn('iam', ':*:saml-provider/AWSSSO_*')],
  ];
}

/**
 * Returns the other statements of a boundary: it allows what is not denied, and principals that have the boundary must
 * put it on every role and user that they create.
 */
export function boundaryStatements(partition: string, boundaryArn: string): iam.PolicyStatement[] {
  const { guardrail } = PERMISSIONS;
  const deny = (sid: string, { actions }: Permission, where: iam.PolicyStatementProps) =>
    new iam.PolicyStatement({ sid, effect: iam.Effect.DENY, actions, ...where });
  // No user has the default name, so a role creates credentials for nobody.
  const oneself = ['user/', 'user/*/'].map(path => `arn:${partition}:iam::*:${path}` + "${aws:username, 'no user'}");
  return [
    new iam.PolicyStatement({ sid: 'Bound', actions: guardrail.boundary.actions, resources: ['*'] }),
    deny('BoundaryOnRoles', guardrail.rolesWithoutBoundary, {
      resources: ['*'], conditions: { StringNotEquals: { 'iam:PermissionsBoundary': boundaryArn } },
    }),
    deny('KeepBoundary', guardrail.keepBoundary, { resources: ['*'] }),
    deny('OwnCredentials', guardrail.credentials, { notResources: oneself }),
  ];
}
