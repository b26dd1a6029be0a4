import type * as iam from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { ifKnownPlacement, placementConditions } from './placement-conditions';
import { FOR_THE_SERVICE, serviceLinkedRoleArn } from './service-linked-role';
import { arnOfAny } from '../private/arns';
import { keepUnowned, knowsTags, ownerAtCreation, ownerInRequest, ownerOfTarget } from '../private/owner-tag-conditions';
import { allow, PERMISSIONS } from '../private/permissions';
import { createResourceRole } from '../private/resource-role';
import { isOff } from '../private/switches';

/** The resources that the role of one connector covers. */
export interface ConnectorResourceRoleProps {
  readonly connectorName: string;
  /** Logical ID of the custom resource. The owner tags of the connector contain it. */
  readonly logicalId: string;
  readonly operatorRole: iam.IRole;
  /** The subnets of the request that creates the connector: a list of IDs, or a token for one. */
  readonly subnetIds: unknown;
  /** Its security groups, likewise. */
  readonly securityGroupIds: unknown;
  /** Returns the keys of all tags that the request may set, except the owner tags. */
  readonly tagKeys: () => string[];
}

/**
 * Creates the role that the handler assumes to manage one connector.
 *
 * It may create the connector only where the properties place it. A change of the subnets changes the policy before the
 * connector, and needs no second role: an update asks for no subnets in IAM, and a creation uses the new properties.
 */
export function connectorResourceRole(scope: Construct, props: ConnectorResourceRoleProps): iam.Role {
  const { connectorHandler, connectorCaller } = PERMISSIONS;
  const connectors = arnOfAny(scope, 'network-connector');
  const { logicalId } = props;
  return createResourceRole(scope, {
    description: 'Manages one network connector during deployments',
    statements: [
      creation(scope, props),
      allow(connectorHandler.tagAtCreation, ['*'], ownerAtCreation(scope, logicalId, props.tagKeys)),
      keepUnowned(connectorHandler.tagOthers, [
        'microvm-image:*',
        // The ARN of a creation has no ID yet, so the deny does not match it. Without knowledge of tags, the deny would
        // match the role's own connector.
        ...knowsTags(scope) ? ['network-connector:nc-*'] : [],
      ]),
      allow(connectorHandler.read, [connectors]),
      allow(connectorHandler.change, [connectors], ownerOfTarget(scope, logicalId)),
      allow(connectorHandler.listMicrovms, ['*']),
      allow(connectorHandler.microvms, [arnOfAny(scope, 'microvm-image')]),
      allow(connectorHandler.passOperatorRole, [props.operatorRole.roleArn]),
      allow(connectorCaller.serviceLinkedRole, [serviceLinkedRoleArn(scope)], FOR_THE_SERVICE),
      allow(connectorCaller.placement, ['*']),
    ],
    covers: [props.connectorName, props.operatorRole.roleArn],
  });
}

/**
 * Nobody has verified against live AWS that the service authorizes a creation on an ARN and sends the placement. The
 * context key allows it on any resource, and without a placement.
 */
function creation(scope: Construct, { logicalId, subnetIds, securityGroupIds }: ConnectorResourceRoleProps): iam.PolicyStatement {
  const { create } = PERMISSIONS.connectorHandler;
  const owner = ownerInRequest(scope, logicalId);
  return isOff(scope, 'cdk-lambda-microvms:placementConditions')
    ? allow(create, ['*'], { ...owner, ...ifKnownPlacement(subnetIds, securityGroupIds) })
    : allow(create, [arnOfAny(scope, 'network-connector')], { ...owner, ...placementConditions(subnetIds, securityGroupIds) });
}

/** Creates the role that the handler assumes to find a connector by its name. */
export function connectorLookupRole(scope: Construct): iam.Role {
  return createResourceRole(scope, {
    description: 'Finds a network connector by its name during deployments',
    statements: [allow(PERMISSIONS.connectorLookup.read, [arnOfAny(scope, 'network-connector')])],
  });
}
