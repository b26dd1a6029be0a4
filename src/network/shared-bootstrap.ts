import { BootstraplessSynthesizer, DefaultStackSynthesizer, Stack } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { ValidationError } from '../private/errors';

/**
 * Fails at synth if a stack in the scope, or the stack that contains it, is deployed with the default bootstrap of the
 * CDK. Developers may write to the bucket of that bootstrap, and so replace the code of the team's functions.
 */
export function forbidSharedBootstrap(scope: IConstruct): void {
  scope.node.addValidation({
    validate: () => stacksOf(scope)
      .filter(usesSharedBootstrap)
      .map(stack => new ValidationError('NetworkTeamBootstrapShared',
        `synthesizer: stack '${stack.node.path}' of the network team is deployed with the bootstrap that developers share `
        + `(qualifier '${DefaultStackSynthesizer.DEFAULT_QUALIFIER}'); use a NetworkTeamSynthesizer with a qualifier of the team's own`, stack).message),
  });
}

/** A stack without bootstrap has the default qualifier too. */
function usesSharedBootstrap({ synthesizer }: Stack): boolean {
  return synthesizer.bootstrapQualifier === DefaultStackSynthesizer.DEFAULT_QUALIFIER && !(synthesizer instanceof BootstraplessSynthesizer);
}

function stacksOf(scope: IConstruct): Stack[] {
  const constructs = new Set([...scope.node.scopes, ...scope.node.findAll()]);
  return [...constructs].filter(Stack.isStack).filter(stack => !stack.nested);
}
