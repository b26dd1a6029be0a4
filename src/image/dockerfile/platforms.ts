import type { EvaluatedStage } from './evaluate';
import type { Problem } from './problem';

const ALIASES: Readonly<Record<string, string>> = { 'aarch64': 'arm64', 'x86_64': 'amd64', 'x86-64': 'amd64' };
const OPERATING_SYSTEMS = ['linux', 'windows', 'darwin', 'freebsd'];

/** Finds FROM lines that ask for another platform than the image has. */
export function platformProblems(stages: readonly EvaluatedStage[], processor: string): Problem[] {
  const last = stages.length - 1;
  return stages.flatMap((stage, index): Problem[] => {
    const { platform, base, parent, stage: { from: { line } } } = stage;
    // FROM of a stage ignores the flag, and scratch has no platform.
    if (!stage.isNeeded || platform === undefined || parent !== undefined || base === 'scratch' || fits(platform, processor)) return [];
    if (rootOf(stages, last) === index) {
      return [{
        line,
        error: 'MicrovmCodeDockerfilePlatformInvalid',
        text: `asks for the platform ${platform}, but architectures of the image contains ${MEMBERS[processor]}; remove --platform, or change architectures`,
      }];
    }
    const runs = stages.some(({ isNeeded, steps }, at) => isNeeded && rootOf(stages, at) === index && steps.some(({ instruction }) => instruction.keyword === 'RUN'));
    return runs ? [{
      line,
      warning: 'cdk-lambda-microvms:dockerfilePlatformDiffers',
      text: `builds a stage for ${platform}, but the image is for linux/${processor}; its RUN instructions may fail with exec format error; use --platform=$BUILDPLATFORM, or remove the flag`,
    }] : [];
  });
}

/** The members of `MicrovmArchitecture` by the names of Docker. */
const MEMBERS: Readonly<Record<string, string>> = { arm64: 'ARM_64', amd64: 'X86_64' };

/** Returns the processor of an architecture in the names of Docker. */
export function processorOf(architecture: string): string {
  return Object.keys(MEMBERS).find(processor => MEMBERS[processor] === architecture)!;
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
