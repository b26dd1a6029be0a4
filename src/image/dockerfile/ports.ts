import type { EvaluatedStage } from './evaluate';
import type { Problem } from './problem';

/** Finds a port of hooks that is not among the ports that the image exposes. An image without EXPOSE says nothing. */
export function portProblems(stages: readonly EvaluatedStage[], port: number | undefined): Problem[] {
  if (port === undefined) return [];
  const exposed = exposedBy(stages, stages.length - 1);
  if (exposed.length === 0 || exposed.some(({ ports }) => ports === undefined || port >= ports[0] && port <= ports[1])) return [];
  return [{
    line: exposed[0].line,
    warning: 'cdk-lambda-microvms:dockerfileHooksPortNotExposed',
    text: `exposes ${exposed.map(({ written }) => written).join(', ')}, but hooks.port is ${port}; the application must answer hooks on that port`,
  }];
}

interface Exposed {
  readonly line: number;
  readonly written: string;
  /** The first and the last port; undefined if they are not known. */
  readonly ports?: readonly [number, number];
}

function exposedBy(stages: readonly EvaluatedStage[], index: number | undefined): Exposed[] {
  if (index === undefined) return [];
  const { steps, parent } = stages[index];
  return [...exposedBy(stages, parent), ...steps.filter(({ instruction }) => instruction.keyword === 'EXPOSE').flatMap(step => {
    const written = step.instruction.words.map(word => step.expand(word) ?? word);
    return written.map(word => ({ line: step.instruction.line, written: word, ports: portsOf(word) }));
  })];
}

function portsOf(word: string): [number, number] | undefined {
  const match = /^(\d+)(?:-(\d+))?(?:\/(\w+))?$/.exec(word);
  if (!match) return undefined;
  return match[3]?.toLowerCase() === 'udp' ? [0, 0] : [Number(match[1]), Number(match[2] ?? match[1])];
}
