import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import type { Account } from './account';
import type { SynthesizedApp } from './apps';
import { Leftovers } from './leftovers';
import { findStack } from './stack';
import { TeamBootstrap } from './team-bootstrap';
import { failureIn } from './times';
import type { Cdk, StackEventSummary, StacksProps } from '../../tools/local-aws/cdk';

const DESTROY_ATTEMPTS = 2;

/** Deploys an app, reads its outputs and destroys it. */
export class Deployment {
  /** Why the deployment failed; undefined if it succeeded. */
  failure?: string;
  /** Events of all stacks so far. */
  events: StackEventSummary[] = [];
  private begun = false;
  private readonly team?: TeamBootstrap;
  private readonly stackIds = new Map<string, string>();
  private readonly client: CloudFormationClient;

  constructor(private readonly account: Account, private readonly cdk: Cdk, readonly app: SynthesizedApp) {
    this.client = new CloudFormationClient(account.client);
    this.team = TeamBootstrap.of(account, cdk, app);
  }

  async deploy(): Promise<void> {
    for (const { name } of this.app.stacks) {
      // An existing stack belongs to somebody else and must not be destroyed.
      if (await findStack(this.client, name)) throw new Error(`the stack ${name} already exists: destroy it, or exclude the app with --only`);
    }
    this.begun = true;
    await this.team?.create();
    const { exitCode, output } = await this.cdk.deploy(this.everything());
    await this.refresh();
    if (exitCode !== 0) this.failure = failureIn(this.events) ?? output.split('\n').filter(line => line.trim() !== '').slice(-5).join('; ');
  }

  /** Returns no outputs for a stack that this run did not create. */
  async outputs(stack: string): Promise<Record<string, string>> {
    const found = this.begun ? await findStack(this.client, stack) : undefined;
    return Object.fromEntries((found?.Outputs ?? []).map(({ OutputKey, OutputValue }) => [OutputKey!, OutputValue!]));
  }

  /** @returns resources that still exist. */
  async destroy(): Promise<string[]> {
    if (!this.begun) return [];
    await this.refresh();
    for (let attempt = 1; attempt <= DESTROY_ATTEMPTS; attempt++) {
      const { exitCode } = await this.cdk.destroy(this.everything());
      if (exitCode === 0) break;
    }
    await this.refresh();
    const leftovers = new Leftovers(this.account);
    await leftovers.removeLogsOfFunctions(this.events);
    return [...await leftovers.of(this.events), ...await this.team?.destroy() ?? []];
  }

  private everything(): StacksProps {
    return { app: this.app.assembly, stacks: [], options: ['--all'], credentials: this.team?.credentials };
  }

  /** Reads the events. A deleted stack can only be found by its ID. */
  private async refresh(): Promise<void> {
    for (const { name } of this.app.stacks) {
      const id = (await findStack(this.client, name))?.StackId;
      if (id !== undefined) this.stackIds.set(name, id);
    }
    this.events = (await Promise.all([...this.stackIds.values()].map(id => this.cdk.events(id)))).flat();
  }
}
