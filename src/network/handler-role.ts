import { ArnFormat, Duration, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { MicrovmProvider } from '../private/handler-provider';
import { shortHash } from '../private/names';
import { requestTagConditions, resourceTagConditions } from '../private/owner-tag-conditions';
import { allow, PERMISSIONS } from '../private/permissions';

/** What the custom resource of a connector touches. */
export interface ConnectorHandlerRoleProps {
  readonly connectorName: string;
  /** Of the custom resource, which its owner tags carry. */
  readonly logicalId: string;
  readonly operatorRole: iam.IRole;
}

/**
 * The role of one connector's custom resource.
 *
 * Its id covers name and operator role: a change makes a second role first, and the old one lives until the old connector is gone.
 */
export function connectorHandlerRole(scope: Construct, props: ConnectorHandlerRoleProps): iam.Role {
  const { connectorHandler } = PERMISSIONS;
  const connectors = arnOfAll(scope, 'network-connector');
  return handlerRole(scope, `HandlerRole${shortHash(scope, props.connectorName, props.operatorRole.roleArn)}`, 'What a deployment may do for one network connector', [
    allow(connectorHandler.create, ['*'], requestTagConditions(scope, props.logicalId)),
    allow(connectorHandler.read, [connectors]),
    allow(connectorHandler.change, [connectors], resourceTagConditions(scope, props.logicalId)),
    allow(connectorHandler.listMicrovms, ['*']),
    allow(connectorHandler.microvms, [arnOfAll(scope, 'microvm-image')]),
    allow(connectorHandler.passOperatorRole, [props.operatorRole.roleArn]),
  ]);
}

/** The role of a look-up by name. */
export function connectorLookupRole(scope: Construct): iam.Role {
  return handlerRole(scope, 'HandlerRole', 'Finds a network connector by its name', [
    allow(PERMISSIONS.connectorLookup.read, [arnOfAll(scope, 'network-connector')]),
  ]);
}

function handlerRole(scope: Construct, id: string, description: string, statements: iam.PolicyStatement[]): iam.Role {
  return new iam.Role(scope, id, {
    description,
    assumedBy: new iam.ArnPrincipal(MicrovmProvider.of(scope).handlerRole.roleArn),
    maxSessionDuration: Duration.hours(1),
    inlinePolicies: { connector: new iam.PolicyDocument({ statements }) },
  });
}

function arnOfAll(scope: Construct, resource: string): string {
  return Stack.of(scope).formatArn({ service: 'lambda', resource, resourceName: '*', arnFormat: ArnFormat.COLON_RESOURCE_NAME });
}
