import type { EvaluatedStage } from './evaluate';
import { sourcesOf, stageNamed } from './evaluate';
import type { Dockerfile } from './parse';
import type { Problem } from './problem';

/** An image that a build pulls. */
export interface PulledImage {
  readonly line: number;
  readonly image: string;
}

/** Returns the images of the needed stages, as far as their names are known. */
export function pulledImages(dockerfile: Dockerfile, stages: readonly EvaluatedStage[]): PulledImage[] {
  return stages.flatMap(({ base, parent, isNeeded, stage }, index) => {
    if (!isNeeded) return [];
    const bases = base === undefined || parent !== undefined || base === 'scratch' ? [] : [{ line: stage.from.line, image: base }];
    const copied = stage.instructions.flatMap(instruction => sourcesOf(instruction)
      .filter(name => !name.includes('$') && stageNamed(dockerfile, name, index) === undefined)
      .map(image => ({ line: instruction.line, image })));
    return [...bases, ...copied];
  });
}

/** Finds names that Docker takes for an image although a stage is probably meant. */
export function stageProblems(dockerfile: Dockerfile, stages: readonly EvaluatedStage[]): Problem[] {
  const uses = stages.flatMap(({ stage, isNeeded }, index) => isNeeded
    ? stage.instructions.flatMap(instruction => sourcesOf(instruction).map(name => ({ name, index, line: instruction.line })))
    : []);
  return uses.flatMap(({ name, index, line }): Problem[] => {
    if (/^\d+$/.test(name) && Number(name) >= index) {
      return [{ line, error: 'MicrovmCodeDockerfileInvalid', text: `copies from the stage ${name}, but there are only the stages 0 to ${index - 1} before it` }];
    }
    const isLater = dockerfile.stages.slice(index).some(later => later.name === name.toLowerCase());
    return isLater && stageNamed(dockerfile, name, index) === undefined ? [{
      line,
      warning: 'cdk-lambda-microvms:dockerfileStageLater',
      text: `copies from '${name}', which is not an earlier stage, so Docker pulls an image of this name; move the stage before this one`,
    }] : [];
  });
}
