import type { Duration } from 'aws-cdk-lib';
import { Stack, Token } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { isThroughLambda } from '../private/encryption-key';
import { ValidationError } from '../private/errors';
import type { Permission } from '../private/permissions';
import { PERMISSIONS } from '../private/permissions';

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
   *
   * For example, `repo:acme/app:ref:refs/heads/main` and `repo:acme/app:*` are valid. `repo:*` and `repo:acme*` are
   * not: the second one would accept `repo:acme-evil/app`.
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

const CODE = 'WebIdentityLaunchRoleInvalid';

/** The permissions that grants of launchers contain. */
const { encryptionKey, imageGrants: { run, connect, shell, manage, manageList }, launcherGrants } = PERMISSIONS;
const LAUNCHER_PERMISSIONS: Permission[] = [run, connect, shell, manage, manageList, ...Object.values(launcherGrants)];
const LAUNCHER_ACTIONS = new Set(LAUNCHER_PERMISSIONS.flatMap(permission => permission.actions));
const KEY_ACTIONS = new Set(Object.values<Permission>(encryptionKey).flatMap(permission => permission.actions));

/**
 * Role that holders of tokens of an external identity provider, such as a CI system, can assume to launch MicroVMs.
 *
 * Audience and subject are required, and synth rejects values that are not scoped (`WebIdentityLaunchRoleInvalid`). The
 * role accepts grants of launchers and nothing else.
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
    const issuer = issuerOf(scope, props.issuer);
    checkAudiences(scope, props.audiences);
    checkSubjects(scope, props.subjects);
    const hasPatterns = props.subjects.some(isPattern);
    const subjects = { [`${issuer}:sub`]: props.subjects };
    const audiences = { [`${issuer}:aud`]: props.audiences };
    super(scope, id, {
      assumedBy: new iam.WebIdentityPrincipal(props.identityProvider.oidcProviderRef.oidcProviderArn, hasPatterns
        ? { StringEquals: audiences, StringLike: subjects }
        : { StringEquals: { ...audiences, ...subjects } }),
      roleName: props.roleName,
      description: props.description ?? 'Launches MicroVMs from outside of AWS',
      maxSessionDuration: props.maxSessionDuration,
    });
  }

  /**
   * Accepts grants of launchers. Throws `WebIdentityLaunchRoleOnlyLaunches` for every other statement that permits
   * something.
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
}

function issuerOf(scope: Construct, issuer: string): string {
  const host = issuer.replace(/^https:\/\//, '');
  if (Token.isUnresolved(issuer) || !/^[\w.-]+(\/[\w./-]*)?$/.test(host)) {
    throw new ValidationError(CODE, `issuer: '${issuer}' is not valid; use the host and path of the provider's issuer, known at synth`, scope);
  }
  return host;
}

function checkAudiences(scope: Construct, audiences: string[]): void {
  if (audiences.length > 0 && !audiences.some(audience => audience === '' || isPattern(audience))) return;
  throw new ValidationError(CODE, `audiences: ${JSON.stringify(audiences)} is not scoped; use at least one complete name, without * or ?`, scope);
}

function checkSubjects(scope: Construct, subjects: string[]): void {
  if (subjects.length > 0 && subjects.every(isScoped)) return;
  throw new ValidationError(CODE,
    `subjects: ${JSON.stringify(subjects)} is not scoped; use at least one, with * or ? only after two complete segments, such as 'repo:acme/app:*'`,
    scope);
}

function isPattern(text: string): boolean {
  return !Token.isUnresolved(text) && /[*?]/.test(text);
}

/** Whether a subject has no wildcard, or two complete segments before it. Segments end with a colon or a slash. */
function isScoped(subject: string): boolean {
  if (!isPattern(subject)) return subject !== '';
  const complete = subject.slice(0, subject.search(/[*?]/)).split(/[:/]/).slice(0, -1);
  return complete.length >= 2 && complete.every(segment => segment !== '');
}
