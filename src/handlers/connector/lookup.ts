import type { Connector } from './observed';
import type { ConnectorWorld } from './resource';
import type { NetworkConnectorLookupProperties } from '../../contract/connector';
import { confirmAbsence } from '../engine/confirm-absence';
import type { PollEvent, ResourceEvent } from '../engine/event';
import type { Operation } from '../engine/operation';
import type { Reconciled } from '../engine/poll';
import type { Step } from '../engine/step';
import { done, fail, look, wait } from '../engine/step';

interface Seen {
  readonly connector?: Connector | 'absent';
}

export function lookupPhysicalId(event: ResourceEvent<NetworkConnectorLookupProperties>): string {
  return event.RequestType === 'Delete' ? event.PhysicalResourceId! : `network-connector-lookup:${event.ResourceProperties.ConnectorName}`;
}

/** Finds a connector by its name and changes nothing. */
export class NetworkConnectorLookup implements Reconciled<Seen, 'connector', never> {
  public readonly nothingSeen: Seen = {};
  public readonly secrets: string[] = [];

  public constructor(
    private readonly event: PollEvent<NetworkConnectorLookupProperties>, public readonly operation: Operation, private readonly world: ConnectorWorld,
  ) {}

  public reconcile({ connector }: Seen): Step<'connector', never> {
    const { RequestType: type, ResourceProperties: { ConnectorName: name } } = this.event;
    if (type === 'Delete') return done();
    if (!connector) return look('connector');
    if (connector === 'absent') {
      return fail('NetworkConnectorNotFound',
        `networkConnectorName: there is no network connector '${name}' in this account and Region; deploy it first, or mend the name`);
    }
    switch (connector.state) {
      case 'PENDING': return wait(`network connector '${name}' to become active`);
      case 'ACTIVE':
      case 'INACTIVE': return done({ ConnectorArn: connector.arn, ConnectorName: name, ConnectorId: connector.id });
      default: return fail('NetworkConnectorNotActive',
        `networkConnectorName: network connector '${name}' is ${connector.state}, and only an active one can be used; deploy it again, where it is made`);
    }
  }

  public async look(): Promise<Seen> {
    const { ResourceRoleArn: roleArn, ConnectorName: name } = this.event.ResourceProperties;
    const service = await this.world.connectors(roleArn, this.event.LogicalResourceId);
    return { connector: await confirmAbsence(async () => service.connector(name), this.world.clock) };
  }

  public async act(): Promise<void> {
    throw new Error('a look-up changes nothing');
  }
}
