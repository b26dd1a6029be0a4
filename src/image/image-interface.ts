import type { IResource } from 'aws-cdk-lib';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type { MicrovmImageGrants } from './grants';
import { KEY, TEXT } from '../private/property-types';
import type { PropertyTypes } from '../private/property-types';

/**
 * An image that MicroVMs are launched from, created by `MicrovmImage` or imported.
 *
 * @example
 * import type { aws_iam as iam, Stack } from 'aws-cdk-lib';
 * import { MicrovmImage } from 'cdk-lambda-microvms';
 *
 * declare const stack: Stack;
 * declare const broker: iam.Role;
 *
 * const image = MicrovmImage.fromMicrovmImageName(stack, 'Sandbox', 'sandbox');
 * image.grantConnect(broker);
 */
export interface IMicrovmImage extends IResource, lambda.IMicrovmImageRef {
  /**
   * The ARN of the image, without a version.
   *
   * @attribute
   */
  readonly microvmImageArn: string;

  /**
   * The name of the image.
   *
   * @attribute
   */
  readonly microvmImageName: string;

  /**
   * The customer managed key of the image; undefined if the service encrypts it with a key of its own.
   */
  readonly encryptionKey?: kms.IKeyRef;

  /**
   * The grants of the image, each as a method: `grants.run` is the same as `grantRun`, and so on.
   */
  readonly grants: MicrovmImageGrants;

  /**
   * Grants permission to launch MicroVMs from any version of the image, and to describe all of its MicroVMs. If the
   * image has an `encryptionKey`, it also grants permission to use that key through Lambda.
   *
   * A launch needs two more permissions: `lambda:PassNetworkConnector` for each connector that it names, including
   * managed ones, and `iam:PassRole` for an execution role. `grantLaunch` of a launcher contains all three.
   */
  grantRun(grantee: iam.IGrantable): iam.Grant;

  /**
   * Grants permission to create endpoint tokens for **every** MicroVM of the image, present and future, of all tenants
   * and on all ports.
   *
   * IAM cannot restrict this permission to single MicroVMs or ports. See `MicrovmImageGrants` for how to isolate
   * tenants.
   */
  grantConnect(grantee: iam.IGrantable): iam.Grant;

  /**
   * Grants permission to create tokens for a root shell in **every** MicroVM of the image, present and future, of all
   * tenants, that was launched with shell ingress.
   *
   * Whoever has a shell can read the credentials of the execution role. No other grant includes this permission.
   */
  grantShell(grantee: iam.IGrantable): iam.Grant;

  /**
   * Grants permission to describe, suspend, resume and terminate **every** MicroVM of the image, present and future, of
   * all tenants, and to list MicroVMs.
   *
   * The list shows the IDs of the MicroVMs of all images, because `lambda:ListMicrovms` has no resource type.
   */
  grantManage(grantee: iam.IGrantable): iam.Grant;

  /**
   * Grants permission to describe the image, its versions, builds and tags, but not its MicroVMs.
   */
  grantRead(grantee: iam.IGrantable): iam.Grant;
}

/**
 * Attributes of an existing image.
 */
export interface MicrovmImageAttributes {
  /**
   * The ARN of the image, without a version: `arn:<partition>:lambda:<region>:<account>:microvm-image:<name>`.
   */
  readonly microvmImageArn: string;

  /**
   * The customer managed key of the image, which `grantRun` grants too.
   *
   * @default - the image has none
   */
  readonly encryptionKey?: kms.IKeyRef;
}

export const ATTRIBUTES_TYPES: PropertyTypes<MicrovmImageAttributes> = { microvmImageArn: TEXT.required(), encryptionKey: KEY };
