import type * as fc from 'fast-check';
import { adverse, lastingFaults, under } from './arbitraries';
import { anyConnectorHistory, calmConnectorHistory } from './connector-arbitraries';
import { runConnectors } from './connector-runner';
import {
  adverseImageHistory, anyImageHistory, calmAdverseImageHistory, calmForgedImageHistory, calmImageHistory, forgedImageHistory,
} from './image-arbitraries';
import { runImages } from './image-runner';
import {
  adverseMicrovmHistory, anyMicrovmHistory, calmAdverseMicrovmHistory, calmForgedMicrovmHistory, calmMicrovmHistory, forgedMicrovmHistory,
} from './microvm-arbitraries';
import { runLaunchChecks, runMicrovms } from './microvm-runner';
import type { RunOptions } from './run';
import { runAll } from './run';
import type { Outcome } from './runner';
import { anyStackHistory, calmStackHistory } from './stack-arbitraries';
import { runStacks } from './stack-runner';
import type { TestBedOptions } from './test-bed';

/** Histories of one kind, of which any number can be run. */
export interface Suite {
  readonly name: string;
  readonly run: (options: RunOptions, testBed?: TestBedOptions) => Promise<Outcome>;
}

function suite<History>(
  name: string, histories: fc.Arbitrary<History>, runHistory: (history: History, options: TestBedOptions) => Promise<Outcome>,
): Suite {
  return { name, run: async (options, testBed = {}) => runAll(histories, async history => runHistory(history, testBed), options) };
}

const withoutVersions = adverse(lastingFaults(['ListNetworkConnectorVersions'], ['missing']));

/** All kinds of generated histories. Calm histories contain no reason to fail a deployment. */
export const SUITES: readonly Suite[] = [
  suite('images', anyImageHistory, runImages),
  suite('calm images', calmImageHistory, runImages),
  suite('images, adverse', adverseImageHistory, runImages),
  suite('calm images, adverse', calmAdverseImageHistory, runImages),
  suite('images, forged', forgedImageHistory, runImages),
  suite('calm images, forged', calmForgedImageHistory, runImages),
  suite('connectors', anyConnectorHistory, runConnectors),
  suite('calm connectors', calmConnectorHistory, runConnectors),
  suite('connectors, adverse', under(withoutVersions, anyConnectorHistory), runConnectors),
  suite('calm connectors, adverse', under(withoutVersions, calmConnectorHistory), runConnectors),
  suite('MicroVMs', anyMicrovmHistory, runMicrovms),
  suite('calm MicroVMs', calmMicrovmHistory, runMicrovms),
  suite('MicroVMs, adverse', adverseMicrovmHistory, runMicrovms),
  suite('calm MicroVMs, adverse', calmAdverseMicrovmHistory, runMicrovms),
  suite('MicroVMs, forged', forgedMicrovmHistory, runMicrovms),
  suite('calm MicroVMs, forged', calmForgedMicrovmHistory, runMicrovms),
  suite('launch checks', anyMicrovmHistory, runLaunchChecks),
  suite('calm launch checks', calmMicrovmHistory, runLaunchChecks),
  suite('launch checks, adverse', adverseMicrovmHistory, runLaunchChecks),
  suite('calm launch checks, adverse', calmAdverseMicrovmHistory, runLaunchChecks),
  suite('launch checks, forged', forgedMicrovmHistory, runLaunchChecks),
  suite('stacks of all kinds', anyStackHistory, runStacks),
  suite('calm stacks of all kinds', calmStackHistory, runStacks),
];

/** Returns a suite by its name. */
export function suiteOf(name: string): Suite {
  const found = SUITES.find(candidate => candidate.name === name);
  if (found === undefined) throw new Error(`no histories are called '${name}'`);
  return found;
}
