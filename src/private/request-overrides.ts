import { Lazy, Stack, Token } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { ValidationError } from './errors';
import { jsonProblem } from './json-problem';
import { checkArgument, TEXT } from './property-types';
import { rejectSecretReferences } from './secret-references';
import { isOverridePath, overrideRequest, pathSegments } from '../contract/request-overrides';

/** The request overrides of one construct, which `addRequestOverride` adds after the construct has been created. */
export class RequestOverrides {
  private readonly values = new Map<string, unknown>();

  /** @param reserved members that the sender of the request determines. */
  public constructor(private readonly scope: IConstruct, private readonly reserved: readonly string[] = []) {}

  /** A later override is applied later, and replaces an earlier one with the same path. */
  public add(path: string, value: unknown): void {
    checkArgument('addRequestOverride', path, TEXT, this.scope);
    if (Token.isUnresolved(path) || !isOverridePath(path)) {
      throw new ValidationError('MicrovmRequestOverrideInvalid',
        `addRequestOverride: '${Token.isUnresolved(path) ? 'a token' : path}' is not a path; use names of members with dots between them, as in 'logging.cloudWatch.logGroup'`,
        this.scope);
    }
    if (this.reserved.includes(pathSegments(path)[0])) {
      throw new ValidationError('MicrovmRequestOverrideInvalid', `addRequestOverride: '${path}' cannot be overridden; use a property of the construct, unless the sender of the request sets it`, this.scope);
    }
    if (value === undefined) {
      throw new ValidationError('MicrovmRequestOverrideInvalid', `addRequestOverride: '${path}' has no value; leave the override out`, this.scope);
    }
    const problem = jsonProblem(value);
    if (problem !== undefined) {
      throw new ValidationError('MicrovmRequestOverrideInvalid', `addRequestOverride: the value of '${path}' cannot become JSON (${problem}); use texts, numbers, booleans, lists and objects`, this.scope);
    }
    rejectSecretReferences(this.scope, { [`addRequestOverride.${path}`]: value });
    this.values.delete(path);
    this.values.set(path, value);
  }

  /**
   * Returns the property `RequestOverrides` of a custom resource, whose other properties CloudFormation turns into
   * strings. Without overrides, the property is absent from the template.
   */
  public get property(): string {
    return Lazy.string({ produce: () => this.values.size === 0 ? undefined : Stack.of(this.scope).toJsonString(Object.fromEntries(this.values)) });
  }

  /**
   * Returns the request with the overrides, including those added later. The tokens in it are not resolved, so that
   * other stacks can read it.
   */
  public applyTo(request: object): unknown {
    return Lazy.any({ produce: () => this.appliedTo(request) });
  }

  /** Returns the request with the overrides so far. */
  public appliedTo<Request extends object>(request: Request): Request {
    return overrideRequest(request, Object.fromEntries(this.values));
  }
}
