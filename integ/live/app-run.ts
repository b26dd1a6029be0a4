import type { Account } from './account';
import { appTimes } from './app-times';
import type { SynthesizedApp } from './apps';
import type { AssertionResult } from './assertions';
import { assertionResults } from './assertions';
import { Deployment } from './deployment';
import type { Measurement } from './times';
import { creations } from './times';
import type { Cdk } from '../../tools/local-aws/cdk';

/** What came of one app. */
export interface AppResult {
  readonly app: string;
  /** Why it could not be deployed, looked at or destroyed. */
  readonly failure?: string;
  readonly assertions: readonly AssertionResult[];
  readonly times: readonly Measurement[];
  /** What is still there after it was destroyed. */
  readonly left: readonly string[];
}

/** Deploys an app with its assertions, measures, and destroys it. Nothing that fails in one app ends the run. */
export async function runApp(account: Account, cdk: Cdk, app: SynthesizedApp, keep: boolean): Promise<AppResult> {
  const deployment = new Deployment(account, cdk, app);
  const failures: string[] = [];
  const attempt = async <T>(work: () => Promise<T>, otherwise: T) => work().catch((error: Error) => {
    failures.push(error.message);
    return otherwise;
  });
  await attempt(() => deployment.deploy(), undefined);
  if (deployment.failure !== undefined) failures.push(deployment.failure);
  const assertions = await attempt(() => asserted(deployment), []);
  const times = await attempt(() => measured(account, deployment), []);
  const left = keep ? [] : await attempt(() => deployment.destroy(), [`whatever ${app.name} has made`]);
  const failure = failures.length > 0 ? { failure: failures.join('; ') } : {};
  return { app: app.name, ...failure, assertions, times, left };
}

async function asserted(deployment: Deployment): Promise<AssertionResult[]> {
  const results = await Promise.all(deployment.app.stacks.filter(({ asserts }) => asserts).map(async ({ name, template }) =>
    assertionResults(Object.keys(template.Outputs ?? {}), await deployment.outputs(name))));
  return results.flat();
}

async function measured(account: Account, deployment: Deployment): Promise<Measurement[]> {
  const outputs = await Promise.all(deployment.app.stacks.map(({ name }) => deployment.outputs(name)));
  return appTimes(account, deployment.app.name, creations(deployment.events), Object.assign({}, ...outputs) as Record<string, string>);
}
