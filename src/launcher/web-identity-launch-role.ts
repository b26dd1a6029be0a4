import type { Duration } from 'aws-cdk-lib';
import { Stack, Token } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { excessOf, trustIn, trustOf } from './launch-role-permissions';
import { checkAudiences, checkSubjects, hasWildcard } from './web-identity-subjects';
import { isThroughLambda } from '../private/encryption-key';
import { ValidationError } from '../private/errors';
import type { Permission } from '../private/permissions';
import { PERMISSIONS } from '../private/permissions';
import { checkProps, DURATION, having, pathOf, TEXT, TEXTS } from '../private/property-types';
import type { PropertyTypes } from '../private/property-types';

/**
 * Properties of a role that holders of tokens of an external identity provider can assume.
 */
export interface WebIdentityLaunchRoleProps {
  /**
   * The identity provider in IAM: an L1, an L2 or an imported one, in the account of the stack. Changing it replaces
   * nothing.
   */
  readonly identityProvider: iam.IOIDCProviderRef;

  /**
   * The issuer of the provider, with or without `https://`, for example `token.actions.githubusercontent.com`. Changing
   * it updates the trust policy and replaces nothing.
   *
   * It must be known at synth, because names of condition keys contain it.
   */
  readonly issuer: string;

  /**
   * The audiences (`aud`) of accepted tokens: at least one, without wildcards. Changing them updates the trust policy
   * and replaces nothing.
   */
  readonly audiences: string[];

  /**
   * The subjects (`sub`) of accepted tokens: at least one. Changing them updates the trust policy and replaces nothing.
   *
   * `*` and `?` are wildcards. They are valid only after two complete segments. A segment ends with a colon or a slash.
   * The first segments of a subject identify its owner, and the identity provider also issues tokens to other owners.
   * A token of the CDK, such as the value of a `CfnParameter`, is compared exactly, even if it contains a wildcard. One
   * subject cannot have both a token and a wildcard.
   *
   * For example, `repo:acme/app:ref:refs/heads/main` and `repo:acme/app:*` are valid. `repo:*` and `repo:acme*` are
   * not: the second one would accept `repo:acme-evil/app`. Neither are subjects without an owner, such as
   * `ref:refs/heads/main` or `environment:production:*`: every customer of the provider can have such tokens. In a
   * subject of Kubernetes, the namespace must be complete: `system:serviceaccount:builds:*`.
   */
  readonly subjects: string[];

  /**
   * The name of the role, unique in the account across all Regions. Changing it replaces the role.
   *
   * @default - a name that CloudFormation generates
   */
  readonly roleName?: string;

  /**
   * A description of the role. Changing it replaces nothing.
   *
   * @default - a description of the purpose of the role
   */
  readonly description?: string;

  /**
   * Maximum duration of a session: 1 to 12 hours. Changing it replaces nothing.
   *
   * @default Duration.hours(1)
   */
  readonly maxSessionDuration?: Duration;
}

const TYPES: PropertyTypes<WebIdentityLaunchRoleProps> = {
  identityProvider: having('an OpenID Connect provider', 'oidcProviderRef').required(),
  issuer: TEXT.required(),
  audiences: TEXTS.required(),
  subjects: TEXTS.required(),
  roleName: TEXT,
  description: TEXT,
  maxSessionDuration: DURATION,
};

/** The permissions that grants of launchers contain. */
const { encryptionKey, imageGrants: { run, connect, shell, manage, manageList }, launcherGrants } = PERMISSIONS;
const LAUNCHER_PERMISSIONS: Permission[] = [run, connect, shell, manage, manageList, ...Object.values(launcherGrants)];
const LAUNCHER_ACTIONS = new Set(LAUNCHER_PERMISSIONS.flatMap(permission => permission.actions));
const KEY_ACTIONS = new Set(Object.values<Permission>(encryptionKey).flatMap(permission => permission.actions));

/**
 * Role that holders of tokens of an external identity provider, such as a CI system, can assume to launch MicroVMs.
 *
 * Audience and subject are required, and synth rejects values that are not scoped (`WebIdentityLaunchRoleInvalid`).
 *
 * The role can have only the grants of launchers and of their images. Synth fails for any other permission that the
 * app gives it (`WebIdentityLaunchRoleOnlyLaunches`): in policies of any stack of the app that name the role, as a
 * principal in policies of resources, and in overrides. Synth also fails if something changes the trust policy
 * (`WebIdentityLaunchRoleTrustChanged`). Statements that deny are accepted.
 *
 * Synth cannot see what is attached outside of the app, or in another `Stage` of it. It also cannot see policies of
 * resources that permit something to all principals, or to the whole account.
 *
 * @resource AWS::IAM::Role
 *
 * @example
 * import type { aws_iam as iam, Stack } from 'aws-cdk-lib';
 * import type { MicrovmLauncher } from 'cdk-lambda-microvms';
 * import { WebIdentityLaunchRole } from 'cdk-lambda-microvms';
 *
 * declare const stack: Stack;
 * declare const github: iam.IOpenIdConnectProvider;
 * declare const launcher: MicrovmLauncher;
 *
 * const role = new WebIdentityLaunchRole(stack, 'Ci', {
 *   identityProvider: github,
 *   issuer: 'token.actions.githubusercontent.com',
 *   audiences: ['sts.amazonaws.com'],
 *   subjects: ['repo:acme/app:ref:refs/heads/main'],
 * });
 * launcher.grantLaunch(role);
 * launcher.grantConnect(role);
 */
export class WebIdentityLaunchRole extends iam.Role {
  public constructor(scope: Construct, id: string, props: WebIdentityLaunchRoleProps) {
    checkProps(pathOf(scope, id), props, TYPES);
    const issuer = issuerOf(scope, props.issuer);
    checkAudiences(scope, props.audiences);
    checkSubjects(scope, props.subjects);
    const principal = principalOf(issuer, props);
    super(scope, id, {
      assumedBy: principal,
      roleName: props.roleName,
      description: props.description ?? 'Launches MicroVMs from outside of AWS',
      maxSessionDuration: props.maxSessionDuration,
    });
    this.node.addValidation({ validate: () => this.errors(principal).map(error => error.message) });
  }

  /**
   * Accepts grants of launchers. Throws `WebIdentityLaunchRoleOnlyLaunches` for every other action that a statement
   * permits. The resources are checked at the end of synth, because they may belong to a launcher that does not exist
   * yet.
   */
  public override addToPrincipalPolicy(statement: iam.PolicyStatement): iam.AddToPrincipalPolicyResult {
    const other = statement.actions.filter(action => !LAUNCHER_ACTIONS.has(action) && !(KEY_ACTIONS.has(action) && isThroughLambda(this, statement)));
    if (statement.effect === iam.Effect.ALLOW && (other.length > 0 || statement.notActions.length > 0 || statement.notResources.length > 0)) {
      throw this.rejection(other.length > 0 ? other.join(', ') : 'a statement with NotAction or NotResource');
    }
    return super.addToPrincipalPolicy(statement);
  }

  /**
   * Throws `WebIdentityLaunchRoleOnlyLaunches`, because a managed policy is not a grant of a launcher.
   */
  public override addManagedPolicy(policy: iam.IManagedPolicy): void {
    throw this.rejection(`managed policy ${JSON.stringify(Stack.of(this).resolve(policy.managedPolicyArn))}`);
  }

  /**
   * Attaches the policy that contains the grants of launchers. Throws `WebIdentityLaunchRoleOnlyLaunches` for every
   * other policy.
   */
  public override attachInlinePolicy(policy: iam.Policy): void {
    if (policy.node.scope !== this) throw this.rejection(`policy ${policy.node.path}`);
    super.attachInlinePolicy(policy);
  }

  private rejection(what: string): ValidationError {
    return new ValidationError('WebIdentityLaunchRoleOnlyLaunches', `${what}: this role accepts only grants of launchers; use another role`, this);
  }

  private errors(principal: iam.PrincipalBase): ValidationError[] {
    const role = this.node.defaultChild;
    // Absent if Role.customizeRoles keeps the role out of the template.
    if (!iam.CfnRole.isCfnRole(role)) return [];
    const isTrustOurs = JSON.stringify(trustIn(role)) === JSON.stringify(trustOf(principal, role));
    return [
      ...excessOf(role).map(({ construct, what }) => this.rejection(`${construct.node.path}: ${what}`)),
      ...isTrustOurs ? [] : [new ValidationError('WebIdentityLaunchRoleTrustChanged',
        'assumeRolePolicy: the trust policy of this role was changed; only tokens with the given audiences and subjects may assume it; use another role, or deny statements', this)],
    ];
  }
}

/**
 * Returns a principal for tokens with these audiences and subjects.
 *
 * Subjects with wildcards have a statement of their own. A wildcard in the value of a token must stay an ordinary
 * character, and a request must meet all conditions of one statement.
 */
function principalOf(issuer: string, { identityProvider, audiences, subjects }: WebIdentityLaunchRoleProps): iam.PrincipalBase {
  const provider = identityProvider.oidcProviderRef.oidcProviderArn;
  const [aud, sub] = [`${issuer}:aud`, `${issuer}:sub`];
  const patterns = subjects.filter(hasWildcard);
  const others = subjects.filter(subject => !hasWildcard(subject));
  const exact = new iam.WebIdentityPrincipal(provider, { StringEquals: { [aud]: audiences, [sub]: others } });
  const like = new iam.WebIdentityPrincipal(provider, { StringEquals: { [aud]: audiences }, StringLike: { [sub]: patterns } });
  if (patterns.length === 0) return exact;
  return others.length === 0 ? like : new iam.CompositePrincipal(exact, like);
}

function issuerOf(scope: Construct, issuer: string): string {
  const host = issuer.replace(/^https:\/\//, '');
  if (Token.isUnresolved(issuer) || !/^[\w.-]+(\/[\w./-]*)?$/.test(host)) {
    throw new ValidationError('WebIdentityLaunchRoleInvalid', `issuer: '${issuer}' is not valid; use the host and path of the provider's issuer, known at synth`, scope);
  }
  return host;
}
