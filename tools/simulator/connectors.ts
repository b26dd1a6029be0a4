import { connectorArn } from './arns';
import { connectorLimitExceeded, invalidParameter, resourceConflict, resourceNotFound } from './errors';
import type { ClientTokens } from './idempotency';
import type { OperationName } from './model';
import { page } from './pagination';
import type { Connector, ConnectorVersion, VpcEgress } from './rows';
import type { CallContext, Handler, Input, World } from './world';

const PAGE_SIZE = 50;

/** Properties that an update can change. */
type Settings = Pick<ConnectorVersion, 'configuration' | 'operatorRole'>;

/** Network connectors and their versions. */
export class Connectors {
  constructor(private readonly world: World, private readonly tokens: ClientTokens) {}

  handlers(): Partial<Record<OperationName, Handler>> {
    return {
      CreateNetworkConnector: input => {
        checkRequest(input);
        return this.tokens.once('CreateNetworkConnector', input.ClientToken, input, invalidParameter, () => this.create(input));
      },
      UpdateNetworkConnector: input => {
        if (input.ClientToken === undefined) throw invalidParameter('ClientToken is a required field');
        return this.tokens.once('UpdateNetworkConnector', input.ClientToken, input, invalidParameter, () => this.update(input));
      },
      GetNetworkConnector: (input, call) => this.get(input, call),
      ListNetworkConnectors: (input, call) => this.list(input, call),
      ListNetworkConnectorVersions: (input, call) => this.listVersions(input, call),
      DeleteNetworkConnector: input => this.delete(input),
    };
  }

  private create(input: Input): object {
    const { world } = this;
    this.checkOperatorRole(input.OperatorRole);
    if (world.connectors.list().some(({ name }) => name === input.Name)) throw resourceConflict(`Network connector already exists: ${input.Name}`);
    if (world.connectors.list().length >= world.limits.connectors) throw connectorLimitExceeded('The maximum number of network connectors has been reached');
    const now = world.clock.now();
    const id = `nc-${world.ids.uuid()}`;
    const connector: Connector = {
      id,
      arn: connectorArn(world, id),
      name: input.Name,
      state: 'PENDING',
      versions: [{ number: 1, configuration: input.Configuration.VpcEgressConfiguration, operatorRole: input.OperatorRole, state: 'PENDING', modifiedAt: now }],
      tags: input.Tags ?? {},
      modifiedAt: now,
    };
    world.connectors.put(id, connector);
    const outcome = world.faults.connector?.(connector.name, 'create', input.Configuration.VpcEgressConfiguration);
    world.clock.after(outcome?.durationMs ?? world.times.connectorCreation, () => {
      const failure = outcome?.failure;
      this.change(id, current => ({
        ...current,
        state: failure ? 'FAILED' : 'ACTIVE',
        stateReason: failure?.reason ?? 'Initial creation',
        stateReasonCode: failure?.code,
        versions: current.versions.map(version => ({ ...version, state: failure ? 'FAILED' : 'ACTIVE' })),
      }));
    });
    return describe(connector);
  }

  private update(input: Input): object {
    const { world } = this;
    const connector = this.find(input.Identifier).connector;
    if (connector.state !== 'ACTIVE') throw resourceConflict(`Network connector ${connector.id} is not active`);
    if (connector.lastUpdateStatus === 'InProgress') throw resourceConflict(`Network connector ${connector.id} is being updated`);
    const before = latest(connector);
    const configuration: VpcEgress = input.Configuration?.VpcEgressConfiguration ?? before.configuration;
    const operatorRole: string = input.OperatorRole ?? before.operatorRole;
    checkConfiguration(configuration);
    checkUnchangeable(before.configuration, configuration);
    this.checkOperatorRole(operatorRole);
    if (sameConfiguration(before, { configuration, operatorRole })) {
      this.change(connector.id, current => ({
        ...current,
        lastUpdateStatus: 'Successful',
        lastUpdateStatusReason: 'No configuration changes detected',
        lastUpdateStatusReasonCode: undefined,
      }));
    } else {
      if (connector.versions.length >= world.limits.versionsPerConnector) {
        throw connectorLimitExceeded('The maximum number of versions of the network connector has been reached');
      }
      this.startUpdate(connector, { configuration, operatorRole });
    }
    return describeUpdate(this.find(connector.id).connector, { configuration, operatorRole });
  }

  /** The connector stays active with its old version until the new version is ready. */
  private startUpdate(connector: Connector, change: Settings): void {
    const { world } = this;
    this.change(connector.id, current => ({
      ...current,
      lastUpdateStatus: 'InProgress',
      lastUpdateStatusReason: undefined,
      lastUpdateStatusReasonCode: undefined,
    }));
    const outcome = world.faults.connector?.(connector.name, 'update', change.configuration);
    world.clock.after(outcome?.durationMs ?? world.times.connectorUpdate, () => this.change(connector.id, current => {
      if (current.state !== 'ACTIVE') return current;
      if (outcome?.failure !== undefined) {
        return { ...current, lastUpdateStatus: 'Failed', lastUpdateStatusReason: outcome.failure.reason, lastUpdateStatusReasonCode: outcome.failure.code };
      }
      const version: ConnectorVersion = { ...change, number: latest(current).number + 1, state: 'ACTIVE', modifiedAt: world.clock.now() };
      return { ...current, lastUpdateStatus: 'Successful', versions: [...current.versions, version] };
    }));
  }

  private get(input: Input, call: CallContext): object {
    const { connector, version } = this.find(input.Identifier, call.asOf);
    return {
      ...describe(connector, version),
      StateReason: connector.stateReason,
      StateReasonCode: connector.stateReasonCode,
      LastUpdateStatus: connector.lastUpdateStatus,
      LastUpdateStatusReason: connector.lastUpdateStatusReason,
      LastUpdateStatusReasonCode: connector.lastUpdateStatusReasonCode,
      LastModified: new Date(version.modifiedAt).toISOString(),
      ...this.versionMembers(connector, version),
    };
  }

  private list(input: Input, call: CallContext): object {
    const connectors = this.world.connectors.list(call.asOf).filter(({ state }) => input.State === undefined || state === input.State);
    const cut = page(connectors, Math.min(input.MaxItems ?? PAGE_SIZE, PAGE_SIZE), input.Marker, invalidParameter);
    const items = cut.items.map(connector => ({
      Arn: connector.arn,
      Name: connector.name,
      Id: connector.id,
      Type: 'VPC_EGRESS',
      State: connector.state,
      LastModified: new Date(connector.modifiedAt).toISOString(),
      ...this.latestMembers(connector),
    }));
    return { NetworkConnectors: items, NextMarker: cut.next };
  }

  private listVersions(input: Input, call: CallContext): object {
    const { connector } = this.find(input.Identifier, call.asOf);
    const versions = [...connector.versions].reverse().filter(({ state }) => input.State === undefined || state === input.State);
    const cut = page(versions, Math.min(input.MaxItems ?? PAGE_SIZE, PAGE_SIZE), input.Marker, invalidParameter);
    const items = cut.items.map(version => ({
      Arn: connector.arn,
      Id: connector.id,
      Name: connector.name,
      State: version.state,
      Version: version.number,
      VersionArn: `${connector.arn}:${version.number}`,
      LastModified: new Date(version.modifiedAt).toISOString(),
    }));
    return { NetworkConnectorVersions: items, NextMarker: cut.next };
  }

  /** MicroVMs that use a connector do not prevent its deletion. */
  private delete(input: Input): object {
    const { connector, version, qualified } = this.find(input.Identifier);
    if (qualified) return this.deleteVersion(connector, version);
    if (connector.state !== 'DELETING') {
      if (connector.state !== 'ACTIVE' && connector.state !== 'FAILED') {
        throw resourceConflict(`Network connector ${connector.id} cannot be deleted in state: ${connector.state}`);
      }
      this.change(connector.id, current => ({ ...current, state: 'DELETING' }));
      this.world.clock.after(this.world.times.connectorDeletion, () => this.world.connectors.delete(connector.id));
    }
    return describe({ ...connector, state: 'DELETING' });
  }

  private deleteVersion(connector: Connector, version: ConnectorVersion): object {
    if (version.number === latest(connector).number) {
      throw resourceConflict(`The latest version of network connector ${connector.id} cannot be deleted alone`);
    }
    const withState = (current: Connector, state: ConnectorVersion['state']) =>
      ({ ...current, versions: current.versions.map(other => (other.number === version.number ? { ...other, state } : other)) });
    this.change(connector.id, current => withState(current, 'DELETING'));
    this.world.clock.after(this.world.times.connectorDeletion, () => this.change(connector.id, current =>
      ({ ...current, versions: current.versions.filter(({ number }) => number !== version.number) })));
    return describe({ ...connector, state: 'DELETING' }, version);
  }

  /** Creating a connector assumes the operator role and calls EC2 immediately. */
  private checkOperatorRole(roleArn: string): void {
    if (this.world.faults.roleIsUnassumable?.(roleArn, this.world.clock.now())) {
      throw invalidParameter('The service is unable to assume the provided NetworkConnectorOperatorRole. Please verify the trust policy on the role.');
    }
  }

  /** Finds a connector by ID, name or ARN. @returns the version in the identifier, else the latest version. */
  private find(identifier: string, asOf?: number): { connector: Connector; version: ConnectorVersion; qualified: boolean } {
    const name = identifier.startsWith('arn:') ? identifier.split(':').slice(6).join(':') : identifier;
    const [key, qualifier] = name.split(':');
    const connector = this.world.connectors.list(asOf).find(({ id, name: own, arn }) =>
      (identifier.startsWith('arn:') ? identifier === arn || identifier.startsWith(`${arn}:`) : id === key || own === key));
    const wanted = qualifier ?? (connector && String(latest(connector).number));
    const version = connector?.versions.find(({ number }) => String(number) === wanted);
    if (connector === undefined || version === undefined) throw resourceNotFound(`Network connector not found: ${identifier}`);
    return { connector, version, qualified: qualifier !== undefined };
  }

  private versionMembers(connector: Connector, version: ConnectorVersion): object {
    return this.world.members === 'recorded' ? {} : { Version: version.number, ...this.latestMembers(connector) };
  }

  private latestMembers(connector: Connector): object {
    if (this.world.members === 'recorded') return {};
    const { number } = latest(connector);
    return { LatestVersion: number, LatestVersionArn: `${connector.arn}:${number}` };
  }

  private change(id: string, change: (current: Connector) => Connector): void {
    this.world.connectors.change(id, current => ({ ...change(current), modifiedAt: this.world.clock.now() }));
  }
}

/** The service requires these members, although its model declares them optional. */
function checkRequest(input: Input): void {
  if (input.ClientToken === undefined) throw invalidParameter('ClientToken is a required field');
  if (input.Configuration.VpcEgressConfiguration === undefined) throw invalidParameter('VpcEgressConfiguration cannot be null or empty');
  if (input.OperatorRole === undefined) throw invalidParameter('NetworkConnectorOperatorRole is required for VPC_EGRESS connector type');
  checkConfiguration(input.Configuration.VpcEgressConfiguration);
}

function checkConfiguration(configuration: Partial<VpcEgress>): void {
  for (const member of ['SubnetIds', 'SecurityGroupIds', 'NetworkProtocol', 'AssociatedComputeResourceTypes'] as const) {
    if ((configuration[member] ?? []).length === 0) throw invalidParameter(`${member} cannot be null or empty`);
  }
}

function checkUnchangeable(before: VpcEgress, after: VpcEgress): void {
  for (const member of ['NetworkProtocol', 'AssociatedComputeResourceTypes'] as const) {
    if (JSON.stringify(before[member]) !== JSON.stringify(after[member])) throw invalidParameter(`${member} cannot be changed`);
  }
}

function sameConfiguration(a: Settings, b: Settings): boolean {
  const sorted = (ids: readonly string[]) => [...ids].sort().join();
  return a.operatorRole === b.operatorRole
    && sorted(a.configuration.SubnetIds) === sorted(b.configuration.SubnetIds)
    && sorted(a.configuration.SecurityGroupIds) === sorted(b.configuration.SecurityGroupIds)
    && hasElasticIps(a.configuration) === hasElasticIps(b.configuration);
}

function hasElasticIps(configuration: VpcEgress): boolean {
  return configuration.ElasticIpConfiguration?.Type === 'ServiceManaged';
}

function latest(connector: Connector): ConnectorVersion {
  return connector.versions[connector.versions.length - 1];
}

function describe(connector: Connector, version: Settings = latest(connector)): object {
  return {
    Arn: connector.arn,
    Name: connector.name,
    Id: connector.id,
    Configuration: { VpcEgressConfiguration: version.configuration },
    OperatorRole: version.operatorRole,
    State: connector.state,
  };
}

function describeUpdate(connector: Connector, change: Settings): object {
  return {
    ...describe(connector, change),
    LastUpdateStatus: connector.lastUpdateStatus,
    LastUpdateStatusReason: connector.lastUpdateStatusReason,
    LastModified: new Date(connector.modifiedAt).toISOString(),
  };
}
