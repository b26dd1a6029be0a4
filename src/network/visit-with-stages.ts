import { Aspects, Stage } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { ValidationError } from '../private/errors';

/**
 * Visits all constructs of a scope at synth, also those in its stages, which aspects of the scope do not reach.
 *
 * Synth fails if the scope gets another stage afterwards.
 */
export function visitWithStages(scope: IConstruct, visit: (node: IConstruct) => void): void {
  const known = [scope, ...stagesIn(scope)];
  for (const part of known) Aspects.of(part).add({ visit });
  scope.node.addValidation({
    validate: () => stagesIn(scope).filter(stage => !known.includes(stage)).map(stage => new ValidationError('NetworkConnectorGuardrailInvalid',
      `scope: stage '${stage.node.path}' was created after applyNetworkTeamPath, so its roles are not under the path; `
      + 'call applyNetworkTeamPath when all stages exist', stage).message),
  });
}

function stagesIn(scope: IConstruct): Stage[] {
  return scope.node.findAll().filter(construct => construct !== scope).filter(Stage.isStage);
}
