import { Aspects, CfnResource, Stack, Token } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { IConstruct } from 'constructs';
import { Construct } from 'constructs';
import type { AllowedNetworkConnectors } from './allowed-connectors';
import { ManagedNetworkConnector } from './allowed-connectors';
import type { GuardrailFacts } from './guardrail-statements';
import { boundaryStatements, guardrailDenies } from './guardrail-statements';
import type { TextRule } from '../private/errors';
import { checkText, ValidationError } from '../private/errors';

/**
 * Properties of a guardrail.
 */
export interface NetworkConnectorGuardrailProps {
  /**
   * The connectors that developers may use.
   */
  readonly allowed: AllowedNetworkConnectors;

  /**
   * The IAM path of the roles of the network team, for example `/network-team/`: they are exempt, and nobody else can make or change one. A
   * path and not a name, which anybody could take.
   *
   * The team's roles get it by `NetworkConnectorGuardrail.applyNetworkTeamPath`; the role that CloudFormation deploys the team's app with
   * must be under it too, see `DefaultStackSynthesizerProps.cloudFormationExecutionRole`.
   */
  readonly networkTeamPath: string;

  /**
   * The name of the boundary, which its own statements must know: 1 to 128 letters, digits and `+=,.@-_`. A change replaces the boundary.
   */
  readonly boundaryName: string;

  /**
   * The connectors of AWS that developers may use. A MicroVM always has one for ingress.
   *
   * @default [ManagedNetworkConnector.HTTP_INGRESS, ManagedNetworkConnector.NO_INGRESS]
   */
  readonly managedConnectors?: ManagedNetworkConnector[];

  /**
   * The names of the network team's stacks, with `*` and `?` for any: developers may look at them, and neither change nor invoke what is in
   * them. Who could edit the team's deployment functions would be as free as the team.
   *
   * @default - the stack of the guardrail
   */
  readonly networkTeamStacks?: string[];
}

const BOUNDARY_NAME: TextRule = {
  property: 'boundaryName', code: 'NetworkConnectorGuardrailInvalid', minLength: 1, maxLength: 128, pattern: /^[\w+=,.@-]+$/, allowed: 'letters, digits and +=,.@-_',
};
const TEAM_PATH: TextRule = {
  property: 'networkTeamPath',
  code: 'NetworkConnectorGuardrailInvalid',
  minLength: 3,
  maxLength: 512,
  pattern: /^\/([\w+=,.@-]+\/)+$/,
  allowed: 'such as /network-team/, beginning and ending with a slash',
};

/** In characters without white space: quotas of IAM and of AWS Organizations. */
const MAX_MANAGED_POLICY = 6144;
const MAX_SERVICE_CONTROL_POLICY = 5120;

/** What values that only the deployment knows are reckoned as: a Region with a long name, and the id of the n-th connector. */
const TYPICAL = { partition: 'aws', account: '123456789012', region: 'ap-southeast-1', connectorId: (n: number) => `nc-${String(n).padStart(36, '0')}` };

/**
 * Keeps developers to the network connectors that the network team has published: they can use these and no others, and cannot make or
 * change one, nor what makes them, whatever else their policies allow.
 *
 * It comes in forms that are never interchangeable:
 *
 * | form | what it is | where it goes |
 * | --- | --- | --- |
 * | `boundary` | lets everything through but what is denied, and stays on each role that its bearers make | a permissions boundary of developers and of what they deploy |
 * | `denyPolicy` | the denies alone | attached to users and roles that make no others |
 * | `scpDocument` | the denies alone | a service control policy of an organization: the strongest form, binding every role of an account |
 * | `denyStatements` | the denies alone | merged into a boundary that a company already has |
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
   * Puts all roles in a scope under the path of the network team, those of the provider framework included. A change replaces the roles.
   *
   * @param scope the app, a stage or a stack of the network team.
   */
  public static applyNetworkTeamPath(scope: IConstruct, networkTeamPath: string): void {
    checkText(TEAM_PATH, networkTeamPath, scope);
    Aspects.of(scope).add({
      visit: node => {
        if (CfnResource.isCfnResource(node) && node.cfnResourceType === iam.CfnRole.CFN_RESOURCE_TYPE_NAME) node.addPropertyOverride('Path', networkTeamPath);
      },
    });
  }

  /**
   * A permissions boundary: allows everything, but for the denies, and keeps itself on every role and user that its bearers make. It does not
   * stop them from using a role that is there without it.
   */
  public readonly boundary: iam.ManagedPolicy;

  private readonly facts: GuardrailFacts;
  private denies?: iam.ManagedPolicy;

  public constructor(scope: Construct, id: string, props: NetworkConnectorGuardrailProps) {
    super(scope, id);
    checkText(BOUNDARY_NAME, props.boundaryName, this);
    checkText(TEAM_PATH, props.networkTeamPath, this);
    const { partition, account, stackName } = Stack.of(this);
    this.facts = {
      partition,
      allowedArns: props.allowed._arns(),
      managedConnectors: props.managedConnectors ?? [ManagedNetworkConnector.HTTP_INGRESS, ManagedNetworkConnector.NO_INGRESS],
      networkTeamPath: props.networkTeamPath,
      networkTeamStacks: props.networkTeamStacks ?? [stackName],
    };
    const boundaryArn = (inPartition: string, ofAccount: string) => `arn:${inPartition}:iam::${ofAccount}:policy/${props.boundaryName}`;
    this.checkSize('boundary', MAX_MANAGED_POLICY, boundaryStatements(boundaryArn(TYPICAL.partition, TYPICAL.account)));
    this.boundary = new iam.ManagedPolicy(this, 'Boundary', {
      managedPolicyName: props.boundaryName,
      description: 'Permissions boundary that keeps developers to published network connectors',
      statements: [...boundaryStatements(boundaryArn(partition, account)), ...this.denyStatements],
    });
  }

  /**
   * The denies, to merge into a boundary that is there already: a role has one only.
   */
  public get denyStatements(): iam.PolicyStatement[] {
    return guardrailDenies(this.facts);
  }

  /**
   * A managed policy with the denies alone, made when it is first asked for.
   */
  public get denyPolicy(): iam.ManagedPolicy {
    this.checkSize('denyPolicy', MAX_MANAGED_POLICY);
    this.denies ??= new iam.ManagedPolicy(this, 'DenyPolicy', {
      description: 'Denies network connectors that are not published',
      statements: this.denyStatements,
    });
    return this.denies;
  }

  /**
   * A service control policy. The ids of connectors are known after their deployment only, so a file can be made of it at synth with
   * `AllowedNetworkConnectors.allInAccount()` alone, in a stack with an explicit Region.
   *
   * It binds neither the management account of an organization nor service-linked roles.
   */
  public get scpDocument(): iam.PolicyDocument {
    this.checkSize('scpDocument', MAX_SERVICE_CONTROL_POLICY);
    return new iam.PolicyDocument({ statements: this.denyStatements });
  }

  private checkSize(form: string, limit: number, more: iam.PolicyStatement[] = []): void {
    const denies = guardrailDenies({
      ...this.facts,
      partition: TYPICAL.partition,
      allowedArns: this.facts.allowedArns?.map((arn, index) => Token.isUnresolved(arn)
        ? ['arn', TYPICAL.partition, 'lambda', TYPICAL.region, TYPICAL.account, 'network-connector', TYPICAL.connectorId(index)].join(':')
        : arn),
    });
    const document = new iam.PolicyDocument({ statements: [...more, ...denies] });
    const size = JSON.stringify(Stack.of(this).resolve(document)).length;
    if (size <= limit) return;
    throw new ValidationError('NetworkConnectorGuardrailTooLarge',
      `allowed: with ${this.facts.allowedArns?.length ?? 'all'} connectors ${form} has some ${size} characters, and at most ${limit} are possible; `
      + 'a list of denies cannot be split, so use AllowedNetworkConnectors.allInAccount(), which is sound because only the network team can make connectors', this);
  }
}
