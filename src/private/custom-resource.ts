import type { CfnElement, Duration, RemovalPolicy } from 'aws-cdk-lib';
import { CustomResource, Lazy, Stack, Tokenization } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { DurationRule, ValidationError } from './errors';
import { HandlerProvider } from './handler-provider';
import { checkRemovalPolicy } from './removal-policy';
import { secretReferenceErrors } from './secret-references';
import type { BooleanProperty } from '../contract/common';
import type { SynthesisErrorCode } from '../contract/diagnostics';

/** The rule for `deploymentTimeout`: 1 to 55 minutes. */
export function deploymentTimeoutRule(code: SynthesisErrorCode): DurationRule {
  return { property: 'deploymentTimeout', code, min: 60, max: 3300, allowed: '1 to 55 minutes' };
}

/** Returns the deadline of one create, update or delete, as a property. */
export function timeoutSeconds(deploymentTimeout: Duration | undefined): string | undefined {
  return deploymentTimeout && Tokenization.stringifyNumber(deploymentTimeout.toSeconds());
}

/** Returns the properties without those that have the value of an absent one. */
export function withoutDefaults<Properties extends object>(properties: Properties, defaults: Partial<Properties>): Properties {
  return Object.fromEntries(Object.entries(properties).filter(([name, value]) => value !== defaults[name as keyof Properties])) as Properties;
}

/**
 * Creates a custom resource that the handler of the stack manages. At validation, it rejects references to secrets in
 * the properties.
 *
 * CloudFormation waits for it for an hour, the default. That is longer than the longest `deploymentTimeout`, so the
 * resource's own timeout ends the operation and explains it.
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
