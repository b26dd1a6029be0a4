import { Aws, Fn, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct, IConstruct } from 'constructs';
import { deploymentRoleArn } from './deployment-role';
import { encryptionKeyArn } from './encryption-key';
import { allow, PERMISSIONS } from './permissions';
import { sharedValue } from './shared-value';

/** The key of the state machines in a scope. */
export interface DeploymentEncryptionSettings {
  /** A key of the user; otherwise, each stack gets a key. */
  readonly encryptionKey?: kms.IKeyRef;
  /** Who may administer the key that a stack gets, and decrypt with it; absent if IAM policies decide. */
  readonly allowedPrincipalArns?: string[];
}

/** What the provider framework of a stack waits with. */
export interface Waiter {
  readonly stateMachine: sfn.CfnStateMachine;
  readonly role: iam.IRole;
  /** The function that starts executions. */
  readonly starter: lambda.Function;
}

/** Adds settings to a scope. */
export function addDeploymentEncryption(scope: IConstruct, added: DeploymentEncryptionSettings): void {
  settingsOf(scope).push(added);
}

function settingsOf(scope: IConstruct): DeploymentEncryptionSettings[] {
  return sharedValue(scope, 'deploymentEncryption', () => []);
}

/** Returns the key in the nearest scope, and the principals of all scopes; undefined without settings in any scope. */
export function deploymentEncryptionOf(scope: IConstruct): DeploymentEncryptionSettings | undefined {
  const all = scope.node.scopes.flatMap(settingsOf);
  if (all.length === 0) return undefined;
  const allowed = all.flatMap(({ allowedPrincipalArns = [] }) => allowedPrincipalArns);
  return {
    encryptionKey: all.flatMap(({ encryptionKey }) => encryptionKey ?? []).at(-1),
    allowedPrincipalArns: allowed.length === 0 ? undefined : [...new Set(allowed)],
  };
}

/** Encrypts the data of a state machine with a customer managed key. */
export function encryptWaiter(scope: Construct, waiter: Waiter, { encryptionKey, allowedPrincipalArns }: DeploymentEncryptionSettings): void {
  const keyArn = encryptionKeyArn(scope, encryptionKey ?? new kms.Key(scope, 'EncryptionKey', {
    description: 'Encrypts what deployments of MicroVM resources pass to Step Functions',
    enableKeyRotation: true,
    removalPolicy: RemovalPolicy.DESTROY,
    policy: allowedPrincipalArns && keyPolicy(waiter, [...allowedPrincipalArns, ...deploymentRoles(scope)]),
  }));
  waiter.stateMachine.encryptionConfiguration = { type: 'CUSTOMER_MANAGED_KMS_KEY', kmsKeyId: keyArn };
  // The state machine depends on the policies of its role, so a policy that contains its ARN is separate.
  const policy = new iam.Policy(scope, 'EncryptionPolicy', {
    roles: [waiter.role],
    statements: [allow(PERMISSIONS.deploymentEncryption.use, [keyArn], {
      StringEquals: { 'kms:EncryptionContext:aws:states:stateMachineArn': waiter.stateMachine.ref },
    })],
  });
  // Step Functions starts no execution if the role may not use the key. The custom resources depend on this function.
  waiter.starter.node.addDependency(policy);
}

/**
 * Lets IAM policies decide for these principals only. The condition names roles that may not exist, which `Principal`
 * cannot do, and remains valid if a role is replaced.
 */
function keyPolicy({ role }: Waiter, allowedPrincipalArns: string[]): iam.PolicyDocument {
  const { administer, use } = PERMISSIONS.deploymentEncryption;
  const root = `arn:${Aws.PARTITION}:iam::${Aws.ACCOUNT_ID}:root`;
  const delegate = (sid: string, actions: string[], conditions: iam.Conditions) =>
    new iam.PolicyStatement({ sid, principals: [new iam.AccountRootPrincipal()], actions, resources: ['*'], conditions });
  return new iam.PolicyDocument({
    statements: [
      delegate('Administration', administer.actions, { ArnLike: { 'aws:PrincipalArn': [root, ...allowedPrincipalArns] } }),
      delegate('StateMachine', use.actions, { ArnEquals: { 'aws:PrincipalArn': role.roleArn } }),
    ],
  });
}

/** The role with which CloudFormation deploys the stack, if the app knows it. KMS would reject a policy without it. */
function deploymentRoles(scope: Construct): string[] {
  const arn = deploymentRoleArn(Stack.of(scope));
  return arn === undefined ? [] : [Fn.sub(arn)];
}
