import { CfnResource, Stack, Token } from 'aws-cdk-lib';
import type * as ecr from 'aws-cdk-lib/aws-ecr';
import type { Construct } from 'constructs';
import { ValidationError } from '../private/errors';
import { textAtSynth, urlSuffixOf } from '../private/text-at-synth';

const TAG = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;
const DIGEST = /^sha256:[0-9a-f]{64}$/;

/** Returns the URI of an image in a private repository, which must be known at synth. */
export function imageUri(scope: Construct, repository: ecr.IRepositoryRef, tagOrDigest: string): string {
  const isDigest = tagOrDigest.startsWith('sha256:');
  if (Token.isUnresolved(tagOrDigest) || !(isDigest ? DIGEST : TAG).test(tagOrDigest)) {
    throw new ValidationError('MicrovmCodeEcrImageInvalid',
      `code: '${Token.isUnresolved(tagOrDigest) ? 'a token' : tagOrDigest}' is neither a tag nor a digest; use a tag of 1 to 128 letters, digits, periods, `
      + 'hyphens and underscores, or sha256: and 64 hexadecimal digits', scope);
  }
  const { account, region } = Stack.of(scope);
  if (Token.isUnresolved(account) || Token.isUnresolved(region)) {
    throw new ValidationError('MicrovmCodeEcrImageInvalid',
      `code: the FROM line needs the account and Region of the repository, which stack '${Stack.of(scope).node.path}' does not know; `
      + 'set env with account and region on the stack', scope);
  }
  requireRepositoryHere(scope, repository, { account, region });
  const name = nameOf(scope, repository);
  if (name === undefined) {
    throw new ValidationError('MicrovmCodeEcrImageInvalid',
      `code: the name of the repository ${repository.node.path} is known only during the deployment; set repositoryName, or import it by its name`, scope);
  }
  return `${account}.dkr.ecr.${region}.${urlSuffixOf(region)}/${name}${isDigest ? '@' : ':'}${tagOrDigest}`;
}

function requireRepositoryHere(scope: Construct, { env, node }: ecr.IRepositoryRef, own: { account: string; region: string }): void {
  for (const key of ['account', 'region'] as const) {
    if (Token.isUnresolved(env[key]) || env[key] === own[key]) continue;
    throw new ValidationError('MicrovmCodeEcrImageInvalid',
      `code: the repository ${node.path} is in the ${key === 'account' ? 'account' : 'Region'} ${env[key]}, but the image is in ${own[key]}; `
      + 'copy the container image to a repository of the account and Region of the MicroVM image, for example with replication', scope);
  }
}

/** Returns the name of a repository if it is plain text, also if the app creates the repository under this name. */
function nameOf(scope: Construct, repository: ecr.IRepositoryRef): string | undefined {
  const known = textAtSynth(scope, repository.repositoryRef.repositoryName);
  const own = repository.node.defaultChild ?? repository;
  const given = CfnResource.isCfnResource(own) && own.cfnResourceType === 'AWS::ECR::Repository' ? (own as ecr.CfnRepository).repositoryName : undefined;
  return known ?? (given === undefined ? undefined : textAtSynth(scope, given));
}
