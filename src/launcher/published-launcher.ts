import { Fn, Stack, Token } from 'aws-cdk-lib';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import * as ssm from 'aws-cdk-lib/aws-ssm';
import type { IConstruct } from 'constructs';
import { Construct } from 'constructs';
import { addToFunction, FUNCTION_TYPES } from './function-environment';
import type { LaunchSettings } from './launch-request';
import { launchRequest } from './launch-request';
import { MicrovmLauncherGrants } from './launcher-grants';
import type { MicrovmLauncherFunctionOptions } from './launcher-interface';
import { leastLength } from './least-length';
import { LEDGER_PATH } from '../contract/microvm';
import { LAUNCH_REQUEST_PARAMETER_VARIABLE } from '../contract/workflow';
import { MicrovmImageGrants } from '../image/grants';
import { MicrovmImage } from '../image/microvm-image';
import type { TextRule } from '../private/errors';
import { checkText, ValidationError } from '../private/errors';
import { grantPermissions } from '../private/grant';
import { PERMISSIONS } from '../private/permissions';
import { checkArgument, checkProps, TEXT } from '../private/property-types';

/**
 * A launcher that is published under a name: what `publish` of a `MicrovmLauncher` returns, or an import by that name.
 *
 * @example
 * import type { aws_ecs as ecs, aws_lambda as lambda, Stack } from 'aws-cdk-lib';
 * import { MicrovmLauncher } from 'cdk-lambda-microvms';
 *
 * declare const stack: Stack;
 * declare const service: ecs.FargateTaskDefinition;
 * declare const backend: lambda.Function;
 *
 * const launcher = MicrovmLauncher.fromMicrovmLauncherName(stack, 'Launcher', '/sandbox/launcher');
 * launcher.grantLaunch(service.taskRole);
 * launcher.grantReadRequest(service.taskRole);
 *
 * launcher.grantLaunch(backend);
 * launcher.addToFunction(backend); // the name of the parameter, with the permission to read it
 */
export interface IPublishedMicrovmLauncher extends IConstruct {
  /**
   * The name of the SSM parameter that contains the launch request.
   */
  readonly parameterName: string;

  /**
   * Grants permission to launch MicroVMs, as `grantLaunch` of the launcher does.
   *
   * The grant of an import does not include the `encryptionKey` of the launcher or of its image. If one of them has a
   * key, also grant permission to use the key.
   */
  grantLaunch(grantee: iam.IGrantable): iam.Grant;

  /**
   * Grants permission to read the launch request from the parameter.
   */
  grantReadRequest(grantee: iam.IGrantable): iam.Grant;

  /**
   * Grants permission to create endpoint tokens for **every** MicroVM of the image, as `grantConnect` of the launcher
   * does. An import does not know whether the ingress admits requests.
   */
  grantConnect(grantee: iam.IGrantable): iam.Grant;

  /**
   * Grants permission to describe, suspend, resume and terminate **every** MicroVM of the image, and to list MicroVMs,
   * as `grantManage` of the launcher does.
   */
  grantManage(grantee: iam.IGrantable): iam.Grant;

  /**
   * Adds the name of the parameter to the environment variables of a function, and grants permission to read the
   * parameter. The function also needs `grantLaunch`.
   *
   * The default of `environmentVariable` is `MICROVM_LAUNCH_REQUEST_PARAMETER`.
   */
  addToFunction(fn: lambda.Function, options?: MicrovmLauncherFunctionOptions): void;
}

const CODE = 'MicrovmLauncherPublicationInvalid';
const NAME_RULE: TextRule = {
  property: 'parameterName',
  code: CODE,
  minLength: 2,
  maxLength: 900,
  // A hierarchy has at most 15 levels, and the parameter for grants adds one.
  pattern: /^(\/[a-zA-Z0-9_.-]+){1,14}$/,
  allowed: "a path such as '/sandbox/launcher' of letters, digits and _ . -, with at most 14 levels",
};

/** A standard parameter has 4 KB. */
const LARGEST_PARAMETER = 4_096;

/** The number of ARNs in the parameter for grants. A launcher with fewer of them repeats the ARN of the image. */
const ARNS = 6;

/** Creates the parameters of a launcher. */
export function publishLauncher(scope: Construct, settings: LaunchSettings, parameterName: string): IPublishedMicrovmLauncher {
  checkName(scope, parameterName);
  const { image, executionRole, ingress, egress } = settings;
  const { imageArn } = image.microvmImageRef;
  const arns = [
    imageArn, ...executionRole ? [executionRole.roleArn] : [], ...ingress.bind(scope).networkConnectorArns, ...egress.bind(scope).passableArns,
  ];
  const published = new OwnPublication(scope, 'Publication', parameterName, MicrovmLauncherGrants._of(scope, settings));
  const request = launchRequest(scope, settings);
  new ssm.StringParameter(published, 'Request', {
    parameterName, simpleName: false, stringValue: request, description: `RunMicrovm request of ${scope.node.path}`,
  });
  new ssm.StringParameter(published, 'Grants', {
    parameterName: grantsName(parameterName),
    simpleName: false,
    stringValue: Array.from({ length: ARNS }, (_, index) => arns[index] ?? imageArn).join(','),
    description: `ARNs that ${parameterName} needs permissions on`,
  });
  published.node.addValidation({ validate: () => requestErrors(published, request) });
  return published;
}

/** Imports a launcher that another app publishes. */
export function importLauncher(scope: Construct, id: string, parameterName: string): IPublishedMicrovmLauncher {
  checkName(scope, parameterName);
  return new ImportedPublication(scope, id, parameterName);
}

abstract class Publication extends Construct implements IPublishedMicrovmLauncher {
  public constructor(scope: Construct, id: string, public readonly parameterName: string) {
    super(scope, id);
  }

  public grantReadRequest(grantee: iam.IGrantable): iam.Grant {
    const arn = Stack.of(this).formatArn({ service: 'ssm', resource: 'parameter', resourceName: this.parameterName.slice(1) });
    return grantPermissions(grantee, [PERMISSIONS.publishedLauncher.read], [arn]);
  }

  public addToFunction(fn: lambda.Function, options: MicrovmLauncherFunctionOptions = {}): void {
    checkProps(this, options, FUNCTION_TYPES);
    addToFunction(this, fn, options.environmentVariable ?? LAUNCH_REQUEST_PARAMETER_VARIABLE, this.parameterName);
    this.grantReadRequest(fn);
  }

  public abstract grantLaunch(grantee: iam.IGrantable): iam.Grant;
  public abstract grantConnect(grantee: iam.IGrantable): iam.Grant;
  public abstract grantManage(grantee: iam.IGrantable): iam.Grant;
}

/** A launcher that the app itself publishes. */
class OwnPublication extends Publication {
  public constructor(scope: Construct, id: string, parameterName: string, private readonly grants: MicrovmLauncherGrants) {
    super(scope, id, parameterName);
  }

  public grantLaunch(grantee: iam.IGrantable): iam.Grant {
    return this.grants.launch(grantee);
  }

  public grantConnect(grantee: iam.IGrantable): iam.Grant {
    return this.grants.connect(grantee);
  }

  public grantManage(grantee: iam.IGrantable): iam.Grant {
    return this.grants.manage(grantee);
  }
}

/** A launcher that another app publishes. */
class ImportedPublication extends Publication {
  private readonly arns: string[];
  private readonly image: MicrovmImageGrants;

  public constructor(scope: Construct, id: string, parameterName: string) {
    super(scope, id, parameterName);
    // Each deployment reads a parameter of the template again.
    const value = ssm.StringParameter.valueForStringParameter(this, grantsName(parameterName));
    this.arns = Array.from({ length: ARNS }, (_, index) => Fn.select(index, Fn.split(',', value)));
    this.image = MicrovmImageGrants.fromImage(MicrovmImage.fromMicrovmImageArn(this, 'Image', this.arns[0]));
  }

  /** Which ARN is whose is not known at synth. Each action applies to one type of resource only. */
  public grantLaunch(grantee: iam.IGrantable): iam.Grant {
    const { passExecutionRole, passConnectors } = PERMISSIONS.launcherGrants;
    return grantPermissions(grantee, [PERMISSIONS.imageGrants.run, passExecutionRole, passConnectors], this.arns);
  }

  public grantConnect(grantee: iam.IGrantable): iam.Grant {
    return this.image.connect(grantee);
  }

  public grantManage(grantee: iam.IGrantable): iam.Grant {
    return this.image.manage(grantee);
  }
}

function grantsName(parameterName: string): string {
  return `${parameterName}/grants`;
}

function checkName(scope: IConstruct, name: string): void {
  checkArgument('parameterName', name, TEXT, scope);
  if (Token.isUnresolved(name)) {
    throw new ValidationError(CODE, 'parameterName: the name is an unresolved token; use a name that is known at synth', scope);
  }
  checkText(NAME_RULE, name, scope);
  const first = name.split('/')[1].toLowerCase();
  if (/^(aws|ssm)/.test(first) || `/${first}` === LEDGER_PATH) {
    throw new ValidationError(CODE, `parameterName: '${name}' is under a reserved path; use a path that does not begin with /aws, /ssm or ${LEDGER_PATH}`, scope);
  }
}

function requestErrors(scope: IConstruct, request: string): string[] {
  const length = leastLength(Stack.of(scope).resolve(request), text => Buffer.byteLength(text));
  return length <= LARGEST_PARAMETER ? [] : [new ValidationError(CODE,
    `publish: the launch request needs at least ${length} bytes, and a parameter has room for ${LARGEST_PARAMETER}; remove request overrides`, scope).message];
}
