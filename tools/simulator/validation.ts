import { serializationError, validationError } from './errors';

/** The shape of a value in a request, as the model of the service describes it. */
export type Shape = TextShape | IntegerShape | BooleanShape | ListShape | MapShape | StructureShape;

interface Common {
  readonly required?: boolean;
  /** Sensitive values are never repeated in messages. */
  readonly sensitive?: boolean;
}

interface Sized {
  readonly min?: number;
  readonly max?: number;
}

export interface TextShape extends Common, Sized {
  readonly kind: 'text';
  readonly pattern?: string;
  readonly values?: readonly string[];
}

export interface IntegerShape extends Common, Sized {
  readonly kind: 'integer';
}

export interface BooleanShape extends Common {
  readonly kind: 'boolean';
}

export interface ListShape extends Common, Sized {
  readonly kind: 'list';
  readonly item: Shape;
}

export interface MapShape extends Common, Sized {
  readonly kind: 'map';
  readonly key: TextShape;
  readonly value: TextShape;
}

export interface StructureShape extends Common {
  readonly kind: 'structure';
  readonly members: Readonly<Record<string, Shape>>;
}

export const text = (rules: Omit<TextShape, 'kind'> = {}): TextShape => ({ kind: 'text', ...rules });
export const integer = (rules: Omit<IntegerShape, 'kind'> = {}): IntegerShape => ({ kind: 'integer', ...rules });
export const boolean = (rules: Omit<BooleanShape, 'kind'> = {}): BooleanShape => ({ kind: 'boolean', ...rules });
export const list = (item: Shape, rules: Omit<ListShape, 'kind' | 'item'> = {}): ListShape => ({ kind: 'list', item, ...rules });
export const map = (key: TextShape, value: TextShape, rules: Omit<MapShape, 'kind' | 'key' | 'value'> = {}): MapShape =>
  ({ kind: 'map', key, value, ...rules });
export const structure = (members: Record<string, Shape>, rules: Omit<StructureShape, 'kind' | 'members'> = {}): StructureShape =>
  ({ kind: 'structure', members, ...rules });

/**
 * Checks a request against its model: first the types (the service reports one type error at a time), then all
 * constraints (the service reports all of them together).
 *
 * @returns the input without explicit nulls, which mean the same as absent members
 */
export function validate(shape: StructureShape, input: unknown): Record<string, any> {
  const parsed = parse(shape, input) as Record<string, any>;
  const errors = violations(shape, parsed, '');
  if (errors.length > 0) {
    throw validationError(`${errors.length} validation error${errors.length > 1 ? 's' : ''} detected: ${errors.join('; ')}`);
  }
  return parsed;
}

function parse(shape: Shape, value: unknown): unknown {
  if (value === null || value === undefined) return undefined;
  switch (shape.kind) {
    case 'text':
      if (typeof value !== 'string') throw serializationError(`${jsonToken(value)} can not be converted to a String`);
      return value;
    case 'integer':
      if (typeof value !== 'number') throw serializationError(`${jsonToken(value)} can not be converted to an Integer`);
      if (!Number.isInteger(value)) throw serializationError('DECIMAL_VALUE can not be converted to an Integer');
      return value;
    case 'boolean':
      if (typeof value !== 'boolean') throw serializationError(`${jsonToken(value)} can not be converted to a Boolean`);
      return value;
    case 'list':
      if (!Array.isArray(value)) throw serializationError('Expected list or null');
      return value.map(item => parse(shape.item, item));
    case 'map':
      if (!isObject(value)) throw serializationError('Expected map or null');
      return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, parse(shape.value, item)]));
    case 'structure': {
      if (!isObject(value)) throw serializationError('Expected null');
      const members = Object.entries(shape.members).map(([name, member]) => [name, parse(member, value[name])]);
      return Object.fromEntries(members.filter(([, member]) => member !== undefined));
    }
  }
}

function violations(shape: Shape, value: any, path: string): string[] {
  if (value === undefined) {
    return shape.required ? [`Value null at '${path}' failed to satisfy constraint: Member must not be null`] : [];
  }
  const own = constraints(shape, value).map(rule => `Value ${printed(shape, value)}at '${path}' failed to satisfy constraint: ${rule}`);
  return [...own, ...nestedViolations(shape, value, path)];
}

function nestedViolations(shape: Shape, value: any, path: string): string[] {
  if (shape.kind === 'structure') {
    return Object.entries(shape.members).flatMap(([name, member]) => violations(member, value[name], join(path, name)));
  }
  if (shape.kind !== 'list') return [];
  const items: any[] = value;
  if (shape.item.kind === 'structure') return items.flatMap((item, index) => violations(shape.item, item, `${path}.${index + 1}.member`));
  // Items that are not structures are reported with the whole list.
  const broken = [...new Set(items.flatMap(item => constraints(shape.item, item)))];
  return broken.length > 0
    ? [`Value ${printed(shape, value)}at '${path}' failed to satisfy constraint: Member must satisfy constraint: [${allConstraints(shape.item)}]`]
    : [];
}

/** The constraints that a value violates, in the wording of the service. */
function constraints(shape: Shape, value: any): string[] {
  if (value === undefined) return [];
  switch (shape.kind) {
    case 'text':
      return [
        ...lengthConstraints(shape, [...String(value)].length),
        ...(shape.pattern !== undefined && !matches(shape.pattern, value) ? [`Member must satisfy regular expression pattern: ${shape.pattern}`] : []),
        ...(shape.values !== undefined && !shape.values.includes(value) ? [`Member must satisfy enum value set: [${shape.values.join(', ')}]`] : []),
      ];
    case 'integer':
      return [
        ...(shape.max !== undefined && value > shape.max ? [`Member must have value less than or equal to ${shape.max}`] : []),
        ...(shape.min !== undefined && value < shape.min ? [`Member must have value greater than or equal to ${shape.min}`] : []),
      ];
    case 'list':
      return lengthConstraints(shape, value.length);
    case 'map': {
      const keys = Object.keys(value);
      return [
        ...lengthConstraints(shape, keys.length),
        ...(keys.some(key => constraints(shape.key, key).length > 0) ? [`Map keys must satisfy constraint: [${allConstraints(shape.key)}]`] : []),
        ...(keys.some(key => constraints(shape.value, value[key]).length > 0) ? [`Map value must satisfy constraint: [${allConstraints(shape.value)}]`] : []),
      ];
    }
    default:
      return [];
  }
}

function lengthConstraints(shape: Sized, length: number): string[] {
  return [
    ...(shape.max !== undefined && length > shape.max ? [`Member must have length less than or equal to ${shape.max}`] : []),
    ...(shape.min !== undefined && length < shape.min ? [`Member must have length greater than or equal to ${shape.min}`] : []),
  ];
}

/** For members of lists and maps, the service reports all constraints, even those that are met. */
function allConstraints(shape: Shape): string {
  if (shape.kind !== 'text') return 'Member must not be null';
  return [
    ...(shape.max !== undefined ? [`Member must have length less than or equal to ${shape.max}`] : []),
    ...(shape.min !== undefined ? [`Member must have length greater than or equal to ${shape.min}`] : []),
    ...(shape.pattern !== undefined ? [`Member must satisfy regular expression pattern: ${shape.pattern}`] : []),
    ...(shape.values !== undefined ? [`Member must satisfy enum value set: [${shape.values.join(', ')}]`] : []),
  ].join(', ');
}

const COMPILED = new Map<string, RegExp>();

function matches(pattern: string, value: string): boolean {
  const compiled = COMPILED.get(pattern) ?? new RegExp(`^(?:${pattern})$`, pattern.includes('\\p{') ? 'u' : '');
  COMPILED.set(pattern, compiled);
  return compiled.test(value);
}

/** Prints values as the service does: lists and maps as Java does, secrets not at all. */
function printed(shape: Shape, value: unknown): string {
  const secret = shape.sensitive || (shape.kind === 'map' && shape.value.sensitive);
  return secret ? '' : `'${print(value)}' `;
}

function print(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(print).join(', ')}]`;
  if (isObject(value)) return `{${Object.entries(value).map(([key, item]) => `${key}=${print(item)}`).join(', ')}}`;
  return String(value);
}

/** Paths are in camel case, even if the members are not. */
function join(path: string, name: string): string {
  const member = name.charAt(0).toLowerCase() + name.slice(1);
  return path === '' ? member : `${path}.${member}`;
}

function jsonToken(value: unknown): string {
  if (typeof value === 'number') return 'NUMBER_VALUE';
  if (typeof value === 'string') return 'STRING_VALUE';
  if (typeof value === 'boolean') return value ? 'TRUE_VALUE' : 'FALSE_VALUE';
  return Array.isArray(value) ? 'Start of list' : 'Start of structure or map';
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
