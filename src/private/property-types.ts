import { Token } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { ValidationError } from './errors';
import { TypeMarker } from './type-marker';

/**
 * Checks of types at run time, for programs in JavaScript. Without them, a missing property or a wrong type would end
 * in a TypeError of this library, without the name of the property and the path of the construct.
 */

/** Returns what is wrong with a value, or undefined. The path names the value. */
type Check = (path: string, value: unknown) => string | undefined;

/** The type of a property. */
export class PropertyType {
  /**
   * @param expected what to pass, as in "pass a Duration".
   * @param accepts whether a value, which is neither undefined nor null, has the type.
   * @param checkMembers checks the members of an accepted value.
   */
  public constructor(
    private readonly expected: string,
    private readonly accepts: (value: any) => boolean,
    private readonly checkMembers: Check = () => undefined,
    private readonly isRequired = false,
  ) {}

  /** Returns the same type for a property that has no default. */
  public required(): PropertyType {
    return new PropertyType(this.expected, this.accepts, this.checkMembers, true);
  }

  public problem(path: string, value: unknown): string | undefined {
    if (value === undefined) return this.isRequired ? `${path}: the value is missing; pass ${this.expected}` : undefined;
    if (value === null || !this.accepts(value)) {
      return `${path}: ${described(value)} is not valid; pass ${this.expected}${this.isRequired ? '' : ', or omit it'}`;
    }
    return this.checkMembers(path, value);
  }
}

/** The types of all properties: a property without a type does not compile. */
export type PropertyTypes<Props> = { readonly [Name in keyof Required<Props>]: PropertyType };

/** Returns the path of a construct that does not exist yet. */
export function pathOf(scope: IConstruct, id: string): string {
  return [scope.node.path, id].filter(part => part !== '').join('/');
}

/**
 * Throws `MicrovmPropertyTypeInvalid` for the first property that is missing or has a wrong type.
 *
 * @param scope the construct, or its path if it does not exist yet.
 * @param property the name of the properties' owner, if it is itself a property.
 */
export function checkProps<Props extends object>(
  scope: IConstruct | string | undefined, props: Props | undefined, types: PropertyTypes<Props>, property?: string,
): void {
  throwIf(problemOfMembers(types)(property ?? '', props === undefined ? {} : props), scope);
}

/** Throws `MicrovmPropertyTypeInvalid` for an argument that is missing or has a wrong type. */
export function checkArgument(name: string, value: unknown, type: PropertyType, scope?: IConstruct | string): void {
  throwIf(type.required().problem(name, value), scope);
}

function throwIf(problem: string | undefined, scope: IConstruct | string | undefined): void {
  if (problem !== undefined) throw new ValidationError('MicrovmPropertyTypeInvalid', problem, scope);
}

export const TEXT = new PropertyType('a string', isText);
export const NUMBER = new PropertyType('a number', value => typeof value === 'number' || Token.isUnresolved(value));
export const BOOLEAN = new PropertyType('true or false', value => typeof value === 'boolean');
export const DURATION = new PropertyType('a Duration, such as Duration.minutes(5)', value => has(value, 'toSeconds'));
export const SIZE = new PropertyType('a Size, such as Size.gibibytes(2)', value => has(value, 'toMebibytes'));
export const ROLE = having('an IAM role', 'roleRef', 'roleArn');
export const KEY = having('a KMS key', 'keyRef', 'keyArn');
export const TEXTS = listOf('strings', TEXT);

/** An object whose members are checked elsewhere. */
export function plainObject(expected: string): PropertyType {
  return new PropertyType(expected, isPlain);
}

/** An object whose members are all strings. */
export const TEXT_BY_NAME = new PropertyType('an object with strings', isPlain, (path, value) => {
  const member = new PropertyType('a string', isText).required();
  return firstProblem(Object.entries(value as object), (name, text) => member.problem(`${path}.${name}`, text));
});

/** An object of a class of this library, also of another copy of it. */
export function instanceOf(name: string, type: { readonly prototype: object }, expected: string): PropertyType {
  const marker = new TypeMarker(name);
  marker.mark(type.prototype);
  return new PropertyType(expected, value => marker.isOn(value));
}

/** An object of another library, recognized by one of these members. */
export function having(expected: string, ...members: string[]): PropertyType {
  return new PropertyType(expected, value => members.some(member => has(value, member)));
}

/** A member of an enum. */
export function oneOf(name: string, members: Record<string, unknown>): PropertyType {
  const names = Object.keys(members).filter(key => !/^\d+$/.test(key));
  const few = names.length > 4 ? [...names.slice(0, 3), '...'] : names;
  const isMember = (value: unknown) => names.some(key => members[key] === value) || Token.isUnresolved(value);
  return new PropertyType(few.map(key => key === '...' ? key : `${name}.${key}`).join(' or '), isMember);
}

/** A list whose elements have a type. */
export function listOf(expected: string, element: PropertyType): PropertyType {
  return new PropertyType(`a list of ${expected}`, Array.isArray, (path, value) => {
    return firstProblem(Object.entries(value as unknown[]), (index, member) => element.required().problem(`${path}.${index}`, member));
  });
}

/** An object with members of its own. */
export function struct<Props extends object>(types: PropertyTypes<Props>): PropertyType {
  const names = Object.keys(types);
  return new PropertyType(`an object with ${names.slice(0, 3).join(', ')}`, value => {
    return isPlain(value) || names.some(name => has(value, name));
  }, problemOfMembers(types));
}

function problemOfMembers(types: Record<string, PropertyType>): Check {
  return (path, value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return `${path || 'props'}: ${described(value)} is not valid; pass an object`;
    const members = value as Record<string, unknown>;
    return firstProblem(Object.entries(types), (name, type) => type.problem(path ? `${path}.${name}` : name, members[name]));
  };
}

function firstProblem<T>(entries: [string, T][], check: (name: string, value: T) => string | undefined): string | undefined {
  for (const [name, value] of entries) {
    const problem = check(name, value);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function isText(value: unknown): boolean {
  return typeof value === 'string' || Token.isUnresolved(value);
}

function isPlain(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null || Token.isUnresolved(value);
}

function has(value: unknown, member: string): boolean {
  return typeof value === 'object' && value !== null && member in value;
}

/** Describes a value without showing what may be confidential. */
function described(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (Array.isArray(value)) return 'a list';
  switch (typeof value) {
    case 'object': return objectName(value);
    case 'string': return `the text '${value.length > 40 ? `${value.slice(0, 37)}...` : value}'`;
    case 'function': return 'a function or class';
    default: return `the ${typeof value} ${String(value)}`;
  }
}

function objectName(value: object): string {
  // Compilers may add a digit to the name of a class with decorators.
  const name = isPlain(value) ? 'object' : value.constructor.name.replace(/\d+$/, '') || 'object';
  return `${/^[AEIOU]/i.test(name) ? 'an' : 'a'} ${name}`;
}
