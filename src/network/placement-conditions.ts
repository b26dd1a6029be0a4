type Conditions = Record<string, Record<string, unknown>>;

/**
 * Restricts CreateNetworkConnector to subnets and security groups. UpdateNetworkConnector has no such condition keys.
 */
export function placementConditions(subnetIds: unknown, securityGroupIds: unknown): Conditions {
  return {
    ...ifKnownPlacement(subnetIds, securityGroupIds),
    // ForAllValues also holds if the key is absent. Without this, a request without security groups would be allowed.
    Null: { 'lambda:SubnetIds': 'false', 'lambda:SecurityGroupIds': 'false' },
  };
}

/** The same, but allows a request whose subnets and security groups the service does not send to IAM. */
export function ifKnownPlacement(subnetIds: unknown, securityGroupIds: unknown): Conditions {
  return { 'ForAllValues:StringEquals': { 'lambda:SubnetIds': subnetIds, 'lambda:SecurityGroupIds': securityGroupIds } };
}
