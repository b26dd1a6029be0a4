import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { ImageScenario } from './image-scenario';
import { LauncherScenario } from './launcher-scenario';
import { findLeftovers } from './leftovers';
import { DEMO_STACK } from './names';
import { NetworkScenario } from './network-scenario';
import type { LocalAws } from '../local-aws/local-aws';

const SAMPLE = path.join(__dirname, '..', '..', 'examples', 'quickstart', 'typescript', 'sandbox');

/** Runs the whole demo. Throws as soon as a check fails. */
export async function runDemo(aws: LocalAws, print: (line: string) => void): Promise<void> {
  const directory = mkdtempSync(path.join(tmpdir(), 'microvm-demo-'));
  const sample = (name: string) => {
    cpSync(SAMPLE, path.join(directory, name), { recursive: true });
    return path.join(directory, name);
  };
  const image = new ImageScenario(aws, sample('image'), print);
  const launcher = new LauncherScenario(aws, sample('launcher'), print);
  const network = new NetworkScenario(aws, sample('developer'), print);
  try {
    print('   bootstrapping for the CDK');
    await aws.bootstrap();
    print(`   ready at ${aws.url}, with IAM enforced`);

    await network.bootstrapsTheTeam();
    await network.publishesAConnector();
    await network.buildsThroughIt();
    await network.removesASubnet();
    // The failed deletion takes two minutes. The other scenarios run in the meantime.
    await Promise.all([network.rejectsDeletionInUse(), runImageScenario(image).then(() => runLauncherScenario(launcher))]);
    await network.destroysEverything();

    const left = await findLeftovers(aws, DEMO_STACK);
    if (left.length > 0) throw new Error(`left behind: ${left.join(', ')}`);
    print('   ok: no image, connector, MicroVM, role, policy, function, log group or parameter is left behind');
    print('\nThe demo succeeded.');
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

async function runImageScenario(image: ImageScenario): Promise<void> {
  await image.deploysAnImage();
  await image.deploysAChange();
  await image.breaksTheDockerfile();
  await image.destroysEverything();
}

async function runLauncherScenario(launcher: LauncherScenario): Promise<void> {
  await launcher.deploysALauncher();
  await launcher.launchesFromTheBackend();
  await launcher.deploysAChange();
  await launcher.failsTheCheck();
  await launcher.destroysEverything();
}
