import type { Home } from './arns';
import { managedImageArn } from './arns';
import type { Builder } from './builder';
import type { Clock } from './clock';
import type { ConnectorFailure, Faults } from './faults';
import type { Ids } from './ids';
import type { OperationName } from './model';
import type { Connector, Image, ManagedImage, Microvm } from './rows';
import { ARCHITECTURES } from './rows';
import type { Limits, Members, Times } from './settings';
import type { Table } from './table';

/** State that all parts of the simulated service share. */
export interface World extends Home {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly builder: Builder;
  readonly faults: Faults;
  readonly images: Table<Image>;
  readonly managedImages: Table<ManagedImage>;
  readonly microvms: Table<Microvm>;
  readonly connectors: Table<Connector>;
  times: Times;
  limits: Limits;
  members: Members;
}

/** The call that an operation serves. */
export interface CallContext {
  readonly operation: OperationName;
  readonly caller: string;
  /** Reads return the state at this time; tags have a time of their own. */
  readonly asOf: number;
  readonly tagsAsOf: number;
  /** A problem of the VPC that the local AWS knows of and this simulator does not. */
  readonly networkFailure?: ConnectorFailure;
}

/** A validated request. Its shape is that of the operation in the model. */
export type Input = Record<string, any>;

/** The work of one operation. It takes effect as a whole, without waiting. */
export type Handler = (input: Input, call: CallContext) => object;

/** The base images that the service publishes: one image with two versions. The older one supports ARM_64 only. */
export function publishManagedImages(world: World): void {
  const arn = managedImageArn(world, 'al2023-1');
  const second = Date.UTC(2026, 6, 21);
  const first = Date.UTC(2026, 5, 17);
  world.managedImages.put(arn, {
    arn,
    createdAt: first,
    updatedAt: second,
    versions: [
      { version: '1', status: 'AVAILABLE', architectures: ARCHITECTURES, createdAt: second, updatedAt: second },
      { version: '0', status: 'AVAILABLE', createdAt: first, updatedAt: first },
    ],
  });
}
