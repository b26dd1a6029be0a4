import type { RemovalPolicy } from 'aws-cdk-lib';
import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as logs from 'aws-cdk-lib/aws-logs';
import type { IConstruct } from 'constructs';
import { sharedValue } from './shared-value';

/** The network of functions. */
export interface FunctionNetwork {
  readonly vpc: ec2.IVpc;
  readonly subnets: ec2.SelectedSubnets;
  /** If absent, each provider and each fragment gets a security group. */
  readonly securityGroups?: ec2.ISecurityGroupRef[];
}

/** Settings of the functions that this library creates. What is absent is as the library creates it. */
export interface ProviderSettings {
  readonly logGroup?: logs.ILogGroupRef;
  readonly logEncryptionKey?: kms.IKeyRef;
  readonly logRetention?: logs.RetentionDays;
  readonly logRemovalPolicy?: RemovalPolicy;
  readonly network?: FunctionNetwork;
  readonly tracing?: lambda.Tracing;
  readonly reservedConcurrentExecutions?: number;
}

/** Adds settings to a scope. */
export function addProviderSettings(scope: IConstruct, added: ProviderSettings): void {
  settingsIn(scope).push(Object.fromEntries(Object.entries(added).filter(([, value]) => value !== undefined)));
}

/** Returns the settings for a construct: each one from the nearest scope, and from the last call for that scope. */
export function providerSettingsOf(construct: IConstruct): ProviderSettings {
  return Object.assign({}, ...construct.node.scopes.flatMap(settingsIn));
}

function settingsIn(scope: IConstruct): ProviderSettings[] {
  return sharedValue(scope, 'providerSettings', () => []);
}
