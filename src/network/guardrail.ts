import { Aspects, CfnResource, Stack, Token } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { IConstruct } from 'constructs';
import { Construct } from 'constructs';
import type { AllowedNetworkConnectors } from './allowed-connectors';
import { ManagedNetworkConnector } from './allowed-connectors';
import { encryptDeployments } from './encrypt-deployments';
import type { GuardrailFacts } from './guardrail-statements';
import { boundaryStatements, guardrailDenies } from './guardrail-statements';
import type { TextRule } from '../private/errors';
import { checkText, ValidationError } from '../private/errors';

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
   * with a slash. Changing it updates the policies in place.
   *
   * The guardrail exempts roles under this path, and permits nobody else to create or change a role under it. It uses a
   * path and not a name, because anyone could create a role with a given name.
   *
   * `NetworkConnectorGuardrail.applyNetworkTeamPath` puts the team's roles under the path. The role with which
   * CloudFormation deploys the team's app must be under the path too, see
   * `DefaultStackSynthesizerProps.cloudFormationExecutionRole`.
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
   * The names of the network team's stacks. `*` and `?` are wildcards. Changing the list updates the policies in place.
   *
   * Developers can read these stacks, but they can neither change nor invoke their resources. A developer who could
   * change the functions that deploy connectors would have the permissions of the team.
   *
   * @default - the stack of the guardrail
   */
  readonly networkTeamStacks?: string[];
}

const BOUNDARY_NAME_RULE: TextRule = {
  property: 'boundaryName',
  code: 'NetworkConnectorGuardrailInvalid',
  minLength: 1,
  maxLength: 128,
  pattern: /^[\w+=,.@-]+$/,
  allowed: 'letters, digits and +=,.@-_',
};
const NETWORK_TEAM_PATH_RULE: TextRule = {
  property: 'networkTeamPath',
  code: 'NetworkConnectorGuardrailInvalid',
  minLength: 3,
  maxLength: 512,
  pattern: /^\/([\w+=,.@-]+\/)+$/,
  allowed: 'such as /network-team/, starting and ending with a slash',
};

/** Quotas of IAM and of AWS Organizations, in characters without white space. */
const MAX_MANAGED_POLICY = 6144;
const MAX_SERVICE_CONTROL_POLICY = 5120;

/** Stand-ins for values that only the deployment knows: a Region with a long name, and the ID of the n-th connector. */
const TYPICAL = {
  partition: 'aws', account: '123456789012', region: 'ap-southeast-1', connectorId: (n: number) => `nc-${String(n).padStart(36, '0')}`,
};

/**
 * Restricts developers to the network connectors that the network team permits.
 *
 * Developers can use only these connectors, whatever their other policies permit. They cannot create or change
 * connectors. They also cannot change the roles, stacks and functions with which the network team manages connectors.
 *
 * The guardrail has four forms, which are not interchangeable:
 *
 * | form | what it contains | how to use it |
 * | --- | --- | --- |
 * | `boundary` | permits what is not denied | permissions boundary of developers and of all roles that they create |
 * | `denyPolicy` | only the denies | attach to users and roles that create no other users or roles |
 * | `scpDocument` | only the denies | service control policy: the strongest form, it restricts every role |
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
   * Puts all roles in a scope under the path of the network team, including the roles of the provider framework.
   * Changing the path replaces the roles.
   *
   * It also applies `DeploymentEncryption`, with keys that only roles under the path may use, and the role with which
   * CloudFormation deploys the stack. Each stack with connectors or images gets a key, which costs 1 USD per month.
   *
   * @param scope the app, a stage or a stack of the network team.
   */
  public static applyNetworkTeamPath(scope: IConstruct, networkTeamPath: string): void {
    checkText(NETWORK_TEAM_PATH_RULE, networkTeamPath, scope);
    encryptDeployments(scope, networkTeamPath);
    Aspects.of(scope).add({
      visit: node => {
        const isRole = CfnResource.isCfnResource(node) && node.cfnResourceType === iam.CfnRole.CFN_RESOURCE_TYPE_NAME;
        if (isRole) node.addPropertyOverride('Path', networkTeamPath);
      },
    });
  }

  /**
   * A permissions boundary that permits everything except the denies.
   *
   * Principals that have the boundary must put it on each role and user that they create. They can still use an
   * existing role that does not have it.
   */
  public readonly boundary: iam.ManagedPolicy;

  private readonly facts: GuardrailFacts;
  private denies?: iam.ManagedPolicy;

  public constructor(scope: Construct, id: string, props: NetworkConnectorGuardrailProps) {
    super(scope, id);
    checkText(BOUNDARY_NAME_RULE, props.boundaryName, this);
    checkText(NETWORK_TEAM_PATH_RULE, props.networkTeamPath, this);
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
   * The denies, to merge into an existing permissions boundary. A role can have only one boundary.
   */
  public get denyStatements(): iam.PolicyStatement[] {
    return guardrailDenies(this.facts);
  }

  /**
   * A managed policy that contains only the denies. The construct creates the policy when you first read this property.
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
   * The document of a service control policy, which contains only the denies.
   *
   * The ID of a connector is known only after its deployment. To write the document to a file at synth, use
   * `AllowedNetworkConnectors.allInAccount()` in a stack with an explicit Region.
   *
   * A service control policy restricts neither the management account of an organization nor service-linked roles.
   */
  public get scpDocument(): iam.PolicyDocument {
    this.checkSize('scpDocument', MAX_SERVICE_CONTROL_POLICY);
    return new iam.PolicyDocument({ statements: this.denyStatements });
  }

  private checkSize(form: string, limit: number, otherStatements: iam.PolicyStatement[] = []): void {
    const denies = guardrailDenies({
      ...this.facts,
      partition: TYPICAL.partition,
      allowedArns: this.facts.allowedArns?.map((arn, index) => Token.isUnresolved(arn)
        ? ['arn', TYPICAL.partition, 'lambda', TYPICAL.region, TYPICAL.account, 'network-connector', TYPICAL.connectorId(index)].join(':')
        : arn),
    });
    const document = new iam.PolicyDocument({ statements: [...otherStatements, ...denies] });
    const size = JSON.stringify(Stack.of(this).resolve(document)).length;
    if (size <= limit) return;
    throw new ValidationError('NetworkConnectorGuardrailTooLarge',
      `allowed: with ${this.facts.allowedArns?.length ?? 'all'} connectors, ${form} has about ${size} characters; the limit is ${limit}; `
      + 'use AllowedNetworkConnectors.allInAccount(), because the denies cannot be split into several policies', this);
  }
}
