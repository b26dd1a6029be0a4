import { ArnFormat, Fn, Stack, Token } from 'aws-cdk-lib';
import type { ILogGroupRef } from 'aws-cdk-lib/aws-logs';
import type { IConstruct } from 'constructs';

/** The account in the ARNs of resources that AWS manages. */
const MANAGED = 'aws';

/**
 * The ARN of an image has a colon before the name. The service rejects the form with a slash (service-facts.md, 1.0).
 */
export function arnOfImage(scope: IConstruct, name: string): string {
  return lambdaArn(scope, 'microvm-image', name);
}

export function managedImageArn(scope: IConstruct, name: string): string {
  return lambdaArn(scope, 'microvm-image', name, MANAGED);
}

export function managedConnectorArn(scope: IConstruct, name: string): string {
  return lambdaArn(scope, 'network-connector', `aws-network-connector:${name}`, MANAGED);
}

/** Returns a pattern for the ARNs of all resources of a type in Lambda, in the account and Region of the scope. */
export function arnOfAny(scope: IConstruct, type: string): string {
  return lambdaArn(scope, type, '*');
}

/**
 * It is not known whether the service authorizes a connector by its ARN with or without a version (service-facts.md,
 * 2.3).
 */
export function withVersions(connectorArn: string): string[] {
  return [connectorArn, `${connectorArn}:*`];
}

/** IAM authorizes listing the streams of a log group on the group, and the other actions on its streams. */
export function logGroupArns(scope: IConstruct, logGroup: ILogGroupRef): { group: string; streams: string } {
  const group = Stack.of(scope).formatArn({
    service: 'logs', resource: 'log-group', resourceName: logGroup.logGroupRef.logGroupName, arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
  return { group, streams: `${group}:*` };
}

/** Uses `Fn::Sub` instead of `Fn::Join`: templates with many images get about 20 % smaller. */
function lambdaArn(scope: IConstruct, resource: string, resourceName: string, account?: string): string {
  const stack = Stack.of(scope);
  const arn = stack.formatArn({ service: 'lambda', resource, resourceName, account, arnFormat: ArnFormat.COLON_RESOURCE_NAME });
  if (!Token.isUnresolved(arn) || Token.isUnresolved(resourceName)) return arn;
  const known = (value: string, pseudoParameter: string) => Token.isUnresolved(value) ? `\${AWS::${pseudoParameter}}` : value;
  const place = [known(stack.region, 'Region'), known(account ?? stack.account, 'AccountId')];
  return subToken(['arn', known(stack.partition, 'Partition'), 'lambda', ...place, resource, resourceName].join(':'));
}

const substitutions = new Map<string, string>();

/** Returns the same token for the same text, so that policies recognize equal resources by their tokens. */
function subToken(text: string): string {
  const token = substitutions.get(text) ?? Fn.sub(text);
  substitutions.set(text, token);
  return token;
}
