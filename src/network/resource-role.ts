import { ArnFormat, Stack } from 'aws-cdk-lib';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { FOR_THE_SERVICE, serviceLinkedRoleArn } from './service-linked-role';
import { requestTagConditions, resourceTagConditions } from '../private/owner-tag-conditions';
import { allow, PERMISSIONS } from '../private/permissions';
import { createResourceRole } from '../private/resource-role';

/** The resources that the role of one connector covers. */
export interface ConnectorResourceRoleProps {
  readonly connectorName: string;
  /** Logical ID of the custom resource. The owner tags of the connector contain it. */
  readonly logicalId: string;
  readonly operatorRole: iam.IRole;
}

/** Creates the role that the handler assumes to manage one connector. */
export function connectorResourceRole(scope: Construct, props: ConnectorResourceRoleProps): iam.Role {
  const { connectorHandler, connectorCaller } = PERMISSIONS;
  const connectors = arnOfAll(scope, 'network-connector');
  return createResourceRole(scope, {
    description: 'Manages one network connector during deployments',
    statements: [
      allow(connectorHandler.create, ['*'], requestTagConditions(scope, props.logicalId)),
      allow(connectorHandler.read, [connectors]),
      allow(connectorHandler.change, [connectors], resourceTagConditions(scope, props.logicalId)),
      allow(connectorHandler.listMicrovms, ['*']),
      allow(connectorHandler.microvms, [arnOfAll(scope, 'microvm-image')]),
      allow(connectorHandler.passOperatorRole, [props.operatorRole.roleArn]),
      allow(connectorCaller.serviceLinkedRole, [serviceLinkedRoleArn(scope)], FOR_THE_SERVICE),
      allow(connectorCaller.placement, ['*']),
    ],
    covers: [props.connectorName, props.operatorRole.roleArn],
  });
}

/** Creates the role that the handler assumes to find a connector by its name. */
export function connectorLookupRole(scope: Construct): iam.Role {
  return createResourceRole(scope, {
    description: 'Finds a network connector by its name during deployments',
    statements: [allow(PERMISSIONS.connectorLookup.read, [arnOfAll(scope, 'network-connector')])],
  });
}

function arnOfAll(scope: Construct, resource: string): string {
  return Stack.of(scope).formatArn({ service: 'lambda', resource, resourceName: '*', arnFormat: ArnFormat.COLON_RESOURCE_NAME });
}
