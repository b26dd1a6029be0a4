import * as path from 'node:path';
import { ResumeMicrovmCommand, SuspendMicrovmCommand } from '@aws-sdk/client-lambda-microvms';
import type { Account } from './account';
import type { SynthesizedApp } from './apps';
import { Deployment } from './deployment';
import type { FactId } from './facts/catalog';
import type { Answer } from './facts/fact';
import { PROBES } from './probes';
import { answersOf, notSettled, textOf } from './probes/probe';
import { ProbeContext } from './probes/probe-context';
import type { ProbeOutputs } from './probes/stack-outputs';
import { IPV4_ONLY, PROBE_STACK } from './probes/stack-outputs';
import { StatusesProbe } from './probes/statuses';
import type { TimelineEntry } from './statuses/timeline';
import { timeline } from './statuses/timeline';
import type { Measurement } from './times';
import type { AppProps, Cdk } from '../../tools/local-aws/cdk';

/** Result of the probes. */
export interface ProbeResult {
  readonly failure?: string;
  readonly answers: readonly Answer[];
  readonly timeline: readonly TimelineEntry[];
  readonly times: readonly Measurement[];
  readonly left: readonly string[];
}

export interface ProbeRunProps {
  readonly keep: boolean;
  readonly log: (line: string) => void;
  /** Once this returns true, no further probe runs. */
  readonly stopped: () => boolean;
}

export function probesApp({ endpoint }: Account): AppProps {
  return { app: `npx tsx ${path.join(__dirname, 'probes', 'app.ts')}`, context: endpoint === undefined ? {} : { [IPV4_ONLY]: 'true' } };
}

/** Deploys the stack that the probes use, runs the probes one after another, and destroys the stack. */
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
    const context = new ProbeContext(account, await deployment.outputs(PROBE_STACK) as unknown as ProbeOutputs);
    try {
      times.push(...await microvmTimes(context).catch(error => {
        log(`times were not measured: ${textOf(error)}`);
        return [];
      }));
      for (const probe of probes) {
        if (stopped()) throw new Error('stopped');
        log(`probe: ${probe.name}`);
        answers.push(...await answersOf(probe, context));
        // A new account may only run a few MicroVMs at once.
        await context.terminateMicrovms();
      }
    } finally {
      left.push(...await context.dispose());
    }
  } catch (error) {
    failure = `the probes stopped early: ${(error as Error).message}`;
  }
  if (!keep) left.push(...await deployment.destroy().catch((error: Error) => [`the stack ${PROBE_STACK}: ${error.message}`]));
  const unasked = probes.flatMap(({ facts }): readonly FactId[] => facts).filter(fact => !answers.some(answer => answer.fact === fact));
  return {
    ...failure === undefined ? {} : { failure },
    answers: [...answers, ...unasked.map(fact => notSettled(fact, failure ?? 'not asked'))],
    timeline: timeline(statuses.scenario),
    times,
    left,
  };
}

/** Times of one MicroVM for a caller with grantManage. Polling adds up to 0.3 seconds. */
async function microvmTimes(context: ProbeContext): Promise<Measurement[]> {
  const times: Measurement[] = [];
  const timed = async <T>(what: string, work: () => Promise<T>) => {
    const begin = Date.now();
    const result = await work();
    times.push({ where: 'probes', what, milliseconds: Date.now() - begin });
    return result;
  };
  const begin = Date.now();
  const microvm = await timed('launch until RUNNING', () => context.launchAndWait());
  await context.request(microvm, '/');
  times.push({ where: 'probes', what: 'launch until the first response', milliseconds: Date.now() - begin });
  const microvmIdentifier = microvm.microvmId!;
  await timed('suspend', async () => {
    await context.service.send(new SuspendMicrovmCommand({ microvmIdentifier }));
    await context.until(microvmIdentifier, 'SUSPENDED');
  });
  await timed('resume', async () => {
    await context.service.send(new ResumeMicrovmCommand({ microvmIdentifier }));
    await context.until(microvmIdentifier, 'RUNNING');
  });
  await timed('terminate', () => context.terminate(microvmIdentifier));
  return times;
}
