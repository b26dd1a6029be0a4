import { connectorArn, denialByIdentity, imageArn, managedImageArn } from './arns';
import type { Builder } from './builder';
import { VirtualBuilder } from './builder';
import type { Clock } from './clock';
import { Connectors } from './connectors';
import { accessDenied, internalError, NoAnswerError, ServiceError, unknownOperation } from './errors';
import type { Call, CallFault, Faults } from './faults';
import { errorBeforeEffect } from './faults';
import { ClientTokens } from './idempotency';
import { Ids } from './ids';
import { isBuilding, isBusy, versionName } from './image-views';
import { Images } from './images';
import type { ServiceRequest, ServiceResponse } from './messages';
import { answer, answerError, bodyOf, callerOf, looseBody, networkFailureOf, queryOf } from './messages';
import { Microvms } from './microvms';
import type { Operation, OperationName } from './model';
import { route } from './model';
import type { Authorize } from './permissions';
import { permissionsOf } from './permissions';
import type { Architecture, Connector, ConnectorVersion, Image, ImageConfiguration, ImageVersion, Microvm, Tags, VersionState } from './rows';
import { ARCHITECTURES } from './rows';
import type { Limits, Members, Settings, Times } from './settings';
import { DEFAULT_LIMITS, DEFAULT_TIMES } from './settings';
import { Table } from './table';
import { TagOperations } from './tags';
import { EndpointTokens } from './tokens';
import { validate } from './validation';
import type { StartedBuild } from './versions';
import { Versions } from './versions';
import type { CallContext, Handler, Input, World } from './world';
import { publishManagedImages } from './world';

export interface SimulatorProps {
  readonly clock: Clock;
  /** @default us-east-1 */
  readonly region?: string;
  /** @default 123456789012 */
  readonly account?: string;
  /** @default - a builder whose builds succeed */
  readonly builder?: Builder;
  /** @default - no faults */
  readonly faults?: Faults;
  readonly limits?: Partial<Limits>;
  readonly times?: Partial<Times>;
  /** @default current */
  readonly members?: Members;
  /** @default - every call is allowed */
  readonly authorize?: Authorize;
  /** IDs are derived from it. */
  readonly seed?: string;
}

/** One call, as tests see it. */
export interface LoggedCall extends Call {
  readonly fault?: CallFault;
  readonly clientToken?: string;
  /** The image, connector or MicroVM that the call names. */
  readonly resource?: string;
  /** Time and status of the effect; absent before it takes effect, or without an effect. */
  readonly effect?: { readonly time: number; readonly status: number; readonly error?: string };
  /** The response that the client received; `none` if it gave up. */
  readonly answer?: { readonly time: number; readonly status: number | 'none' };
}

export interface Summary {
  readonly images: readonly {
    readonly arn: string;
    readonly name: string;
    readonly state: string;
    readonly tags: Tags;
    readonly versions: readonly { readonly version: string; readonly state: string; readonly status: string }[];
  }[];
  readonly microvms: readonly { readonly id: string; readonly state: string; readonly imageArn: string }[];
  readonly connectors: readonly {
    readonly arn: string;
    readonly name: string;
    readonly state: string;
    readonly tags: Tags;
    /** Of all versions, because their network interfaces exist. */
    readonly subnetIds: readonly string[];
    readonly securityGroupIds: readonly string[];
    readonly latest: {
      readonly operatorRole: string;
      readonly subnetIds: readonly string[];
      readonly securityGroupIds: readonly string[];
      readonly elasticIps: string;
    };
  }[];
  /** IDs of the running processes. */
  readonly processes: readonly number[];
}

/** The simulated service. */
export class Simulator {
  readonly microvmsService: Microvms;
  private readonly world: World;
  private readonly versionsService: Versions;
  private readonly clientTokens = new ClientTokens();
  private readonly endpointTokens: EndpointTokens;
  private readonly handlers: Partial<Record<OperationName, Handler>>;
  private readonly authorize?: Authorize;
  private readonly log: LoggedCall[] = [];

  constructor(props: SimulatorProps) {
    const { clock } = props;
    const ids = new Ids(props.seed ?? 'simulator');
    this.world = {
      clock,
      ids,
      region: props.region ?? 'us-east-1',
      account: props.account ?? '123456789012',
      builder: props.builder ?? new VirtualBuilder({ clock }),
      faults: props.faults ?? {},
      images: new Table(clock),
      managedImages: new Table(clock),
      microvms: new Table(clock),
      connectors: new Table(clock),
      times: { ...DEFAULT_TIMES, ...props.times },
      limits: { ...DEFAULT_LIMITS, ...props.limits },
      members: props.members ?? 'current',
    };
    this.authorize = props.authorize;
    this.endpointTokens = new EndpointTokens(clock, ids);
    this.versionsService = new Versions(this.world);
    this.microvmsService = new Microvms(this.world, this.clientTokens, this.endpointTokens);
    this.handlers = {
      ...new Images(this.world, this.versionsService, this.clientTokens).handlers(),
      ...this.versionsService.handlers(),
      ...this.microvmsService.handlers(),
      ...new Connectors(this.world, this.clientTokens).handlers(),
      ...new TagOperations(this.world).handlers(),
    };
    publishManagedImages(this.world);
  }

  /** Serves one request. Rejects with NoAnswerError if the client never receives an answer. */
  async handle(request: ServiceRequest): Promise<ServiceResponse> {
    const routed = route(request.method, request.path);
    if (routed === undefined) return answerError(unknownOperation(), this.world.ids.uuid());
    const { operation, pathMembers } = routed;
    const requestId = this.world.ids.uuid();
    const call = this.arrive(operation, request, pathMembers);
    const fault = this.world.faults.onCall?.(call);
    this.note(call, { fault });
    try {
      const response = await this.serve(call, operation, fault, () => this.takeEffect(call, operation, request, pathMembers));
      this.note(call, { answer: { time: this.world.clock.now(), status: response.status } });
      return { ...response, headers: { ...response.headers, 'x-amzn-requestid': requestId } };
    } catch (error) {
      if (error instanceof NoAnswerError) this.note(call, { answer: { time: this.world.clock.now(), status: 'none' } });
      throw error;
    }
  }

  // For assertions in tests.

  images(): readonly Image[] {
    return this.world.images.list();
  }

  image(nameOrArn: string): Image | undefined {
    return this.world.images.get(nameOrArn.startsWith('arn:') ? nameOrArn : imageArn(this.world, nameOrArn));
  }

  versions(nameOrArn: string): readonly ImageVersion[] {
    return this.image(nameOrArn)?.versions ?? [];
  }

  microvms(): readonly Microvm[] {
    return this.world.microvms.list();
  }

  connectors(): readonly Connector[] {
    return this.world.connectors.list();
  }

  calls(): readonly LoggedCall[] {
    return this.log;
  }

  /** All builds that were ever started. Tests count builds per client token or description with it. */
  startedBuilds(): readonly StartedBuild[] {
    return this.versionsService.started;
  }

  /** Everything that exists and is not terminated, in a form for printing. */
  summary(): Summary {
    return {
      images: this.images().map(({ arn, name, state, tags, versions }) => ({
        arn,
        name,
        state,
        tags,
        versions: versions.map(version => ({ version: versionName(version.number), state: version.state, status: version.status })),
      })),
      microvms: this.microvms().filter(({ state }) => state !== 'TERMINATED').map(({ id, state, imageArn: arn }) => ({ id, state, imageArn: arn })),
      connectors: this.connectors().map(({ arn, name, state, tags, versions }) => ({
        arn,
        name,
        state,
        tags,
        subnetIds: versions.flatMap(({ configuration }) => configuration.SubnetIds),
        securityGroupIds: versions.flatMap(({ configuration }) => configuration.SecurityGroupIds),
        latest: settingsOf(versions[versions.length - 1]),
      })),
      processes: this.world.builder.processes?.() ?? [],
    };
  }

  /** Whether a build, deletion, launch or termination is still in progress. */
  isSettling(): boolean {
    return this.images().some(image => isBusy(image) || image.versions.some(isBuilding))
      || this.microvms().some(({ state }) => ['PENDING', 'SUSPENDING', 'TERMINATING'].includes(state))
      || this.connectors().some(({ state, lastUpdateStatus }) => state === 'PENDING' || state === 'DELETING' || lastUpdateStatus === 'InProgress');
  }

  get clock(): Clock {
    return this.world.clock;
  }

  get account(): string {
    return this.world.account;
  }

  get region(): string {
    return this.world.region;
  }

  get times(): Times {
    return this.world.times;
  }

  // For changes that tests make outside the API.

  /** Launches a MicroVM as another user would. */
  launchMicrovm(nameOrArn: string, imageVersion?: string, egressNetworkConnectors?: string[]): Microvm {
    const arn = nameOrArn.startsWith('arn:') ? nameOrArn : imageArn(this.world, nameOrArn);
    const request = { imageIdentifier: arn, imageVersion, egressNetworkConnectors };
    const { microvmId } = this.microvmsService.run(request, this.defaultCaller()) as { microvmId: string };
    return this.world.microvms.get(microvmId)!;
  }

  /** Terminates a MicroVM as another user would. */
  terminateMicrovm(id: string): void {
    this.handlers.TerminateMicrovm!({ microvmIdentifier: id }, this.context('TerminateMicrovm'));
  }

  /** Deletes an image as another user would who has waited for the end of the deletion. */
  deleteImage(nameOrArn: string): void {
    this.world.images.delete(nameOrArn.startsWith('arn:') ? nameOrArn : imageArn(this.world, nameOrArn));
  }

  /** Suspends a MicroVM as another user would. */
  suspendMicrovm(id: string): void {
    this.handlers.SuspendMicrovm!({ microvmIdentifier: id }, this.context('SuspendMicrovm'));
  }

  /** Creates an image as another user would. Its first version already exists. */
  addForeignImage(
    name: string, tags: Tags = {}, state: Extract<VersionState, 'SUCCESSFUL' | 'FAILED'> = 'SUCCESSFUL', configuration: Partial<ImageConfiguration> = {},
  ): Image {
    const now = this.world.clock.now();
    const arn = imageArn(this.world, name);
    const version: ImageVersion = { ...this.foreignVersion(1, configuration), state, status: state === 'SUCCESSFUL' ? 'ACTIVE' : 'INACTIVE' };
    const image: Image = {
      arn,
      id: this.world.ids.uuid(),
      name,
      state: state === 'SUCCESSFUL' ? 'CREATED' : 'CREATE_FAILED',
      tags,
      versions: [version],
      lastVersionNumber: 1,
      createdAt: now,
      updatedAt: now,
    };
    this.world.images.put(arn, image);
    return image;
  }

  /** Adds a version to an image as another user would. Its build has ended, and it is not active. */
  addForeignVersion(name: string, configuration: Partial<ImageConfiguration> = {}): void {
    this.world.images.change(imageArn(this.world, name), image => {
      const number = image.lastVersionNumber + 1;
      return { ...image, versions: [...image.versions, this.foreignVersion(number, configuration)], lastVersionNumber: number };
    });
  }

  private foreignVersion(number: number, configuration: Partial<ImageConfiguration>): ImageVersion {
    const now = this.world.clock.now();
    return {
      number,
      configuration: {
        baseImageArn: managedImageArn(this.world, 'al2023-1'),
        baseImageVersion: '1.0',
        buildRoleArn: `arn:aws:iam::${this.world.account}:role/somebody-else`,
        codeArtifact: { uri: 's3://somebody-else/code.zip' },
        egressNetworkConnectors: [],
        resources: [{ minimumMemoryInMiB: 2048 }],
        ...configuration,
      },
      state: 'SUCCESSFUL',
      status: 'INACTIVE',
      builds: [],
      createdAt: now,
      updatedAt: now,
    };
  }

  /** Creates a connector as another user would. It is already active. */
  addForeignConnector(name: string, tags: Tags = {}): Connector {
    const now = this.world.clock.now();
    const id = `nc-${this.world.ids.uuid()}`;
    const configuration = {
      SubnetIds: ['subnet-somebody-else'],
      SecurityGroupIds: ['sg-somebody-else'],
      NetworkProtocol: 'IPv4',
      AssociatedComputeResourceTypes: ['MicroVm'],
    };
    const operatorRole = `arn:aws:iam::${this.world.account}:role/somebody-else`;
    const connector: Connector = {
      id,
      arn: connectorArn(this.world, id),
      name,
      state: 'ACTIVE',
      stateReason: 'Initial creation',
      versions: [{ number: 1, configuration, operatorRole, state: 'ACTIVE', modifiedAt: now }],
      tags,
      modifiedAt: now,
    };
    this.world.connectors.put(id, connector);
    return connector;
  }

  /** Publishes a new version of a managed base image. */
  publishBaseVersion(version: string, name = 'al2023-1', architectures: readonly Architecture[] | undefined = ARCHITECTURES): void {
    const now = this.world.clock.now();
    const arn = managedImageArn(this.world, name);
    const before = this.world.managedImages.get(arn);
    this.world.managedImages.put(arn, {
      arn,
      createdAt: before?.createdAt ?? now,
      updatedAt: now,
      versions: [{ version, status: 'AVAILABLE', architectures, createdAt: now, updatedAt: now }, ...before?.versions ?? []],
    });
  }

  deprecateBaseVersion(version: string, name = 'al2023-1'): void {
    this.setBaseStatus(version, name, 'DEPRECATED');
  }

  recallBaseVersion(version: string, name = 'al2023-1'): void {
    this.setBaseStatus(version, name, 'RECALLED');
  }

  private setBaseStatus(version: string, name: string, status: 'DEPRECATED' | 'RECALLED'): void {
    const now = this.world.clock.now();
    this.world.managedImages.change(managedImageArn(this.world, name), image => ({
      ...image,
      versions: image.versions.map(other => (other.version === version ? { ...other, status, updatedAt: now } : other)),
    }));
  }

  changeSettings(settings: Settings): void {
    this.world.times = { ...this.world.times, ...settings.times };
    this.world.limits = { ...this.world.limits, ...settings.limits };
    this.world.members = settings.members ?? this.world.members;
  }

  /** Deletes all state, as if the service had just started. */
  async reset(): Promise<void> {
    await this.world.builder.dispose();
    for (const table of [this.world.images, this.world.managedImages, this.world.microvms, this.world.connectors]) table.clear();
    this.clientTokens.clear();
    this.endpointTokens.clear();
    this.microvmsService.clear();
    this.log.length = 0;
    this.versionsService.started.length = 0;
    publishManagedImages(this.world);
  }

  async dispose(): Promise<void> {
    await this.world.builder.dispose();
  }

  /** Half of the latency passes before the call takes effect, half after. */
  private async serve(
    call: Call, operation: Operation, fault: CallFault | undefined, effect: () => Promise<ServiceResponse>,
  ): Promise<ServiceResponse> {
    const { clock, faults, times } = this.world;
    const latency = faults.latencyMs?.(call) ?? times.latency;
    await clock.sleep(latency / 2);
    const rejection = errorBeforeEffect(fault, operation, denialByIdentity(call.caller, `lambda:${operation.name}`, '*'));
    if (rejection !== undefined) {
      await clock.sleep(latency / 2);
      return answerError(rejection);
    }
    if (fault?.kind === 'lateLanding') {
      clock.after(times.clientTimeout + fault.afterMs, () => void effect());
      await clock.sleep(times.clientTimeout);
      throw new NoAnswerError();
    }
    const response = await effect();
    if (fault?.kind === 'lostAnswer') {
      await clock.sleep(times.clientTimeout);
      throw new NoAnswerError();
    }
    await clock.sleep(latency / 2);
    return fault?.kind === 'errorAfterEffect' ? answerError(internalError(operation.dialect)) : response;
  }

  private async takeEffect(
    call: Call, operation: Operation, request: ServiceRequest, pathMembers: Record<string, string>,
  ): Promise<ServiceResponse> {
    try {
      const input = validate(operation.input, { ...bodyOf(request), ...queryOf(operation, request), ...pathMembers });
      await this.checkPermissions(operation, input, call.caller);
      const output = this.handlers[operation.name]!(input, { ...this.context(operation.name, call), networkFailure: networkFailureOf(request) });
      this.note(call, { effect: { time: this.world.clock.now(), status: operation.status } });
      return answer(operation.status, output);
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      this.note(call, { effect: { time: this.world.clock.now(), status: error.status, error: error.code } });
      return answerError(error);
    }
  }

  private async checkPermissions(operation: Operation, input: Input, caller: string): Promise<void> {
    if (this.authorize === undefined) return;
    for (const { action, resource, context, implied } of permissionsOf(this.world, operation, input)) {
      const denial = await this.authorize(action, resource, context, caller);
      if (denial !== undefined) throw accessDenied(implied ? null : denial);
    }
  }

  private context(operation: OperationName, call?: Call): CallContext {
    const { clock, faults } = this.world;
    const stale = (staleness: number | undefined) => (staleness === undefined || staleness <= 0 ? Infinity : clock.now() - staleness);
    const asOf = call?.readOnly ? stale(faults.stalenessMs?.(call)) : Infinity;
    const tagsAsOf = call?.readOnly ? stale(faults.tagStalenessMs?.(call)) : Infinity;
    return { operation, caller: call?.caller ?? this.defaultCaller(), asOf, tagsAsOf };
  }

  private arrive(operation: Operation, request: ServiceRequest, pathMembers: Record<string, string>): Call {
    const call: Call = {
      index: this.log.length,
      operation: operation.name,
      readOnly: operation.readOnly,
      caller: request.caller ?? callerOf(request, this.world.account) ?? this.defaultCaller(),
      time: this.world.clock.now(),
    };
    const body = looseBody(request);
    const clientToken = body.clientToken ?? body.ClientToken;
    const resource = Object.values(pathMembers)[0] ?? body.name ?? body.Name ?? body.imageIdentifier;
    this.log.push({ ...call, clientToken, resource });
    return call;
  }

  private note(call: Call, more: Partial<LoggedCall>): void {
    // A reset may have emptied the log in the meantime.
    if (this.log[call.index]?.time === call.time) this.log[call.index] = { ...this.log[call.index], ...more };
  }

  private defaultCaller(): string {
    return `arn:aws:iam::${this.world.account}:user/caller`;
  }
}

function settingsOf({ operatorRole, configuration }: ConnectorVersion): Summary['connectors'][number]['latest'] {
  return {
    operatorRole,
    subnetIds: configuration.SubnetIds,
    securityGroupIds: configuration.SecurityGroupIds,
    elasticIps: configuration.ElasticIpConfiguration?.Type ?? 'None',
  };
}
