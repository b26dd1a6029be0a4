import type { Duration } from 'aws-cdk-lib';
import { Stack, Token } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { ValidationError } from '../private/errors';
import type { Permission } from '../private/permissions';
import { PERMISSIONS } from '../private/permissions';

/**
 * Properties of a role that an external identity provider's tokens may assume.
 */
export interface WebIdentityLaunchRoleProps {
  /**
   * The identity provider in IAM: an L1, an L2 or an import, in the account of the stack.
   */
  readonly identityProvider: iam.IOIDCProviderRef;

  /**
   * The provider's issuer, with or without `https://`, for example `token.actions.githubusercontent.com`. It is part of the names of condition
   * keys, so it must be known at synth.
   */
  readonly issuer: string;

  /**
   * The audiences (`aud`) of tokens that are let in: at least one, each in full.
   */
  readonly audiences: string[];

  /**
   * The subjects (`sub`) of tokens that are let in: at least one. `*` and `?` stand for any characters, but only behind two whole parts: the
   * provider has subjects of everybody, and what comes first in them says whose one it is.
   *
   * `repo:acme/app:ref:refs/heads/main` and `repo:acme/app:*` are scoped, `repo:*` and `repo:acme*` are not: the latter would let in `repo:acme-evil/app`.
   */
  readonly subjects: string[];

  /**
   * The name of the role. A change replaces it.
   *
   * @default - a name that CloudFormation generates
   */
  readonly roleName?: string;

  /**
   * A description of the role. A change replaces nothing.
   *
   * @default - says that the role is for launches from outside
   */
  readonly description?: string;

  /**
   * How long a session may last: 1 to 12 hours. A change replaces nothing.
   *
   * @default Duration.hours(1)
   */
  readonly maxSessionDuration?: Duration;
}

const CODE = 'WebIdentityLaunchRoleInvalid';

/** What the grants of launchers give. */
const { imageGrants: { run, connect, shell, manage, manageList }, launcherGrants } = PERMISSIONS;
const LAUNCHER_PERMISSIONS: Permission[] = [run, connect, shell, manage, manageList, ...Object.values(launcherGrants)];
const LAUNCHER_ACTIONS = new Set(LAUNCHER_PERMISSIONS.flatMap(permission => permission.actions));

/**
 * A role for the way into launching: tokens of an external identity provider, such as that of a CI system, may assume it.
 *
 * Audience and subject are required, and what is not scoped is refused at synth. It carries grants of launchers and nothing else; whatever else is
 * added to it is refused.
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
      description: props.description ?? 'For launches of MicroVMs from outside of AWS',
      maxSessionDuration: props.maxSessionDuration,
    });
  }

  /**
   * Takes grants of launchers, and fails for anything else.
   */
  public override addToPrincipalPolicy(statement: iam.PolicyStatement): iam.AddToPrincipalPolicyResult {
    const other = statement.actions.filter(action => !LAUNCHER_ACTIONS.has(action));
    if (statement.effect === iam.Effect.ALLOW && (other.length > 0 || statement.notActions.length > 0 || statement.notResources.length > 0)) {
      throw this.refusal(other.length > 0 ? other.join(', ') : 'a statement about everything but something');
    }
    return super.addToPrincipalPolicy(statement);
  }

  /**
   * Fails: whatever it allows is no grant of a launcher.
   */
  public override addManagedPolicy(policy: iam.IManagedPolicy): void {
    throw this.refusal(`managed policy ${JSON.stringify(Stack.of(this).resolve(policy.managedPolicyArn))}`);
  }

  /**
   * Fails for any policy but the one that grants of launchers are in.
   */
  public override attachInlinePolicy(policy: iam.Policy): void {
    if (policy.node.scope !== this) throw this.refusal(`policy ${policy.node.path}`);
    super.attachInlinePolicy(policy);
  }

  private refusal(what: string): ValidationError {
    return new ValidationError('WebIdentityLaunchRoleOnlyLaunches', `${what}: this role takes grants of launchers and nothing else; make another role for it`, this);
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
  throw new ValidationError(CODE, `audiences: ${JSON.stringify(audiences)} is not scoped; name at least one, each in full and without * or ?`, scope);
}

function checkSubjects(scope: Construct, subjects: string[]): void {
  if (subjects.length > 0 && subjects.every(isScoped)) return;
  throw new ValidationError(CODE,
    `subjects: ${JSON.stringify(subjects)} is not scoped; name at least one, with * or ? only behind two whole parts, for example 'repo:acme/app:*'`, scope);
}

function isPattern(text: string): boolean {
  return !Token.isUnresolved(text) && /[*?]/.test(text);
}

/** Whole parts end with a colon or a slash. */
function isScoped(subject: string): boolean {
  if (!isPattern(subject)) return subject !== '';
  const whole = subject.slice(0, subject.search(/[*?]/)).split(/[:/]/).slice(0, -1);
  return whole.length >= 2 && whole.every(part => part !== '');
}
