import type { Properties, Template } from './cloudformation';
import { FULL_SUBNET } from './connector-history';
import { conditionsOf } from './history';
import type { Outcome } from './runner';
import { expectThat, Runner } from './runner';
import type { StackHistory, StackSpec } from './stack-history';
import { stackProperties, TYPES } from './stack-history';
import { imageArn, TestBed } from './test-bed';
import type { TestBedOptions } from './test-bed';
import { OWNER_STACK_TAG } from '../../src/contract/common';
import { physicalIdOf } from '../../src/handlers/connector/desired';
import type { Launch } from '../../src/handlers/microvm/launch';
import { physicalIdOfLaunch, tokenIn } from '../../src/handlers/microvm/launch';
import type { Microvm } from '../simulator/rows';

/** Runs a history of stacks with a connector, an image and a MicroVM that depends on both. */
export async function runStacks(history: StackHistory, options: TestBedOptions = {}): Promise<Outcome> {
  return new StackRunner(history, options).run(history.events);
}

class StackRunner extends Runner<StackSpec, never> {
  /** What the template of the last deployment describes, by logical ID. */
  private specs: Readonly<Record<string, StackSpec>> = {};
  private readonly described: Record<string, StackSpec> = {};

  public constructor(history: StackHistory, options: TestBedOptions) {
    super(new TestBed({
      buildPlan: ({ configuration }) => configuration.codeArtifact.uri.includes('broken') ? { failures: { 4: 'The build failed.', 3: 'The build failed.' } } : undefined,
      connectorOutcome: ({ SubnetIds }) => ({
        durationMs: 20_000,
        failure: SubnetIds.includes(FULL_SUBNET) ? { code: 'SubnetOutOfIPAddresses', reason: 'A subnet has no free addresses' } : undefined,
      }),
      ...conditionsOf(history),
      ...options,
    }), TYPES);
    this.testBed.simulator.addForeignImage('theirs');
    this.launchForeign('theirs');
  }

  protected applySpecific(): void {
    // There are no events of one type of resource.
  }

  protected propertiesOf(spec: StackSpec, logicalId: string): Properties {
    const properties = stackProperties(spec, { stackId: this.stack.id, logicalId });
    this.described[JSON.stringify(properties)] = spec;
    return properties;
  }

  protected specMayFail({ name, value }: StackSpec, id: string): boolean {
    const old = this.specs[id];
    // The MicroVM of the stack runs from the image, and uses the connector. So does one that nobody has deleted.
    const isInUse = 'Microvm' in this.specs || this.hasLiveMicrovms();
    const isReplacedInUse = old !== undefined && old.name !== name && isInUse && id !== 'Microvm';
    // A creation takes over the connector that a failed cleanup has left.
    const losesUsedSubnet = (old === undefined ? this.hasLiveMicrovms() : old.value !== value && isInUse) && id === 'Connector';
    return value === 'broken' || value === 'full' || isReplacedInUse || losesUsedSubnet;
  }

  protected beginCheck(before: Template): () => void {
    this.specs = this.specsOf(before);
    return () => { this.specs = this.specsOf(this.stack.deployed()); };
  }

  protected expectStack(what: string): void {
    const { simulator } = this.testBed;
    const { Connector: connector, Image: image, Microvm: microvm } = this.specsOf(this.stack.deployed());
    if (connector !== undefined) {
      const row = simulator.connectors().find(({ name }) => name === connector.name);
      const subnets = row?.versions[row.versions.length - 1].configuration.SubnetIds;
      expectThat(row?.state === 'ACTIVE' && subnets?.join() === `subnet-${connector.value}`, `the connector ${connector.name} is ${row?.state} in ${subnets?.join()}: ${what}`);
    }
    if (image !== undefined) {
      expectThat(this.activeContent(image.name) === image.value, `the content ${this.activeContent(image.name)} of image ${image.name} is active: ${what}`);
    }
    if (microvm !== undefined) this.expectMicrovm(microvm, what);
    const ids = [...this.stack.resources.values()].map(({ physicalId }) => physicalId!);
    this.expectOnly(ids, what);
  }

  /** Expects that the MicroVM runs from the active version of the image of the stack. */
  private expectMicrovm({ name }: StackSpec, what: string): void {
    const { simulator } = this.testBed;
    const physicalId = this.stack.resources.get('Microvm')?.physicalId;
    const row = simulator.microvms().find(({ id }) => id === physicalId);
    const hasReachedMaximum = row === undefined || this.testBed.clock.now() >= row.startedAt + row.maximumDurationInSeconds * 1000;
    if (hasReachedMaximum) return;
    const active = simulator.versions(name).filter(({ state, status }) => state === 'SUCCESSFUL' && status === 'ACTIVE').map(({ number }) => number);
    expectThat(!row.state.startsWith('TERMINAT'), `MicroVM ${row.id} is ${row.state}: ${what}`);
    expectThat(row.imageArn === imageArn(name) && row.imageVersion === Math.max(...active), `MicroVM ${row.id} runs from version ${row.imageVersion}: ${what}`);
  }

  protected ours(): string[] {
    const { simulator, parameters } = this.testBed;
    const isOurs = ({ tags }: { readonly tags: Readonly<Record<string, string>> }) => tags[OWNER_STACK_TAG] !== undefined;
    const records = [...parameters.all().values()].map(value => JSON.parse(value) as Launch);
    return [
      ...simulator.images().filter(isOurs).map(({ arn }) => arn),
      ...simulator.connectors().filter(isOurs).map(({ name }) => physicalIdOf(name)),
      ...this.liveMicrovms().filter(({ state }) => state !== 'TERMINATING').map(({ id }) => id),
      ...records.map(launch => launch.microvmId ?? physicalIdOfLaunch(tokenIn(launch))),
    ];
  }

  protected expectForeignUntouched(): void {
    // The MicroVM of another owner is watched all the time.
  }

  /** The MicroVMs of the stack fail no deletion. One does whose own deletion failed in a cleanup. */
  protected hasLiveMicrovms(): boolean {
    return this.orphanedMicrovms().length > 0;
  }

  /** The MicroVMs of the stack stay. Nobody else terminates one whose deletion failed in a cleanup. */
  protected async terminateMicrovms(): Promise<void> {
    this.orphanedMicrovms().forEach(({ id }) => this.testBed.simulator.terminateMicrovm(id));
    return this.idle(1);
  }

  private orphanedMicrovms(): Microvm[] {
    return this.liveMicrovms().filter(({ id }) => this.isKnownOrphan(id));
  }

  private specsOf(template: Template): Readonly<Record<string, StackSpec>> {
    return Object.fromEntries(Object.entries(template).map(([id, properties]) => [id, this.described[JSON.stringify(properties)]]));
  }

  private activeContent(name: string): string | undefined {
    const active = this.testBed.simulator.versions(name).filter(({ state, status }) => state === 'SUCCESSFUL' && status === 'ACTIVE');
    const [highest] = [...active].sort((a, b) => b.number - a.number);
    return /assets\/(.*)\.zip/.exec(highest?.configuration.codeArtifact.uri ?? '')?.[1];
  }
}
