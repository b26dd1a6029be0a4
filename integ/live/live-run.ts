import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import type { Account } from './account';
import { openAccount } from './account';
import type { AppResult } from './app-run';
import { runApp } from './app-run';
import type { SynthesizedApp } from './apps';
import { appCommand, readAssembly } from './apps';
import type { LiveOptions } from './options';
import { PROBES } from './options';
import { plan } from './plan';
import type { ProbeResult } from './probe-run';
import { probesApp, runProbes } from './probe-run';
import type { AppProps } from '../../tools/local-aws/cdk';
import { Cdk } from '../../tools/local-aws/cdk';
import { appNames } from '../apps';

const BOOTSTRAP_VERSION = '/cdk-bootstrap/hnb659fds/version';

/** Everything that a run found. */
export interface LiveResult {
  readonly account: string;
  readonly region: string;
  /** Whether the run used a local AWS. */
  readonly local: boolean;
  readonly begun: Date;
  readonly ended: Date;
  readonly kept: boolean;
  readonly apps: readonly AppResult[];
  /** Absent if the probes were not selected. */
  readonly probes?: ProbeResult;
}

export interface RunControls {
  readonly log: (line: string) => void;
  /** Asks whether the run may start, after showing the plan. */
  readonly consent: (lines: readonly string[]) => Promise<boolean>;
  /** Once this returns true, the run starts nothing more and destroys what it created. */
  readonly stopped: () => boolean;
}

/** @returns undefined if the user declined. */
export async function liveRun(options: LiveOptions, { log, consent, stopped }: RunControls): Promise<LiveResult | undefined> {
  const chosen = choose(options.only);
  const account = await openAccount(options);
  await requireBootstrap(account);
  const directory = mkdtempSync(path.join(tmpdir(), 'live-'));
  const cdk = new Cdk({ environment: account.environment, client: account.client, directory, log });
  try {
    log('synthesizing');
    const apps = await Promise.all(chosen.apps.map(name => synthesize(cdk, name, { app: appCommand(name) })));
    const probes = chosen.probes ? await synthesize(cdk, PROBES, probesApp(account)) : undefined;
    const lines = plan(account, probes === undefined ? apps : [...apps, probes], { probes: chosen.probes, keep: options.keep });
    if (!await consent(lines)) return undefined;
    const begun = new Date();
    const results: AppResult[] = [];
    for (const app of apps) {
      if (stopped()) break;
      log(`== ${app.name}`);
      results.push(await runApp(account, cdk, app, options.keep));
    }
    log(probes === undefined || stopped() ? '== done' : `== ${PROBES}`);
    const asked = probes === undefined || stopped() ? undefined : await runProbes(account, cdk, probes, { keep: options.keep, log, stopped });
    return {
      account: account.id,
      region: account.region,
      local: account.endpoint !== undefined,
      begun,
      ended: new Date(),
      kept: options.keep,
      apps: results,
      ...asked === undefined ? {} : { probes: asked },
    };
  } finally {
    await cdk.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Whether everything succeeded. Facts may be unsettled. */
export function succeeded({ apps, probes }: LiveResult): boolean {
  return probes?.failure === undefined && (probes?.left ?? []).length === 0
    && apps.every(({ failure, assertions, left }) => failure === undefined && left.length === 0 && assertions.every(({ status }) => status === 'success'));
}

function choose(only: readonly string[] | undefined): { readonly apps: string[]; readonly probes: boolean } {
  const names = appNames();
  const unknown = only?.find(name => name !== PROBES && !names.includes(name));
  if (unknown !== undefined) throw new Error(`--only: ${unknown} is not one of ${[...names, PROBES].join(', ')}`);
  return { apps: names.filter(name => only?.includes(name) ?? true), probes: only?.includes(PROBES) ?? true };
}

async function requireBootstrap({ client, id, region }: Account): Promise<void> {
  await new SSMClient(client).send(new GetParameterCommand({ Name: BOOTSTRAP_VERSION })).catch((error: Error) => {
    if (error.name !== 'ParameterNotFound') throw error;
    throw new Error(`the account is not bootstrapped for the CDK in ${region}: run npx cdk bootstrap aws://${id}/${region}`);
  });
}

async function synthesize(cdk: Cdk, name: string, app: AppProps): Promise<SynthesizedApp> {
  const { exitCode, output, assembly } = await cdk.synth(app);
  if (exitCode !== 0) throw new Error(`${name} cannot be synthesized: ${output}`);
  return readAssembly(name, assembly);
}
