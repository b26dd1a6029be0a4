import { Aspects, CfnResource, DefaultStackSynthesizer, Stack, Token } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { CfnStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import type { IConstruct } from 'constructs';
import { Construct } from 'constructs';
import type { AllowedNetworkConnectors } from './allowed-connectors';
import { ALLOWED_CONNECTORS, ManagedNetworkConnector } from './allowed-connectors';
import { checkConnectorArn } from './connector-arn';
import { encryptDeployments } from './encrypt-deployments';
import type { GuardrailFacts, TeamFacts } from './guardrail-statements';
import { boundaryStatements, guardrailDenies, keepPolicyAttached, stayInOrganization } from './guardrail-statements';
import { checkPermissionSets, permissionSetArns } from './permission-sets';
import { forbidOtherBootstraps } from './shared-bootstrap';
import { nameStateMachine, stateMachinePrefix } from './team-names';
import { checkNetworkTeamPath } from './team-path';
import { markAsTeams, pathsOfTeam, patternsOfTeam, stacksOfTeam } from './team-stacks';
import { NetworkTeamSynthesizer } from './team-synthesizer';
import { visitWithStages } from './visit-with-stages';
import type { TextRule } from '../private/errors';
import { checkText, ValidationError } from '../private/errors';
import { checkArgument, checkProps, listOf, oneOf, pathOf, TEXT, TEXTS } from '../private/property-types';
import type { PropertyTypes } from '../private/property-types';

/**
 * Properties of a guardrail.
 */
export interface NetworkConnectorGuardrailProps {
  /**
   * The network connectors that developers may use. Changing it updates the policies in place.
   */
  readonly allowed: AllowedNetworkConnectors;

  /**
   * The IAM path of the network team's roles, for example `/network-team/`: 3 to 512 characters, starting and ending
   * with a slash. Paths that begin with `/aws-` or `/service-role/` are not valid. Changing it updates the policies in
   * place, and replaces `denyPolicy`.
   *
   * The guardrail exempts roles under this path, and permits nobody else to create or change a role under it. It uses a
   * path and not a name, because anyone could create a role with a given name.
   *
   * `NetworkConnectorGuardrail.applyNetworkTeamPath` puts the team's roles under the path. The roles with which the CDK
   * CLI and CloudFormation deploy the team's app must be under the path too, see `NetworkTeamSynthesizer`.
   */
  readonly networkTeamPath: string;

  /**
   * The name of the permissions boundary: 1 to 128 letters, digits and `+=,.@-_`. Changing it replaces the boundary.
   *
   * CloudFormation cannot generate this name, because the statements of the boundary contain it.
   */
  readonly boundaryName: string;

  /**
   * The connectors of AWS that developers may use. Every MicroVM needs one for ingress. Changing the list updates the
   * policies in place.
   *
   * `MicrovmEgress.internet()` needs `INTERNET_EGRESS`, and it is the default of `buildEgress` of an image. Without it,
   * developers must pass a `buildEgress` and an `egress` with a permitted connector.
   *
   * @default [ManagedNetworkConnector.HTTP_INGRESS, ManagedNetworkConnector.NO_INGRESS]
   */
  readonly managedConnectors?: ManagedNetworkConnector[];

  /**
   * The names of the network team's stacks that other apps deploy. List every stack that is deployed with a role under
   * the path. `*` and `?` are wildcards. Stacks that the CDK nests in them are covered too. Changing the list updates
   * the policies in place.
   *
   * The team's stacks in this app are always covered: the stack of the guardrail, the stacks that create network
   * connectors or are deployed with a role under the path, and all stacks in the scopes of `applyNetworkTeamPath`. If
   * their names are too many for the policies, list patterns that match them, such as `Network*`.
   *
   * Developers can read these stacks. They can change neither the stacks nor their functions, state machines, security
   * group rules, routes, network ACLs, subnets and gateways. A developer who could change the functions that deploy
   * connectors would have the permissions of the team.
   *
   * @default - only the team's stacks in this app
   */
  readonly networkTeamStacks?: string[];

  /**
   * The qualifiers of the bootstraps that the network team deploys other apps with. Nobody else can change these
   * bootstraps. Their buckets contain the code of the team's functions. Changing the list updates the policies in
   * place.
   *
   * The qualifiers of the team's stacks in this app are always covered, except the default qualifier of the CDK.
   *
   * @default - only the qualifiers of the team's stacks in this app
   */
  readonly networkTeamQualifiers?: string[];

  /**
   * The names of the permission sets of IAM Identity Center whose users belong to the network team, such as
   * `NetworkTeam`. These users can assume the roles of the team, if the trust policies of these roles permit it.
   * Changing the list updates the policies in place.
   *
   * @default - those of the `NetworkTeamSynthesizer` of the team's stacks in this app
   */
  readonly networkTeamPermissionSets?: string[];

  /**
   * The ARNs of the SAML and OpenID Connect providers through which people and pipelines assume roles of the network
   * team. Nobody but the team can change these providers. Changing the list updates the policies in place. The provider
   * of IAM Identity Center is always covered if there are permission sets.
   *
   * @default - none
   */
  readonly networkTeamIdentityProviders?: string[];
}

const CODE = 'NetworkConnectorGuardrailInvalid';

const TYPES: PropertyTypes<NetworkConnectorGuardrailProps> = {
  allowed: ALLOWED_CONNECTORS.required(),
  networkTeamPath: TEXT.required(),
  boundaryName: TEXT.required(),
  managedConnectors: listOf('managed connectors', oneOf('ManagedNetworkConnector', ManagedNetworkConnector)),
  networkTeamStacks: TEXTS,
  networkTeamQualifiers: TEXTS,
  networkTeamPermissionSets: TEXTS,
  networkTeamIdentityProviders: TEXTS,
};

const BOUNDARY_NAME_RULE: TextRule = {
  property: 'boundaryName',
  code: CODE,
  minLength: 1,
  maxLength: 128,
  pattern: /^[\w+=,.@-]+$/,
  allowed: 'letters, digits and +=,.@-_',
};

/** Quotas of IAM and of AWS Organizations, in characters without white space. */
const MAX_MANAGED_POLICY = 6144;
const MAX_SERVICE_CONTROL_POLICY = 5120;

/** Stand-ins for values that only the deployment knows. Of a connector, the policies contain only the ID. */
const TYPICAL = { partition: 'aws', account: '123456789012', connectorId: (n: number) => `nc-${String(n).padStart(36, '0')}` };

/**
 * Restricts developers to the network connectors that the network team permits.
 *
 * Developers can use only these connectors, whatever their other policies permit. They cannot create or change
 * connectors. They also cannot change the roles, stacks and functions with which the network team manages connectors.
 * The guide for network teams lists what the guardrail does not cover.
 *
 * The guardrail has four forms, which are not interchangeable:
 *
 * | form | what it contains | how to use it |
 * | --- | --- | --- |
 * | `boundary` | permits what is not denied | permissions boundary of developers and of all roles that they create |
 * | `denyPolicy` | only the denies | attach to users and roles that create no other users or roles |
 * | `scpDocument` | only the denies | service control policy: the strongest form, it restricts everybody but the team |
 * | `denyStatements` | only the denies | merge into a permissions boundary that your company already has |
 *
 * @example
 * import type { Stack } from 'aws-cdk-lib';
 * import { AllowedNetworkConnectors, NetworkConnector, NetworkConnectorGuardrail } from 'cdk-lambda-microvms';
 *
 * declare const stack: Stack;
 * declare const internal: NetworkConnector;
 *
 * NetworkConnectorGuardrail.applyNetworkTeamPath(stack, '/network-team/');
 * new NetworkConnectorGuardrail(stack, 'Guardrail', {
 *   allowed: AllowedNetworkConnectors.only(internal),
 *   networkTeamPath: '/network-team/',
 *   boundaryName: 'developer-boundary',
 * });
 */
export class NetworkConnectorGuardrail extends Construct {
  /**
   * Puts all roles in a scope under the path of the network team, including the roles of the provider framework, and
   * names all state machines in it after the path. Changing the path replaces the roles and state machines.
   *
   * The stacks must not be deployed with the default bootstrap of the CDK, which developers share: use
   * `NetworkTeamSynthesizer`. Otherwise synth fails with `NetworkTeamBootstrapShared`.
   *
   * It also applies `DeploymentEncryption`. Only roles under the path, the role with which CloudFormation deploys the
   * stack, and the root user may use its keys. Each stack and nested stack with resources of this library gets a key,
   * which costs 1 USD per month.
   *
   * @param scope the app, a stage or a stack of the network team. If it contains stages, call this method after you
   * have created them. Otherwise synth fails with `NetworkConnectorGuardrailInvalid`.
   */
  public static applyNetworkTeamPath(scope: IConstruct, networkTeamPath: string): void {
    checkArgument('networkTeamPath', networkTeamPath, TEXT, scope);
    checkNetworkTeamPath(CODE, networkTeamPath, scope);
    forbidOtherBootstraps(scope, networkTeamPath);
    markAsTeams(scope, networkTeamPath);
    encryptDeployments(scope, networkTeamPath);
    visitWithStages(scope, node => {
      if (!CfnResource.isCfnResource(node)) return;
      if (node.cfnResourceType === iam.CfnRole.CFN_RESOURCE_TYPE_NAME) node.addPropertyOverride('Path', networkTeamPath);
      if (CfnStateMachine.isCfnStateMachine(node)) nameStateMachine(node, networkTeamPath);
    });
  }

  /**
   * A permissions boundary that permits everything except the denies.
   *
   * Principals that have the boundary must put it on each role and user that they create. They can still use an
   * existing role that does not have it.
   */
  public readonly boundary: iam.ManagedPolicy;

  private readonly props: NetworkConnectorGuardrailProps;
  private denies?: iam.ManagedPolicy;

  public constructor(scope: Construct, id: string, props: NetworkConnectorGuardrailProps) {
    checkProps(pathOf(scope, id), props, TYPES);
    super(scope, id);
    checkText(BOUNDARY_NAME_RULE, props.boundaryName, this);
    checkNetworkTeamPath(CODE, props.networkTeamPath, this);
    checkPermissionSets(CODE, 'networkTeamPermissionSets', props.networkTeamPermissionSets ?? [], this);
    props.allowed._arns()?.forEach(arn => checkConnectorArn('allowed', CODE, arn, this));
    this.node.addValidation({ validate: () => this.pathErrors() });
    this.props = props;
    const { partition, account } = Stack.of(this);
    this.boundary = new iam.ManagedPolicy(this, 'Boundary', {
      managedPolicyName: props.boundaryName,
      description: 'Permissions boundary that keeps developers to published network connectors',
      statements: boundaryStatements(partition, `arn:${partition}:iam::${account}:policy/${props.boundaryName}`),
    });
    // The team may have stacks that the app has not created yet.
    Aspects.of(this).add({ visit: node => { if (node === this) this.complete(); } });
  }

  /**
   * The denies, to merge into an existing permissions boundary. A role can have only one boundary.
   *
   * These statements do not keep developers from taking that boundary off their roles, or from creating roles without
   * it. Your boundary must do this. It must also allow `sts:AssumeRole`, because the handler of this library assumes a
   * role for each resource.
   *
   * Read this property when all stacks of the network team exist, because it names only existing stacks.
   */
  public get denyStatements(): iam.PolicyStatement[] {
    return guardrailDenies(this.facts(Stack.of(this).partition));
  }

  /**
   * A managed policy that contains only the denies. The construct creates the policy when you first read this property.
   *
   * Whoever has the policy cannot change or detach it. It does not restrict the roles that they create. So it suits
   * people without permissions in IAM. It is under the path of the network team.
   */
  public get denyPolicy(): iam.ManagedPolicy {
    this.denies ??= new iam.ManagedPolicy(this, 'DenyPolicy', {
      description: 'Denies network connectors that are not published',
      path: this.props.networkTeamPath,
      document: new iam.PolicyDocument(),
    });
    return this.denies;
  }

  /**
   * The document of a service control policy, which contains only the denies. One of them keeps the account in its
   * organization, for the network team too.
   *
   * The ID of a connector is known only after its deployment. To write the document to a file at synth, use
   * `AllowedNetworkConnectors.allInAccount()` in a stack with an explicit Region.
   *
   * A service control policy restricts neither the management account of an organization nor service-linked roles.
   *
   * Read this property when all stacks of the network team exist, because it names only existing stacks.
   */
  public get scpDocument(): iam.PolicyDocument {
    this.checkSize('scpDocument', MAX_SERVICE_CONTROL_POLICY, [stayInOrganization()]);
    return new iam.PolicyDocument({ statements: [stayInOrganization(), ...this.denyStatements] });
  }

  /** Under another path, the roles of the team would be neither protected nor exempt. */
  private pathErrors(): string[] {
    const { networkTeamPath } = this.props;
    return pathsOfTeam(this).filter(path => !path.startsWith(networkTeamPath)).map(path => new ValidationError(CODE,
      `networkTeamPath: '${networkTeamPath}' does not contain '${path}', under which applyNetworkTeamPath puts the stack of the guardrail; use the same path`,
      this).message);
  }

  private complete(): void {
    const { partition, account } = TYPICAL;
    const boundaryArn = `arn:${partition}:iam::${account}:policy/${this.props.boundaryName}`;
    this.checkSize('boundary', MAX_MANAGED_POLICY, boundaryStatements(partition, boundaryArn));
    this.boundary.addStatements(...this.denyStatements);
    if (!this.denies) return;
    const { networkTeamPath } = this.props;
    this.checkSize('denyPolicy', MAX_MANAGED_POLICY, [keepPolicyAttached(partition, networkTeamPath)]);
    this.denies.addStatements(...this.denyStatements, keepPolicyAttached(Stack.of(this).partition, networkTeamPath));
  }

  private facts(partition: string): GuardrailFacts {
    const { allowed, managedConnectors, boundaryName } = this.props;
    return {
      partition,
      allowedArns: allowed._arns(),
      managedConnectors: managedConnectors ?? [ManagedNetworkConnector.HTTP_INGRESS, ManagedNetworkConnector.NO_INGRESS],
      boundaryName,
      team: this.team(partition),
    };
  }

  private team(partition: string): TeamFacts {
    const { networkTeamPath, networkTeamStacks, networkTeamQualifiers } = this.props;
    const stacks = [...new Set([Stack.of(this), ...stacksOfTeam(this.node.root, networkTeamPath)])];
    return {
      path: networkTeamPath,
      ...patternsOfTeam(stacks, networkTeamStacks ?? [], stateMachinePrefix(networkTeamPath)),
      qualifiers: [...new Set([...ownQualifiers(stacks), ...networkTeamQualifiers ?? []])],
      people: permissionSetArns(partition, this.props.networkTeamPermissionSets ?? permissionSetsOf(stacks)),
      identityProviders: this.props.networkTeamIdentityProviders ?? [],
    };
  }

  private checkSize(form: string, limit: number, otherStatements: iam.PolicyStatement[] = []): void {
    const facts = this.facts(TYPICAL.partition);
    const denies = guardrailDenies({
      ...facts,
      allowedArns: facts.allowedArns?.map((arn, index) => Token.isUnresolved(arn)
        ? `arn:${TYPICAL.partition}:lambda:::network-connector:${TYPICAL.connectorId(index)}`
        : arn),
    });
    const document = new iam.PolicyDocument({ statements: [...otherStatements, ...denies] });
    const size = JSON.stringify(Stack.of(this).resolve(document)).length;
    if (size <= limit) return;
    const [what, fix] = facts.allowedArns
      ? [`allowed: with ${facts.allowedArns.length} connectors`, 'use AllowedNetworkConnectors.allInAccount()']
      : [`networkTeamStacks: with ${facts.team.stacks.length} names of stacks`, 'pass patterns of their names, such as Network*'];
    throw new ValidationError('NetworkConnectorGuardrailTooLarge',
      `${what}, ${form} has about ${size} characters; the limit is ${limit}; ${fix}, because the denies cannot be split into several policies`, this);
  }
}

function ownQualifiers(stacks: Stack[]): string[] {
  const qualifiers = stacks.map(stack => stack.synthesizer.bootstrapQualifier).filter(qualifier => qualifier !== undefined);
  return [...new Set(qualifiers)].filter(qualifier => qualifier !== DefaultStackSynthesizer.DEFAULT_QUALIFIER);
}

function permissionSetsOf(stacks: Stack[]): string[] {
  return [...new Set(stacks.flatMap(({ synthesizer }) => synthesizer instanceof NetworkTeamSynthesizer ? synthesizer.permissionSets : []))];
}
