import { BootstraplessSynthesizer, DefaultStackSynthesizer, LegacyStackSynthesizer, Stack } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { NetworkTeamSynthesizer } from './team-synthesizer';
import { ValidationError } from '../private/errors';

/**
 * Fails at synth if a stack in the scope, or the stack that contains it, is deployed with the default bootstrap of the
 * CDK, or with the bootstrap of a team with another path. Developers may write to the bucket of the default bootstrap,
 * and so replace the code of the team's functions. Developers may also create roles under another path, and the roles
 * of the bootstrap with that path trust them.
 */
export function forbidOtherBootstraps(scope: IConstruct, networkTeamPath: string): void {
  scope.node.addValidation({ validate: () => [...sharedBootstraps(scope), ...otherPaths(scope, networkTeamPath)] });
}

function sharedBootstraps(scope: IConstruct): string[] {
  return stacksOf(scope).filter(usesSharedBootstrap).map(stack => new ValidationError('NetworkTeamBootstrapShared',
    `synthesizer: stack '${stack.node.path}' of the network team is deployed with the bootstrap that developers share `
    + `(qualifier '${DefaultStackSynthesizer.DEFAULT_QUALIFIER}'); use a NetworkTeamSynthesizer with a qualifier of the team's own`, stack).message);
}

/** A stack without bootstrap has the default qualifier too. The legacy synthesizer uses a bucket that is shared too. */
function usesSharedBootstrap({ synthesizer }: Stack): boolean {
  if (synthesizer instanceof LegacyStackSynthesizer) return true;
  return synthesizer.bootstrapQualifier === DefaultStackSynthesizer.DEFAULT_QUALIFIER && !(synthesizer instanceof BootstraplessSynthesizer);
}

function otherPaths(scope: IConstruct, networkTeamPath: string): string[] {
  return stacksOf(scope).flatMap(stack => {
    const { synthesizer } = stack;
    if (!NetworkTeamSynthesizer.isNetworkTeamSynthesizer(synthesizer) || synthesizer._networkTeamPath.startsWith(networkTeamPath)) return [];
    return [new ValidationError('NetworkConnectorGuardrailInvalid',
      `networkTeamPath: the synthesizer of stack '${stack.node.path}' has the path '${synthesizer._networkTeamPath}', which is not under '${networkTeamPath}'; `
      + 'use the same path', stack).message];
  });
}

function stacksOf(scope: IConstruct): Stack[] {
  const constructs = new Set([...scope.node.scopes, ...scope.node.findAll()]);
  return [...constructs].filter(Stack.isStack).filter(stack => !stack.nested);
}
