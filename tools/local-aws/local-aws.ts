import * as fs from 'fs/promises';
import { constants, tmpdir } from 'os';
import * as path from 'path';
import type { SessionCredentials } from './assume-role';
import { credentialsOf } from './assume-role';
import { Cdk } from './cdk';
import { Emulator } from './emulator-process';
import { clientEnvironment, LOCAL_ACCOUNT, LOCAL_CREDENTIALS, LOCAL_REGION, withoutForeignAws } from './environment';
import { CACHE_DIRECTORY } from './repository';
import { freePort, requireFreePort } from '../shared/free-port';
import { virtualEnvironmentPython } from '../shared/venv';
import { LocalAws as AwsOfBuilds } from '../simulator/aws-access';
import type { Builder } from '../simulator/builder';
import { RealClock } from '../simulator/clock';
import { LocalBuilder } from '../simulator/local-builder';
import { startPlaceholder } from '../simulator/placeholder';
import { SimulatorServer } from '../simulator/server';
import type { Limits, Times } from '../simulator/settings';
import { Simulator } from '../simulator/simulator';

/** With this scale, the poll interval of the Provider framework takes 1 second instead of 6. */
const DEFAULT_WAIT_SCALE = 1 / 6;

const KEPT_LOGS = 10;

export interface LocalAwsProps {
  /** @default - a free port */
  readonly port?: number;
  /** @default - a free port */
  readonly simulatorPort?: number;
  /** Seconds that pass for each second that a state machine waits. Handlers still see the real time. @default 1/6 */
  readonly waitScale?: number;
  /** How long the simulated service takes for work that it does not really do. */
  readonly times?: Partial<Times>;
  /** Seconds of service time that pass in one second. @default 1 */
  readonly speed?: number;
  /** Quotas of the account. Its memory is that of an account with a raised quota. */
  readonly limits?: Partial<Limits>;
  /** @default - builds are real, with code, roles and logs of this AWS */
  readonly builder?: Builder;
  /**
   * Whether MicroVMs are processes that really start. Otherwise all hooks succeed, and every MicroVM serves the same
   * page.
   *
   * @default true
   */
  readonly processes?: boolean;
  /**
   * IDs of Availability Zones (`use1-az3` is `us-east-1c`) in which the service accepts no connectors.
   *
   * @default - none
   */
  readonly unsupportedZones?: readonly string[];
  /** Called with progress messages. */
  readonly log?: (line: string) => void;
}

/** A running local AWS. */
export interface LocalAws {
  readonly url: string;
  readonly simulatorUrl: string;
  readonly simulator: Simulator;
  readonly account: string;
  readonly region: string;
  /** Environment variables that a client needs. No other variable may begin with `AWS_`. */
  readonly environment: Record<string, string>;
  /** Output of the emulator and its Lambda functions. */
  readonly logFile: string;
  readonly emulatorProcessId: number;
  /** The CDK CLI, bound to this AWS. */
  readonly cdk: Cdk;
  /**
   * Bootstraps account and Region for the CDK. The options are those of the CLI, like
   * `--custom-permissions-boundary`.
   */
  bootstrap(options?: string[]): Promise<void>;
  /**
   * Sets the service control policy of the account, or removes it. It applies to every principal except the root user,
   * whose credentials are in `environment`.
   */
  setServiceControlPolicy(document: object | undefined): Promise<void>;
  /** Returns credentials of a role, which must exist. SDK clients and the CDK CLI can use them. */
  credentialsOf(roleArn: string): Promise<SessionCredentials>;
  stop(): Promise<void>;
}

/** Starts the emulator, with IAM enforced, and the simulator of the MicroVM service. */
export async function startLocalAws(props: LocalAwsProps = {}): Promise<LocalAws> {
  const log = props.log ?? (() => undefined);
  const python = await virtualEnvironmentPython(
    { user: 'the local AWS', requirements: path.join(__dirname, 'requirements.txt'), cache: CACHE_DIRECTORY }, log,
  );
  const directory = await fs.mkdtemp(path.join(tmpdir(), 'local-aws-'));
  if (props.port) await requireFreePort(props.port);
  const port = props.port || await freePort();
  const logFile = await newLogFile(port);
  const started: { stop(): Promise<unknown> }[] = [];
  const ignoreSignals = exitOnSignals();
  const stop = async () => {
    for (const part of started.splice(0).reverse()) await part.stop();
    await fs.rm(directory, { recursive: true, force: true });
    ignoreSignals();
  };
  try {
    await fs.mkdir(path.join(directory, 'microvms'));
    const placeholderPort = props.processes === false ? await startPlaceholder() : undefined;
    const newSimulator = (region: string) => makeSimulator(props, { region, directory, awsUrl: `http://127.0.0.1:${port}`, placeholderPort });
    const simulator = newSimulator(LOCAL_REGION);
    const server = await SimulatorServer.start({ simulator, otherRegions: newSimulator, port: props.simulatorPort });
    started.push(server);
    const waitScale = props.waitScale ?? DEFAULT_WAIT_SCALE;
    const { unsupportedZones = [] } = props;
    const emulator = await Emulator.start({ python, port, simulatorUrl: server.url, waitScale, unsupportedZones, directory, logFile });
    started.push(emulator);
    const environment = clientEnvironment(emulator.url, await emptyFileIn(directory));
    const cdk = new Cdk({
      // The settings in the home directory of the user must not apply.
      environment: { ...withoutForeignAws(), ...environment, HOME: directory },
      client: { endpoint: emulator.url, region: LOCAL_REGION, credentials: LOCAL_CREDENTIALS },
      directory,
      log,
    });
    started.push(cdk);
    return {
      url: emulator.url,
      simulatorUrl: server.url,
      simulator,
      account: LOCAL_ACCOUNT,
      region: LOCAL_REGION,
      environment,
      logFile,
      emulatorProcessId: emulator.processId!,
      cdk,
      bootstrap: async options => {
        const { exitCode, output } = await cdk.bootstrap(`aws://${LOCAL_ACCOUNT}/${LOCAL_REGION}`, options);
        if (exitCode !== 0) throw new Error(`bootstrapping the local AWS failed (log: ${logFile})\n${output}`);
      },
      setServiceControlPolicy: async document => setServiceControlPolicy(emulator.url, document),
      credentialsOf: async roleArn => credentialsOf(emulator.url, { roleArn }),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function setServiceControlPolicy(url: string, document: object | undefined): Promise<void> {
  const response = await fetch(`${url}/_emulator/service-control-policy`, { method: 'POST', body: JSON.stringify(document ?? null) });
  if (!response.ok) throw new Error(`setting the service control policy failed: ${await response.text()}`);
}

interface SimulatorSettings {
  readonly region: string;
  readonly directory: string;
  readonly awsUrl: string;
  readonly placeholderPort?: number;
}

function makeSimulator(props: LocalAwsProps, { region, directory, awsUrl, placeholderPort }: SimulatorSettings): Simulator {
  const builder = props.builder ?? new LocalBuilder({
    aws: new AwsOfBuilds(awsUrl, region), workDirectory: path.join(directory, 'microvms'), placeholderPort,
  });
  const { times, limits } = props;
  return new Simulator({ clock: new RealClock(props.speed), account: LOCAL_ACCOUNT, region, times, limits, builder, seed: region });
}

/** A signal terminates this process through its `exit` handlers, which terminate everything that it started. */
function exitOnSignals(): () => void {
  const handlers = (['SIGINT', 'SIGTERM', 'SIGHUP'] as const).map(signal => {
    const handler = () => process.exit(128 + constants.signals[signal]);
    process.once(signal, handler);
    return () => process.off(signal, handler);
  });
  return () => handlers.forEach(remove => remove());
}

/** Log files are kept after a run, because they are needed when it failed. Only the newest files are kept. */
async function newLogFile(port: number): Promise<string> {
  const logs = path.join(CACHE_DIRECTORY, 'logs');
  await fs.mkdir(logs, { recursive: true });
  const older = (await fs.readdir(logs)).sort();
  await Promise.all(older.slice(0, Math.max(0, older.length + 1 - KEPT_LOGS)).map(name => fs.rm(path.join(logs, name), { force: true })));
  return path.join(logs, `${new Date().toISOString().replace(/\W/g, '-')}-${port}.log`);
}

async function emptyFileIn(directory: string): Promise<string> {
  const file = path.join(directory, 'empty');
  await fs.writeFile(file, '');
  return file;
}
