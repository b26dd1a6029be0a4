import type { CustomResource, ITaggableV2, TagManager } from 'aws-cdk-lib';
import { ArnFormat, PhysicalName, RemovalPolicy, Resource, Stack, Token, Tokenization } from 'aws-cdk-lib';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as logs from 'aws-cdk-lib/aws-logs';
import { propertyInjectable } from 'aws-cdk-lib/core/lib/prop-injectable';
import type { Construct } from 'constructs';
import { Dependable } from 'constructs';
import { MicrovmArchitecture } from './architecture';
import { architecturesProperty, checkArchitectures } from './architectures';
import { MicrovmBaseImage } from './base-image';
import { allowBuilds } from './build-access';
import { MicrovmBuildRole } from './build-role';
import type { MicrovmCodeConfig } from './code-config';
import { checkDockerfile } from './dockerfile/check';
import type { DockerfileInCode } from './dockerfile/contents';
import { Environment } from './environment';
import { MicrovmImageGrants } from './grants';
import { checkImageEnvironment } from './image-environment';
import { ATTRIBUTES_TYPES } from './image-interface';
import type { IMicrovmImage, MicrovmImageAttributes } from './image-interface';
import { MICROVM_IMAGE_TYPES } from './image-props';
import type { MicrovmImageProps } from './image-props';
import { MicrovmMemory } from './memory';
import { MicrovmOsCapabilities } from './os-capabilities';
import { checkPulls } from './pull-access';
import { imageResourceRole } from './resource-role';
import { MicrovmTermination } from './termination';
import type { MicrovmImageAttributes as DeployedAttributes, MicrovmImageProperties } from '../contract/image';
import { DEFAULT_BASE_IMAGE, DEFAULT_BUILD_EGRESS, MICROVM_IMAGE_ARN_PATTERN, MICROVM_IMAGE_DEFAULTS, MICROVM_IMAGE_RESOURCE_TYPE } from '../contract/image';
import { warnOfClosedBuildEgress } from '../network/build-egress';
import { MicrovmEgress } from '../network/egress';
import { waitForNetwork } from '../network/network-order';
import { waitWithoutCycle } from '../private/acyclic-dependencies';
import { arnOfImage, managedConnectorArn, managedImageArn } from '../private/arns';
import { conciseText } from '../private/concise';
import { booleanText, customResource, deploymentTimeoutRule, logicalIdOfResource, timeoutSeconds, withoutDefaults } from '../private/custom-resource';
import type { NumberRule } from '../private/errors';
import { checkDuration, checkNumber, checkText, ValidationError } from '../private/errors';
import { generatedImageName, MICROVM_IMAGE_NAME_RULE } from '../private/names';
import { checkArgument, checkProps, pathOf, TEXT } from '../private/property-types';
import { roleOf } from '../private/references';
import { checkRemovalPolicy } from '../private/removal-policy';
import { RequestOverrides } from '../private/request-overrides';
import { SameStackValue } from '../private/same-stack-value';
import { rejectSecretReferences } from '../private/secret-references';
import { lazyTags, tagErrors, tagManager, tagsOf } from '../private/tags';
import { TypeMarker } from '../private/type-marker';
import { requireUniqueName } from '../private/unique-names';
import { MicrovmLogging } from '../shared/logging';

abstract class MicrovmImageBase extends Resource implements IMicrovmImage {
  public abstract readonly microvmImageArn: string;
  public abstract readonly microvmImageName: string;
  public abstract readonly encryptionKey?: kms.IKeyRef;

  /**
   * A reference to the image, for constructs that accept an L1 or an L2.
   */
  public get microvmImageRef(): lambda.MicrovmImageReference {
    return { imageArn: this.microvmImageArn };
  }

  public get grants(): MicrovmImageGrants {
    return MicrovmImageGrants.fromImage(this);
  }

  public grantRun(grantee: iam.IGrantable): iam.Grant {
    return this.grants.run(grantee);
  }

  public grantConnect(grantee: iam.IGrantable): iam.Grant {
    return this.grants.connect(grantee);
  }

  public grantShell(grantee: iam.IGrantable): iam.Grant {
    return this.grants.shell(grantee);
  }

  public grantManage(grantee: iam.IGrantable): iam.Grant {
    return this.grants.manage(grantee);
  }

  public grantRead(grantee: iam.IGrantable): iam.Grant {
    return this.grants.read(grantee);
  }
}

const MICROVM_IMAGE_MARKER = new TypeMarker('MicrovmImage');

/**
 * The handler identifies requests, images and versions by the first five members, and chooses the version of the base
 * image for the others.
 */
const MEMBERS_OF_THE_HANDLER = [
  'name', 'description', 'tags', 'imageIdentifier', 'clientToken', 'baseImageArn', 'baseImageVersion', 'cpuConfigurations',
];


const RETAINED_VERSIONS_RULE: NumberRule = { property: 'retainedVersions', code: 'MicrovmImageRetainedVersionsInvalid', min: 2, max: 40 };

/**
 * The input of the provider framework's state machine has at most 256 KiB. It contains the old and the new
 * properties.
 */
const MAX_PROPERTIES_BYTES = 100_000;

/**
 * Builds a MicroVM image from a directory with a Dockerfile, and keeps it up to date.
 *
 * A custom resource manages the image. It differs from the CloudFormation type:
 *
 * - The error of a failed build contains the reason for each processor generation and the end of the build log.
 * - A rollback activates the old version instead of building it again.
 * - A deployment deletes old versions.
 * - The deletion of the image first terminates its MicroVMs, unless `microvmTermination` is `NEVER`.
 *
 * The construct creates a log group, a build role and a resource role, which no other image uses. The handler of the
 * deployment assumes the resource role to manage the image.
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
@propertyInjectable
export class MicrovmImage extends MicrovmImageBase implements ITaggableV2 {
  /**
   * Identifies the class for property injectors.
   */
  public static readonly PROPERTY_INJECTION_ID: string = 'cdk-lambda-microvms.MicrovmImage';

  /**
   * Returns whether a value is a `MicrovmImage` of this library, not an imported image or an L1.
   */
  public static isMicrovmImage(x: any): x is MicrovmImage {
    return MICROVM_IMAGE_MARKER.isOn(x);
  }

  /**
   * Imports an existing image by its name, from the account and Region of the stack.
   */
  public static fromMicrovmImageName(scope: Construct, id: string, microvmImageName: string): IMicrovmImage {
    checkArgument('microvmImageName', microvmImageName, TEXT, pathOf(scope, id));
    checkText(MICROVM_IMAGE_NAME_RULE, microvmImageName, scope);
    const microvmImageArn = Stack.of(scope).formatArn({
      service: 'lambda', resource: 'microvm-image', resourceName: microvmImageName, arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
    return MicrovmImage.fromMicrovmImageAttributes(scope, id, { microvmImageArn });
  }

  /**
   * Imports an existing image by its ARN.
   *
   * @param microvmImageArn the ARN of the image, with a colon before the name and without a version.
   */
  public static fromMicrovmImageArn(scope: Construct, id: string, microvmImageArn: string): IMicrovmImage {
    return MicrovmImage.fromMicrovmImageAttributes(scope, id, { microvmImageArn });
  }

  /**
   * Imports an existing image by its attributes.
   */
  public static fromMicrovmImageAttributes(scope: Construct, id: string, attrs: MicrovmImageAttributes): IMicrovmImage {
    checkProps(pathOf(scope, id), attrs, ATTRIBUTES_TYPES);
    const arn = attrs.microvmImageArn;
    if (!Token.isUnresolved(arn) && !MICROVM_IMAGE_ARN_PATTERN.test(arn)) {
      throw new ValidationError('MicrovmImageArnInvalid',
        `microvmImageArn: '${arn}' is not the ARN of an image; use arn:<partition>:lambda:<region>:<account>:microvm-image:<name>, `
        + 'with a colon before the name and no version', scope);
    }
    class Import extends MicrovmImageBase {
      public readonly microvmImageArn = arn;
      public readonly microvmImageName = Stack.of(scope).splitArn(arn, ArnFormat.COLON_RESOURCE_NAME).resourceName!;
      public readonly encryptionKey = attrs.encryptionKey;
    }
    return new Import(scope, id, { environmentFromArn: arn });
  }

  /**
   * The ARN of the image, without a version. It is known at synth, so a resource that uses it does not wait for the
   * image. If the image must exist first, let the resource depend on the image: `node.addDependency(image)`.
   *
   * @attribute
   */
  public readonly microvmImageArn: string;

  /**
   * The name of the image. It is known at synth, like the ARN.
   *
   * @attribute
   */
  public readonly microvmImageName: string;

  public readonly encryptionKey?: kms.IKeyRef;

  /**
   * The version that the deployment built or activated, for example `3.0`.
   *
   * Other stacks cannot read it, because CloudFormation cannot update an export while another stack imports it.
   *
   * @attribute
   */
  public readonly microvmImageVersion: string;

  /**
   * The version of the base image that the deployed version was built on, for example `1.0`.
   *
   * Other stacks cannot read it, for the same reason as `microvmImageVersion`.
   *
   * @attribute
   */
  public readonly baseImageVersion: string;

  /**
   * The role that builds run as.
   */
  public readonly buildRole: iam.IRole;

  /**
   * The log group of builds; undefined if logging is disabled.
   */
  public readonly logGroup?: logs.ILogGroup;

  /**
   * The tag manager of the image.
   */
  public readonly cdkTagManager: TagManager;

  /**
   * The name of the image. It is known at synth, so roles that use it need not wait for the image: IAM has propagated
   * them by the time a MicroVM is launched.
   *
   * @internal
   */
  public readonly _imageName: string;

  /**
   * Whether the image has a run hook, which a launch with a payload needs.
   *
   * @internal
   */
  public readonly _hasRunHook: boolean;

  private readonly environment: Environment;
  private readonly logging: MicrovmLogging;
  private readonly requestOverrides = new RequestOverrides(this, MEMBERS_OF_THE_HANDLER);

  public constructor(scope: Construct, id: string, props: MicrovmImageProps) {
    checkProps(pathOf(scope, id), props, MICROVM_IMAGE_TYPES);
    super(scope, id, { physicalName: props.microvmImageName });
    MICROVM_IMAGE_MARKER.mark(this);
    // The generated name is known at synth, so that it serves other environments too.
    const givenName = props.microvmImageName === PhysicalName.GENERATE_IF_NEEDED ? undefined : props.microvmImageName;
    this._imageName = givenName ?? generatedImageName(this);
    this._hasRunHook = props.hooks?._properties().Run !== undefined;
    this.encryptionKey = props.encryptionKey;
    this.validate(props);
    checkImageEnvironment(this, { buildRole: props.buildRole, encryptionKey: props.encryptionKey, logGroup: props.logging?._given() });
    this.environment = new Environment(this, props.environment);

    const removalPolicy = props.removalPolicy ?? RemovalPolicy.DESTROY;
    this.cdkTagManager = tagManager(MICROVM_IMAGE_RESOURCE_TYPE, 'AWS::Lambda::MicrovmImage', props.tags);
    this.logging = props.logging ?? MicrovmLogging.newLogGroup();
    this.logGroup = this.logging._logGroup(this, removalPolicy);
    this.buildRole = props.buildRole ? roleOf(this, 'GivenBuildRole', props.buildRole) : new MicrovmBuildRole(this, 'BuildRole', { microvmImageName: this._imageName });

    const resource = this.createResource(props, removalPolicy);
    this.node.defaultChild = resource.node.defaultChild;
    // A resource that waits for the image need not wait for grants to the build role, which may be on that resource.
    Dependable.implement(this, { dependencyRoots: [resource] });

    this.microvmImageArn = arnOfImage(this, this._imageName);
    this.microvmImageName = this._imageName;
    this.microvmImageVersion = SameStackValue.asString(attribute(resource, 'ImageVersion'), {
      owner: this,
      attribute: 'microvmImageVersion',
      code: 'MicrovmImageVersionCrossStack',
      instead: 'use a launcher in the stack of the image, or launch without a version, which takes the latest active one',
    });
    this.baseImageVersion = SameStackValue.asString(attribute(resource, 'BaseImageVersion'), {
      owner: this, attribute: 'baseImageVersion', code: 'MicrovmImageVersionCrossStack', instead: 'read it in the stack of the image',
    });
  }

  /**
   * Sets a member of the requests that create the image and build its versions, as `addPropertyOverride` of L1s does.
   * Adding, changing or removing an override builds a new version.
   *
   * The value is sent as it is and is not checked. It reaches the service even if this library and its SDK do not know
   * the member. Grant the permissions that the member needs to the roles yourself.
   *
   * @param path names of members of `CreateMicrovmImage` and `UpdateMicrovmImage` with dots between them, and the index
   * of a list element: `hooks.port`, `resources.0.minimumMemoryInMiB`. A dot after a backslash belongs to a name.
   * Deployments set `name`, `description`, `tags`, `imageIdentifier` and `clientToken` themselves. For the base image
   * and the CPU, use `baseImage` and `architectures`.
   * @param value any value that JSON can express, except undefined.
   *
   * @example
   * import type { MicrovmImage } from 'cdk-lambda-microvms';
   *
   * declare const image: MicrovmImage;
   *
   * image.addRequestOverride('hooks.microvmHooks.runTimeoutInSeconds', 10);
   */
  public addRequestOverride(path: string, value: any): void {
    this.requestOverrides.add(path, value);
  }

  /**
   * Applies a removal policy to the image, and to the log group that the library has created for it, unless that log
   * group has a removal policy of its own. Throws `MicrovmRemovalPolicyInvalid` for `SNAPSHOT`.
   */
  public override applyRemovalPolicy(policy: RemovalPolicy): void {
    checkRemovalPolicy('applyRemovalPolicy', policy, this);
    super.applyRemovalPolicy(policy);
    this.logging._applyRemovalPolicy(this.logGroup, policy);
  }

  /**
   * Adds an environment variable of builds and of every MicroVM, as `environment` does. A new variable builds a new
   * version.
   *
   * @param name the name: 1 to 256 characters without white space. Throws `MicrovmImageEnvironmentInvalid` if the image
   * already has a variable of this name.
   * @param value the value: at most 4,096 characters. It must not be a secret.
   */
  public addEnvironment(name: string, value: string): void {
    this.environment.add(name, value);
  }

  private createResource(props: MicrovmImageProps, removalPolicy: RemovalPolicy): CustomResource {
    const { config: code, dockerfile } = props.code._locate(this);
    checkImageEnvironment(this, { codeBucket: code.bucket });
    if (dockerfile) this.checkDockerfile(dockerfile, props, code);
    const buildEgress = props.buildEgress ?? MicrovmEgress.internet();
    const egress = buildEgress._bindProperty(this, 'buildEgress');
    const baseImage = props.baseImage ?? MicrovmBaseImage.AL2023;
    const termination = props.microvmTermination ?? MicrovmTermination.ON_DELETE;
    const showBuildLogInErrors = props.showBuildLogInErrors ?? !props.logging?._mayBeShared();
    const imageArn = arnOfImage(this, this._imageName);
    const buildNeeds = allowBuilds(this, this.buildRole, { code, logGroup: this.logGroup });
    const resourceRole = imageResourceRole(this, {
      imageName: this._imageName,
      imageArn,
      logicalId: logicalIdOfResource(this),
      tagKeys: () => tagsOf(this, this.cdkTagManager).map(tag => tag.Key),
      buildRole: this.buildRole,
      passableEgressArns: egress.passableArns,
      termination,
      shownLogGroup: showBuildLogInErrors ? this.logGroup : undefined,
      encryptionKey: this.encryptionKey,
    });

    const properties = withoutDefaults<MicrovmImageProperties>({
      ResourceRoleArn: resourceRole.roleArn,
      ImageName: this._imageName,
      Description: props.description,
      BaseImageArn: baseImage._arn(this),
      BaseImageVersion: baseImage.version,
      Architectures: architecturesProperty(props.architectures),
      BuildRoleArn: this.buildRole.roleArn,
      CodeUri: conciseText(`s3://${code.bucket.bucketRef.bucketName}/${code.objectKey}`),
      CodeHash: code.contentHash,
      RebuildTrigger: props.rebuildTrigger,
      MemoryMiB: (props.memory ?? MicrovmMemory.GIB_2)._mebibytes(),
      OsCapabilities: props.osCapabilities === MicrovmOsCapabilities.ALL ? ['ALL'] : undefined,
      BuildEgressArn: egress.networkConnectorArn,
      LogGroupName: this.logGroup?.logGroupName,
      Hooks: props.hooks?._properties(),
      Environment: this.environment.property,
      RequestOverrides: this.requestOverrides.property,
      KmsKeyArn: this.encryptionKey?.keyRef.keyArn,
      Tags: lazyTags(this, this.cdkTagManager),
      RetainedVersions: Tokenization.stringifyNumber(props.retainedVersions ?? 3),
      MicrovmTermination: termination,
      AdoptExisting: booleanText(props.adoptExisting ?? false),
      DeleteAdopted: booleanText(props.deleteAdopted ?? false),
      ShowBuildLogInErrors: booleanText(showBuildLogInErrors),
      TimeoutSeconds: timeoutSeconds(props.deploymentTimeout),
    }, {
      ...MICROVM_IMAGE_DEFAULTS,
      BaseImageArn: managedImageArn(this, DEFAULT_BASE_IMAGE),
      BuildEgressArn: managedConnectorArn(this, DEFAULT_BUILD_EGRESS),
    });
    const resource = customResource(this, MICROVM_IMAGE_RESOURCE_TYPE, properties, removalPolicy, resolved => this.sizeErrors(resolved));
    waitWithoutCycle(resource, ...buildNeeds);
    if (buildEgress._connector) {
      waitForNetwork(resource, buildEgress._connector);
      warnOfClosedBuildEgress(this, buildEgress._connector);
    }
    this.node.addValidation({ validate: () => tagErrors('MicrovmImageTagsInvalid', this, this.cdkTagManager).map(error => error.message) });
    return resource;
  }

  private validate(props: MicrovmImageProps): void {
    checkText(MICROVM_IMAGE_NAME_RULE, props.microvmImageName, this);
    requireUniqueName('MicrovmImageNameDuplicate', 'microvmImageName', props.microvmImageName, this);
    checkNumber(RETAINED_VERSIONS_RULE, props.retainedVersions, this);
    checkDuration(deploymentTimeoutRule('MicrovmImageTimeoutInvalid'), props.deploymentTimeout, this);
    checkArchitectures(this, props.architectures);
    rejectSecretReferences(this, { description: props.description, rebuildTrigger: props.rebuildTrigger, tags: props.tags });
    if (props.adoptExisting && props.microvmImageName === undefined) {
      throw new ValidationError('MicrovmImageAdoptionInvalid', 'adoptExisting: true needs the name of the image to take over; set microvmImageName', this);
    }
    if (MicrovmBuildRole.isMicrovmBuildRole(props.buildRole) && !props.buildRole._isFor(this._imageName)) {
      throw new ValidationError('MicrovmImageBuildRoleInvalid',
        `buildRole: ${props.buildRole.node.path} is for images named '${props.buildRole.microvmImageName}', but this image is named `
        + `'${this._imageName}'; use the same name for both`, this);
    }
  }

  private checkDockerfile(dockerfile: DockerfileInCode, props: MicrovmImageProps, code: MicrovmCodeConfig): void {
    const pulled = checkDockerfile(this, dockerfile, {
      architectures: props.architectures ?? [MicrovmArchitecture.ARM_64],
      hooksPort: props.hooks?._port(),
      environment: Object.keys(props.environment ?? {}),
    });
    // The image grants pulls of repositories that the code names.
    if (!code.repositories) checkPulls(this, this.buildRole, pulled);
  }

  private sizeErrors(resolved: object): ValidationError[] {
    const bytes = Buffer.byteLength(JSON.stringify(resolved));
    if (bytes <= MAX_PROPERTIES_BYTES) return [];
    return [new ValidationError('MicrovmImagePropertiesTooLarge',
      `environment: the properties of the image have ${bytes} bytes; at most ${MAX_PROPERTIES_BYTES} can be deployed; put long values into files of the code`)];
  }
}

function attribute(resource: CustomResource, name: keyof DeployedAttributes) {
  return resource.getAtt(name);
}
