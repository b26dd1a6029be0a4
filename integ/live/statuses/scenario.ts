import { setTimeout as sleep } from 'node:timers/promises';
import type { StackEvent } from '@aws-sdk/client-cloudformation';
import {
  CloudFormationClient, CreateStackCommand, DeleteStackCommand, paginateDescribeStackEvents, UpdateStackCommand,
} from '@aws-sdk/client-cloudformation';
import { CloudWatchLogsClient, paginateFilterLogEvents } from '@aws-sdk/client-cloudwatch-logs';
import type { Observation, ObservedProperties } from './contract';
import { OBSERVED_STACKS, OBSERVED_TYPE } from './contract';
import type { Account } from '../account';
import { findStack } from '../stack';

/** The steps of the observed stacks. */
export type StepName = 'canceled create' | 'its deletion' | 'create' | 'replacement' | 'rolled-back replacement' | 'deletion';

export interface Step {
  readonly name: StepName;
  readonly stackId: string;
  readonly events: readonly StackEvent[];
}

/** All steps, with everything that was observed. */
export interface ObservedScenario {
  readonly steps: readonly Step[];
  readonly observations: readonly Observation[];
}

/** How many seconds the resources observe before they answer. */
interface Durations {
  readonly slow: number;
  readonly wrong: number;
  readonly quick: number;
  /** Milliseconds without new log lines after which the logs count as complete. */
  readonly quiet: number;
}

const AWS_DURATIONS: Durations = { slow: 60, wrong: 8, quick: 5, quiet: 20_000 };
const LOCAL_DURATIONS: Durations = { slow: 2, wrong: 1, quick: 0, quiet: 500 };

interface Resource {
  readonly id: string;
  readonly watch: number;
  readonly fails?: boolean;
  readonly after?: string;
}

/** Creates, updates and deletes stacks that contain only observed resources. */
export class ScenarioRunner {
  private readonly client: CloudFormationClient;
  private readonly durations: Durations;
  private readonly steps: Step[] = [];
  private readonly begun = new Date();

  constructor(private readonly account: Account, private readonly observerArn: string, private readonly logGroup: string) {
    this.client = new CloudFormationClient(account.client);
    this.durations = account.endpoint === undefined ? AWS_DURATIONS : LOCAL_DURATIONS;
  }

  /** Runs all steps. If a step throws, the steps before it are kept. The stacks are deleted in any case. */
  async run(): Promise<ObservedScenario> {
    const { slow, wrong, quick } = this.durations;
    await this.inStack(`${OBSERVED_STACKS}Cancelled`, 'its deletion', async step => {
      await step('canceled create', { Slow: { id: 'a', watch: slow }, Wrong: { id: 'a', watch: wrong, fails: true } });
    });
    await this.inStack(`${OBSERVED_STACKS}Replaced`, 'deletion', async step => {
      await step('create', { One: { id: 'a', watch: quick } });
      await step('replacement', { One: { id: 'b', watch: quick } });
      await step('rolled-back replacement', { One: { id: 'c', watch: quick }, Wrong: { id: 'a', watch: quick, fails: true, after: 'One' } });
    });
    return { steps: this.steps, observations: await this.observations() };
  }

  private async inStack(
    name: string, deletion: StepName, work: (step: (name: StepName, resources: Record<string, Resource>) => Promise<void>) => Promise<void>,
  ): Promise<void> {
    let stackId: string | undefined;
    try {
      await work(async (step, resources) => {
        const request = { StackName: stackId ?? name, TemplateBody: JSON.stringify(this.template(resources)) };
        await this.record(step, async () => {
          if (stackId === undefined) stackId = (await this.client.send(new CreateStackCommand(request))).StackId!;
          else await this.client.send(new UpdateStackCommand(request));
          return stackId;
        });
      });
    } finally {
      const id = stackId;
      if (id !== undefined) {
        await this.record(deletion, async () => {
          await this.client.send(new DeleteStackCommand({ StackName: id }));
          return id;
        });
      }
    }
  }

  private async record(name: StepName, begin: () => Promise<string>): Promise<void> {
    const stackId = await begin();
    await this.untilFinished(stackId);
    const events = await this.events(stackId);
    const known = new Set(this.steps.flatMap(step => step.events.map(({ EventId }) => EventId)));
    this.steps.push({ name, stackId, events: events.filter(({ EventId }) => !known.has(EventId)) });
  }

  private async untilFinished(StackName: string): Promise<void> {
    for (;;) {
      const stack = await findStack(this.client, StackName);
      if (!stack?.StackStatus?.endsWith('_IN_PROGRESS')) return;
      await sleep(this.account.endpoint === undefined ? 3_000 : 200);
    }
  }

  /** Returns the events, oldest first. */
  private async events(StackName: string): Promise<StackEvent[]> {
    const events: StackEvent[] = [];
    for await (const page of paginateDescribeStackEvents({ client: this.client }, { StackName })) events.push(...page.StackEvents ?? []);
    return events.reverse();
  }

  private async observations(): Promise<Observation[]> {
    let found: Observation[] = [];
    for (let before = -1; found.length > before;) {
      before = found.length;
      await sleep(this.durations.quiet);
      found = await this.logged();
    }
    return found.sort((a, b) => a.at.localeCompare(b.at));
  }

  private async logged(): Promise<Observation[]> {
    const client = new CloudWatchLogsClient(this.account.client);
    const observations: Observation[] = [];
    const request = { logGroupName: this.logGroup, startTime: this.begun.getTime() - 60_000 };
    for await (const page of paginateFilterLogEvents({ client }, request)) {
      observations.push(...(page.events ?? []).map(({ message = '' }) => observationIn(message)).filter(one => one !== undefined));
    }
    return observations;
  }

  private template(resources: Record<string, Resource>): object {
    return {
      Resources: Object.fromEntries(Object.entries(resources).map(([logicalId, { id, watch, fails, after }]) => {
        const properties: ObservedProperties = { Id: id, WatchSeconds: String(watch), Fails: fails ? 'true' : 'false' };
        return [logicalId, { Type: OBSERVED_TYPE, DependsOn: after, Properties: { ServiceToken: this.observerArn, ...properties } }];
      })),
    };
  }
}

/** The Lambda runtime adds text before the output of a function. */
function observationIn(message: string): Observation | undefined {
  const start = message.indexOf('{"request":');
  if (start < 0) return undefined;
  try {
    return JSON.parse(message.slice(start)) as Observation;
  } catch {
    return undefined;
  }
}
