import type { Dockerfile, Instruction, Stage } from './parse';
import type { Lookup } from './words';
import { expand } from './words';

/** A stage for one architecture. */
export interface EvaluatedStage {
  readonly stage: Stage;
  /** The image or stage of FROM; undefined if its name is not known. */
  readonly base?: string;
  /** The index of the earlier stage that FROM names. */
  readonly parent?: number;
  /** The value of `--platform`, if there is one and it is known. */
  readonly platform?: string;
  readonly steps: readonly Step[];
  /** Whether the image needs the stage. Docker builds no other stage. */
  readonly isNeeded: boolean;
}

/** An instruction with the values that variables have in it. */
export interface Step {
  readonly instruction: Instruction;
  /** Replaces variables, and removes quotes and escapes. Returns undefined if the result is not known. */
  readonly expand: (word: string) => string | undefined;
}

/** What the values of variables depend on. */
export interface Variables {
  /** The processor in the names of Docker: `arm64` or `amd64`. */
  readonly processor: string;
  /** Names whose values are not known, because builds may receive them from outside. */
  readonly unknown: readonly string[];
}

type Values = Map<string, string | undefined>;

/** Follows variables and stages of a Dockerfile. */
export function evaluate(dockerfile: Dockerfile, variables: Variables): EvaluatedStage[] {
  const { escape } = dockerfile;
  const globals = globalValues(dockerfile, variables);
  const inFrom: Lookup = name => globals.has(name) ? globals.get(name) : variables.unknown.includes(name) ? undefined : null;
  const environments: Values[] = [];
  const stages = dockerfile.stages.map((stage, index) => {
    const base = expand(stage.base, inFrom, escape);
    const parent = base === undefined ? undefined : stageNamed(dockerfile, base, index);
    const flag = stage.from.flags.find(({ name }) => name === 'platform');
    const environment: Values = new Map(parent === undefined ? [] : environments[parent]);
    environments.push(environment);
    return {
      stage, base, parent, platform: flag && expand(flag.value, inFrom, escape), steps: stepsOf(stage, environment, globals, variables, escape),
    };
  });
  const needed = neededStages(dockerfile, stages);
  return stages.map((stage, index) => ({ ...stage, isNeeded: needed.has(index) }));
}

/**
 * Returns the name of a variable in a FROM line that certainly has no value: the service passes no build arguments, and
 * no other variables exist before a stage.
 */
export function variableWithoutValue(dockerfile: Dockerfile, stage: Stage, variables: Variables): string | undefined {
  const globals = globalValues(dockerfile, variables);
  const names = [...stage.base.matchAll(/\$(?:([A-Za-z_]\w*)|\{([A-Za-z_]\w*)\})/g)].map(match => match[1] ?? match[2]);
  return names.find(name => !globals.has(name) && !variables.unknown.includes(name));
}

/** Returns the index of the stage before a stage that has this name or number. */
export function stageNamed({ stages }: Dockerfile, name: string, before: number): number | undefined {
  const earlier = stages.slice(0, before);
  const named = earlier.map(stage => stage.name).lastIndexOf(name.toLowerCase());
  if (named >= 0) return named;
  return /^\d+$/.test(name) && Number(name) < before ? Number(name) : undefined;
}

function globalValues({ globalArguments, escape }: Dockerfile, variables: Variables): Values {
  const values = platformValues(variables);
  for (const [name, value] of globalArguments.flatMap(pairsOf)) {
    if (variables.unknown.includes(name)) values.set(name, undefined);
    else if (value !== undefined) values.set(name, expand(value, known => values.get(known), escape));
  }
  return values;
}

/** The arguments that Docker defines. Those of the machine that builds are not known. */
function platformValues({ processor }: Variables): Values {
  const target = { PLATFORM: `linux/${processor}`, OS: 'linux', ARCH: processor, VARIANT: undefined };
  return new Map(Object.entries(target).flatMap(([name, value]) => [[`TARGET${name}`, value], [`BUILD${name}`, undefined]]));
}

function stepsOf(stage: Stage, environment: Values, globals: Values, variables: Variables, escape: string): Step[] {
  const args: Values = new Map();
  return stage.instructions.map(instruction => {
    // Only ENV and ARG change the values, and they expand with the values before them.
    const before: Values = new Map([...args, ...environment]);
    const step = { instruction, expand: (word: string) => expand(word, name => before.get(name), escape) };
    for (const [name, value] of pairsOf(instruction)) {
      if (instruction.keyword === 'ENV') environment.set(name, value === undefined ? undefined : step.expand(value));
      else if (variables.unknown.includes(name)) args.set(name, undefined);
      else args.set(name, value === undefined ? globals.get(name) : step.expand(value));
    }
    return step;
  });
}

/** The pairs of ARG and ENV, in the new form (`A=1 B=2`) and in the old form of ENV (`A 1`). */
function pairsOf({ keyword, words, text }: Instruction): [name: string, value: string | undefined][] {
  if (keyword !== 'ARG' && keyword !== 'ENV') return [];
  if (keyword === 'ENV' && words.length > 0 && !words[0].includes('=')) return [[words[0], text.slice(words[0].length).trim()]];
  return words.map(word => {
    const [name, ...rest] = word.split('=');
    return [name, rest.length > 0 ? rest.join('=') : undefined];
  });
}

function neededStages(dockerfile: Dockerfile, stages: readonly { readonly parent?: number }[]): Set<number> {
  const needed = new Set<number>();
  const visit = (index: number | undefined) => {
    if (index === undefined || needed.has(index)) return;
    needed.add(index);
    visit(stages[index].parent);
    dockerfile.stages[index].instructions.flatMap(sourcesOf).forEach(name => visit(stageNamed(dockerfile, name, index)));
  };
  visit(stages.length - 1);
  return needed;
}

/** Returns the stages and images that an instruction reads files from, as written. */
export function sourcesOf({ keyword, flags }: Instruction): string[] {
  if (keyword === 'COPY') return flags.filter(({ name }) => name === 'from').map(({ value }) => value);
  return keyword === 'RUN' ? flags.filter(({ name }) => name === 'mount').flatMap(({ value }) => mountOf(value).from ?? []) : [];
}

/** Returns the options of a `--mount` by their names in lower case. An option without a value is true. */
export function mountOf(value: string): Readonly<Record<string, string | undefined>> {
  return Object.fromEntries(value.replace(/"/g, '').split(',').map(option => {
    const [name, ...rest] = option.split('=');
    return [name.toLowerCase(), rest.length > 0 ? rest.join('=') : 'true'];
  }));
}
