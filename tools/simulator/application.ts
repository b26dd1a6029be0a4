import type { ChildProcess } from 'child_process';
import { spawn } from 'child_process';
import * as fs from 'fs';
import { connect } from 'net';
import * as path from 'path';
import type { BuildHook, Machine, RuntimeHook } from './builder';
import type { Command, ContainerImage } from './container-image';
import { splitWords } from './dockerfile';
import { freePort } from '../shared/free-port';

const DEFAULT_PORT = 8080;
const HOOK_PATH = '/aws/lambda-microvms/runtime/v1';
const RETRY_MS = 50;
const STARTUP_MS = 5_000;

export interface ApplicationProps {
  readonly image: ContainerImage;
  /** Environment of the image version and of the service. It overrides the environment of the Dockerfile. */
  readonly environment: Readonly<Record<string, string>>;
  readonly hooksPort?: number;
  readonly onOutput: (line: string) => void;
}

/** All processes of this simulator. They must terminate with it. */
const RUNNING = new Set<ChildProcess>();
process.on('exit', () => RUNNING.forEach(child => signal(child, 'SIGKILL')));

/**
 * The server of an image, run as a process on this host.
 *
 * Each image assumes that it owns its ports. Here each port of the image maps to a free port of the host. The process
 * reads its main port from `PORT`, and any other port N from `PORT_N`.
 */
export class Application implements Machine {
  static async start(props: ApplicationProps): Promise<Application> {
    const mainPort = mainPortOf(props);
    const guestPorts = [...new Set([mainPort, ...props.image.exposedPorts, ...(props.hooksPort === undefined ? [] : [props.hooksPort])])];
    const ports = new Map(await Promise.all(guestPorts.map(async port => [port, await freePort()] as const)));
    return new Application(props, mainPort, ports);
  }

  private readonly child?: ChildProcess;
  private exited = false;
  private exitCode?: number | null;

  private constructor(
    private readonly props: ApplicationProps, private readonly mainPort: number, private readonly ports: ReadonlyMap<number, number>,
  ) {
    const words = startCommand(props.image);
    if (words.length === 0) return;
    const child = spawn(words[0], words.slice(1), {
      cwd: path.join(props.image.root, props.image.workingDirectory),
      env: {
        PATH: process.env.PATH,
        HOME: props.image.root,
        PYTHONUNBUFFERED: '1',
        ...props.image.environment,
        ...props.environment,
        ...Object.fromEntries([...ports].map(([guest, local]) => [`PORT_${guest}`, String(local)])),
        PORT: String(ports.get(mainPort)),
      },
      stdio: ['ignore', 'pipe', 'pipe'],
      // A process group of its own, so that its child processes terminate with it.
      detached: true,
    });
    this.child = child;
    RUNNING.add(child);
    for (const stream of [child.stdout, child.stderr]) lines(stream, props.onOutput);
    child.on('error', error => {
      this.exited = true;
      props.onOutput(`cannot start ${words[0]}: ${error.message}`);
    });
    child.on('close', code => {
      this.exited = true;
      this.exitCode = code;
      RUNNING.delete(child);
      if (code !== null) props.onOutput(`the application exited with code ${code}`);
    });
  }

  /**
   * Waits until the server listens: a MicroVM starts from a snapshot of a running server. A server may also never
   * listen.
   */
  async untilListening(): Promise<void> {
    const port = this.ports.get(this.mainPort);
    const deadline = Date.now() + STARTUP_MS;
    while (port !== undefined && this.processId !== undefined && Date.now() < deadline && !(await isListening(port))) await pause();
  }

  get processId(): number | undefined {
    return this.exited ? undefined : this.child?.pid;
  }

  localPort(guestPort: number): number | undefined {
    return this.exited ? undefined : this.ports.get(guestPort);
  }

  /** Calls a hook. A hook may answer 503 until it is ready; a refused connection counts the same. */
  async hook(name: RuntimeHook | BuildHook, timeoutSeconds: number, body: object): Promise<string | undefined> {
    const title = name.charAt(0).toUpperCase() + name.slice(1);
    const deadline = Date.now() + timeoutSeconds * 1000;
    while (Date.now() < deadline && !this.exited) {
      const status = await this.post(name, body, deadline - Date.now());
      if (status !== undefined && status < 300) return undefined;
      if (status !== undefined && status !== 503) {
        const kind = status < 500 ? 'client error (HTTP 4xx)' : 'server error (HTTP 5xx)';
        return `${title} hook check failed: the application returned a ${kind} response`;
      }
      await pause();
    }
    return `${title} hook invocation timed out after ${isoDuration(timeoutSeconds)}${await this.explanation()}`;
  }

  /** What this simulator knows about a hook without an answer. The service says only that it timed out. */
  private async explanation(): Promise<string> {
    const { hooksPort } = this.props;
    const port = hooksPort === undefined ? undefined : this.ports.get(hooksPort);
    if (port === undefined || (!this.exited && await isListening(port))) return '';
    const variable = hooksPort === this.mainPort ? 'PORT' : `PORT_${hooksPort}`;
    const found = this.exited ? `the application exited with code ${this.exitCode ?? 'none'}; its log says why` : `nothing listens on the port in ${variable}`;
    return `. The simulator adds: ${found}. Many servers share this host, so a server must listen on the port in ${variable} instead of ${hooksPort}`;
  }

  suspend(): void {
    signal(this.child, 'SIGSTOP');
  }

  resume(): void {
    signal(this.child, 'SIGCONT');
  }

  terminate(): void {
    signal(this.child, 'SIGKILL');
  }

  private async post(hook: string, body: object, timeoutMs: number): Promise<number | undefined> {
    const port = this.props.hooksPort === undefined ? undefined : this.ports.get(this.props.hooksPort);
    if (port === undefined) return undefined;
    try {
      const answer = await fetch(`http://127.0.0.1:${port}${HOOK_PATH}/${hook}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(Math.max(1, timeoutMs)),
      });
      await answer.arrayBuffer();
      return answer.status;
    } catch {
      return undefined;
    }
  }
}

/**
 * The port that the server calls its own: PORT of its environment, else the port of the hooks, else the first exposed
 * port.
 */
function mainPortOf({ image, environment, hooksPort }: ApplicationProps): number {
  const told = Number(environment.PORT ?? image.environment.PORT);
  return told > 0 ? told : hooksPort ?? image.exposedPorts[0] ?? DEFAULT_PORT;
}

/** Entrypoint and command as words for this host; empty if the image starts nothing. */
export function startCommand(image: ContainerImage): string[] {
  // A command in shell form is not appended to an entrypoint in shell form.
  const entrypoint = wordsOf(image.entrypoint);
  const words = typeof image.entrypoint === 'string' ? entrypoint : [...entrypoint, ...wordsOf(image.command)];
  if (words.length === 0) return [];
  const interpreter = interpreterOf(words[0]);
  return [interpreter, ...words.slice(1).map(word => onThisHost(image.root, word))];
}

function wordsOf(command: Command | undefined): string[] {
  if (command === undefined) return [];
  if (typeof command !== 'string') return [...command];
  if (/[;&|<>`$]/.test(command)) throw new Error(`the simulator has no shell and cannot start: ${command}; with --no-processes it starts nothing, and all hooks succeed`);
  const words = splitWords(command);
  return words[0] === 'exec' ? words.slice(1) : words;
}

function interpreterOf(program: string): string {
  const name = path.posix.basename(program);
  if (name === 'node' || name === 'nodejs') return process.execPath;
  if (/^python(3(\.\d+)?)?$/.test(name)) return 'python3';
  throw new Error(`the simulator starts node and python3 only, not ${program}; with --no-processes it starts nothing, and all hooks succeed`);
}

/** Maps an absolute path of the image to this host, if the image contains it. */
function onThisHost(root: string, word: string): string {
  const file = path.join(root, word);
  return word.startsWith('/') && fs.existsSync(file) ? file : word;
}

async function isListening(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const probe = connect(port, '127.0.0.1', () => {
      probe.destroy();
      resolve(true);
    });
    probe.once('error', () => resolve(false));
  });
}

async function pause(): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, RETRY_MS));
}

function lines(stream: NodeJS.ReadableStream | null, onLine: (line: string) => void): void {
  let rest = '';
  stream?.setEncoding('utf8');
  stream?.on('data', (chunk: string) => {
    const complete = (rest + chunk).split('\n');
    rest = complete.pop() ?? '';
    complete.forEach(onLine);
  });
  stream?.on('end', () => rest !== '' && onLine(rest));
}

function signal(child: ChildProcess | undefined, name: NodeJS.Signals): void {
  if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    process.kill(-child.pid, name);
  } catch {
    // The process has exited in the meantime.
  }
}

/** Formats a duration as the service does: PT30S, PT5M, PT1M30S. */
function isoDuration(seconds: number): string {
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds % 3600 / 60);
  const rest = seconds % 60;
  return `PT${hours > 0 ? `${hours}H` : ''}${minutes > 0 ? `${minutes}M` : ''}${rest > 0 || seconds === 0 ? `${rest}S` : ''}`;
}
