import * as path from 'node:path';
import type { SessionCredentials } from '../local-aws/assume-role';
import type { StackOperationResult } from '../local-aws/cdk';
import type { LocalAws } from '../local-aws/local-aws';

const POLL_INTERVAL = 500;

/** Deploys apps, prints what happens, and throws as soon as a check fails. */
export abstract class Scenario {
  private shown = '';

  protected constructor(protected readonly aws: LocalAws, protected readonly print: (line: string) => void) {}

  /** The state of the resources in the service, in one line; undefined if they do not exist yet. */
  protected abstract state(): string | undefined;

  /** @param credentials whose credentials to use, instead of those of the root user. */
  protected async deploy(
    app: string, stack: string, context: Record<string, string>, credentials?: SessionCredentials,
  ): Promise<StackOperationResult> {
    return this.showingProgress(async () => this.aws.cdk.deploy({ app: commandOf(app), stacks: [stack], context, credentials }));
  }

  protected async destroy(
    app: string, stack: string, context: Record<string, string>, credentials?: SessionCredentials,
  ): Promise<StackOperationResult> {
    return this.showingProgress(async () => this.aws.cdk.destroy({ app: commandOf(app), stacks: [stack], context, credentials }));
  }

  protected check(holds: boolean, what: string, found = ''): void {
    if (!holds) throw new Error(`check failed: ${what}${found && ` (${found})`}`);
    this.print(`   ok: ${what}`);
  }

  protected quote(reason: string): void {
    this.print('   error of the deployment:');
    reason.split('\n').forEach(line => this.print(`     ${line}`));
  }

  private async showingProgress<T>(work: () => Promise<T>): Promise<T> {
    const progress = setInterval(() => this.show(), POLL_INTERVAL);
    try {
      return await work();
    } finally {
      clearInterval(progress);
      this.show();
    }
  }

  /** Prints the state whenever it changes. */
  private show(): void {
    const now = this.state();
    if (now !== undefined && now !== this.shown) this.print(`   ${now}`);
    this.shown = now ?? '';
  }
}

/** The reason of the resource that failed first. */
export function reasonOf({ events }: StackOperationResult, type: string): string {
  return events.find(event => event.type === type && event.status.endsWith('_FAILED'))?.reason ?? '';
}

/** The command that runs an app of the demo. */
export function commandOf(app: string): string {
  return `npx tsx ${path.join(__dirname, app)}`;
}
