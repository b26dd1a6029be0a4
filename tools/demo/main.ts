/** `npm run demo`: deploys, changes, breaks and destroys apps on a local AWS with IAM enforced. */
import { runDemo } from './demo';
import { startLocalAws } from '../local-aws/local-aws';

const print = (line: string) => console.log(line);

/** The lines of the CDK CLI that the demo prints: those about stacks, this library's resources, and failures. */
const RELEVANT_LINES = /Custom::(Microvm\w*|NetworkConnector)|CloudFormation::Stack|EC2::Subnet |_FAILED|\u2705|\u274c|^\S+: (deploying|destroying)|virtual environment|^MicrovmDemo\.Image/;
const FAILURE_LINES = 40;
const lines: string[] = [];

function onLine(line: string): void {
  lines.push(line);
  if (RELEVANT_LINES.test(line)) print(`   ${line.trim()}`);
}

async function main(): Promise<void> {
  print('== The local AWS');
  const aws = await startLocalAws({
    log: onLine,
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
    await runDemo(aws, print);
  } catch (error) {
    print(`\nTHE DEMO FAILED: ${error instanceof Error ? error.message : String(error)}`);
    print(`Last lines of the CDK CLI:\n${lines.slice(-FAILURE_LINES).join('\n')}`);
    print(`Log of the local AWS: ${aws.logFile}`);
    process.exitCode = 1;
  } finally {
    await aws.stop();
  }
}

main().catch((error: unknown) => {
  console.error(`THE DEMO FAILED: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
});
