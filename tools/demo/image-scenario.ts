import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { DEMO_STACK } from './names';
import { Scenario, reasonOf } from './scenario';
import type { StackOperationResult } from '../local-aws/cdk';
import type { LocalAws } from '../local-aws/local-aws';
import type { Image, ImageVersion } from '../simulator/rows';

const APP = 'image.app.ts';

/** A developer deploys an image from a directory, changes it, breaks it, and destroys it. */
export class ImageScenario extends Scenario {
  public constructor(aws: LocalAws, private readonly directory: string, print: (line: string) => void) {
    super(aws, print);
  }

  public async deploysAnImage(): Promise<void> {
    this.print('\n== cdk deploy: an image from a directory with a Dockerfile');
    const { exitCode } = await this.deployImage();
    this.check(exitCode === 0, 'the deployment succeeds');
    this.check(this.activeVersion() === 1, 'version 1.0 is active');
  }

  public async deploysAChange(): Promise<void> {
    this.print('\n== cdk deploy: a change in the server');
    const server = path.join(this.directory, 'server.js');
    writeFileSync(server, `${readFileSync(server, 'utf8')}\n// Another version of the same server.\n`);
    const { exitCode } = await this.deployImage();
    this.check(exitCode === 0, 'the deployment succeeds');
    this.check(this.activeVersion() === 2, 'version 2.0 is active');
    this.check(this.version(1)?.state === 'SUCCESSFUL', 'version 1.0 is kept');
  }

  public async breaksTheDockerfile(): Promise<void> {
    this.print('\n== cdk deploy: the Dockerfile copies from a registry that does not exist');
    appendFileSync(path.join(this.directory, 'Dockerfile'), '\nCOPY --from=registry.invalid/tools:1 /tool /app/\n');
    const buildsBefore = this.aws.simulator.startedBuilds().length;
    const result = await this.deployImage();
    this.check(result.exitCode !== 0, 'the deployment fails');
    const reason = reasonOf(result, 'Custom::MicrovmImage');
    this.quote(reason);
    this.check(/Graviton 3: .+/.test(reason) && /Graviton 4: .+/.test(reason), 'the error contains the reason of each build');
    this.check(reason.includes('registry.invalid') && result.output.includes('registry.invalid'), 'the end of the build log names the registry');
    this.check(result.events[result.events.length - 1]?.status === 'UPDATE_ROLLBACK_COMPLETE', 'the stack is rolled back');
    this.check(this.activeVersion() === 2, 'version 2.0 is active again');
    this.check(this.aws.simulator.startedBuilds().length === buildsBefore + 1, 'the rollback built nothing');
  }

  public async destroysEverything(): Promise<void> {
    this.print('\n== cdk destroy: the image');
    const { exitCode } = await this.destroy(APP, DEMO_STACK, { directory: this.directory });
    this.check(exitCode === 0, 'the stack is destroyed');
  }

  protected state(): string | undefined {
    const image = this.image();
    if (!image) return undefined;
    const versions = image.versions.map(({ number, state, status }) => `${number}.0 ${state === 'SUCCESSFUL' ? status : state}`);
    return `image ${image.name} is ${image.state}; versions: ${versions.join(', ')}`;
  }

  private async deployImage(): Promise<StackOperationResult> {
    return this.deploy(APP, DEMO_STACK, { directory: this.directory });
  }

  private image(): Image | undefined {
    return this.aws.simulator.images().find(({ name }) => name.startsWith(`${DEMO_STACK}-`));
  }

  private version(number: number): ImageVersion | undefined {
    return this.image()?.versions.find(version => version.number === number);
  }

  private activeVersion(): number | undefined {
    const active = this.image()?.versions.filter(({ state, status }) => state === 'SUCCESSFUL' && status === 'ACTIVE') ?? [];
    return active.length === 0 ? undefined : Math.max(...active.map(({ number }) => number));
  }
}
