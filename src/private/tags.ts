import { Lazy, Stack, TagManager, TagType, Token } from 'aws-cdk-lib';
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

/** Creates the tag manager of a custom resource, with the tags from its properties. */
export function tagManager(resourceType: string, tags?: { [key: string]: string }): TagManager {
  return new TagManager(TagType.KEY_VALUE, resourceType, tags);
}

/** Returns the tags of a resource and of its stack. CloudFormation does not add stack tags to custom resources. */
export function tagsOf(resource: IConstruct, own: TagManager): TagProperty[] {
  const tags = { ...stackTags(Stack.of(resource)), ...own.tagValues() };
  return Object.keys(tags).sort().map(key => ({ Key: key, Value: tags[key] }));
}

/** Returns a token for the tags of a resource: aspects may add tags until synth. */
export function lazyTags(resource: IConstruct, own: TagManager): TagProperty[] {
  return Lazy.any({ produce: () => tagsOf(resource, own) }, { omitEmptyArray: true }) as unknown as TagProperty[];
}

function stackTags(stack: Stack): { [key: string]: string } {
  return { ...stack.nestedStackParent ? stackTags(stack.nestedStackParent) : {}, ...stack.tags.tagValues() };
}

/** Returns the errors in tags. Call it at validation, because aspects may add tags until then. */
export function tagErrors(code: SynthesisErrorCode, tags: TagProperty[]): ValidationError[] {
  const most = MAX_TAGS - OWN_TAGS;
  const tooMany = `${tags.length} are too many; use at most ${most}, because this library adds ${OWN_TAGS}`;
  const problems = [...tags.length > most ? [tooMany] : [], ...tags.flatMap(tag => problemOf(tag) ?? [])];
  return problems.map(problem => new ValidationError(code, `tags: ${problem}`));
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
