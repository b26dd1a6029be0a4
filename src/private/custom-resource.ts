import type { CfnElement, RemovalPolicy } from 'aws-cdk-lib';
import { CustomResource, Duration, Lazy, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { DurationRule, ValidationError } from './errors';
import { HandlerProvider } from './handler-provider';
import { checkRemovalPolicy } from './removal-policy';
import { secretReferenceErrors } from './secret-references';
import type { BooleanProperty } from '../contract/common';
import type { SynthesisErrorCode } from '../contract/diagnostics';

/**
 * Longer than the longest `deploymentTimeout`, so that the resource's own timeout ends the operation and explains it.
 */
const SERVICE_TIMEOUT = Duration.hours(1);

/** The default of how long one create, update or delete may take. */
export const DEFAULT_DEPLOYMENT_TIMEOUT = Duration.minutes(50);

/** The rule for `deploymentTimeout`: 1 to 55 minutes. */
export function deploymentTimeoutRule(code: SynthesisErrorCode): DurationRule {
  return { property: 'deploymentTimeout', code, min: 60, max: 3300, allowed: '1 to 55 minutes' };
}

/**
 * Creates a custom resource that the handler of the stack manages. At validation, it rejects references to secrets in
 * the properties.
 *
 * @param check returns further errors in the resolved properties.
 */
export function customResource(
  scope: Construct, resourceType: string, properties: object, removalPolicy?: RemovalPolicy,
  check: (resolved: object) => ValidationError[] = () => [],
): CustomResource {
  checkRemovalPolicy('removalPolicy', removalPolicy, scope);
  scope.node.addValidation({
    validate: () => {
      const resolved = Stack.of(scope).resolve(properties);
      return [...secretReferenceErrors(scope, resolved), ...check(resolved)].map(error => error.message);
    },
  });
  return new CustomResource(scope, 'Resource', {
    serviceToken: HandlerProvider.of(scope).serviceToken,
    serviceTimeout: SERVICE_TIMEOUT,
    resourceType,
    properties: { ...properties },
    removalPolicy,
  });
}

/** Returns a token for the logical ID of the custom resource that `customResource` creates in this scope. */
export function logicalIdOfResource(scope: Construct): string {
  return Lazy.string({ produce: () => Stack.of(scope).resolve((scope.node.findChild('Resource').node.defaultChild as CfnElement).logicalId) });
}

/** CloudFormation passes scalars to custom resources as strings. */
export function booleanText(value: boolean): BooleanProperty {
  return value ? 'true' : 'false';
}
