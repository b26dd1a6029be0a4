import { accessDenied, invalidParameter, resourceNotFound } from './errors';
import type { OperationName } from './model';
import type { Tags } from './rows';
import type { CallContext, Handler, Input, World } from './world';

const MAX_TAGS = 50;

/** Tags of images and connectors. MicroVMs have none. */
export class TagOperations {
  constructor(private readonly world: World) {}

  handlers(): Partial<Record<OperationName, Handler>> {
    return {
      TagResource: input => this.change(input, tags => ({ ...tags, ...input.Tags })),
      UntagResource: input => this.change(input, tags => Object.fromEntries(Object.entries(tags).filter(([key]) => !input.TagKeys.includes(key)))),
      ListTags: (input, call) => this.list(input, call),
    };
  }

  private list(input: Input, call: CallContext): object {
    const asOf = Math.min(call.asOf, call.tagsAsOf);
    return { Tags: this.row(input.Resource, call.asOf).tags && (this.find(input.Resource, asOf)?.tags ?? {}) };
  }

  private change(input: Input, change: (tags: Tags) => Tags): object {
    const tags = change(this.row(input.Resource).tags);
    checkTags(tags);
    const id = this.id(input.Resource);
    // Tagging does not change the time of the last modification.
    if (this.isConnector(input.Resource)) this.world.connectors.change(id, { tags });
    else this.world.images.change(id, { tags });
    return {};
  }

  private row(arn: string, asOf?: number): { readonly tags: Tags } {
    const row = this.find(arn, asOf);
    if (row === undefined) throw resourceNotFound(`Resource not found: ${arn}`);
    return row;
  }

  private find(arn: string, asOf?: number): { readonly tags: Tags } | undefined {
    const [, , , , account, type] = arn.split(':');
    if (account !== this.world.account) throw accessDenied(`User is not authorized to access resource: ${arn}`);
    if (type === 'network-connector') return this.world.connectors.get(this.id(arn), asOf);
    return type === 'microvm-image' ? this.world.images.get(this.id(arn), asOf) : undefined;
  }

  private id(arn: string): string {
    return this.isConnector(arn) ? arn.split(':')[6] : arn;
  }

  private isConnector(arn: string): boolean {
    return arn.split(':')[5] === 'network-connector';
  }
}

function checkTags(tags: Tags): void {
  if (Object.keys(tags).length > MAX_TAGS) throw invalidParameter(`A resource can have at most ${MAX_TAGS} tags`);
  if (Object.keys(tags).some(key => key.startsWith('aws:'))) throw invalidParameter('Tag keys must not start with aws:');
}
