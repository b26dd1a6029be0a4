import type { Account } from './account';
import { appTimes } from './app-times';
import type { SynthesizedApp } from './apps';
import type { AssertionResult } from './assertions';
import { assertionResults } from './assertions';
import { Deployment } from './deployment';
import type { Measurement } from './times';
import { creations } from './times';
import type { Cdk } from '../../tools/local-aws/cdk';

/** Result of one app. */
export interface AppResult {
  readonly app: string;
  /** Why the app could not be deployed, checked or destroyed. */
  readonly failure?: string;
  readonly assertions: readonly AssertionResult[];
  readonly times: readonly Measurement[];
  /** Resources that still exist after the app was destroyed. */
  readonly left: readonly string[];
}

/** Deploys an app with its assertions, measures it, and destroys it. A failure in one app does not stop the run. */
export async function runApp(account: Account, cdk: Cdk, app: SynthesizedApp, keep: boolean): Promise<AppResult> {
  const deployment = new Deployment(account, cdk, app);
  const failures: string[] = [];
  const attempt = async <T>(work: () => Promise<T>, fallback: T) => work().catch((error: Error) => {
    failures.push(error.message);
    return fallback;
  });
  await attempt(() => deployment.deploy(), undefined);
  if (deployment.failure !== undefined) failures.push(deployment.failure);
  const assertions = await attempt(() => asserted(deployment), []);
  const times = await attempt(() => measured(account, deployment), []);
  const left = keep ? [] : await attempt(() => deployment.destroy(), [`everything that ${app.name} created`]);
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
