import { Aws } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { DeploymentEncryption } from '../shared/deployment-encryption';

/** Encrypts deployments in a scope of the network team, with keys that only its roles may use. */
export function encryptDeployments(scope: IConstruct, networkTeamPath: string): void {
  DeploymentEncryption.apply(scope, {
    allowedPrincipalArns: [`arn:${Aws.PARTITION}:iam::${Aws.ACCOUNT_ID}:role${networkTeamPath}*`],
  });
}
