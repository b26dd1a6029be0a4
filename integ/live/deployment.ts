import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import type { Account } from './account';
import type { SynthesizedApp } from './apps';
import { LeftOvers } from './left-overs';
import { findStack } from './stack';
import { failureIn } from './times';
import type { Cdk, StackEventSummary } from '../../tools/local-aws/cdk';

const DESTROY_ATTEMPTS = 2;

/** An app that is deployed, looked at and destroyed, in this order, whatever fails. */
export class Deployment {
  /** Why the deployment failed; undefined if it did not. */
  failure?: string;
  /** Of all its stacks, up to now. */
  events: StackEventSummary[] = [];
  private begun = false;
  private readonly stackIds = new Map<string, string>();
  private readonly client: CloudFormationClient;

  constructor(private readonly account: Account, private readonly cdk: Cdk, readonly app: SynthesizedApp) {
    this.client = new CloudFormationClient(account.client);
  }

  async deploy(): Promise<void> {
    for (const { name } of this.app.stacks) {
      // It is not ours to destroy.
      if (await findStack(this.client, name)) throw new Error(`the stack ${name} is there already: destroy it, or leave the app out with --only`);
    }
    this.begun = true;
    const { exitCode, output } = await this.cdk.deploy({ app: this.app.assembly, stacks: [], options: ['--all'] });
    await this.look();
    if (exitCode !== 0) this.failure = failureIn(this.events) ?? output.split('\n').filter(line => line.trim() !== '').slice(-5).join('; ');
  }

  /** Nothing of a stack that is somebody else's. */
  async outputs(stack: string): Promise<Record<string, string>> {
    const found = this.begun ? await findStack(this.client, stack) : undefined;
    return Object.fromEntries((found?.Outputs ?? []).map(({ OutputKey, OutputValue }) => [OutputKey!, OutputValue!]));
  }

  /** @returns what is left. */
  async destroy(): Promise<string[]> {
    if (!this.begun) return [];
    await this.look();
    for (let attempt = 1; attempt <= DESTROY_ATTEMPTS; attempt++) {
      const { exitCode } = await this.cdk.destroy({ app: this.app.assembly, stacks: [], options: ['--all'] });
      if (exitCode === 0) break;
    }
    await this.look();
    const leftOvers = new LeftOvers(this.account);
    await leftOvers.removeLogsOfFunctions(this.events);
    return leftOvers.of(this.events);
  }

  /** Deleted stacks are known by their ids only. */
  private async look(): Promise<void> {
    for (const { name } of this.app.stacks) {
      const id = (await findStack(this.client, name))?.StackId;
      if (id !== undefined) this.stackIds.set(name, id);
    }
    this.events = (await Promise.all([...this.stackIds.values()].map(id => this.cdk.events(id)))).flat();
  }
}
