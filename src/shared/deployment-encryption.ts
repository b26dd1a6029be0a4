import { Token } from 'aws-cdk-lib';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type { IConstruct } from 'constructs';
import { addDeploymentEncryption } from '../private/deployment-encryption';
import { encryptionKeyArn } from '../private/encryption-key';
import { ValidationError } from '../private/errors';
import { checkProps, KEY, TEXTS } from '../private/property-types';
import type { PropertyTypes } from '../private/property-types';

/**
 * Options of `DeploymentEncryption.apply`.
 */
export interface DeploymentEncryptionOptions {
  /**
   * A symmetric customer managed KMS key of yours. Changing it updates the state machines in place. Executions that
   * are under way may still use the old key, so keep it enabled for another hour.
   *
   * The library does not change the policy of the key. The policy must let IAM policies decide about the role of the
   * state machine, as the default key policy does.
   *
   * @default - a new key for each stack, with yearly rotation; KMS deletes it 30 days after the stack
   */
  readonly encryptionKey?: kms.IKeyRef;

  /**
   * ARNs of the IAM roles and users that may administer the keys and decrypt with them, if their IAM policies permit
   * it. At least one. `*` and `?` are wildcards. Changing the list updates the key policies in place.
   *
   * Other principals cannot use the keys, whatever their policies allow, except the root user of the account, the role
   * of the state machine, and the `cloudFormationExecutionRole` of the stack's synthesizer. If you deploy with another
   * role, include that role: KMS rejects a key policy that its caller could not change again.
   *
   * Not valid together with `encryptionKey`, because the policy of that key is yours.
   *
   * @default - IAM policies of the account decide
   */
  readonly allowedPrincipalArns?: string[];
}

const TYPES: PropertyTypes<DeploymentEncryptionOptions> = { encryptionKey: KEY, allowedPrincipalArns: TEXTS };

/** IAM presents the ARN of a role, not the ARN of its session. */
const PRINCIPAL_ARN = /^arn:[^:]+:iam::[^:]*:(role|user|root|\*)/;

/**
 * Encrypts what a deployment passes through Step Functions.
 *
 * While a deployment waits for an image, connector or MicroVM, a state machine polls for it. The input of each
 * execution contains the properties of the resource, such as the environment of an image or a payload, and the response
 * URL of CloudFormation. Whoever reads an execution sees these values. With the URL, they can also answer
 * CloudFormation in place of the handler, and so choose the attributes of the resource.
 *
 * With a customer managed key, Step Functions shows the input and the history of an execution only to principals that
 * may decrypt with the key, and events in EventBridge do not contain them (service-facts.md, 13.2). A reader needs
 * `kms:Decrypt` in addition to `states:DescribeExecution` or `states:GetExecutionHistory`. Not verified against live
 * AWS.
 *
 * It does not protect:
 *
 * - the properties in the template, to which `cloudformation:GetTemplate` gives access
 * - against principals that may change the state machine, its functions or the policy of the key
 * - against principals that may decrypt with all keys, such as administrators, unless you set `allowedPrincipalArns`
 * - executions from before the encryption, which stay readable for 90 days
 *
 * Each key costs 1 USD per month, and 1 USD per month more after each of its first two yearly rotations. 10,000
 * requests cost 0.03 USD. A nested stack with resources of this library has a state machine and a key of its own.
 *
 * The role of CloudFormation needs `kms:DescribeKey` and `kms:GenerateDataKey` on the key.
 *
 * @example
 * import { App, Stack } from 'aws-cdk-lib';
 * import { DeploymentEncryption, MicrovmCode, MicrovmImage } from 'cdk-lambda-microvms';
 *
 * const app = new App();
 * DeploymentEncryption.apply(app);
 *
 * const stack = new Stack(app, 'Sandboxes');
 * new MicrovmImage(stack, 'Sandbox', {
 *   code: MicrovmCode.fromDirectory('sandbox'),
 *   environment: { GREETING: 'hello' },
 * });
 */
export class DeploymentEncryption {
  /**
   * Encrypts the data of all state machines in a scope that wait for resources of this library. You can create the
   * resources before or after the call.
   *
   * Adding or removing the call updates the state machines in place. If several calls cover a stack, the nearest
   * `encryptionKey` counts. Without one, the `allowedPrincipalArns` of all these calls count.
   *
   * @param scope the app, a stage, a stack, or a construct that contains stacks.
   */
  public static apply(scope: IConstruct, options: DeploymentEncryptionOptions = {}): void {
    checkProps(scope, options, TYPES);
    const { encryptionKey, allowedPrincipalArns } = options;
    if (encryptionKey) encryptionKeyArn(scope, encryptionKey);
    if (allowedPrincipalArns) checkPrincipals(allowedPrincipalArns, scope, encryptionKey);
    addDeploymentEncryption(scope, { encryptionKey, allowedPrincipalArns });
  }

  private constructor() {}
}

function checkPrincipals(arns: string[], scope: IConstruct, encryptionKey?: kms.IKeyRef): void {
  if (encryptionKey) {
    throw new ValidationError('DeploymentEncryptionInvalid',
      'allowedPrincipalArns: not valid with encryptionKey; restrict the policy of that key, or omit encryptionKey', scope);
  }
  if (arns.length === 0) {
    throw new ValidationError('DeploymentEncryptionInvalid',
      'allowedPrincipalArns: the list is empty, so that nobody could administer the key; use at least one ARN, or omit it', scope);
  }
  const invalid = arns.find(arn => !Token.isUnresolved(arn) && !PRINCIPAL_ARN.test(arn));
  if (invalid !== undefined) {
    throw new ValidationError('DeploymentEncryptionInvalid',
      `allowedPrincipalArns: '${invalid}' is not the ARN of an IAM role or user; use arn:<partition>:iam::<account>:role/<path and name>`, scope);
  }
}
