import type { CustomResource, Duration, IResource, ITaggableV2, TagManager } from 'aws-cdk-lib';
import { ArnFormat, Fn, RemovalPolicy, Resource, Stack, Token, Tokenization } from 'aws-cdk-lib';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as logs from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { MicrovmBaseImage } from './base-image';
import { allowBuilds } from './build-access';
import { MicrovmBuildRole } from './build-role';
import type { MicrovmCode } from './code';
import { checkedEnvironment } from './environment';
import { MicrovmImageGrants } from './grants';
import type { MicrovmHooks } from './hooks';
import { MicrovmMemory } from './memory';
import { MicrovmOsCapabilities } from './os-capabilities';
import { imageResourceRole } from './resource-role';
import { MicrovmTermination } from './termination';
import type { MicrovmImageAttributes as DeployedAttributes, MicrovmImageProperties } from '../contract/image';
import { MICROVM_IMAGE_RESOURCE_TYPE } from '../contract/image';
import { MicrovmEgress } from '../network/egress';
import { arnOfImage } from '../private/arns';
import { booleanText, DEFAULT_DEPLOYMENT_TIMEOUT, customResource, logicalIdOfResource, deploymentTimeoutRule } from '../private/custom-resource';
import type { NumberRule } from '../private/errors';
import { checkDuration, checkNumber, checkText, ValidationError } from '../private/errors';
import { generatedImageName, MICROVM_IMAGE_NAME_RULE } from '../private/names';
import { DeployedValue } from '../private/same-stack-value';
import { lazyTags, tagErrors, tagManager, tagsOf } from '../private/tags';
import { TypeMarker } from '../private/type-marker';
import { MicrovmLogging } from '../shared/logging';

/**
 * A MicroVM image: what MicroVMs are launched from.
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
   * Allows to launch MicroVMs of the image, of any of its versions, and to look at every MicroVM of it.
   *
   * A launch also needs `lambda:PassNetworkConnector` for each connector that it names, managed ones included, and
   * `iam:PassRole` for an execution role; neither is part of this.
   */
  grantRun(grantee: iam.IGrantable): iam.Grant;

  /**
   * Allows to mint tokens for the endpoint of **every** MicroVM of the image, of every tenant, now and later, on all ports.
   *
   * IAM can limit neither MicroVM nor port. Isolate tenants by an image each, or by a broker that alone has this grant.
   */
  grantConnect(grantee: iam.IGrantable): iam.Grant;

  /**
   * Allows to mint tokens for a root shell in **every** MicroVM of the image, of every tenant, now and later, that was launched
   * with shell ingress.
   *
   * IAM can limit no MicroVM. This is part of no other grant.
   */
  grantShell(grantee: iam.IGrantable): iam.Grant;

  /**
   * Allows to look at, suspend, resume and terminate **every** MicroVM of the image, of every tenant, now and later, and to list
   * MicroVMs.
   *
   * IAM can limit no MicroVM. The list has no resource type: it shows the ids of the MicroVMs of all images.
   */
  grantManage(grantee: iam.IGrantable): iam.Grant;

  /**
   * Allows to look at the image, its versions, builds and tags; not at its MicroVMs.
   */
  grantRead(grantee: iam.IGrantable): iam.Grant;
}

/**
 * What an existing image is imported by.
 */
export interface MicrovmImageAttributes {
  /**
   * The ARN of the image, without a version: `arn:<partition>:lambda:<region>:<account>:microvm-image:<name>`.
   */
  readonly microvmImageArn: string;
}

/**
 * Properties of a MicroVM image.
 *
 * A change of the name replaces the image. A change of the code, base image, rebuild trigger, memory, hooks, environment,
 * capabilities, egress, build role, log group or description makes a new version of it, which is built for two generations of
 * processors and takes some minutes. MicroVMs that run stay on the version that they were launched from. Nothing else builds.
 */
export interface MicrovmImageProps {
  /**
   * What is in the image: a Dockerfile and what it copies. A change of its content makes a new version.
   */
  readonly code: MicrovmCode;

  /**
   * The name: 1 to 64 letters, digits, hyphens and underscores, unique in the account and Region.
   *
   * A change makes a new image and deletes the old one, which is refused while MicroVMs of it run unless `microvmTermination` says
   * otherwise.
   *
   * @default - a name made of the names of stack and construct, which stays the same
   */
  readonly microvmImageName?: string;

  /**
   * A description. It is part of a version: a change of it makes a new one. Versions show it with a short marker of this
   * library behind it.
   *
   * @default - none but the marker
   */
  readonly description?: string;

  /**
   * The managed image that builds start from.
   *
   * Unpinned it is looked up at each deployment that builds; a newer base alone does not build, see `rebuildTrigger`.
   *
   * @default MicrovmBaseImage.AL2023
   */
  readonly baseImage?: MicrovmBaseImage;

  /**
   * A text whose change makes a new version of the same code, for example the month, to take in the fixes of base images and
   * packages.
   *
   * @default - nothing is built while nothing changes
   */
  readonly rebuildTrigger?: string;

  /**
   * The memory of each MicroVM, and with it its processors and disk. A change makes a new version.
   *
   * @default MicrovmMemory.GIB_2
   */
  readonly memory?: MicrovmMemory;

  /**
   * The calls that the service makes to the application. A change makes a new version.
   *
   * @default - none: the snapshot is taken as soon as the application has started
   */
  readonly hooks?: MicrovmHooks;

  /**
   * Environment variables of the build and of every MicroVM: at most 50, names of 1 to 256 characters without white space, values of
   * at most 4,096. `AWS_REGION` is the service's own. A change makes a new version.
   *
   * Never secrets: the values are in the template, in the history of the deployment's state machine and in the snapshot.
   * Deployments keep them out of outputs, logs and errors.
   *
   * @default - none
   */
  readonly environment?: { [name: string]: string };

  /**
   * Linux capabilities beyond the usual ones, for example to run containers inside. A change makes a new version.
   *
   * @default MicrovmOsCapabilities.NONE
   */
  readonly osCapabilities?: MicrovmOsCapabilities;

  /**
   * The way out to the network that builds take; MicroVMs have their own. A change makes a new version.
   *
   * @default MicrovmEgress.internet()
   */
  readonly buildEgress?: MicrovmEgress;

  /**
   * Where the build log goes; MicroVMs have their own. A change of the group makes a new version.
   *
   * @default MicrovmLogging.newLogGroup()
   */
  readonly logging?: MicrovmLogging;

  /**
   * The role that builds run as. A change makes a new version.
   *
   * What builds need is added to it: the object of the code and the log group, in a policy that the image waits for. A role of
   * another stack will do. Its trust policy is left as it is; it must let `lambda.amazonaws.com` assume the role and tag the session. A
   * role to which nothing can be added gives a warning with the statements that it needs. The image waits for all policies of a role of
   * its own stack, so a grant on the image to that role would close a cycle.
   *
   * @default - a new `MicrovmBuildRole`
   */
  readonly buildRole?: iam.IRole;

  /**
   * Whether the error of a failed build shows the last lines of its log. The values of the environment (8 characters or more) are cut
   * out of them.
   *
   * @default true
   */
  readonly showBuildLogInErrors?: boolean;

  /**
   * How many successful versions are kept, the deployed one included: 2 to 40. Older and failed ones are deleted, but for
   * those that a MicroVM still runs on. A rollback to a version that was kept takes seconds and no build. Each is billed for its storage.
   *
   * @default 3
   */
  readonly retainedVersions?: number;

  /**
   * When a deployment may end MicroVMs that still run.
   *
   * @default MicrovmTermination.ON_DELETE
   */
  readonly microvmTermination?: MicrovmTermination;

  /**
   * Whether an image that exists already under `microvmImageName` is taken over. An image that carries the owner tags of another
   * stack or resource is never taken over.
   *
   * @default false - an existing image fails the deployment
   */
  readonly adoptExisting?: boolean;

  /**
   * Whether an image that was taken over is deleted with this resource.
   *
   * @default false - it stays: our versions and tags are removed, and the version that was active before is so again
   */
  readonly deleteAdopted?: boolean;

  /**
   * What becomes of the image when it is removed from the stack or replaced. If it is retained, its name stays taken.
   *
   * @default RemovalPolicy.DESTROY
   */
  readonly removalPolicy?: RemovalPolicy;

  /**
   * How long one create, update or delete may take, 1 to 55 minutes. After that it fails and says what it was waiting for.
   *
   * @default Duration.minutes(50)
   */
  readonly deploymentTimeout?: Duration;

  /**
   * Tags of the image, besides those of `Tags.of()` and of the stack; the `--tags` of the CDK CLI do not reach it. A change builds
   * nothing. At most 47; keys of 1 to 128 and values of at most 256 characters. Keys that begin with `aws:` or `cdk-lambda-microvms:`
   * are refused.
   *
   * @default - none
   */
  readonly tags?: { [key: string]: string };
}

abstract class MicrovmImageBase extends Resource implements IMicrovmImage {
  public abstract readonly microvmImageArn: string;
  public abstract readonly microvmImageName: string;

  /**
   * A reference to the image, for whatever takes one.
   */
  public get microvmImageRef(): lambda.MicrovmImageReference {
    return { imageArn: this.microvmImageArn };
  }

  public grantRun(grantee: iam.IGrantable): iam.Grant {
    return MicrovmImageGrants.fromImage(this).run(grantee);
  }

  public grantConnect(grantee: iam.IGrantable): iam.Grant {
    return MicrovmImageGrants.fromImage(this).connect(grantee);
  }

  public grantShell(grantee: iam.IGrantable): iam.Grant {
    return MicrovmImageGrants.fromImage(this).shell(grantee);
  }

  public grantManage(grantee: iam.IGrantable): iam.Grant {
    return MicrovmImageGrants.fromImage(this).manage(grantee);
  }

  public grantRead(grantee: iam.IGrantable): iam.Grant {
    return MicrovmImageGrants.fromImage(this).read(grantee);
  }
}

const MICROVM_IMAGE_MARKER = new TypeMarker('MicrovmImage');

const RETAINED_VERSIONS_RULE: NumberRule = { property: 'retainedVersions', code: 'MicrovmImageRetainedVersionsInvalid', min: 2, max: 40 };

/** Old and new properties travel together through a state machine that takes 256 KiB. */
const MAX_PROPERTIES_BYTES = 100_000;

const IMAGE_ARN = /^arn:[^:]+:lambda:[^:]*:[^:]*:microvm-image:[a-zA-Z0-9_-]+$/;

/**
 * A MicroVM image that is built from a directory with a Dockerfile, and kept up to date by deployments.
 *
 * The image is made by a custom resource. Compared with the CloudFormation type, a failed build fails the deployment with the
 * reason of each processor generation and the end of the log, a rollback activates the old version instead of building it again,
 * old versions are removed, and deleting the image first ends its MicroVMs.
 *
 * Its log group, its build role and the role that deployments act with belong to it alone.
 *
 * @resource AWS::Lambda::MicrovmImage
 *
 * @example
 * import { Duration } from 'aws-cdk-lib';
 * import type { aws_lambda as lambda, Stack } from 'aws-cdk-lib';
 * import { MicrovmCode, MicrovmHooks, MicrovmImage, MicrovmMemory } from 'cdk-lambda-microvms';
 *
 * declare const stack: Stack;
 * declare const backend: lambda.Function;
 *
 * const image = new MicrovmImage(stack, 'Sandbox', {
 *   code: MicrovmCode.fromDirectory('sandbox'),
 *   memory: MicrovmMemory.GIB_1,
 *   hooks: MicrovmHooks.withReady({ port: 8080, run: { timeout: Duration.seconds(5) } }),
 * });
 * image.grantConnect(backend);
 */
export class MicrovmImage extends MicrovmImageBase implements ITaggableV2 {
  /**
   * Whether something is a `MicrovmImage` made by this library, and not an import or an L1.
   */
  public static isMicrovmImage(x: any): x is MicrovmImage {
    return MICROVM_IMAGE_MARKER.isOn(x);
  }

  /**
   * An image that exists in the account and Region of the stack.
   */
  public static fromMicrovmImageName(scope: Construct, id: string, microvmImageName: string): IMicrovmImage {
    checkText(MICROVM_IMAGE_NAME_RULE, microvmImageName, scope);
    const microvmImageArn = Stack.of(scope).formatArn({
      service: 'lambda', resource: 'microvm-image', resourceName: microvmImageName, arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
    return MicrovmImage.fromMicrovmImageAttributes(scope, id, { microvmImageArn });
  }

  /**
   * An image that exists.
   *
   * @param microvmImageArn its ARN, without a version.
   */
  public static fromMicrovmImageArn(scope: Construct, id: string, microvmImageArn: string): IMicrovmImage {
    return MicrovmImage.fromMicrovmImageAttributes(scope, id, { microvmImageArn });
  }

  /**
   * An image that exists.
   */
  public static fromMicrovmImageAttributes(scope: Construct, id: string, attrs: MicrovmImageAttributes): IMicrovmImage {
    const arn = attrs.microvmImageArn;
    if (!Token.isUnresolved(arn) && !IMAGE_ARN.test(arn)) {
      throw new ValidationError('MicrovmImageArnInvalid',
        `microvmImageArn: '${arn}' is not the ARN of an image; use arn:<partition>:lambda:<region>:<account>:microvm-image:<name>, with a colon before the name and no version`, scope);
    }
    class Import extends MicrovmImageBase {
      public readonly microvmImageArn = arn;
      public readonly microvmImageName = Stack.of(scope).splitArn(arn, ArnFormat.COLON_RESOURCE_NAME).resourceName!;
    }
    return new Import(scope, id, { environmentFromArn: arn });
  }

  public readonly microvmImageArn: string;
  public readonly microvmImageName: string;

  /**
   * The version that the deployment made or activated, for example `3.0`.
   *
   * It cannot be read from another stack.
   *
   * @attribute
   */
  public readonly microvmImageVersion: string;

  /**
   * The version of the base image that the deployed version was built on, for example `1.0`.
   *
   * It cannot be read from another stack.
   *
   * @attribute
   */
  public readonly baseImageVersion: string;

  /**
   * The role that builds run as.
   */
  public readonly buildRole: iam.IRole;

  /**
   * The log group of the build log; undefined if logging is disabled.
   */
  public readonly logGroup?: logs.ILogGroup;

  /**
   * The tags of the image.
   */
  public readonly cdkTagManager: TagManager;

  /**
   * Known at synth. A role whose policies are made of it, and not of an attribute, need not wait for the image, and is known everywhere when that is launched.
   *
   * @internal
   */
  public readonly _imageName: string;

  /**
   * Whether its MicroVMs take a payload.
   *
   * @internal
   */
  public readonly _hasRunHook: boolean;

  public constructor(scope: Construct, id: string, props: MicrovmImageProps) {
    super(scope, id, { physicalName: props.microvmImageName });
    MICROVM_IMAGE_MARKER.mark(this);
    this._imageName = props.microvmImageName ?? generatedImageName(this);
    this._hasRunHook = props.hooks?._properties().Run !== undefined;
    this.validate(props);

    const removalPolicy = props.removalPolicy ?? RemovalPolicy.DESTROY;
    this.cdkTagManager = tagManager(MICROVM_IMAGE_RESOURCE_TYPE, props.tags);
    this.logGroup = (props.logging ?? MicrovmLogging.newLogGroup())._logGroup(this, removalPolicy);
    this.buildRole = props.buildRole ?? new MicrovmBuildRole(this, 'BuildRole', { microvmImageName: this._imageName });

    const resource = this.createResource(props, removalPolicy);
    this.node.defaultChild = resource.node.defaultChild;

    const arn = attribute(resource, 'ImageArn');
    this.microvmImageArn = this.getResourceArnAttribute(Token.asString(arn), {
      service: 'lambda', resource: 'microvm-image', resourceName: this._imageName, arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
    this.microvmImageName = this.getResourceNameAttribute(Fn.select(6, Fn.split(':', Token.asString(arn))));
    this.microvmImageVersion = DeployedValue.asString(attribute(resource, 'ImageVersion'), {
      owner: this,
      attribute: 'microvmImageVersion',
      code: 'MicrovmImageVersionCrossStack',
      instead: 'launch from a launcher in the stack of the image, or leave the version out: a launch then takes the latest active version',
    });
    this.baseImageVersion = DeployedValue.asString(attribute(resource, 'BaseImageVersion'), {
      owner: this, attribute: 'baseImageVersion', code: 'MicrovmImageVersionCrossStack', instead: 'read it in the stack of the image',
    });
  }

  private createResource(props: MicrovmImageProps, removalPolicy: RemovalPolicy): CustomResource {
    const code = props.code.bind(this);
    const egress = (props.buildEgress ?? MicrovmEgress.internet())._bindProperty(this, 'buildEgress');
    const baseImage = props.baseImage ?? MicrovmBaseImage.AL2023;
    const termination = props.microvmTermination ?? MicrovmTermination.ON_DELETE;
    const showBuildLogInErrors = props.showBuildLogInErrors ?? true;
    const imageArn = arnOfImage(this, this._imageName);
    const buildNeeds = allowBuilds(this, this.buildRole, { code, logGroup: this.logGroup });
    const resourceRole = imageResourceRole(this, {
      imageName: this._imageName,
      imageArn,
      logicalId: logicalIdOfResource(this),
      buildRole: this.buildRole,
      passableEgressArns: egress.passableArns,
      termination,
      shownLogGroup: showBuildLogInErrors ? this.logGroup : undefined,
    });

    const properties: MicrovmImageProperties = {
      ResourceRoleArn: resourceRole.roleArn,
      ImageArn: imageArn,
      ImageName: this._imageName,
      Description: props.description,
      BaseImageArn: baseImage._arn(this),
      BaseImageVersion: baseImage.version,
      BuildRoleArn: this.buildRole.roleArn,
      CodeUri: `s3://${code.bucket.bucketName}/${code.objectKey}`,
      CodeHash: code.contentHash,
      RebuildTrigger: props.rebuildTrigger,
      MemoryMiB: (props.memory ?? MicrovmMemory.GIB_2)._mebibytes(),
      OsCapabilities: props.osCapabilities === MicrovmOsCapabilities.ALL ? ['ALL'] : undefined,
      BuildEgressArn: egress.networkConnectorArn,
      LogGroupName: this.logGroup?.logGroupName,
      Hooks: props.hooks?._properties(),
      Environment: checkedEnvironment(this, props.environment),
      Tags: lazyTags(this, this.cdkTagManager),
      RetainedVersions: Tokenization.stringifyNumber(props.retainedVersions ?? 3),
      MicrovmTermination: termination,
      AdoptExisting: booleanText(props.adoptExisting ?? false),
      DeleteAdopted: booleanText(props.deleteAdopted ?? false),
      ShowBuildLogInErrors: booleanText(showBuildLogInErrors),
      TimeoutSeconds: Tokenization.stringifyNumber((props.deploymentTimeout ?? DEFAULT_DEPLOYMENT_TIMEOUT).toSeconds()),
    };
    const resource = customResource(this, MICROVM_IMAGE_RESOURCE_TYPE, properties, removalPolicy);
    resource.node.addDependency(...buildNeeds);
    this.node.addValidation({ validate: () => [...tagErrors('MicrovmImageTagsInvalid', tagsOf(this, this.cdkTagManager)), ...this.sizeErrors(properties)].map(error => error.message) });
    return resource;
  }

  private validate(props: MicrovmImageProps): void {
    checkText(MICROVM_IMAGE_NAME_RULE, props.microvmImageName, this);
    checkNumber(RETAINED_VERSIONS_RULE, props.retainedVersions, this);
    checkDuration(deploymentTimeoutRule('MicrovmImageTimeoutInvalid'), props.deploymentTimeout, this);
    if (props.adoptExisting && props.microvmImageName === undefined) {
      throw new ValidationError('MicrovmImageAdoptionInvalid', 'adoptExisting: true needs the name of the image to take over; set microvmImageName', this);
    }
    if (props.buildRole instanceof MicrovmBuildRole && !props.buildRole._isFor(this._imageName)) {
      throw new ValidationError('MicrovmImageBuildRoleInvalid',
        `buildRole: ${props.buildRole.node.path} is for images named '${props.buildRole.microvmImageName}', this one is named `
        + `'${this._imageName}'; use the same name for both`, this);
    }
  }

  private sizeErrors(properties: MicrovmImageProperties): ValidationError[] {
    const bytes = Buffer.byteLength(JSON.stringify(Stack.of(this).resolve(properties)));
    if (bytes <= MAX_PROPERTIES_BYTES) return [];
    return [new ValidationError('MicrovmImagePropertiesTooLarge',
      `environment: the properties of the image are ${bytes} bytes long, at most ${MAX_PROPERTIES_BYTES} can be deployed; put long values into files of the code`)];
  }
}

function attribute(resource: CustomResource, name: keyof DeployedAttributes) {
  return resource.getAtt(name);
}
