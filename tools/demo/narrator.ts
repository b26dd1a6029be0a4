import * as path from 'node:path';
import type { StackOperationResult } from '../local-aws/cdk';
import type { LocalAws } from '../local-aws/local-aws';

const LOOK_EVERY = 500;

/** Tells what happens, and throws as soon as something is not as it should be. */
export abstract class Narrator {
  private shown = '';

  protected constructor(protected readonly aws: LocalAws, protected readonly say: (line: string) => void) {}

  /** What the story is about as the service has it, in a line; undefined if there is nothing yet. */
  protected abstract state(): string | undefined;

  protected async deploy(app: string, stack: string, context: Record<string, string>): Promise<StackOperationResult> {
    return this.watching(async () => this.aws.cdk.deploy({ app: command(app), stacks: [stack], context }));
  }

  protected async destroy(app: string, stack: string, context: Record<string, string>): Promise<StackOperationResult> {
    return this.watching(async () => this.aws.cdk.destroy({ app: command(app), stacks: [stack], context }));
  }

  protected check(holds: boolean, what: string, otherwise = ''): void {
    if (!holds) throw new Error(`not so: ${what}${otherwise && ` (${otherwise})`}`);
    this.say(`   ok: ${what}`);
  }

  protected quote(reason: string): void {
    this.say('   what the deployment says:');
    reason.split('\n').forEach(line => this.say(`     ${line}`));
  }

  private async watching<T>(work: () => Promise<T>): Promise<T> {
    const progress = setInterval(() => this.show(), LOOK_EVERY);
    try {
      return await work();
    } finally {
      clearInterval(progress);
      this.show();
    }
  }

  /** The state, whenever it changes. */
  private show(): void {
    const now = this.state();
    if (now !== undefined && now !== this.shown) this.say(`   ${now}`);
    this.shown = now ?? '';
  }
}

/** Of the resource whose failure began it all. */
export function reasonOf({ events }: StackOperationResult, type: string): string {
  return events.find(event => event.type === type && event.status.endsWith('_FAILED'))?.reason ?? '';
}

function command(app: string): string {
  return `npx tsx ${path.join(__dirname, app)}`;
}
