/** `npm run demo`: the main job, on a local AWS with IAM enforced. */
import { playStory } from './story';
import { startLocalAws } from '../local-aws/local-aws';

const say = (line: string) => console.log(line);

/** Of what the CDK CLI prints, the lines about the stack, the image, and failures. */
const WORTH_TELLING = /Custom::(Microvm\w*|NetworkConnector)|CloudFormation::Stack|EC2::Subnet |_FAILED|\u2705|\u274c|^\S+: (deploying|destroying)|virtual environment|^MicrovmDemo\.Image/;
const LINES_OF_A_FAILURE = 40;
const lines: string[] = [];

function hear(line: string): void {
  lines.push(line);
  if (WORTH_TELLING.test(line)) say(`   ${line.trim()}`);
}

async function main(): Promise<void> {
  say('== The local AWS');
  const aws = await startLocalAws({
    log: hear,
    times: {
      buildPending: 500,
      imageSettling: 300,
      versionDeletion: 1_000,
      imageDeletion: 2_000,
      connectorCreation: 4_000,
      connectorUpdate: 4_000,
      connectorDeletion: 2_000,
    },
  });
  try {
    await playStory(aws, say);
  } catch (error) {
    say(`\nTHE DEMO FAILED: ${error instanceof Error ? error.message : String(error)}`);
    say(`The last lines of the CDK CLI:\n${lines.slice(-LINES_OF_A_FAILURE).join('\n')}`);
    say(`The log of the local AWS: ${aws.logFile}`);
    process.exitCode = 1;
  } finally {
    await aws.stop();
  }
}

main().catch((error: unknown) => {
  console.error(`THE DEMO FAILED: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
});
