import { appendFileSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { whatIsLeft } from './left-overs';
import { DEMO_STACK } from './names';
import type { StackEventSummary, StackOperationResult } from '../aws/cdk';
import type { LocalAws } from '../aws/local-aws';
import type { Image, ImageVersion } from '../simulator/rows';

const SAMPLE = path.join(__dirname, '..', '..', 'sandbox');
const APP = path.join(__dirname, 'app.ts');

/** Deploys an image from a directory, changes it, breaks it, and destroys it; throws as soon as something is not as it should be. */
export async function playStory(aws: LocalAws, say: (line: string) => void): Promise<void> {
  const directory = mkdtempSync(path.join(tmpdir(), 'microvm-demo-'));
  const narrator = new Narrator(aws, directory, say);
  try {
    cpSync(SAMPLE, directory, { recursive: true });
    await narrator.bootstrap();
    await narrator.deploysAnImage();
    await narrator.deploysAChange();
    await narrator.breaksTheDockerfile();
    await narrator.destroysEverything();
    say('\nThe demo is over: everything was as it should be.');
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

class Narrator {
  private shown = '';

  public constructor(private readonly aws: LocalAws, private readonly directory: string, private readonly say: (line: string) => void) {}

  public async bootstrap(): Promise<void> {
    this.say('   bootstrapping it for the CDK');
    await this.aws.bootstrap();
    this.say(`   ready at ${this.aws.url}, with IAM enforced`);
  }

  public async deploysAnImage(): Promise<void> {
    this.say('\n== 1. cdk deploy: an image from a directory with a Dockerfile');
    const { exitCode } = await this.deploy();
    this.check(exitCode === 0, 'the deployment succeeds');
    this.check(this.activeVersion() === 1, 'version 1.0 is active');
  }

  public async deploysAChange(): Promise<void> {
    this.say('\n== 2. cdk deploy: the server says something else');
    const server = path.join(this.directory, 'server.js');
    writeFileSync(server, `${readFileSync(server, 'utf8')}\n// Another version of the same server.\n`);
    const { exitCode } = await this.deploy();
    this.check(exitCode === 0, 'the deployment succeeds');
    this.check(this.activeVersion() === 2, 'version 2.0 is active');
    this.check(this.version(1)?.state === 'SUCCESSFUL', 'version 1.0 is kept');
  }

  public async breaksTheDockerfile(): Promise<void> {
    this.say('\n== 3. cdk deploy: the Dockerfile copies a file that is not there');
    appendFileSync(path.join(this.directory, 'Dockerfile'), '\nCOPY missing.txt /app/\n');
    const { exitCode, events, output } = await this.deploy();
    this.check(exitCode !== 0, 'the deployment fails');
    const reason = reasonOf(events);
    this.say('   what the deployment says:');
    reason.split('\n').forEach(line => this.say(`     ${line}`));
    this.check(/Graviton 3: .+/.test(reason) && /Graviton 4: .+/.test(reason), 'it gives the reason of each build');
    this.check(reason.includes('missing.txt') && output.includes('missing.txt'), 'the end of the build log names the missing file');
    this.check(events[events.length - 1]?.status === 'UPDATE_ROLLBACK_COMPLETE', 'the stack is rolled back');
    this.check(this.activeVersion() === 2, 'version 2.0 is active again');
    this.check(this.aws.simulator.startedBuilds().length === 3, 'the rollback built nothing');
  }

  public async destroysEverything(): Promise<void> {
    this.say('\n== 4. cdk destroy');
    const { exitCode } = await this.aws.cdk.destroy({ app: this.app(), stacks: [DEMO_STACK], context: { directory: this.directory } });
    this.check(exitCode === 0, 'the stack is destroyed');
    const left = await whatIsLeft(this.aws, DEMO_STACK);
    this.check(left.length === 0, 'no image, MicroVM, role, function or log group of it is left', left.join(', '));
  }

  private async deploy(): Promise<StackOperationResult> {
    const progress = setInterval(() => this.showImage(), 500);
    try {
      return await this.aws.cdk.deploy({ app: this.app(), stacks: [DEMO_STACK], context: { directory: this.directory } });
    } finally {
      clearInterval(progress);
      this.showImage();
    }
  }

  private app(): string {
    return `npx tsx ${APP}`;
  }

  /** The image as the service has it, whenever that changes. */
  private showImage(): void {
    const image = this.image();
    if (!image) return;
    const versions = image.versions.map(({ number, state, status }) => `${number}.0 ${state === 'SUCCESSFUL' ? status : state}`);
    const now = `image ${image.name} is ${image.state}; versions: ${versions.join(', ')}`;
    if (now !== this.shown) this.say(`   ${now}`);
    this.shown = now;
  }

  private check(holds: boolean, what: string, otherwise = ''): void {
    if (!holds) throw new Error(`not so: ${what}${otherwise && ` (${otherwise})`}`);
    this.say(`   ok: ${what}`);
  }

  private image(): Image | undefined {
    return this.aws.simulator.images()[0];
  }

  private version(number: number): ImageVersion | undefined {
    return this.image()?.versions.find(version => version.number === number);
  }

  private activeVersion(): number | undefined {
    const active = this.image()?.versions.filter(({ state, status }) => state === 'SUCCESSFUL' && status === 'ACTIVE') ?? [];
    return active.length === 0 ? undefined : Math.max(...active.map(({ number }) => number));
  }
}

/** Of the resource whose failure began it all. */
function reasonOf(events: StackEventSummary[]): string {
  return events.find(({ type, status }) => type === 'Custom::MicrovmImage' && status.endsWith('_FAILED'))?.reason ?? '';
}
