import type { EvaluatedStage } from './evaluate';
import type { Problem } from './problem';

const ALIASES: Readonly<Record<string, string>> = { 'aarch64': 'arm64', 'x86_64': 'amd64', 'x86-64': 'amd64' };
const OPERATING_SYSTEMS = ['linux', 'windows', 'darwin', 'freebsd'];

/** The repositories of Docker Hub with the official images for one processor. */
const ONE_PLATFORM: Readonly<Record<string, string>> = {
  amd64: 'linux/amd64', i386: 'linux/386', arm64v8: 'linux/arm64', arm32v5: 'linux/arm/v5', arm32v6: 'linux/arm/v6', arm32v7: 'linux/arm/v7',
};

/** Finds FROM lines that ask for another platform than the image has. */
export function platformProblems(stages: readonly EvaluatedStage[], processor: string): Problem[] {
  const last = rootOf(stages, stages.length - 1);
  return stages.flatMap((stage, index): Problem[] => {
    const { base, parent, stage: { from: { line } } } = stage;
    // FROM of a stage ignores the flag, and scratch has no platform.
    if (!stage.isNeeded || parent !== undefined || base === undefined || base === 'scratch') return [];
    const platform = stage.platform ?? platformOfName(base);
    if (platform !== undefined && !fits(platform, processor)) {
      return index === last ? [finalProblem(line, platform, processor)] : stageProblem(stages, index, platform, processor);
    }
    // A tag is only a hint.
    const tagged = /:[^/]*?(x86_64|amd64|arm64|aarch64)$/.exec(base)?.[1];
    return platform === undefined && tagged && !fits(tagged, processor) ? stageProblem(stages, index, tagged, processor) : [];
  });
}

function finalProblem(line: number, platform: string, processor: string): Problem {
  return {
    line,
    error: 'MicrovmCodeDockerfilePlatformInvalid',
    text: `is for the platform ${platform}, but architectures of the image contains ${MEMBERS[processor]}; use a FROM line for linux/${processor}, or change architectures`,
  };
}

/** Programs run in a stage with RUN, and in MicroVMs. A stage that only provides files may be of another platform. */
function stageProblem(stages: readonly EvaluatedStage[], index: number, platform: string, processor: string): Problem[] {
  const built = stages.filter(({ isNeeded }, at) => isNeeded && rootOf(stages, at) === index);
  const runs = built.some(stage => stage === stages[stages.length - 1] || stage.steps.some(({ instruction }) => instruction.keyword === 'RUN'));
  return runs ? [{
    line: stages[index].stage.from.line,
    warning: 'cdk-lambda-microvms:dockerfilePlatformDiffers',
    text: `is for ${platform}, but the image is for linux/${processor}; its programs may fail with exec format error; use --platform=$BUILDPLATFORM for a compiler, or another image`,
  }] : [];
}

function platformOfName(image: string): string | undefined {
  return ONE_PLATFORM[/^(?:docker\.io\/)?([a-z0-9]+)\/[^/]+$/.exec(image)?.[1] ?? ''];
}

/** The members of `MicrovmArchitecture` by the names of Docker. */
const MEMBERS: Readonly<Record<string, string>> = { arm64: 'ARM_64', amd64: 'X86_64' };

/** Returns the processor of an architecture in the names of Docker. */
export function processorOf(architecture: string): string | undefined {
  return Object.keys(MEMBERS).find(processor => MEMBERS[processor] === architecture);
}

/** Returns the index of the stage whose FROM line names the image that a stage is built on. */
function rootOf(stages: readonly EvaluatedStage[], index: number): number {
  const { parent } = stages[index];
  return parent === undefined ? index : rootOf(stages, parent);
}

function fits(platform: string, processor: string): boolean {
  const parts = platform.toLowerCase().split('/');
  if (parts.length === 1 && OPERATING_SYSTEMS.includes(parts[0])) return parts[0] === 'linux';
  const [system, architecture] = parts.length === 1 ? ['linux', parts[0]] : parts;
  return system === 'linux' && (ALIASES[architecture] ?? architecture) === processor;
}
