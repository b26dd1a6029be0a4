import type { SessionTagging } from './session-tagging';
import { SESSION_TAGGING } from './session-tagging';
import { BOOLEAN, TEXT } from '../private/property-types';
import type { PropertyTypes } from '../private/property-types';

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
   * @default - a description of the purpose of the role
   */
  readonly description?: string;

  /**
   * Whether the role denies all actions to a Lambda function that runs with it. Changing it replaces nothing.
   *
   * The Lambda service assumes this role, so a function can have it too. The deny keeps the permissions from whoever
   * may pass the role to a function. Not yet verified against AWS: that it does not affect builds, MicroVMs and
   * connectors. Turn it off if AWS denies all of their calls.
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
   * Session tags that the trust policy permits. Changing it updates the trust policy and replaces nothing.
   *
   * @default SessionTagging.anyTags()
   */
  readonly sessionTagging?: SessionTagging;

  /**
   * Whether the trust policy requires that the service acts for this image (`aws:SourceArn`). The trust policy always
   * requires that the service acts for this account (`aws:SourceAccount`). Changing it replaces nothing.
   *
   * Samples by AWS show that the service sends the ARN of the image (service-facts.md, 3.1). Turn the condition off if
   * builds or MicroVMs fail because the service cannot assume the role. Without the condition, whoever may pass the
   * role can use it with any image or function of the account.
   *
   * @default true
   */
  readonly sourceArnCondition?: boolean;
}

export const SERVICE_ROLE_TYPES: PropertyTypes<MicrovmServiceRoleProps> = { roleName: TEXT, description: TEXT, denyFromFunctions: BOOLEAN };
export const IMAGE_ROLE_TYPES: PropertyTypes<MicrovmImageRoleProps> = {
  ...SERVICE_ROLE_TYPES, sessionTagging: SESSION_TAGGING, sourceArnCondition: BOOLEAN,
};
