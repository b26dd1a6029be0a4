import type { ChildProcess } from 'child_process';
import { spawn } from 'child_process';
import * as fs from 'fs/promises';
import * as path from 'path';
import { createInterface } from 'readline';
import type { CloudFormationClientConfig } from '@aws-sdk/client-cloudformation';
import { CloudFormationClient, paginateDescribeStackEvents } from '@aws-sdk/client-cloudformation';
import type { SessionCredentials } from './assume-role';

export interface CdkProps {
  /** Environment of the CLI and of the apps. It selects the AWS to use. */
  readonly environment: NodeJS.ProcessEnv;
  /** Configuration of clients for the same AWS. */
  readonly client: CloudFormationClientConfig;
  /** A directory for this run. */
  readonly directory: string;
  /** Called with each line that the CLI prints. */
  readonly log?: (line: string) => void;
}

/** How to run a CDK app. */
export interface AppProps {
  /** Command that runs the app, or the directory of a synthesized assembly. */
  readonly app: string;
  /** @default - the current directory */
  readonly workingDirectory?: string;
  readonly context?: Record<string, string>;
  /** Whose credentials the CLI uses, see `LocalAws.credentialsOf`. @default - those of the root user */
  readonly credentials?: SessionCredentials;
}

export interface StacksProps extends AppProps {
  /** Names of the stacks. */
  readonly stacks: string[];
  /** More options for the CLI. */
  readonly options?: string[];
  /** Which changes of permissions the CLI asks about. Nobody answers, so the deployment fails. @default never */
  readonly requireApproval?: 'never' | 'broadening' | 'any-change';
}

export interface CliResult {
  readonly exitCode: number;
  /** All output of the CLI. */
  readonly output: string;
}

export interface StackOperationResult extends CliResult {
  /** The events of this operation, oldest first. */
  readonly events: StackEventSummary[];
}

export interface SynthResult extends CliResult {
  /** Directory of the synthesized assembly, in the directory of the run. */
  readonly assembly: string;
}

export interface StackEventSummary {
  readonly stack: string;
  readonly logicalId: string;
  readonly physicalId: string;
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly time: Date;
}

const COMMON_OPTIONS = ['--no-notices', '--no-version-reporting', '--no-color', '--ci'];

/** The real CDK CLI, bound to one AWS. */
export class Cdk {
  private readonly running = new Set<ChildProcess>();
  private readonly cloudFormation: CloudFormationClient;

  constructor(private readonly props: CdkProps) {
    this.cloudFormation = new CloudFormationClient(props.client);
  }

  /** @param place account and Region, for example `aws://123456789012/us-east-1`. */
  async bootstrap(place: string, options: string[] = []): Promise<CliResult> {
    const command = ['bootstrap', place, '--no-notices', '--no-color', '--ci', ...options];
    return this.run(command, this.props.directory);
  }

  /** Bootstraps with the template that the app of a network team writes. As for users, one command does both. */
  async bootstrapTeam(props: AppProps, qualifier: string, options: string[] = []): Promise<CliResult> {
    const assembly = await this.newAssembly();
    const template = path.join(assembly, `bootstrap-${qualifier}.json`);
    const bootstrap = ['bootstrap', '--template', template, '--toolkit-stack-name', `CDKToolkit-${qualifier}`, '--qualifier', qualifier];
    return this.run([...bootstrap, ...appOptions(props, assembly), ...options], props.workingDirectory, props.credentials);
  }

  async synth(props: AppProps): Promise<SynthResult> {
    const assembly = await this.newAssembly();
    const result = await this.run(['synth', '--quiet', ...appOptions(props, assembly)], props.workingDirectory, props.credentials);
    return { ...result, assembly };
  }

  async deploy(props: StacksProps): Promise<StackOperationResult> {
    return this.operate(props, ['deploy', '--require-approval', props.requireApproval ?? 'never', '--progress', 'events']);
  }

  async destroy(props: StacksProps): Promise<StackOperationResult> {
    return this.operate(props, ['destroy', '--force']);
  }

  /** All events of a stack, oldest first. The stack is given by its name or ID. */
  async events(stack: string): Promise<StackEventSummary[]> {
    const events: StackEventSummary[] = [];
    for await (const page of paginateDescribeStackEvents({ client: this.cloudFormation }, { StackName: stack })) {
      for (const event of page.StackEvents ?? []) {
        events.push({
          stack: event.StackName ?? '',
          logicalId: event.LogicalResourceId ?? '',
          physicalId: event.PhysicalResourceId ?? '',
          type: event.ResourceType ?? '',
          status: event.ResourceStatus ?? '',
          reason: event.ResourceStatusReason ?? '',
          time: event.Timestamp ?? new Date(0),
        });
      }
    }
    return events.reverse();
  }

  /** Terminates the commands that still run. */
  async stop(): Promise<void> {
    for (const child of this.running) child.kill('SIGKILL');
    this.cloudFormation.destroy();
  }

  private async operate(props: StacksProps, command: string[]): Promise<StackOperationResult> {
    const start = new Date();
    const options = [...appOptions(props, await this.newAssembly()), ...props.options ?? []];
    const result = await this.run([...command, ...options, ...props.stacks], props.workingDirectory, props.credentials);
    const events = (await Promise.all(props.stacks.map(stack => this.eventsSince(stack, start)))).flat();
    return { ...result, events };
  }

  /** Returns no events if the stack does not exist, for example because synthesis failed. */
  private async eventsSince(stack: string, start: Date): Promise<StackEventSummary[]> {
    const events = await this.events(stack).catch(() => []);
    return events.filter(({ time }) => time >= start);
  }

  private async newAssembly(): Promise<string> {
    return fs.mkdtemp(path.join(this.props.directory, 'cdk.out-'));
  }

  private async run(options: string[], workingDirectory = process.cwd(), credentials?: SessionCredentials): Promise<CliResult> {
    const child = spawn(process.execPath, [cliPath(), ...options], {
      cwd: workingDirectory,
      env: { ...this.environment(), ...credentials && variablesOf(credentials) },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const end = () => child.kill('SIGKILL');
    this.running.add(child);
    process.once('exit', end);
    const lines: string[] = [];
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', line => {
        lines.push(line);
        this.props.log?.(line);
      });
    }
    const exitCode = await new Promise<number>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', code => resolve(code ?? 1));
    });
    process.off('exit', end);
    this.running.delete(child);
    return { exitCode, output: lines.join('\n') };
  }

  private environment(): NodeJS.ProcessEnv {
    return {
      ...this.props.environment,
      CDK_HOME: path.join(this.props.directory, 'cdk-home'),
      CDK_DISABLE_CLI_TELEMETRY: 'true',
      CDK_DISABLE_VERSION_CHECK: 'true',
      // Some users still have Node.js 20. Without this, jsii prints a warning in every deployment.
      JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION: process.versions.node.split('.')[0],
    };
  }
}

function variablesOf({ accessKeyId, secretAccessKey, sessionToken }: SessionCredentials): Record<string, string> {
  return { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_SESSION_TOKEN: sessionToken };
}

function appOptions(props: AppProps, assembly: string): string[] {
  const context = Object.entries(props.context ?? {}).flatMap(([key, value]) => ['--context', `${key}=${value}`]);
  const output = props.app.includes(' ') ? ['--output', assembly] : [];
  return ['--app', props.app, ...output, ...COMMON_OPTIONS, ...context];
}

function cliPath(): string {
  try {
    return require.resolve('aws-cdk/bin/cdk');
  } catch {
    throw new Error('the CDK CLI is not installed: run npm ci');
  }
}
