import type { IAspect, TagProps } from 'aws-cdk-lib';
import { App, Aspects, Lazy, RemoveTag, Stack, Tag, TagManager, TagType, Token } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { ValidationError } from './errors';
import type { TagProperty } from '../contract/common';
import { OWNER_RESOURCE_TAG, OWNER_STACK_TAG } from '../contract/common';
import type { SynthesisErrorCode } from '../contract/diagnostics';

/** AWS allows 50 tags on a resource; the service defines the characters (service-facts.md, 1.1). */
const MAX_TAGS = 50;
const MAX_KEY_LENGTH = 128;
const MAX_VALUE_LENGTH = 256;
const CHARACTERS = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;

/** The owner tags, and one more tag for each type of resource. */
const OWN_TAGS = [OWNER_STACK_TAG, OWNER_RESOURCE_TAG].length + 1;
const OWN_PREFIX = 'cdk-lambda-microvms:';

/**
 * Creates the tag manager of a custom resource, with the tags from its properties.
 *
 * @param cfnType the type that AWS has for the same resource. Users of `Tags.of()` may include or exclude it.
 */
export function tagManager(resourceType: string, cfnType: string, tags?: { [key: string]: string }): TagManager {
  return new CustomResourceTags(resourceType, cfnType, tags);
}

class CustomResourceTags extends TagManager {
  public constructor(private readonly resourceType: string, private readonly cfnType: string, tags?: { [key: string]: string }) {
    super(TagType.KEY_VALUE, resourceType, tags);
  }

  public override applyTagAspectHere(include: string[] = [], exclude: string[] = []): boolean {
    const names = (types: string[]) => types.includes(this.resourceType) || types.includes(this.cfnType);
    return (include.length === 0 || names(include)) && !names(exclude);
  }
}

/** Returns the tags of a resource and of its stack. CloudFormation does not add stack tags to custom resources. */
export function tagsOf(resource: IConstruct, own: TagManager): TagProperty[] {
  const ofStack = stackTags(Stack.of(resource));
  removedKeys(resource, own).forEach(key => delete ofStack[key]);
  const tags: { [key: string]: string } = { ...ofStack, ...own.tagValues() };
  return Object.keys(tags).sort().map(key => ({ Key: key, Value: tags[key] }));
}

/** Returns a token for the tags of a resource: aspects may add tags until synth. */
export function lazyTags(resource: IConstruct, own: TagManager): TagProperty[] {
  return Lazy.any({ produce: () => tagsOf(resource, own) }, { omitEmptyArray: true }) as unknown as TagProperty[];
}

function stackTags(stack: Stack): { [key: string]: string } {
  return { ...stack.nestedStackParent ? stackTags(stack.nestedStackParent) : {}, ...stack.tags.tagValues() };
}

/**
 * Returns the keys of tags of the stack that `Tags.of()` keeps from a resource: by `remove()` below the stack, or by an
 * `add()` around the stack that leaves out its type.
 */
function removedKeys(resource: IConstruct, own: TagManager): string[] {
  const { scopes } = resource.node;
  const depth = Stack.of(resource).node.scopes.length;
  const isForResource = (aspect: Tag | RemoveTag) => {
    const { includeResourceTypes, excludeResourceTypes } = (aspect as unknown as { props: TagProps }).props;
    return own.applyTagAspectHere(includeResourceTypes, excludeResourceTypes);
  };
  return [
    ...aspectsOf(scopes.slice(depth)).filter(aspect => aspect instanceof RemoveTag).filter(isForResource),
    ...aspectsOf(scopes.slice(0, depth)).filter(aspect => aspect instanceof Tag).filter(aspect => !isForResource(aspect)),
  ].map(aspect => aspect.key);
}

function aspectsOf(scopes: IConstruct[]): IAspect[] {
  return scopes.flatMap(scope => Aspects.of(scope).all);
}

/** Returns the errors in tags. Call it at validation, because aspects may add tags until then. */
export function tagErrors(code: SynthesisErrorCode, resource: IConstruct, own: TagManager): ValidationError[] {
  const tags = tagsOf(resource, own);
  const most = MAX_TAGS - OWN_TAGS;
  const tooMany = `${tags.length} are too many; use at most ${most}, because this library adds ${OWN_TAGS}`;
  const problems = [...tags.length > most ? [tooMany] : [], ...tags.flatMap(tag => withOrigin(resource, tag, problemOf(tag)))];
  return problems.map(problem => new ValidationError(code, `tags: ${problem}`));
}

/** Adds where a tag comes from, if that is not the resource itself. */
function withOrigin(resource: IConstruct, { Key: key, Value: value }: TagProperty, problem: string | undefined): string[] {
  if (problem === undefined) return [];
  const isAdded = (scope: IConstruct) => aspectsOf([scope]).some(aspect => aspect instanceof Tag && aspect.key === key && aspect.value === value);
  const isOfStack = (scope: IConstruct) => Stack.isStack(scope) && scope.tags.tagValues()[key] === value;
  const scopes = [...resource.node.scopes].reverse();
  const origin = scopes.find(isAdded) ?? scopes.find(isOfStack);
  if (origin === undefined || origin === resource) return [problem];
  return [`${problem}; the tag comes from ${App.isApp(origin) ? 'the app' : origin.node.path}${isAdded(origin) ? ', where Tags.of() adds it' : ''}`];
}

function problemOf({ Key: key, Value: value }: TagProperty): string | undefined {
  if (!Token.isUnresolved(key)) {
    if (key.startsWith(OWN_PREFIX)) return `'${key}' begins with ${OWN_PREFIX}, which is reserved for this library; use another key`;
    if (/^aws:/i.test(key)) return `'${key}' begins with aws:, which is reserved for AWS; use another key`;
    if (key.length < 1 || key.length > MAX_KEY_LENGTH || !CHARACTERS.test(key)) {
      return `'${key}' is not valid; use 1 to ${MAX_KEY_LENGTH} letters, digits, spaces and _ . : / = + - @ in a key`;
    }
  }
  if (!Token.isUnresolved(value) && (value.length > MAX_VALUE_LENGTH || !CHARACTERS.test(value))) {
    return `the value of '${key}' is not valid; use at most ${MAX_VALUE_LENGTH} letters, digits, spaces and _ . : / = + - @`;
  }
  return undefined;
}
