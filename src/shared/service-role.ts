import type { SessionTagging } from './session-tagging';

/**
 * Properties of every role that this library creates for the Lambda service.
 */
export interface MicrovmServiceRoleProps {
  /**
   * The name of the role, unique in the account across all Regions. Changing it replaces the role.
   *
   * @default - a name that CloudFormation generates; `MicrovmExecutionRole` derives a stable name from the names of
   * its stack and construct and from the Region
   */
  readonly roleName?: string;

  /**
   * A description of the role. Changing it replaces nothing.
   *
   * @default - says what the role is for
   */
  readonly description?: string;

  /**
   * Whether the role denies all actions to the code of an ordinary Lambda function that runs with this role.
   * Changing it replaces nothing.
   *
   * @default true
   */
  readonly denyFromFunctions?: boolean;
}

/**
 * Properties of the roles that the service assumes for one image: build roles and execution roles.
 */
export interface MicrovmImageRoleProps extends MicrovmServiceRoleProps {
  /**
   * Session tags that the trust policy permits. Changing it replaces nothing.
   *
   * @default SessionTagging.anyTags()
   */
  readonly sessionTagging?: SessionTagging;

  /**
   * Whether the trust policy requires that the service acts for this image (`aws:SourceArn`). The trust policy
   * always requires that the service acts for this account (`aws:SourceAccount`). Changing it replaces nothing.
   *
   * Samples by AWS show that the service sends the ARN of the image. Turn this off if builds or MicroVMs fail because
   * the service cannot assume the role. Then anybody who may pass the role can use it with any image or function of
   * the account.
   *
   * @default true
   */
  readonly sourceArnCondition?: boolean;
}
