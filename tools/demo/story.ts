import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { ImageStory } from './image-story';
import { LauncherStory } from './launcher-story';
import { whatIsLeft } from './left-overs';
import { DEMO_STACK } from './names';
import { NetworkStory } from './network-story';
import type { LocalAws } from '../local-aws/local-aws';

const SAMPLE = path.join(__dirname, '..', '..', 'examples', 'quickstart', 'typescript', 'sandbox');

/** The whole demo; throws as soon as something is not as it should be. */
export async function playStory(aws: LocalAws, say: (line: string) => void): Promise<void> {
  const directory = mkdtempSync(path.join(tmpdir(), 'microvm-demo-'));
  const sample = (name: string) => {
    cpSync(SAMPLE, path.join(directory, name), { recursive: true });
    return path.join(directory, name);
  };
  const image = new ImageStory(aws, sample('image'), say);
  const launcher = new LauncherStory(aws, sample('launcher'), say);
  const network = new NetworkStory(aws, sample('developer'), say);
  try {
    say('   bootstrapping it for the CDK');
    await aws.bootstrap();
    say(`   ready at ${aws.url}, with IAM enforced`);

    await network.publishesAConnector();
    await network.buildsThroughIt();
    await network.takesASubnetOut();
    // The refusal takes two minutes, in which somebody else deploys.
    await Promise.all([network.refusesToCutOff(), playImage(image).then(() => playLauncher(launcher))]);
    await network.destroysEverything();

    const left = await whatIsLeft(aws, DEMO_STACK);
    if (left.length > 0) throw new Error(`left behind: ${left.join(', ')}`);
    say('   ok: no image, connector, MicroVM, role, policy, function, log group or parameter of them is left');
    say('\nThe demo is over: everything was as it should be.');
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

async function playImage(image: ImageStory): Promise<void> {
  await image.deploysAnImage();
  await image.deploysAChange();
  await image.breaksTheDockerfile();
  await image.destroysEverything();
}

async function playLauncher(launcher: LauncherStory): Promise<void> {
  await launcher.deploysALauncher();
  await launcher.launchesFromTheBackend();
  await launcher.deploysAChange();
  await launcher.failsTheCheck();
  await launcher.destroysEverything();
}
