import * as fs from 'fs';
import * as path from 'path';
import type { MayPull } from './base-images';
import { checkBaseImage } from './base-images';
import type { Dockerfile, Instruction, Stage } from './dockerfile';
import { DockerfileError, expandVariables, keyValuePairs, splitWords } from './dockerfile';
import type { Architecture } from './rows';

/** The result of a Dockerfile: a directory tree and how to start it. */
export interface ContainerImage {
  /** Directory on this host that represents `/` of the image. */
  readonly root: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly workingDirectory: string;
  readonly entrypoint?: Command;
  readonly command?: Command;
  readonly exposedPorts: readonly number[];
  /** Where files come from that the image has and `root` lacks. */
  readonly missing: readonly string[];
}

/** The words of the exec form, or the text of the shell form. */
export type Command = readonly string[] | string;

export interface BuildProps {
  readonly dockerfile: Dockerfile;
  /** Directory of the unpacked archive. */
  readonly context: string;
  /** Empty directory for the results. */
  readonly output: string;
  readonly architecture: Architecture;
  readonly log: (line: string) => void;
  readonly mayPull: MayPull;
}

/** Builds the last stage of a Dockerfile without running its RUN instructions. */
export async function buildContainerImage(props: BuildProps): Promise<ContainerImage> {
  return new ContainerBuild(props).stage(props.dockerfile.stages.length - 1);
}

/** A file or directory on this host, or a here-document. */
type Source = { readonly path: string } | { readonly name: string; readonly text: string };

interface State {
  readonly root: string;
  environment: Record<string, string>;
  arguments: Record<string, string>;
  workingDirectory: string;
  entrypoint?: Command;
  command?: Command;
  exposedPorts: number[];
  missing: string[];
}

class ContainerBuild {
  private readonly built = new Map<number, Promise<ContainerImage>>();
  private readonly globalArguments: Record<string, string>;
  private readonly ignored: (file: string) => boolean;

  constructor(private readonly props: BuildProps) {
    this.globalArguments = platformArguments(props.architecture);
    for (const instruction of props.dockerfile.globalArguments) {
      for (const [name, value] of keyValuePairs(instruction.text)) this.globalArguments[name] = expandVariables(value ?? '', this.globalArguments);
    }
    this.ignored = ignoreRules(props.context);
  }

  /** Builds a stage when it is needed, and only once. */
  async stage(index: number): Promise<ContainerImage> {
    const before = this.built.get(index);
    if (before !== undefined) return before;
    const image = this.buildStage(this.props.dockerfile.stages[index], index);
    this.built.set(index, image);
    return image;
  }

  private async buildStage(stage: Stage, index: number): Promise<ContainerImage> {
    const { log } = this.props;
    const state = await this.startState(stage, index);
    const total = stage.instructions.length + 1;
    for (const [position, instruction] of stage.instructions.entries()) {
      log(`[${stage.name ?? `stage-${index}`} ${position + 2}/${total}] ${instruction.keyword} ${instruction.text}`);
      await this.apply(instruction, state, index);
    }
    return state;
  }

  private async startState(stage: Stage, index: number): Promise<State> {
    const root = path.join(this.props.output, `stage-${index}`);
    fs.mkdirSync(root, { recursive: true });
    const base = expandVariables(stage.base, this.globalArguments);
    this.props.log(`[${stage.name ?? `stage-${index}`} 1/${stage.instructions.length + 1}] FROM ${base}`);
    const earlier = this.stageNamed(base, index);
    if (earlier === undefined) {
      await checkBaseImage(base, this.props.mayPull);
      const missing = base === 'scratch' ? [] : [`part of ${base}`];
      return { root, environment: {}, arguments: {}, workingDirectory: '/', exposedPorts: [], missing };
    }
    const image = await this.stage(earlier);
    fs.cpSync(image.root, root, { recursive: true });
    return {
      ...image,
      root,
      environment: { ...image.environment },
      arguments: {},
      exposedPorts: [...image.exposedPorts],
      missing: [...image.missing],
    };
  }

  private async apply(instruction: Instruction, state: State, stageIndex: number): Promise<void> {
    const text = this.expand(instruction.text, state);
    switch (instruction.keyword) {
      case 'ARG':
        for (const [name, value] of keyValuePairs(instruction.text)) {
          state.arguments[name] = value === undefined ? this.globalArguments[name] ?? '' : this.expand(value, state);
        }
        return;
      case 'ENV':
        // Variables are expanded after the split, so that a value may contain blanks.
        for (const [name, value] of keyValuePairs(instruction.text)) state.environment[name] = this.expand(value ?? '', state);
        return;
      case 'WORKDIR':
        state.workingDirectory = path.posix.resolve(state.workingDirectory, splitWords(text).join(' '));
        fs.mkdirSync(path.join(state.root, state.workingDirectory), { recursive: true });
        return;
      case 'COPY':
      case 'ADD':
        return this.copy(instruction, state, stageIndex);
      case 'RUN':
        state.missing.unshift('made by RUN');
        this.props.log('  not run: the simulator copies files and starts the server, but does not execute RUN instructions');
        return;
      case 'EXPOSE':
        state.exposedPorts.push(...splitWords(text).map(word => Number.parseInt(word, 10)).filter(port => port > 0));
        return;
      case 'CMD':
        state.command = instruction.json ?? instruction.text;
        return;
      case 'ENTRYPOINT':
        state.entrypoint = instruction.json ?? instruction.text;
        state.command = undefined;
        return;
      default:
        // USER, LABEL, VOLUME, HEALTHCHECK, SHELL, STOPSIGNAL, ONBUILD and MAINTAINER do not affect a process on this
        // host.
    }
  }

  private async copy(instruction: Instruction, state: State, stageIndex: number): Promise<void> {
    const words = instruction.json ?? splitWords(instruction.text).map(word => word.replace(/^<<-?/, '<<'));
    const expanded = words.map(word => this.expand(word, state));
    const sources = expanded.slice(0, -1);
    const target = expanded[expanded.length - 1];
    const destination = path.join(state.root, path.posix.resolve(state.workingDirectory, target));
    const from = await this.copySource(instruction, stageIndex);
    if (from === undefined) return;
    const files = sources.flatMap(source => this.sourceFiles(source, instruction, from.root, from.missing));
    const intoDirectory = target.endsWith('/') || target === '.' || files.length > 1 || isDirectory(destination);
    for (const file of files) {
      if ('text' in file) write(intoDirectory ? path.join(destination, file.name) : destination, file.text);
      else if (isDirectory(file.path)) this.copyTree(file.path, destination, from.root);
      else this.copyFile(file.path, intoDirectory ? path.join(destination, path.basename(file.path)) : destination);
    }
  }

  /** The directory that COPY reads: the context or another stage; undefined for another image, which cannot be read. */
  private async copySource(instruction: Instruction, stageIndex: number): Promise<Pick<ContainerImage, 'root' | 'missing'> | undefined> {
    const from = instruction.flags.from;
    if (from === undefined) return { root: this.props.context, missing: [] };
    const stage = this.stageNamed(from, stageIndex);
    if (stage !== undefined) return this.stage(stage);
    await checkBaseImage(from, this.props.mayPull);
    this.props.log(`  not copied: the simulator does not pull ${from}`);
    return undefined;
  }

  private sourceFiles(source: string, instruction: Instruction, from: string, missing: readonly string[]): Source[] {
    const hereDocument = source.startsWith('<<') ? source.slice(2) : undefined;
    if (hereDocument !== undefined) return [{ name: hereDocument, text: instruction.hereDocuments[hereDocument] ?? '' }];
    if (instruction.keyword === 'ADD' && /^(https?:|git@)/.test(source)) {
      this.props.log(`  not fetched: the simulator does not download ${source}`);
      return [];
    }
    // A path cannot leave the context: `..` at its root stays at the root.
    const inside = path.posix.resolve('/', source);
    const found = matchingPaths(from, inside).filter(file => from !== this.props.context || !this.ignored(path.relative(from, file)));
    if (found.length === 0) {
      if (missing.length > 0) {
        this.props.log(`  not copied: ${inside} is ${[...new Set(missing)].join(' or ')}; the simulator neither runs RUN instructions nor pulls images`);
        return [];
      }
      throw new DockerfileError(`failed to solve: failed to compute cache key: failed to calculate checksum of ref: "${inside}": not found`);
    }
    return found.map(file => ({ path: file }));
  }

  private copyTree(directory: string, destination: string, from: string): void {
    fs.cpSync(directory, destination, {
      recursive: true,
      filter: file => from !== this.props.context || file === directory || !this.ignored(path.relative(from, file)),
    });
  }

  private copyFile(file: string, destination: string): void {
    fs.mkdirSync(path.dirname(destination), { recursive: true });
    fs.copyFileSync(file, destination);
  }

  private stageNamed(name: string, before: number): number | undefined {
    const stages = this.props.dockerfile.stages.slice(0, before);
    const index = stages.findIndex((stage, position) => stage.name === name.toLowerCase() || String(position) === name);
    return index < 0 ? undefined : index;
  }

  private expand(text: string, state: State): string {
    return expandVariables(text, { ...state.arguments, ...state.environment });
  }
}

/** The arguments that docker defines by itself. A stage must declare those that it uses. */
function platformArguments(architecture: Architecture): Record<string, string> {
  const processor = architecture === 'X86_64' ? 'amd64' : 'arm64';
  return Object.fromEntries(['TARGET', 'BUILD'].flatMap(prefix => [
    [`${prefix}PLATFORM`, `linux/${processor}`], [`${prefix}OS`, 'linux'], [`${prefix}ARCH`, processor], [`${prefix}VARIANT`, ''],
  ]));
}

function matchingPaths(root: string, pattern: string): string[] {
  const parts = pattern.split('/').filter(part => part !== '');
  let found = [root];
  for (const part of parts) {
    const glob = /[*?[]/.test(part) ? globPattern(part) : undefined;
    found = found.flatMap(directory => {
      if (glob === undefined) return fs.existsSync(path.join(directory, part)) ? [path.join(directory, part)] : [];
      if (!isDirectory(directory)) return [];
      return fs.readdirSync(directory).filter(name => glob.test(name)).sort().map(name => path.join(directory, name));
    });
  }
  return found;
}

/** Which files `.dockerignore` excludes from the context. The last matching rule decides. */
function ignoreRules(context: string): (file: string) => boolean {
  const file = path.join(context, '.dockerignore');
  if (!fs.existsSync(file)) return () => false;
  const rules = fs.readFileSync(file, 'utf8').split(/\r?\n/).map(line => line.trim()).filter(line => line !== '' && !line.startsWith('#')).map(line => {
    const pattern = line.replace(/^!/, '').replace(/^\/|\/$/g, '');
    return { excepts: line.startsWith('!'), pattern: globPattern(pattern, '(?:/.*)?') };
  });
  return name => rules.reduce((ignored, { excepts, pattern }) => (pattern.test(name.split(path.sep).join('/')) ? !excepts : ignored), false);
}

function globPattern(glob: string, end = ''): RegExp {
  const source = glob.replace(/[.+^${}()|\\]/g, '\\$&').replace(/\*\*\/?/g, '\u0000').replace(/\*/g, '[^/]*').replace(/\?/g, '[^/]').replace(/\u0000/g, '.*');
  return new RegExp(`^${source}${end}$`);
}

function write(file: string, text: string): void {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, text);
}

function isDirectory(file: string): boolean {
  return fs.statSync(file, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
