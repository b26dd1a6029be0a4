import type * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { grantEncryptionKey } from '../private/encryption-key';
import { grantPermissions, withWarning } from '../private/grant';
import type { Permission } from '../private/permissions';
import { PERMISSIONS } from '../private/permissions';

/**
 * Grants permissions on an image: an L1, a `MicrovmImage` or an imported image.
 *
 * IAM authorizes calls to a MicroVM on its image (service-facts.md, 2.1). It cannot restrict them to single MicroVMs or
 * ports. Whoever may connect to, open a shell in, suspend or terminate one MicroVM of an image may do so with **every**
 * MicroVM of it, present and future, of all tenants.
 *
 * To isolate tenants, give each tenant its own image. Or grant these permissions only to a broker, which checks each
 * request and connects on behalf of the tenant.
 *
 * @example
 * import type { aws_iam as iam, aws_lambda as lambda } from 'aws-cdk-lib';
 * import { MicrovmImageGrants } from 'cdk-lambda-microvms';
 *
 * declare const image: lambda.CfnMicrovmImage;
 * declare const broker: iam.IGrantable;
 *
 * const grants = MicrovmImageGrants.fromImage(image);
 * grants.run(broker);
 * grants.connect(broker);
 */
export class MicrovmImageGrants {
  /**
   * Returns the grants of an image.
   */
  public static fromImage(image: lambda.IMicrovmImageRef): MicrovmImageGrants {
    return new MicrovmImageGrants(image);
  }

  private constructor(private readonly image: lambda.IMicrovmImageRef) {}

  /**
   * Grants permission to launch MicroVMs from any version of the image, and to describe all of its MicroVMs. If the
   * image has an `encryptionKey`, it also grants permission to use that key through Lambda.
   *
   * A launch needs two more permissions: `lambda:PassNetworkConnector` for each connector that it names, including
   * managed ones, and `iam:PassRole` for an execution role. IAM cannot restrict the duration, the payload or the
   * version of a launch.
   */
  public run(grantee: iam.IGrantable): iam.Grant {
    const grant = this.allow(grantee, PERMISSIONS.imageGrants.run);
    // IMicrovmImageRef has no encryptionKey. Images of this library have one, if the app knows it.
    const { encryptionKey } = this.image as { encryptionKey?: kms.IKeyRef };
    return encryptionKey ? grant.combine(grantEncryptionKey(grantee, this.image, encryptionKey)) : grant;
  }

  /**
   * Grants permission to create endpoint tokens for **every** MicroVM of the image, present and future, of all tenants
   * and on all ports, including the port of its hooks.
   *
   * IAM cannot restrict this permission to single MicroVMs or ports.
   */
  public connect(grantee: iam.IGrantable): iam.Grant {
    return this.allow(grantee, PERMISSIONS.imageGrants.connect);
  }

  /**
   * Grants permission to create tokens for a root shell in **every** MicroVM of the image, present and future, of all
   * tenants, that was launched with shell ingress.
   *
   * Whoever has a shell can read the credentials of the execution role. No other grant includes this permission.
   */
  public shell(grantee: iam.IGrantable): iam.Grant {
    return this.allow(grantee, PERMISSIONS.imageGrants.shell);
  }

  /**
   * Grants permission to describe, suspend, resume and terminate **every** MicroVM of the image, present and future, of
   * all tenants, and to list MicroVMs.
   *
   * The list shows the IDs of the MicroVMs of all images: `lambda:ListMicrovms` has no resource type, so it is granted
   * on `*`.
   */
  public manage(grantee: iam.IGrantable): iam.Grant {
    return this.allow(grantee, PERMISSIONS.imageGrants.manage)
      .combine(this.allow(grantee, PERMISSIONS.imageGrants.manageList, ['*']));
  }

  /**
   * Grants permission to describe the image, its versions, builds and tags, but not its MicroVMs.
   *
   * The description of a version contains its configuration, with masked values of the environment.
   */
  public read(grantee: iam.IGrantable): iam.Grant {
    return this.allow(grantee, PERMISSIONS.imageGrants.read);
  }

  private allow(grantee: iam.IGrantable, permission: Permission, resourceArns = [this.image.microvmImageRef.imageArn]): iam.Grant {
    return withWarning(this.image, grantee, grantPermissions(grantee, [permission], resourceArns));
  }
}
