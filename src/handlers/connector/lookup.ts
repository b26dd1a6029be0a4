import type { Connector } from './observed';
import type { ConnectorDependencies } from './resource';
import type { NetworkConnectorLookupProperties } from '../../contract/connector';
import { confirmAbsence } from '../engine/confirm-absence';
import type { PollEvent, ResourceEvent } from '../engine/event';
import type { Operation } from '../engine/operation';
import type { Reconciler } from '../engine/poll';
import type { Step } from '../engine/step';
import { done, fail, observe, wait } from '../engine/step';

interface Observed {
  readonly connector?: Connector | 'absent';
}

const PHYSICAL_ID_PREFIX = 'network-connector-lookup:';

export function isLookupId(physicalId: string): boolean {
  return physicalId.startsWith(PHYSICAL_ID_PREFIX);
}

export function lookupPhysicalId(event: ResourceEvent<NetworkConnectorLookupProperties>): string {
  return event.RequestType === 'Delete' ? event.PhysicalResourceId! : `${PHYSICAL_ID_PREFIX}${event.ResourceProperties.ConnectorName}`;
}

/** Finds a connector by its name. It changes nothing. */
export class NetworkConnectorLookup implements Reconciler<Observed, 'connector', never> {
  public readonly nothingObserved: Observed = {};
  public readonly secrets: string[] = [];

  public constructor(
    private readonly event: PollEvent<NetworkConnectorLookupProperties>,
    public readonly operation: Operation,
    private readonly dependencies: ConnectorDependencies,
  ) {}

  public reconcile({ connector }: Observed): Step<'connector', never> {
    const { RequestType: type, ResourceProperties: { ConnectorName: name } } = this.event;
    if (type === 'Delete') return done();
    if (!connector) return observe('connector');
    if (connector === 'absent') {
      return fail('NetworkConnectorNotFound',
        `networkConnectorName: network connector '${name}' does not exist in this account and Region; deploy it first, or correct the name`);
    }
    switch (connector.state) {
      case 'PENDING': return wait(`network connector '${name}' to become active`);
      case 'ACTIVE':
      case 'INACTIVE': return done({ ConnectorArn: connector.arn, ConnectorName: name, ConnectorId: connector.id });
      default: return fail('NetworkConnectorNotActive',
        `networkConnectorName: network connector '${name}' is ${connector.state}, and cannot be used; deploy the stack that creates it again`);
    }
  }

  public async observe(): Promise<Observed> {
    const { ResourceRoleArn: roleArn, ConnectorName: name } = this.event.ResourceProperties;
    const service = await this.dependencies.connectors(roleArn, this.event.LogicalResourceId);
    return { connector: await confirmAbsence(async () => service.connector(name), this.dependencies.clock, this.operation) };
  }

  public async apply(): Promise<void> {
    throw new Error('a lookup changes nothing');
  }
}
