import type * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { grantPermissions } from '../private/grant';
import type { Permission } from '../private/permissions';
import { PERMISSIONS } from '../private/permissions';

/**
 * Permissions on an image: an L1, a `MicrovmImage` or an import.
 *
 * IAM knows no single MicroVM and no port. Whoever may connect to, get a shell in, suspend or terminate MicroVMs of an image may
 * do so with **every** MicroVM of it, of every tenant, now and later, and on all ports. Isolate tenants by an image each, or
 * by a broker that alone may connect.
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
   * Grants on an image.
   */
  public static fromImage(image: lambda.IMicrovmImageRef): MicrovmImageGrants {
    return new MicrovmImageGrants(image);
  }

  private constructor(private readonly image: lambda.IMicrovmImageRef) {}

  /**
   * Launch MicroVMs of the image, of any of its versions, and look at every MicroVM of it.
   *
   * A launch also needs `lambda:PassNetworkConnector` for each connector that it names, managed ones included, and
   * `iam:PassRole` for an execution role; neither is part of this. IAM limits neither duration, payload nor version of a launch.
   */
  public run(grantee: iam.IGrantable): iam.Grant {
    return this.allow(grantee, PERMISSIONS.imageGrants.run);
  }

  /**
   * Mint tokens for the endpoint of **every** MicroVM of the image, now and later, on all ports, the port of its hooks included.
   *
   * IAM can limit neither MicroVM nor port; tenants that share an image are not isolated from each other's holders of this grant.
   */
  public connect(grantee: iam.IGrantable): iam.Grant {
    return this.allow(grantee, PERMISSIONS.imageGrants.connect);
  }

  /**
   * Mint tokens for a root shell in **every** MicroVM of the image, now and later, that was launched with shell ingress.
   *
   * With a shell come the credentials of the execution role. This is part of no other grant.
   */
  public shell(grantee: iam.IGrantable): iam.Grant {
    return this.allow(grantee, PERMISSIONS.imageGrants.shell);
  }

  /**
   * Look at, suspend, resume and terminate **every** MicroVM of the image, of every tenant, now and later, and list MicroVMs.
   *
   * The list has no resource type, so it is on `*` and shows the ids of the MicroVMs of all images.
   */
  public manage(grantee: iam.IGrantable): iam.Grant {
    return this.allow(grantee, PERMISSIONS.imageGrants.manage)
      .combine(this.allow(grantee, PERMISSIONS.imageGrants.manageList, ['*']));
  }

  /**
   * Look at the image, its versions with their configuration (the environment is masked by the service), builds and tags; not
   * at its MicroVMs.
   */
  public read(grantee: iam.IGrantable): iam.Grant {
    return this.allow(grantee, PERMISSIONS.imageGrants.read);
  }

  private allow(grantee: iam.IGrantable, permission: Permission, resourceArns = [this.image.microvmImageRef.imageArn]): iam.Grant {
    return grantPermissions(grantee, [permission], resourceArns);
  }
}
