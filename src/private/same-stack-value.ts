import type { IResolvable, IResolveContext, Reference } from 'aws-cdk-lib';
import { Stack, Token } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { ValidationError } from './errors';
import type { SynthesisErrorCode } from '../contract/diagnostics';

/** Whose attribute it is, what it is called, and what to do instead of reading it from another stack. */
export interface DeployedValueProps {
  readonly owner: IConstruct;
  readonly attribute: string;
  readonly code: SynthesisErrorCode;
  readonly instead: string;
}

/**
 * An attribute that any deployment may change.
 *
 * Read from another stack it would become an export, which CloudFormation cannot update while somebody imports it: the next
 * version could never be deployed.
 */
export class DeployedValue implements IResolvable {
  public static asString(value: Reference, props: DeployedValueProps): string {
    return Token.asString(new DeployedValue(value, props));
  }

  public readonly creationStack: string[] = [];

  private constructor(private readonly value: Reference, private readonly props: DeployedValueProps) {}

  public resolve(context: IResolveContext): Reference {
    const { owner, attribute, code, instead } = this.props;
    const reader = Stack.of(context.scope);
    if (!haveSameDeployment(reader, Stack.of(owner))) {
      throw new ValidationError(code,
        `${attribute}: stack '${reader.node.path}' cannot read what changes with a deployment of another stack, `
        + `since CloudFormation updates no export that is imported; ${instead}`,
        owner);
    }
    return this.value;
  }

  public toString(): string {
    return Token.asString(this);
  }
}

/** Nested stacks belong to the deployment of their parent, and read each other's values as parameters and outputs. */
export function haveSameDeployment(a: Stack, b: Stack): boolean {
  return outermost(a) === outermost(b);
}

function outermost(stack: Stack): Stack {
  return stack.nestedStackParent ? outermost(stack.nestedStackParent) : stack;
}
