import type { Circumstances, Properties, Template } from './cloudformation';
import type { ConnectorEvent, ConnectorHistory, ConnectorSpec } from './connector-history';
import { connectorProperties, FOREIGN, FULL_SUBNET, wantedGroups } from './connector-history';
import { conditionsOf } from './history';
import type { Outcome } from './runner';
import { expectThat, Runner, succeeded } from './runner';
import type { TestBedOptions } from './test-bed';
import { TestBed } from './test-bed';
import { OWNER_RESOURCE_TAG, OWNER_STACK_TAG } from '../../src/contract/common';
import type { NetworkConnectorProperties } from '../../src/contract/connector';
import { NETWORK_CONNECTOR_RESOURCE_TYPE } from '../../src/contract/connector';
import { physicalIdOf } from '../../src/handlers/connector/desired';
import type { Connector, ConnectorVersion, VpcEgress } from '../simulator/rows';

export interface ConnectorRunOptions extends TestBedOptions {
  /** How much longer an operation may wait, because a variant shows MicroVMs that the service does not have. */
  readonly patienceMs?: number;
}

/** Runs a history of connectors, and throws at the first violation of an invariant. */
export async function runConnectors(history: ConnectorHistory, options: ConnectorRunOptions = {}): Promise<Outcome> {
  return new ConnectorRunner(history, options).run(history.events);
}

/** The version of a connector that was the latest when a MicroVM was launched with it. */
interface UsedVersion {
  readonly connectorId: string;
  readonly version: number;
}

class ConnectorRunner extends Runner<ConnectorSpec, ConnectorEvent> {
  private readonly foreign: Connector;
  private readonly usedVersions = new Map<string, UsedVersion>();

  public constructor(history: ConnectorHistory, private readonly options: ConnectorRunOptions) {
    let changes = 0;
    super(new TestBed({
      ...conditionsOf(history),
      connectorOutcome: configuration => ({
        durationMs: history.durationsMs?.[changes++ % history.durationsMs.length],
        failure: configuration.SubnetIds.includes(FULL_SUBNET)
          ? { code: 'SubnetOutOfIPAddresses', reason: 'A subnet has no free addresses' }
          : undefined,
      }),
      ...options,
    }), NETWORK_CONNECTOR_RESOURCE_TYPE);
    this.testBed.simulator.addForeignImage('app');
    this.foreign = this.testBed.simulator.addForeignConnector(FOREIGN);
  }

  protected patience(templates: readonly Template[]): number {
    return super.patience(templates) + (this.options.patienceMs ?? 0);
  }

  protected async applySpecific(event: ConnectorEvent): Promise<void> {
    const connector = this.connector(event.name);
    if (connector?.state === 'ACTIVE') {
      const { id } = this.testBed.simulator.launchMicrovm('app', undefined, [connector.arn]);
      this.usedVersions.set(id, { connectorId: connector.id, version: latest(connector).number });
    }
    return this.idle(1);
  }

  protected propertiesOf(spec: ConnectorSpec, logicalId: string): Properties {
    return connectorProperties(spec, { stackId: this.stack.id, logicalId }) as unknown as Properties;
  }

  protected specMayFail(spec: ConnectorSpec, id: string): boolean {
    const old = this.stack.deployed()[id] as unknown as NetworkConnectorProperties | undefined;
    const now = connectorProperties(spec, { stackId: this.stack.id, logicalId: id });
    const changesImmutable = old !== undefined && old.ConnectorName === spec.name
      && (old.NetworkProtocol !== now.NetworkProtocol || old.VpcId !== now.VpcId);
    const replacesUsed = old !== undefined && old.ConnectorName !== spec.name && this.hasLiveMicrovms();
    const removesUsed = old !== undefined && old.ConnectorName === spec.name && spec.placementRemoval !== 'KEEP_UNTIL_UNUSED'
      && removed(old, now).length > 0 && this.hasLiveMicrovms();
    const isTaken = spec.name === FOREIGN || this.isKnownOrphan(physicalIdOf(spec.name));
    return now.SubnetIds.includes(FULL_SUBNET) || isTaken || changesImmutable || replacesUsed || removesUsed;
  }

  protected beginCheck(before: Template, template: Template, { crash, reuseRequestIds }: Circumstances): (status: string, what: string) => void {
    const { simulator } = this.testBed;
    const orphansBefore = this.stack.silentOrphans.length;
    const deployed = this.stack.deployed();
    const versionsBefore = new Map(simulator.connectors().map(connector => [connector.id, latest(connector).number]));
    return (status, what) => {
      const isChanged = ({ id, versions }: Connector) => versionsBefore.has(id) && versionsBefore.get(id) !== versions[versions.length - 1].number;
      if (status === 'UPDATE_ROLLBACK_COMPLETE' && simulator.connectors().some(isChanged)) this.outcome.effectiveRollbacks++;
      // Without a list of the versions, nobody can delete them.
      const canPrune = !this.testBed.serviceFaults.fails('ListNetworkConnectorVersions');
      if (succeeded(status) && canPrune) this.expectVersions(before, template, versionsBefore, what);
      if (status === 'UPDATE_ROLLBACK_COMPLETE' && canPrune && !crash && !reuseRequestIds) this.expectAdditionsFree(before, template, what);
      const orphans = this.stack.silentOrphans.slice(orphansBefore);
      if (!crash && !reuseRequestIds) this.expectUsedNotReplaced(before, template, orphans, what);
      this.expectNoneCutOff([deployed, template], what);
    };
  }

  protected expectStack(what: string): void {
    const template = this.stack.deployed() as Record<string, unknown> as Record<string, NetworkConnectorProperties>;
    for (const [id, properties] of Object.entries(template)) {
      const connector = this.connector(properties.ConnectorName);
      expectThat(connector?.state === 'ACTIVE', `${id}: network connector ${properties.ConnectorName} is ${connector?.state}: ${what}`);
      expectThat(connector.lastUpdateStatus !== 'InProgress', `${id}: an update is in progress: ${what}`);
      expectThat(connector.tags[OWNER_STACK_TAG] === this.stack.id && connector.tags[OWNER_RESOURCE_TAG] === id,
        `${id}: wrong owner tags ${JSON.stringify(connector.tags)}: ${what}`);
      const { configuration } = latest(connector);
      expectThat(JSON.stringify(configuration.SubnetIds) === JSON.stringify(properties.SubnetIds)
        && JSON.stringify(configuration.SecurityGroupIds) === JSON.stringify(wantedGroups(properties))
        && (configuration.ElasticIpConfiguration?.Type ?? 'None') === (properties.ElasticIps ?? 'None')
        && configuration.NetworkProtocol === properties.NetworkProtocol,
      `${id}: wrong configuration ${JSON.stringify(configuration)}: ${what}`);
      // An orphan that its resource took over again may have tags that no properties contain.
      if (this.isKnownOrphan(physicalIdOf(properties.ConnectorName))) continue;
      const userTags = Object.keys(connector.tags).filter(key => !key.startsWith('cdk-lambda-microvms:'));
      this.expectTags(userTags, (properties.Tags ?? []).map(tag => tag.Key), `${id}: wrong tags ${userTags.join()}: ${what}`);
    }
    this.expectOnly(Object.values(template).map(properties => physicalIdOf(properties.ConnectorName)), what);
  }

  protected ours(): string[] {
    return this.testBed.simulator.connectors().filter(({ tags }) => tags[OWNER_STACK_TAG] !== undefined).map(({ name }) => physicalIdOf(name));
  }

  protected expectForeignUntouched(): void {
    const now = this.connector(FOREIGN);
    expectThat(JSON.stringify(now) === JSON.stringify(this.foreign), 'the connector of another owner has changed');
  }

  /**
   * Expects no unnecessary version, and at most the retained versions and those that a MicroVM uses. Removed subnets
   * and security groups can be deleted.
   */
  private expectVersions(before: Template, template: Template, versionsBefore: Map<string, number>, what: string): void {
    for (const [id, given] of Object.entries(template)) {
      if (JSON.stringify(before[id]) === JSON.stringify(given)) continue;
      const properties = given as unknown as NetworkConnectorProperties;
      const old = before[id] as unknown as NetworkConnectorProperties | undefined;
      const connector = this.connector(properties.ConnectorName)!;
      const used = connector.versions.filter(version => this.isUsed(connector, version));
      const left = connector.versions.filter(({ state }) => state !== 'DELETING').length;
      expectThat(left <= Number(properties.RetainedVersions) + used.length, `${id}: ${left} versions are left instead of ${properties.RetainedVersions}: ${what}`);
      const held = connector.versions.flatMap(version => placementIn(version.configuration));
      const lost = old?.ConnectorName === properties.ConnectorName ? removed(old, properties) : [];
      const stillHeld = lost.filter(part => held.includes(part));
      const mayBeHeld = properties.PlacementRemoval === 'KEEP_UNTIL_UNUSED' || Number(properties.RetainedVersions) > 1;
      expectThat(mayBeHeld || stillHeld.length === 0, `${id}: ${stillHeld.join()} is removed, but still held: ${what}`);
      const sameNetwork = old !== undefined && networkOf(old) === networkOf(properties);
      const number = versionsBefore.get(connector.id);
      if (sameNetwork && number !== undefined) expectThat(latest(connector).number === number, `${id}: an unnecessary version: ${what}`);
    }
  }

  /** Expects that a rollback can delete the subnets and security groups that the failed update added. */
  private expectAdditionsFree(before: Template, template: Template, what: string): void {
    for (const [id, given] of Object.entries(before)) {
      const kept = given as unknown as NetworkConnectorProperties;
      const failed = template[id] as unknown as NetworkConnectorProperties | undefined;
      if (failed?.ConnectorName !== kept.ConnectorName || Number(kept.RetainedVersions) > 1 || this.hasLiveMicrovms()) continue;
      const held = this.connector(kept.ConnectorName)?.versions.flatMap(version => placementIn(version.configuration)) ?? [];
      const stillHeld = removed(failed, kept).filter(part => held.includes(part));
      expectThat(stillHeld.length === 0, `${id}: ${stillHeld.join()} was added and is still held: ${what}`);
    }
  }

  /** Expects that no connector in use was replaced. A removed one cannot be rejected, and is left. */
  private expectUsedNotReplaced(before: Template, template: Template, orphans: string[], what: string): void {
    for (const [id, given] of Object.entries(before)) {
      const { ConnectorName: name, Deletion: deletion } = given as unknown as NetworkConnectorProperties;
      const isReplaced = id in template && deletion === 'REFUSE_IN_USE' && orphans.includes(physicalIdOf(name));
      expectThat(!isReplaced, `${id}: ${name} was replaced while in use: ${what}`);
    }
  }

  /** Expects that no MicroVM lost its network, unless the user chose `FORCE`. */
  private expectNoneCutOff(templates: Template[], what: string): void {
    const { simulator } = this.testBed;
    const cutOff = simulator.microvms().filter(({ id, state }) => {
      const used = this.usedVersions.get(id);
      const versions = simulator.connectors().find(connector => connector.id === used?.connectorId)?.versions ?? [];
      return state !== 'TERMINATED' && used !== undefined && !versions.some(version => version.number === used.version && version.state === 'ACTIVE');
    });
    const isChosen = templates.some(template => Object.values(template).some(({ Deletion: deletion }) => deletion === 'FORCE'));
    expectThat(isChosen || cutOff.length === 0, `MicroVMs are cut off: ${what}`);
    cutOff.forEach(({ id }) => this.usedVersions.delete(id));
  }

  private isUsed(connector: Connector, version: ConnectorVersion): boolean {
    return this.testBed.simulator.microvms().some(({ id, state }) => {
      const used = this.usedVersions.get(id);
      return state !== 'TERMINATED' && used?.connectorId === connector.id && used.version <= version.number;
    });
  }

  private connector(name: string): Connector | undefined {
    return this.testBed.simulator.connectors().find(connector => connector.name === name);
  }
}

function latest(connector: Connector): ConnectorVersion {
  return connector.versions[connector.versions.length - 1];
}

/** Subnets and security groups that the old properties have and the new ones lack. */
function removed(old: NetworkConnectorProperties, now: NetworkConnectorProperties): string[] {
  const kept = placementOf(now);
  return placementOf(old).filter(part => !kept.includes(part));
}

function placementOf(properties: NetworkConnectorProperties): string[] {
  return [...properties.SubnetIds, ...wantedGroups(properties)];
}

function placementIn(configuration: VpcEgress): readonly string[] {
  return [...configuration.SubnetIds, ...configuration.SecurityGroupIds];
}

function networkOf(properties: NetworkConnectorProperties): string {
  const { ConnectorName: name, SubnetIds: subnets, OperatorRoleArn: operatorRole, ElasticIps: elasticIps } = properties;
  return JSON.stringify([name, subnets, wantedGroups(properties), operatorRole, elasticIps]);
}
