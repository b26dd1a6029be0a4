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
  /** The Python interpreter with the emulator installed. */
  readonly python: string;
  readonly port: number;
  readonly simulatorUrl: string;
  /** Seconds that pass for each second that a state machine waits. */
  readonly waitScale: number;
  /** IDs of Availability Zones in which the service does not support MicroVMs. */
  readonly unsupportedZones: readonly string[];
  /** A directory for this emulator, which is removed when it terminates. */
  readonly directory: string;
  readonly logFile: string;
}

/** The emulator and the Lambda functions that it runs, in a process group of their own. */
export class Emulator {
  static async start(props: EmulatorProps): Promise<Emulator> {
    const temporary = path.join(props.directory, 'tmp');
    await fs.mkdir(temporary);
    const log = await fs.open(props.logFile, 'a');
    const child = spawn(props.python, ['-m', 'emulator'], {
      // The emulator reads this pipe: it closes when this process terminates, for whatever reason.
      stdio: ['pipe', log.fd, log.fd],
      // A process group of its own, so that Ctrl-C does not terminate the emulator before its users.
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
    if (this.hasExited()) return;
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
      if (this.hasExited()) throw new Error(`the emulator terminated during startup: ${this.lastOutput()} (log: ${this.props.logFile})`);
      if (Date.now() > deadline) {
        await this.stop();
        throw new Error(`the emulator did not answer within ${START_MS / 1000} seconds (log: ${this.props.logFile})`);
      }
      await sleep(100);
    }
  }

  private async isHealthy(): Promise<boolean> {
    return fetch(`${this.url}/_ministack/health`).then(response => response.ok, () => false);
  }

  private hasExited(): boolean {
    return this.failure !== undefined || this.child.exitCode !== null || this.child.signalCode !== null;
  }

  private lastOutput(): string {
    return this.failure?.message ?? readFileSync(this.props.logFile, 'utf8').trim().split('\n').slice(-2).join(' / ');
  }
}

/** Lambda functions inherit this environment, so it must not contain anything of the user. */
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
    UNSUPPORTED_ZONES: props.unsupportedZones.join(','),
  };
}
