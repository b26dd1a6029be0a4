import type { Probe, Settle } from './probe';
import type { ProbeContext } from './probe-context';
import type { ObservedScenario } from '../statuses/scenario';
import { ScenarioRunner } from '../statuses/scenario';
import { evaluate } from '../statuses/timeline';

/** What CloudFormation shows during operations. The scenario is kept for the timeline in the report. */
export class StatusesProbe implements Probe {
  readonly name = 'statuses';
  readonly facts = [
    'requestsAreCurrent', 'firstLook', 'resourceTimeOfRequest', 'canceledIsFenced', 'canceledDelete', 'stackTimeOfOperation', 'rollbackOfReplacement',
  ] as const;
  scenario: ObservedScenario = { steps: [], observations: [] };

  async run(context: ProbeContext, settle: Settle): Promise<void> {
    this.scenario = await new ScenarioRunner(context.account, context.outputs.ObserverArn, context.outputs.ObserverLogGroup).run();
    evaluate(this.scenario, settle);
  }
}
