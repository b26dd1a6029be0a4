import type { Construct } from 'constructs';
import type { DockerfileInCode } from './contents';
import type { Variables } from './evaluate';
import { evaluate, variableWithoutValue } from './evaluate';
import type { PulledImage } from './images';
import { pulledImages, stageProblems } from './images';
import { mountProblems } from './mounts';
import type { Dockerfile, Stage } from './parse';
import { parseDockerfile } from './parse';
import { platformProblems, processorOf } from './platforms';
import { portProblems } from './ports';
import type { Problem } from './problem';
import { messageOf } from './problem';
import { sourceProblems } from './sources';
import { ValidationError } from '../../private/errors';
import { warn } from '../../private/warnings';

/** The parts of an image that its Dockerfile must fit. */
export interface DockerfileUse {
  /** The members of `MicrovmArchitecture` that the image is built for. */
  readonly architectures: readonly string[];
  /** Undefined if the image has no hooks, or the port is a token. */
  readonly hooksPort?: number;
  /** The names of the environment variables of the image. */
  readonly environment: readonly string[];
}

/**
 * Checks a Dockerfile, so that what cannot work fails at synth instead of minutes later in a build. Throws for the
 * first error, and adds warnings to the scope. Returns the images that a build pulls.
 */
export function checkDockerfile(scope: Construct, code: DockerfileInCode, use: DockerfileUse): PulledImage[] {
  const { dockerfile, mistake } = parseDockerfile(code.text);
  if (mistake) throw errorOf(scope, { ...mistake, error: 'MicrovmCodeDockerfileInvalid', text: mistake.problem });
  if (!dockerfile) return [];

  const processors = use.architectures.flatMap(architecture => processorOf(architecture) ?? []);
  const results = processors.map(processor => problemsFor(dockerfile, code, use, processor));
  const problems = results.flatMap(result => result.problems);
  const wrong = problems.find(({ error }) => error !== undefined);
  if (wrong) throw errorOf(scope, wrong);
  // Architectures have most problems in common. CDK drops a warning that is the same.
  problems.forEach(problem => warn(problem.warning!, messageOf(problem), scope));
  return results.flatMap(result => result.images);
}

function problemsFor(dockerfile: Dockerfile, { contents }: DockerfileInCode, use: DockerfileUse, processor: string) {
  const variables: Variables = { processor, unknown: use.environment };
  const stages = evaluate(dockerfile, variables);
  const problems: Problem[] = [
    ...stages.filter(({ isNeeded }) => isNeeded).flatMap(({ stage }) => blankProblem(dockerfile, stage, variables)),
    ...stageProblems(dockerfile, stages),
    ...platformProblems(stages, processor),
    ...sourceProblems(stages, contents),
    ...mountProblems(stages),
    ...portProblems(stages, use.hooksPort),
  ];
  return { problems, images: pulledImages(dockerfile, stages) };
}

function blankProblem(dockerfile: Dockerfile, stage: Stage, variables: Variables): Problem[] {
  const name = variableWithoutValue(dockerfile, stage, variables);
  return name === undefined ? [] : [{
    line: stage.from.line,
    error: 'MicrovmCodeDockerfileInvalid',
    text: `uses $${name} in FROM, which has no value, because builds of the service have no arguments; give ARG ${name} a default before the first FROM`,
  }];
}

function errorOf(scope: Construct, problem: Problem): ValidationError {
  return new ValidationError(problem.error!, messageOf(problem), scope);
}
