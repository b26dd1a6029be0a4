import { writeFileSync } from 'node:fs';
import * as path from 'node:path';
import type { DefaultStackSynthesizerProps, ISynthesisSession, Stack } from 'aws-cdk-lib';
import { DefaultStackSynthesizer, Stage } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { checkPermissionSets } from './permission-sets';
import type { TeamBootstrap } from './team-bootstrap';
import { teamBootstrapFile, teamBootstrapTemplate, teamRoleArn, teamTrust } from './team-bootstrap';
import { checkNetworkTeamPath } from './team-path';
import { checkText, ValidationError } from '../private/errors';
import { checkProps, TEXT, TEXTS } from '../private/property-types';
import type { PropertyTypes } from '../private/property-types';

/**
 * Properties of a `NetworkTeamSynthesizer`.
 */
export interface NetworkTeamSynthesizerProps {
  /**
   * The IAM path of the network team's roles, for example `/network-team/`: 3 to 512 characters, starting and ending
   * with a slash. Pass the same path to `NetworkConnectorGuardrail.applyNetworkTeamPath`.
   *
   * After the bootstrap, the path cannot be changed: the roles of the bootstrap have fixed names, so CloudFormation
   * cannot replace them. To change the path, also use another qualifier, and bootstrap again.
   */
  readonly networkTeamPath: string;

  /**
   * The qualifier of the team's bootstrap, for example `netteam`: 1 to 10 lowercase letters, digits and hyphens. It is
   * part of the names of the bucket, the repository and the roles. The default qualifier of the CDK, `hnb659fds`, is
   * not valid, because developers share that bootstrap.
   *
   * If you change it, run `cdk bootstrap` before the next deployment. The old bootstrap remains until you delete its
   * stack and bucket.
   */
  readonly qualifier: string;

  /**
   * The names of permission sets of IAM Identity Center whose users may deploy: 1 to 32 letters, digits and `+=,.@-_`
   * each. About five fit into the trust policies of the roles.
   *
   * If you change the list, run `cdk bootstrap` again. The change replaces nothing.
   *
   * @default - only roles under the path may deploy
   */
  readonly permissionSets?: string[];
}

const CODE = 'NetworkTeamSynthesizerInvalid';

const TYPES: PropertyTypes<NetworkTeamSynthesizerProps> = { networkTeamPath: TEXT.required(), qualifier: TEXT.required(), permissionSets: TEXTS };

/** The quota of IAM for trust policies, in characters without white space. */
const MAX_TRUST_POLICY = 2048;

/** What intrinsic functions and the accounts of `cdk bootstrap --trust` may add to a trust policy. */
const TRUST_POLICY_RESERVE = 150;

/**
 * Deploys the stacks of a network team with a bootstrap of the team's own.
 *
 * Developers can assume the roles of the default bootstrap, and so write to its bucket. There they could replace the
 * code of the team's functions. The roles of the team's bootstrap are under the path of the team. They trust only roles
 * under the path and the users of `permissionSets`; the execution role trusts CloudFormation. Everybody else can only
 * read the bucket.
 *
 * Synthesis writes the template of the bootstrap to `bootstrap-<qualifier>.json` in the cloud assembly, by default the
 * directory `cdk.out`. This command synthesizes the app. Then it deploys the template to all accounts and Regions of
 * the app:
 *
 * ```sh
 * cdk bootstrap --template cdk.out/bootstrap-netteam.json --toolkit-stack-name CDKToolkit-netteam --qualifier netteam
 * ```
 *
 * @example
 * import { App, Stack } from 'aws-cdk-lib';
 * import { NetworkConnectorGuardrail, NetworkTeamSynthesizer } from 'cdk-lambda-microvms';
 *
 * const app = new App({
 *   defaultStackSynthesizer: new NetworkTeamSynthesizer({
 *     networkTeamPath: '/network-team/',
 *     qualifier: 'netteam',
 *     permissionSets: ['NetworkTeam'],
 *   }),
 * });
 * NetworkConnectorGuardrail.applyNetworkTeamPath(app, '/network-team/');
 * new Stack(app, 'Network');
 */
export class NetworkTeamSynthesizer extends DefaultStackSynthesizer {
  /**
   * The names of the permission sets whose users may deploy.
   */
  public readonly permissionSets: string[];

  private readonly bootstrap: TeamBootstrap;

  public constructor(props: NetworkTeamSynthesizerProps) {
    checkProps(undefined, props, TYPES);
    const bootstrap = { ...props, permissionSets: props.permissionSets ?? [] };
    check(bootstrap);
    super(synthesizerProps(bootstrap));
    this.bootstrap = bootstrap;
    this.permissionSets = bootstrap.permissionSets;
  }

  /** @internal */
  public get _networkTeamPath(): string {
    return this.bootstrap.networkTeamPath;
  }

  /**
   * Writes the template of the stack, and the template of the bootstrap.
   */
  public override synthesize(session: ISynthesisSession): void {
    super.synthesize(session);
    writeBootstrap(this.boundStack, this.bootstrap);
  }
}

function check(bootstrap: TeamBootstrap): void {
  const { qualifier, networkTeamPath, permissionSets } = bootstrap;
  checkNetworkTeamPath(CODE, networkTeamPath);
  checkText({ property: 'qualifier', code: CODE, minLength: 1, maxLength: 10, pattern: /^[a-z0-9-]+$/, allowed: 'lowercase letters, digits and hyphens' }, qualifier);
  if (qualifier === DefaultStackSynthesizer.DEFAULT_QUALIFIER) {
    throw new ValidationError(CODE, `qualifier: '${qualifier}' is the qualifier of the bootstrap that developers share; use another one, such as netteam`);
  }
  checkPermissionSets(CODE, 'permissionSets', permissionSets);
  const size = JSON.stringify(teamTrust(bootstrap)).length + TRUST_POLICY_RESERVE;
  if (size > MAX_TRUST_POLICY) {
    throw new ValidationError(CODE,
      `permissionSets: with ${permissionSets.length} permission sets, the trust policies have about ${size} characters; the limit is ${MAX_TRUST_POLICY}; use fewer`);
  }
}

function synthesizerProps(bootstrap: TeamBootstrap): DefaultStackSynthesizerProps {
  return {
    qualifier: bootstrap.qualifier,
    deployRoleArn: teamRoleArn(bootstrap, 'deploy'),
    fileAssetPublishingRoleArn: teamRoleArn(bootstrap, 'filePublishing'),
    imageAssetPublishingRoleArn: teamRoleArn(bootstrap, 'imagePublishing'),
    lookupRoleArn: teamRoleArn(bootstrap, 'lookup'),
    cloudFormationExecutionRole: teamRoleArn(bootstrap, 'execution'),
  };
}

/** The templates of each app, by the names of their files. */
const written = new WeakMap<IConstruct, Map<string, string>>();

/** Writes the template into the cloud assembly of the app, also for a stack in a stage. */
function writeBootstrap(stack: Stack, bootstrap: TeamBootstrap): void {
  const { root } = stack.node;
  if (!Stage.isStage(root)) return;
  const file = teamBootstrapFile(bootstrap);
  const template = `${JSON.stringify(teamBootstrapTemplate(bootstrap), undefined, 2)}\n`;
  const templates = written.get(root) ?? new Map<string, string>();
  written.set(root, templates);
  if ((templates.get(file) ?? template) !== template) {
    throw new ValidationError(CODE,
      `qualifier: another stack of the app has a NetworkTeamSynthesizer with the qualifier '${bootstrap.qualifier}' and with other properties; `
      + 'use the same synthesizer for both', stack);
  }
  templates.set(file, template);
  writeFileSync(path.join(root.outdir, file), template);
}
