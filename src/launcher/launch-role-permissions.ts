import type { IFragmentConcatenator, IPostProcessor, IResolvable, IResolveContext } from 'aws-cdk-lib';
import { CfnOutput, CfnResource, DefaultTokenResolver, Reference, Stack, Stage, Tokenization } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { IConstruct } from 'constructs';
import { ANY_LAUNCHER } from './any-launcher';
import type { IMicrovmLauncher } from './launcher-interface';
import { MicrovmImageGrants } from '../image/grants';
import { viaService } from '../private/encryption-key';
import { granted } from '../private/grant';
import type { Permission } from '../private/permissions';
import { PERMISSIONS } from '../private/permissions';

/**
 * Finds what templates permit to a role: by policies that name it, in its own stack and in others, and by policies of
 * resources that name it as a principal. The properties are compared as the templates have them, so that L1s, overrides
 * and aspects count too.
 */

/** The role in resolved properties, in place of all references to it. */
const THE_ROLE = '<the WebIdentityLaunchRole>';

/** Policies that name roles: in `Roles`, or in `RoleName`. */
const POLICY_TYPES = ['AWS::IAM::Policy', 'AWS::IAM::ManagedPolicy', 'AWS::IAM::RolePolicy'];

const KEY_ACTIONS = Object.values<Permission>(PERMISSIONS.encryptionKey).flatMap(permission => permission.actions);

/** A construct that gives the role more than the grants of launchers. */
export interface Excess {
  readonly construct: IConstruct;
  /** What it permits. */
  readonly what: string;
}

interface Statement {
  readonly Effect?: unknown;
  readonly Action?: unknown;
  readonly NotAction?: unknown;
  readonly Resource?: unknown;
  readonly Principal?: unknown;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

interface Rendered {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, any>>;
}

/** Finds everything in the app that gives the role more than the grants of launchers. */
export function excessOf(role: iam.CfnRole): Excess[] {
  const constructs = (Stage.of(role) ?? role.node.root).node.findAll();
  const names = namesOf(role, constructs);
  return constructs.filter(construct => CfnResource.isCfnResource(construct)).flatMap(resource => {
    const rendered = renderedBy(resource, role);
    if (rendered === undefined) return [];
    const { Type: type, Properties: properties = {} } = rendered;
    const isNamed = (value: unknown) => names.some(name => name.isIn(value, resource));
    const isAttached = POLICY_TYPES.includes(type) && (isNamed(properties.Roles) || isNamed(properties.RoleName));
    const whats = [
      ...isAttached ? excessIn(properties.PolicyDocument, resource, role) : [],
      ...resource === role ? listOf(properties.Policies).flatMap(policy => excessIn(policy?.PolicyDocument, resource, role)) : [],
      ...resource === role ? listOf(properties.ManagedPolicyArns).map(arn => `managed policy ${textOf(arn)}`) : [],
      ...statementsNaming(properties, isNamed)
        .filter(statement => !(type === 'AWS::KMS::Key' && isUseOfKey(statement, role)))
        .map(({ Action: actions, NotAction: others }) => `its policy names the role as a principal${actions ?? others ? ` of ${textOf(actions ?? others)}` : ''}`),
    ];
    return whats.length === 0 ? [] : [{ construct: resource, what: whats.join(', ') }];
  });
}

/** A way to name a role in a template. */
interface RoleName {
  /** Whether a property of a resource names the role like this. */
  isIn(value: unknown, resource: CfnResource): boolean;
}

/**
 * Returns the ways in which templates may name the role: references (with or without a token), exports of outputs, and
 * the name that the app gives it.
 */
function namesOf(role: iam.CfnRole, constructs: IConstruct[]): RoleName[] {
  const stack = Stack.of(role);
  const id: string = stack.resolve(role.logicalId);
  const ownName = resolved(role.roleName, role, role);
  const exported = constructs.filter(construct => construct instanceof CfnOutput)
    .filter(output => textOf(resolved(output.value, output, role)).includes(THE_ROLE) && output.exportName !== undefined)
    .map(output => JSON.stringify({ 'Fn::ImportValue': resolved(output.exportName, output, role) }));
  const inOwnStack = [`{"Ref":"${id}"}`, `"Fn::GetAtt":["${id}",`, `"Fn::GetAtt":"${id}.`, `\${${id}}`, `\${${id}.`];
  const containing = (texts: string[]): RoleName => ({ isIn: value => texts.some(text => JSON.stringify(value ?? null).includes(text)) });
  return [
    containing([THE_ROLE, ...exported]),
    { isIn: (value, resource) => Stack.of(resource) === stack && containing(inOwnStack).isIn(value, resource) },
    ...ownName === undefined ? [] : [{ isIn: (value: unknown) => listOf(value).some(one => same(one, ownName)) || isArnOf(ownName, value) }],
  ];
}

/** Returns the trust policy of a role in its template, without denies. */
export function trustIn(role: iam.CfnRole): unknown[] {
  const statements: Statement[] = listOf(renderedBy(role, role)?.Properties?.AssumeRolePolicyDocument?.Statement);
  return statements.filter(({ Effect: effect }) => effect !== 'Deny');
}

/** Returns the statements of a trust policy as `trustIn` returns them. */
export function trustOf(principal: iam.PrincipalBase, role: iam.CfnRole): unknown[] {
  const document = new iam.PolicyDocument();
  principal.addToAssumeRolePolicy(document);
  return listOf(resolved(document, role, role).Statement);
}

/** Returns the permissions of a policy that no launcher of the app grants. */
function excessIn(document: any, scope: IConstruct, role: iam.CfnRole): string[] {
  const grants = grantsOfLaunchers(scope, role);
  if (document?.Statement === undefined) return ['a policy document whose statements only the deployment knows'];
  const statements: Statement[] = listOf(document.Statement);
  return statements.filter(({ Effect: effect }) => effect !== 'Deny').flatMap(statement => {
    const { Action: actions, Resource: resources } = statement;
    if (actions === undefined || resources === undefined) return ['a statement without Action and Resource'];
    return listOf(actions).flatMap(action => {
      const others = listOf(resources).filter(resource => !grants.some(grant => covers(grant, statement, action, resource)));
      return others.map(resource => `${textOf(action)} on ${textOf(resource)}`);
    });
  });
}

/** Whether a grant of a launcher permits the action on the resource under conditions that the statement has too. */
function covers(grant: Statement, { Condition: conditions = {} }: Statement, action: unknown, resource: unknown): boolean {
  return listOf(grant.Action).some(other => same(other, action))
    && listOf(grant.Resource).some(other => same(other, resource))
    && Object.entries(grant.Condition ?? {}).every(([operator, keys]) => Object.entries(keys)
      .every(([key, value]) => same(conditions[operator]?.[key], value)));
}

/** Returns what the launchers of the app and their images can grant, as the template of a scope would have it. */
function grantsOfLaunchers(scope: IConstruct, role: iam.CfnRole): Statement[] {
  const constructs: unknown[] = (Stage.of(role) ?? role.node.root).node.findAll();
  const isLauncher = (construct: unknown): construct is IMicrovmLauncher => ANY_LAUNCHER.isOn(construct);
  return constructs.filter(isLauncher).flatMap(launcher => granted(grantee => {
    launcher.grantLaunch(grantee);
    const image = MicrovmImageGrants.fromImage(launcher.image);
    image.connect(grantee);
    image.shell(grantee);
    image.manage(grantee);
  })).map(statement => resolved(statement.toStatementJson(), scope, role));
}

/**
 * Returns the statements of policies, and the permissions of functions, that permit something to the role: as their
 * principal, or by a condition on the principal. Denies permit nothing.
 */
function statementsNaming(value: unknown, isNamed: (value: unknown) => boolean): Statement[] {
  if (value === null || typeof value !== 'object') return [];
  const { Effect: effect, Principal: principal, Condition: conditions = {} } = value as Statement;
  const permits = principal !== undefined && effect !== 'Deny';
  const isFound = permits && (isNamed(principal) || Object.entries(conditions).some(([operator, keys]) => !operator.includes('Not') && isNamed(keys)));
  return [...isFound ? [value as Statement] : [], ...Object.values(value).flatMap(member => statementsNaming(member, isNamed))];
}

/** Whether a statement of a key policy lets the role use the key through Lambda, as grants of launchers do. */
function isUseOfKey({ Action: actions, Condition: conditions = {} }: Statement, role: iam.CfnRole): boolean {
  const throughLambda = Object.entries(resolved(viaService(role, 'lambda'), role, role));
  return actions !== undefined
    && listOf(actions).every(action => KEY_ACTIONS.includes(action))
    && throughLambda.every(([key, value]) => same(conditions.StringEquals?.[key], value));
}

function isArnOf(name: unknown, principal: unknown): boolean {
  return [...JSON.stringify(principal ?? null).matchAll(/:role\/([^"]*)"/g)].some(([, path]) => path.split('/').pop() === name);
}

/** Returns a resource as the template has it. Undefined if the template does not have it. */
function renderedBy(resource: CfnResource, role: iam.CfnRole): Rendered | undefined {
  // The method is public, but not in the declarations.
  const element = (resource as unknown as { _toCloudFormation(): object })._toCloudFormation();
  return Object.values<Rendered>(resolved(element, resource, role).Resources ?? {})[0];
}

function resolved(value: unknown, scope: IConstruct, role: iam.CfnRole): any {
  return Tokenization.resolve(value, { scope, resolver: new RoleMarker(role) });
}

/** Replaces references to a role by a text. In other stacks they would be imports or parameters. */
class RoleMarker extends DefaultTokenResolver {
  public constructor(private readonly role: iam.CfnRole) {
    super(new Joined());
  }

  public override resolveToken(token: IResolvable, context: IResolveContext, postProcessor: IPostProcessor): any {
    if (Reference.isReference(token) && token.target === this.role) return THE_ROLE;
    return super.resolveToken(token, context, postProcessor);
  }
}

/** Keeps the parts of a text that are known at deployment only. */
class Joined implements IFragmentConcatenator {
  public join(left: any | undefined, right: any | undefined): any {
    if (left === undefined) return right;
    if (right === undefined) return left;
    return typeof left === 'string' && typeof right === 'string' ? left + right : { 'Fn::Join': ['', [left, right]] };
  }
}

function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function listOf(value: unknown): any[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value : [value];
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
