import type { ChildProcess } from 'child_process';
import { spawn } from 'child_process';
import { once } from 'events';
import { readFileSync } from 'fs';
import * as fs from 'fs/promises';
import * as path from 'path';
import { setTimeout as sleep } from 'timers/promises';
import { clientEnvironment, LOCAL_REGION } from './environment';

const START_MS = 60_000;
const STOP_MS = 5_000;

export interface EmulatorProps {
  /** The Python that has it. */
  readonly python: string;
  readonly port: number;
  readonly simulatorUrl: string;
  /** Seconds that pass for one second of a state machine's wait. */
  readonly waitScale: number;
  /** Ids of Availability Zones in which the service has no MicroVMs. */
  readonly refusedZones: readonly string[];
  /** A directory of its own, removed when it ends. */
  readonly directory: string;
  readonly logFile: string;
}

/** The emulator in a process group of its own, together with the Lambda functions that it runs. */
export class Emulator {
  static async start(props: EmulatorProps): Promise<Emulator> {
    const temporary = path.join(props.directory, 'tmp');
    await fs.mkdir(temporary);
    const log = await fs.open(props.logFile, 'a');
    const child = spawn(props.python, ['-m', 'emulator'], {
      // The pipe tells it that this process has ended, in whatever way.
      stdio: ['pipe', log.fd, log.fd],
      // A group of its own: Ctrl-C must not end it before those who use it.
      detached: true,
      env: emulatorEnvironment(props, temporary),
    });
    await log.close();
    const emulator = new Emulator(child, props);
    await emulator.untilHealthy();
    return emulator;
  }

  private failure?: Error;

  private constructor(private readonly child: ChildProcess, private readonly props: EmulatorProps) {
    child.once('error', error => { this.failure = error; });
  }

  get url(): string {
    return `http://127.0.0.1:${this.props.port}`;
  }

  get processId(): number | undefined {
    return this.child.pid;
  }

  async stop(): Promise<void> {
    if (this.hasEnded()) return;
    const ended = once(this.child, 'exit');
    this.child.stdin!.end();
    const timely = await Promise.race([ended.then(() => true), sleep(STOP_MS, false, { ref: false })]);
    if (!timely) {
      process.kill(-this.child.pid!, 'SIGKILL');
      await ended;
    }
  }

  private async untilHealthy(): Promise<void> {
    const deadline = Date.now() + START_MS;
    while (!(await this.isHealthy())) {
      if (this.hasEnded()) throw new Error(`the emulator ended at its start: ${this.lastWords()} (log: ${this.props.logFile})`);
      if (Date.now() > deadline) {
        await this.stop();
        throw new Error(`the emulator does not answer after ${START_MS / 1000} seconds (log: ${this.props.logFile})`);
      }
      await sleep(100);
    }
  }

  private async isHealthy(): Promise<boolean> {
    return fetch(`${this.url}/_ministack/health`).then(response => response.ok, () => false);
  }

  private hasEnded(): boolean {
    return this.failure !== undefined || this.child.exitCode !== null || this.child.signalCode !== null;
  }

  private lastWords(): string {
    return this.failure?.message ?? readFileSync(this.props.logFile, 'utf8').trim().split('\n').slice(-2).join(' / ');
  }
}

/** Lambda functions inherit it, so it holds nothing of the user's. */
function emulatorEnvironment(props: EmulatorProps, temporary: string): Record<string, string> {
  const nodeDirectory = path.dirname(process.execPath);
  return {
    ...clientEnvironment(`http://127.0.0.1:${props.port}`, '/dev/null'),
    PATH: [nodeDirectory, process.env.PATH].join(path.delimiter),
    HOME: props.directory,
    TMPDIR: temporary,
    PYTHONPATH: __dirname,
    PYTHONDONTWRITEBYTECODE: '1',
    AUTH: 'true',
    GATEWAY_PORT: String(props.port),
    BIND_HOST: '127.0.0.1',
    MINISTACK_REGION: LOCAL_REGION,
    IOT_MTLS_ENABLED: '0',
    SFN_WAIT_SCALE: String(props.waitScale),
    LOCAL_AWS_DIRECTORY: props.directory,
    SIMULATOR_URL: props.simulatorUrl,
    REFUSED_ZONES: props.refusedZones.join(','),
  };
}
