import { ArnFormat, Fn, Stack, Token } from 'aws-cdk-lib';
import type { ILogGroupRef } from 'aws-cdk-lib/aws-logs';
import type { IConstruct } from 'constructs';

/** The account part of what AWS itself provides. */
const MANAGED = 'aws';

/** The colon form; the service refuses the form with a slash (service facts 1.0). */
export function arnOfImage(scope: IConstruct, name: string): string {
  return lambdaArn(scope, 'microvm-image', name);
}

export function managedImageArn(scope: IConstruct, name: string): string {
  return lambdaArn(scope, 'microvm-image', name, MANAGED);
}

export function managedConnectorArn(scope: IConstruct, name: string): string {
  return lambdaArn(scope, 'network-connector', `aws-network-connector:${name}`, MANAGED);
}

/** The service may check the ARN of a connector with or without a version: service facts 2.3. */
export function withVersions(connectorArn: string): string[] {
  return [connectorArn, `${connectorArn}:*`];
}

/** Reading a group's list of streams authorizes on the group, all else on its streams. */
export function logGroupArns(scope: IConstruct, logGroup: ILogGroupRef): { group: string; streams: string } {
  const group = Stack.of(scope).formatArn({
    service: 'logs', resource: 'log-group', resourceName: logGroup.logGroupRef.logGroupName, arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
  return { group, streams: `${group}:*` };
}

/** As short as it can be: the parts of a list would make templates of many images a fifth longer. */
function lambdaArn(scope: IConstruct, resource: string, resourceName: string, account?: string): string {
  const stack = Stack.of(scope);
  const arn = stack.formatArn({ service: 'lambda', resource, resourceName, account, arnFormat: ArnFormat.COLON_RESOURCE_NAME });
  if (!Token.isUnresolved(arn) || Token.isUnresolved(resourceName)) return arn;
  const known = (value: string, pseudoParameter: string) => Token.isUnresolved(value) ? `\${AWS::${pseudoParameter}}` : value;
  const place = [known(stack.region, 'Region'), known(account ?? stack.account, 'AccountId')];
  return substituted(['arn', known(stack.partition, 'Partition'), 'lambda', ...place, resource, resourceName].join(':'));
}

const substitutions = new Map<string, string>();

/** The same token for the same text: policies tell resources apart by their tokens. */
function substituted(text: string): string {
  const token = substitutions.get(text) ?? Fn.sub(text);
  substitutions.set(text, token);
  return token;
}
