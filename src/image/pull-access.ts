import { CfnResource, Stack, Token } from 'aws-cdk-lib';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type { Construct, IConstruct } from 'constructs';
import { MicrovmBuildRole } from './build-role';
import type { PulledImage } from './dockerfile/images';
import { messageOf } from './dockerfile/problem';
import { ValidationError } from '../private/errors';
import { textWith } from '../private/template-text';
import { warn } from '../private/warnings';
import { matchesWildcards } from '../private/wildcards';

/** A private repository, as a Dockerfile names it. */
interface PrivateImage extends PulledImage {
  readonly account: string;
  readonly region: string;
  readonly name: string;
}

const PRIVATE = /^(\d{12})\.dkr[.-]ecr(?:-fips)?\.([a-z0-9-]+)\.[a-z0-9.-]+\/([a-z0-9._/-]+)(?:[:@]|$)/;
const PULL = 'ecr:BatchGetImage';

/**
 * Checks at synth that the build role may pull from the private ECR repositories of a Dockerfile. The check runs when
 * the app is complete, because a grant may follow the image.
 */
export function checkPulls(image: Construct, role: iam.IRole, pulled: readonly PulledImage[]): void {
  const images = pulled.flatMap(privateImage);
  if (images.length === 0) return;
  image.node.addValidation({
    validate: () => {
      const missing = images.find(one => !mayPull(role, one));
      if (!missing) return [];
      const message = messageOf({ line: missing.line, text: `pulls '${missing.image}', but the build role may not; add ${grantFor(image, missing)}` });
      if (MicrovmBuildRole.isMicrovmBuildRole(role)) return [new ValidationError('MicrovmCodeDockerfilePullNotGranted', message).message];
      warn('cdk-lambda-microvms:dockerfilePullNotGranted', message, image);
      return [];
    },
  });
}

function privateImage(pulled: PulledImage): PrivateImage[] {
  const match = PRIVATE.exec(pulled.image);
  return match ? [{ ...pulled, account: match[1], region: match[2], name: match[3] }] : [];
}

function grantFor(image: Construct, { account, region, name }: PrivateImage): string {
  const own = Stack.of(image);
  const differs = [[own.account, account], [own.region, region]].some(([mine, other]) => !Token.isUnresolved(mine) && mine !== other);
  const repository = differs ? "ecr.Repository.fromRepositoryArn(this, 'Base', '<ARN of the repository>')" : `ecr.Repository.fromRepositoryName(this, 'Base', '${name}')`;
  return `${repository}.grantPull(image.buildRole)`;
}

/** Whether a statement of the app permits the role to pull. True if that is not known, such as for a managed policy. */
function mayPull(role: iam.IRole, image: PrivateImage): boolean {
  const resource = role.node.defaultChild;
  const properties = CfnResource.isCfnResource(resource) ? Stack.of(role).resolve((resource as iam.CfnRole).managedPolicyArns) : [];
  return (properties ?? []).length > 0 || statementsOf(role).some(statement => permits(statement, image));
}

function statementsOf(role: iam.IRole): any[] {
  const resource = role.node.defaultChild;
  const own = CfnResource.isCfnResource(resource) ? resolvedIn(role, (resource as iam.CfnRole).policies) ?? [] : [];
  const policies = role.node.root.node.findAll().filter(isPolicy).filter(policy => attachedTo(policy, role));
  const documents = [...own.map((policy: any) => policy.policyDocument), ...policies.map(policy => resolvedIn(policy, policy.policyDocument))];
  return documents.flatMap(document => document?.Statement ?? []);
}

type AnyPolicy = iam.CfnPolicy | iam.CfnManagedPolicy;

function isPolicy(construct: IConstruct): construct is AnyPolicy {
  return CfnResource.isCfnResource(construct) && ['AWS::IAM::Policy', 'AWS::IAM::ManagedPolicy'].includes(construct.cfnResourceType);
}

function attachedTo(policy: AnyPolicy, role: iam.IRole): boolean {
  const roles: unknown[] = resolvedIn(policy, policy.roles) ?? [];
  const name = JSON.stringify(resolvedIn(policy, role.roleName));
  return roles.some(one => JSON.stringify(one) === name);
}

function resolvedIn(scope: IConstruct, value: unknown): any {
  return Stack.of(scope).resolve(value);
}

function permits(statement: any, image: PrivateImage): boolean {
  const actions = texts(statement.Action ?? []);
  const resources = texts(statement.Resource ?? []);
  // Without the partition, which the stack may not know.
  const repository = `ecr:${image.region}:${image.account}:repository/${image.name}`;
  return statement.Effect === 'Allow' && actions.some(action => matchesWildcards(action, PULL, 'i'))
    && resources.some(resource => matchesWildcards(resource.replace(/^arn:[^:]*:/, ''), repository, 'i'));
}

/** Returns texts with `*` in place of what is known only during the deployment. */
function texts(value: unknown): string[] {
  return [value].flat().map(text => textWith(text, () => '*'));
}
