import type { Lab } from './lab';
import type { Probe, Say } from './probe';
import type { ObservedStory } from '../statuses/story';
import { StoryTeller } from '../statuses/story';
import { judge } from '../statuses/timeline';

/** What CloudFormation shows; the story is kept for the timeline of the report. */
export class StatusesProbe implements Probe {
  readonly name = 'statuses';
  readonly facts = ['requestsAreCurrent', 'cancelledIsFenced', 'cancelledDelete', 'stackTimeOfOperation', 'rollbackOfReplacement'] as const;
  story: ObservedStory = { steps: [], observations: [] };

  async ask(lab: Lab, say: Say): Promise<void> {
    this.story = await new StoryTeller(lab.account, lab.outputs.ObserverArn, lab.outputs.ObserverLogGroup).tell();
    judge(this.story, say);
  }
}
