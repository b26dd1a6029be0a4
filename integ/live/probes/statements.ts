/** Creates a statement of a session policy that denies an action. */
export function deny(action: string, resource: string): object {
  return { Effect: 'Deny', Action: action, Resource: resource };
}

/** Creates a statement of a session policy. */
export function allow(actions: string | string[], resources: string | string[], condition?: object): object {
  return { Effect: 'Allow', Action: actions, Resource: resources, ...condition === undefined ? {} : { Condition: condition } };
}
