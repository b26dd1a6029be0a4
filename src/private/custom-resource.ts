import type { CfnElement, RemovalPolicy } from 'aws-cdk-lib';
import { CustomResource, Duration, Lazy, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { DurationRule } from './errors';
import { HandlerProvider } from './handler-provider';
import type { BooleanProperty } from '../contract/common';
import type { SynthesisErrorCode } from '../contract/diagnostics';

/** Above every resource's own time-out. */
const SERVICE_TIMEOUT = Duration.hours(1);

/** How long one create, update or delete may take. */
export const DEFAULT_DEPLOYMENT_TIMEOUT = Duration.minutes(50);

export function deploymentTimeoutRule(code: SynthesisErrorCode): DurationRule {
  return { property: 'deploymentTimeout', code, min: 60, max: 3300, allowed: '1 to 55 minutes' };
}

/** A custom resource that the handler of the stack deploys. */
export function customResource(scope: Construct, resourceType: string, properties: object, removalPolicy?: RemovalPolicy): CustomResource {
  return new CustomResource(scope, 'Resource', {
    serviceToken: HandlerProvider.of(scope).serviceToken,
    serviceTimeout: SERVICE_TIMEOUT,
    resourceType,
    properties: { ...properties },
    removalPolicy,
  });
}

/** The logical id that a custom resource of this construct will have. */
export function logicalIdOfResource(scope: Construct): string {
  return Lazy.string({ produce: () => Stack.of(scope).resolve((scope.node.findChild('Resource').node.defaultChild as CfnElement).logicalId) });
}

export function booleanText(value: boolean): BooleanProperty {
  return value ? 'true' : 'false';
}
