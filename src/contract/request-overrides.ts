/**
 * Overrides of requests: values by path, such as `hooks.port` or `items.0.name`. Constructs write them, and handlers
 * apply them.
 */
export type RequestOverrideValues = Readonly<Record<string, unknown>>;

/** Assigning to these would change the prototype of an object. */
const NO_MEMBERS = ['__proto__', 'constructor', 'prototype'];

/** Returns the members and indexes in a path. A dot after a backslash belongs to a name. */
export function pathSegments(path: string): string[] {
  return path.split(/(?<!\\)\./).map(segment => segment.replace(/\\\./g, '.'));
}

/** Whether a path leads to a member that a request can have. */
export function isOverridePath(path: string): boolean {
  return pathSegments(path).every(segment => segment !== '' && !NO_MEMBERS.includes(segment));
}

/** Returns a copy of the request in which each path has its value. What a path needs and does not find is created. */
export function overrideRequest<Request extends object>(request: Request, overrides: RequestOverrideValues): Request {
  return Object.entries(overrides).reduce((result, [path, value]) => withValue(result, pathSegments(path), value) as Request, request);
}

function withValue(container: unknown, [segment, ...rest]: string[], value: unknown): unknown {
  const copy = copyOf(container, segment);
  const found = Object.prototype.hasOwnProperty.call(copy, segment) ? copy[segment] : undefined;
  copy[segment] = rest.length === 0 ? value : withValue(found, rest, value);
  return copy;
}

/** What is no container is replaced by one, as `addPropertyOverride` of L1s does. */
function copyOf(container: unknown, segment: string): Record<string, unknown> {
  if (Array.isArray(container)) return [...container] as unknown as Record<string, unknown>;
  if (container !== null && typeof container === 'object') return { ...container };
  return (/^\d+$/.test(segment) ? [] : {}) as Record<string, unknown>;
}
