import * as path from 'node:path';
import { ResumeMicrovmCommand, SuspendMicrovmCommand } from '@aws-sdk/client-lambda-microvms';
import type { Account } from './account';
import type { SynthesizedApp } from './apps';
import { Deployment } from './deployment';
import type { FactId } from './facts/catalog';
import type { Answer } from './facts/fact';
import { PROBES } from './probes';
import { Lab } from './probes/lab';
import { answersOf, notSettled, textOf } from './probes/probe';
import type { ProbeOutputs } from './probes/stack-outputs';
import { IPV4_ONLY, PROBE_STACK } from './probes/stack-outputs';
import { StatusesProbe } from './probes/statuses';
import type { Moment } from './statuses/timeline';
import { timeline } from './statuses/timeline';
import type { Measurement } from './times';
import type { AppProps, Cdk } from '../../tools/local-aws/cdk';

/** What came of the probes. */
export interface ProbeResult {
  readonly failure?: string;
  readonly answers: readonly Answer[];
  readonly timeline: readonly Moment[];
  readonly times: readonly Measurement[];
  readonly left: readonly string[];
}

export interface ProbeRunProps {
  readonly keep: boolean;
  readonly log: (line: string) => void;
  /** No more is asked once it is. */
  readonly stopped: () => boolean;
}

export function probesApp({ endpoint }: Account): AppProps {
  return { app: `npx tsx ${path.join(__dirname, 'probes', 'app.ts')}`, context: endpoint === undefined ? {} : { [IPV4_ONLY]: 'true' } };
}

/** Deploys the stack that the probes share, asks one after the other, and destroys it. */
export async function runProbes(account: Account, cdk: Cdk, app: SynthesizedApp, { keep, log, stopped }: ProbeRunProps): Promise<ProbeResult> {
  const deployment = new Deployment(account, cdk, app);
  const statuses = new StatusesProbe();
  const probes = [...PROBES, statuses];
  const answers: Answer[] = [];
  const times: Measurement[] = [];
  const left: string[] = [];
  let failure: string | undefined;
  try {
    await deployment.deploy();
    if (deployment.failure !== undefined) throw new Error(deployment.failure);
    const lab = new Lab(account, await deployment.outputs(PROBE_STACK) as unknown as ProbeOutputs);
    try {
      times.push(...await microvmTimes(lab).catch(error => {
        log(`not measured: ${textOf(error)}`);
        return [];
      }));
      for (const probe of probes) {
        if (stopped()) throw new Error('stopped');
        log(`asking about ${probe.name}`);
        answers.push(...await answersOf(probe, lab));
        // A new account may run few at once.
        await lab.endMicrovms();
      }
    } finally {
      left.push(...await lab.dispose());
    }
  } catch (error) {
    failure = `the probes ended early: ${(error as Error).message}`;
  }
  if (!keep) left.push(...await deployment.destroy().catch((error: Error) => [`the stack ${PROBE_STACK}: ${error.message}`]));
  const unasked = probes.flatMap(({ facts }): readonly FactId[] => facts).filter(fact => !answers.some(answer => answer.fact === fact));
  return {
    ...failure === undefined ? {} : { failure },
    answers: [...answers, ...unasked.map(fact => notSettled(fact, failure ?? 'not asked'))],
    timeline: timeline(statuses.story),
    times,
    left,
  };
}

/** One MicroVM, as a caller with grantManage sees it; what it looks for it sees up to a third of a second late. */
async function microvmTimes(lab: Lab): Promise<Measurement[]> {
  const times: Measurement[] = [];
  const timed = async <T>(what: string, work: () => Promise<T>) => {
    const begin = Date.now();
    const result = await work();
    times.push({ where: 'probes', what, milliseconds: Date.now() - begin });
    return result;
  };
  const begin = Date.now();
  const microvm = await timed('launch until it runs', () => lab.launchAndWait());
  await lab.ask(microvm, '/');
  times.push({ where: 'probes', what: 'launch until its first answer', milliseconds: Date.now() - begin });
  const microvmIdentifier = microvm.microvmId!;
  await timed('suspend', async () => {
    await lab.service.send(new SuspendMicrovmCommand({ microvmIdentifier }));
    await lab.until(microvmIdentifier, 'SUSPENDED');
  });
  await timed('resume', async () => {
    await lab.service.send(new ResumeMicrovmCommand({ microvmIdentifier }));
    await lab.until(microvmIdentifier, 'RUNNING');
  });
  await timed('terminate', () => lab.terminate(microvmIdentifier));
  return times;
}
