import { Aspects } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/**
 * Calls the action once, at synth. So the settings of a scope apply to constructs that exist already, and to those
 * created later.
 */
export function onceAtSynth(construct: IConstruct, action: () => void): void {
  let done = false;
  Aspects.of(construct).add({
    visit: node => {
      if (node !== construct || done) return;
      done = true;
      action();
    },
  });
}
