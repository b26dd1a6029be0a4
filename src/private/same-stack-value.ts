import type { IResolvable, IResolveContext, Reference } from 'aws-cdk-lib';
import { Stack, Token } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { ValidationError } from './errors';
import { outermost } from './stacks';
import type { SynthesisErrorCode } from '../contract/diagnostics';

/** The owner and the name of the attribute, and what to do instead of reading it from another stack. */
export interface SameStackValueProps {
  readonly owner: IConstruct;
  readonly attribute: string;
  readonly code: SynthesisErrorCode;
  readonly instead: string;
}

/**
 * An attribute that only the stack of its owner can read, because any deployment may change it.
 *
 * In another stack, the CDK would create an export. CloudFormation cannot update an export while another stack
 * imports it, so no new version could be deployed.
 */
export class SameStackValue implements IResolvable {
  public static asString(value: Reference, props: SameStackValueProps): string {
    return Token.asString(new SameStackValue(value, props));
  }

  public readonly creationStack: string[] = [];

  private constructor(private readonly value: Reference, private readonly props: SameStackValueProps) {}

  public resolve(context: IResolveContext): Reference {
    const { owner, attribute, code, instead } = this.props;
    const reader = Stack.of(context.scope);
    if (!haveSameDeployment(reader, Stack.of(owner))) {
      throw new ValidationError(code,
        `${attribute}: stack '${reader.node.path}' cannot read this value, because deployments change it `
        + `and CloudFormation cannot update an export while another stack imports it; ${instead}`,
        owner);
    }
    return this.value;
  }

  public toString(): string {
    return Token.asString(this);
  }
}

/** Nested stacks are deployed with their parent, and pass values as parameters and outputs. */
export function haveSameDeployment(a: Stack, b: Stack): boolean {
  return outermost(a) === outermost(b);
}
