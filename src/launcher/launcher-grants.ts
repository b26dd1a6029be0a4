import type * as iam from 'aws-cdk-lib/aws-iam';
import type { IConstruct } from 'constructs';
import type { LaunchSettings } from './launch-request';
import { requiredExecutionRole } from './launch-request';
import type { WebIdentityOptions } from './web-identity';
import { webIdentityConditions } from './web-identity';
import { MicrovmImageGrants } from '../image/grants';
import { grantEncryptionKey } from '../private/encryption-key';
import { ValidationError } from '../private/errors';
import { grantPermissions } from '../private/grant';
import { PERMISSIONS } from '../private/permissions';

/**
 * Grants permissions on a launcher. The property `grants` of a launcher returns them.
 *
 * IAM authorizes calls to a MicroVM on its image. Except for `launch`, these grants therefore cover **every** MicroVM
 * of the image, present and future, of all launchers and tenants. See `MicrovmImageGrants` for how to isolate tenants.
 *
 * @example
 * import type { aws_lambda as lambda } from 'aws-cdk-lib';
 * import type { MicrovmLauncher } from 'cdk-lambda-microvms';
 *
 * declare const launcher: MicrovmLauncher;
 * declare const backend: lambda.Function;
 *
 * launcher.grants.launch(backend);
 * launcher.grants.connect(backend);
 * launcher.grants.manage(backend);
 */
export class MicrovmLauncherGrants {
  /** @internal */
  public static _of(scope: IConstruct, settings: LaunchSettings): MicrovmLauncherGrants {
    return new MicrovmLauncherGrants(scope, settings);
  }

  /**
   * The audiences of all web identity grants.
   *
   * @internal
   */
  public readonly _audiences: string[] = [];

  private readonly image: MicrovmImageGrants;

  private constructor(private readonly scope: IConstruct, private readonly settings: LaunchSettings) {
    this.image = MicrovmImageGrants.fromImage(settings.image);
  }

  /**
   * Grants permission to launch MicroVMs of the image (any version) with the execution role, ingress and egress of the
   * launcher, and to describe every MicroVM of the image. If the launcher has an `encryptionKey`, this includes its use
   * through Lambda.
   *
   * IAM cannot restrict the duration, the idle policy, the payload or the version of a launch.
   */
  public launch(grantee: iam.IGrantable): iam.Grant {
    const { passExecutionRole, passConnectors } = PERMISSIONS.launcherGrants;
    const { ingress, egress, executionRole, encryptionKey } = this.settings;
    const connectorArns = [...ingress.bind(this.scope).networkConnectorArns, ...egress.bind(this.scope).passableArns];
    const run = this.image.run(grantee);
    const withRole = executionRole ? run.combine(grantPermissions(grantee, [passExecutionRole], [executionRole.roleArn])) : run;
    const grant = withRole.combine(grantPermissions(grantee, [passConnectors], connectorArns));
    return encryptionKey ? grant.combine(grantEncryptionKey(grantee, this.scope, encryptionKey)) : grant;
  }

  /**
   * Grants permission to create endpoint tokens for every MicroVM of the image, on all ports, including the port of its
   * hooks.
   *
   * Throws `MicrovmLauncherNoIngress` if the ingress of the launcher admits no requests.
   */
  public connect(grantee: iam.IGrantable): iam.Grant {
    if (!this.settings.ingress.bind(this.scope).admitsRequests) {
      throw new ValidationError('MicrovmLauncherNoIngress',
        'grantConnect: the ingress of this launcher admits no requests; use MicrovmIngress.http()', this.scope);
    }
    return this.image.connect(grantee);
  }

  /**
   * Grants permission to create tokens for a root shell in every MicroVM of the image that was launched with shell
   * ingress.
   *
   * Whoever has a shell can read the credentials of the execution role. No other grant includes this permission. Throws
   * `MicrovmLauncherNoShell` if the ingress of the launcher has no shell.
   */
  public shell(grantee: iam.IGrantable): iam.Grant {
    if (!this.settings.ingress.bind(this.scope).admitsShell) {
      throw new ValidationError('MicrovmLauncherNoShell',
        'grantShell: the ingress of this launcher has no shell; use MicrovmIngress.httpWithShell()', this.scope);
    }
    return this.image.shell(grantee);
  }

  /**
   * Grants permission to describe, suspend, resume and terminate every MicroVM of the image, and to list the IDs of the
   * MicroVMs of all images.
   */
  public manage(grantee: iam.IGrantable): iam.Grant {
    return this.image.manage(grantee);
  }

  /**
   * Grants the MicroVMs permission to get web-identity tokens for these audiences, and no others.
   *
   * See `IMicrovmLauncher.grantWebIdentity` for what a relying party must check.
   */
  public webIdentity(options: WebIdentityOptions): iam.Grant {
    const conditions = webIdentityConditions(this.scope, options);
    const role = requiredExecutionRole(this.scope, this.settings);
    this._audiences.push(...options.audiences);
    return grantPermissions(role, [PERMISSIONS.execution.webIdentity], ['*'], conditions);
  }
}
