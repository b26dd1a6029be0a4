import type { IResolvable, IResolveContext, Reference } from 'aws-cdk-lib';
import { Stack, Token } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { ValidationError } from '../private/errors';

/**
 * An attribute that any deployment may change.
 *
 * Read from another stack it would become an export, which CloudFormation cannot update while somebody imports it: the next
 * version could never be deployed.
 */
export class DeployedValue implements IResolvable {
  public static asString(owner: IConstruct, attribute: string, value: Reference, instead: string): string {
    return Token.asString(new DeployedValue(owner, attribute, value, instead));
  }

  public readonly creationStack: string[] = [];

  private constructor(
    private readonly owner: IConstruct,
    private readonly attribute: string,
    private readonly value: Reference,
    private readonly instead: string,
  ) {}

  public resolve(context: IResolveContext): Reference {
    const reader = Stack.of(context.scope);
    if (deployedTogether(reader) !== deployedTogether(Stack.of(this.owner))) {
      throw new ValidationError('MicrovmImageVersionCrossStack',
        `${this.attribute}: stack '${reader.node.path}' cannot read what changes with a deployment of another stack, `
        + `since CloudFormation updates no export that is imported; ${this.instead}`,
        this.owner);
    }
    return this.value;
  }

  public toString(): string {
    return Token.asString(this);
  }
}

/** Nested stacks are deployed with their parent and read each other's values as parameters and outputs. */
function deployedTogether(stack: Stack): Stack {
  return stack.nestedStackParent ? deployedTogether(stack.nestedStackParent) : stack;
}
