import { AsyncLocalStorage } from 'node:async_hooks';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { LambdaMicrovmsClient } from '@aws-sdk/client-lambda-microvms';
import { StackModel } from './cloudformation';
import type { LedgerFaults } from './ledger';
import { Parameters } from './ledger';
import type { BuildRequest, BuildPlan, LaunchRequest } from '../../integ/local/simulator/builder';
import { VirtualBuilder } from '../../integ/local/simulator/builder';
import { VirtualClock } from '../../integ/local/simulator/clock';
import { faultsFrom } from '../../integ/local/simulator/faults';
import type { FaultPlan, ConnectorOutcome } from '../../integ/local/simulator/faults';
import type { ClientRequest, ClientResponse } from '../../integ/local/simulator/in-process';
import { InProcessHandler } from '../../integ/local/simulator/in-process';
import type { VpcEgress } from '../../integ/local/simulator/rows';
import type { Limits } from '../../integ/local/simulator/settings';
import { Simulator } from '../../integ/local/simulator/simulator';
import type { NetworkConnectorService } from '../../src/handlers/connector/service';
import { NetworkConnectorClient } from '../../src/handlers/connector/service';
import { OWNER_RESOURCE_TAG, OWNER_STACK_TAG } from '../../src/handlers/contract';
import type { PollEvent, ResourceEvent } from '../../src/handlers/event';
import type { Handler, World } from '../../src/handlers/handler';
import { createHandler } from '../../src/handlers/handler';
import type { MicrovmImageService } from '../../src/handlers/image/service';
import { BaseImageClient, MicrovmImageClient } from '../../src/handlers/image/service';
import type { LaunchServices, MicrovmService } from '../../src/handlers/microvm/service';
import { MicrovmClient } from '../../src/handlers/microvm/service';
import type { StackView } from '../../src/handlers/operation';
import { isCurrent } from '../../src/handlers/operation';
import { CallLimits, WORK_LIMIT } from '../../src/handlers/service';

export const REGION = 'us-east-1';
export const ACCOUNT = '123456789012';
const PROVIDER_ROLE = `arn:aws:iam::${ACCOUNT}:role/provider`;

const SETTINGS = { region: REGION, maxAttempts: 1, credentials: { accessKeyId: 'test', secretAccessKey: 'test' } };
const NO_LOGS = new CloudWatchLogsClient({ ...SETTINGS, requestHandler: { handle: async () => { throw new Error('the model has no logs'); } } });

/** The invocation that a call belongs to, wherever it is made. */
const invocations = new AsyncLocalStorage<{ callsLeft: number }>();

/** An invocation that is to crash never comes back from its last call. */
async function beforeCall(): Promise<void> {
  const invocation = invocations.getStore();
  if (invocation && invocation.callsLeft-- <= 0) await new Promise(() => undefined);
}

/** Ways to switch a rule off, by what the handler gets to see: the rules themselves have no switches. */
export interface Variant {
  readonly event?: (event: PollEvent) => PollEvent;
  readonly view?: (view: StackView) => StackView;
  readonly images?: (service: MicrovmImageService, event: PollEvent) => MicrovmImageService;
  readonly connectors?: (service: NetworkConnectorService, event: PollEvent) => NetworkConnectorService;
  readonly launches?: (services: LaunchServices, event: PollEvent) => LaunchServices;
}

export interface LabOptions {
  readonly faults?: FaultPlan;
  readonly buildPlan?: (request: BuildRequest) => BuildPlan | undefined;
  /** What comes of a connector, or of a change of one. */
  readonly connectorOutcome?: (configuration: VpcEgress) => ConnectorOutcome | undefined;
  /** Why a launch ends early. */
  readonly launchFailure?: (request: LaunchRequest) => string | undefined;
  /** The status that an endpoint answers with; undefined: nothing answers. */
  readonly answerOfEndpoint?: (endpoint: string) => number | undefined;
  readonly ledgerFaults?: LedgerFaults;
  readonly limits?: Partial<Limits>;
  readonly variant?: Variant;
  /** CloudFormation tells the handler nothing about its stack. */
  readonly blindfolded?: boolean;
}

/** A place where the real handler meets the simulated service and the model of CloudFormation, on a clock of its own. */
export class Lab {
  public readonly clock = new VirtualClock();
  public readonly simulator: Simulator;
  public readonly parameters: Parameters;
  public fencedPolls = 0;
  private readonly stacks = new Map<string, StackModel>();
  private readonly clients = new Map<string, LambdaMicrovmsClient>();
  private randomState = 1;

  public constructor(private readonly options: LabOptions = {}) {
    this.parameters = new Parameters(this.clock, options.ledgerFaults);
    this.simulator = new Simulator({
      clock: this.clock,
      region: REGION,
      account: ACCOUNT,
      builder: new VirtualBuilder({ clock: this.clock, plan: options.buildPlan, launchFailure: options.launchFailure }),
      faults: { ...options.faults && faultsFrom(options.faults), connector: (_, __, configuration) => options.connectorOutcome?.(configuration) },
      limits: options.limits,
    });
  }

  public stack(name: string, resourceType: string): StackModel {
    const stack = new StackModel(name, resourceType, this.clock, crash => this.invocation(crash));
    this.stacks.set(stack.id, stack);
    return stack;
  }

  /** A handler for one invocation, with its own connections and time limit. */
  private invocation(crashBeforeCall = Infinity): Handler {
    return async event => {
      const given = 'Operation' in event ? this.options.variant?.event?.(event) ?? event : event;
      return invocations.run({ callsLeft: crashBeforeCall }, async () => createHandler(() => this.world(given))(given));
    };
  }

  private world(event: ResourceEvent | PollEvent): World {
    const { clock, options } = this;
    const limits = new CallLimits(clock, clock.now() + WORK_LIMIT);
    return {
      clock,
      random: () => this.random(),
      viewStack: async (stackId, logicalId) => {
        await beforeCall();
        await clock.sleep(30);
        if (options.blindfolded) return {};
        const seen = this.stacks.get(stackId)!.view(logicalId);
        const view = options.variant?.view?.(seen) ?? seen;
        if ('Operation' in event && !isCurrent(event, view)) this.fencedPolls++;
        return view;
      },
      baseImages: new BaseImageClient(this.clientOf(PROVIDER_ROLE), limits),
      images: async roleArn => {
        const service = new MicrovmImageClient(this.clientOf(roleArn), NO_LOGS, limits);
        return 'Operation' in event ? options.variant?.images?.(service, event) ?? service : service;
      },
      connectors: async roleArn => {
        const service = new NetworkConnectorClient(this.clientOf(roleArn), limits, new Map());
        return 'Operation' in event ? options.variant?.connectors?.(service, event) ?? service : service;
      },
      launches: async (roleArn, _, path) => {
        const client = bound<MicrovmService>(new MicrovmClient(this.clientOf(roleArn), limits, clock));
        const microvms: MicrovmService = { ...client, get: async url => this.askEndpoint(url) };
        const services: LaunchServices = { microvms, ledger: this.parameters.ledger(path, beforeCall) };
        return 'Operation' in event ? options.variant?.launches?.(services, event) ?? services : services;
      },
    };
  }

  private async askEndpoint(url: string): Promise<number> {
    await beforeCall();
    await this.clock.sleep(50);
    const status = this.options.answerOfEndpoint?.(new URL(url).host);
    if (status === undefined) throw new Error('no answer');
    return status;
  }

  /** One client for each role: making one takes longer than many calls. */
  private clientOf(roleArn: string): LambdaMicrovmsClient {
    const client = this.clients.get(roleArn) ?? new LambdaMicrovmsClient({ ...SETTINGS, requestHandler: new RoleHandler(this.simulator, roleArn) });
    this.clients.set(roleArn, client);
    return client;
  }

  private random(): number {
    this.randomState = (this.randomState * 48271) % 2147483647;
    return this.randomState / 2147483647;
  }
}

export function imageArn(name: string): string {
  return `arn:aws:lambda:${REGION}:${ACCOUNT}:microvm-image:${name}`;
}

/** The role that a stack gives the resource of an image; it may act on that image only. */
export function handlerRoleArn(imageName: string): string {
  return `arn:aws:iam::${ACCOUNT}:role/handler-of-${imageName}`;
}

/** The role that a stack gives the resource of a connector; it may change what carries the tags of this resource. */
export function connectorHandlerRoleArn(stackId: string, logicalId: string): string {
  return `arn:aws:iam::${ACCOUNT}:role/${stackId.split('/')[1]}-handler-of-connector-${logicalId}`;
}

/** Calls with a role, which may act on its own image only, or change its own connector only. */
class RoleHandler extends InProcessHandler {
  public constructor(private readonly world: Simulator, private readonly roleArn: string) {
    super(world, { caller: roleArn });
  }

  public async handle(request: ClientRequest): Promise<ClientResponse> {
    await beforeCall();
    const path = decodeURIComponent(request.path);
    if (!this.mayActOnImage(path) || (request.method !== 'GET' && !this.mayChangeConnector(path))) {
      throw Object.assign(new Error(`${this.roleArn} may not ${request.method} ${path}`), { name: 'AccessDeniedException' });
    }
    return super.handle(request);
  }

  private mayActOnImage(path: string): boolean {
    const [, name] = /microvm-image:([^/?]+)/.exec(path) ?? [];
    return name === undefined || this.roleArn === PROVIDER_ROLE || this.roleArn === handlerRoleArn(name);
  }

  private mayChangeConnector(path: string): boolean {
    const [, id] = /network-connector:([^/?:]+)/.exec(path) ?? [];
    const tags = this.world.connectors().find(connector => connector.id === id)?.tags;
    return tags === undefined || this.roleArn === connectorHandlerRoleArn(tags[OWNER_STACK_TAG] ?? '', tags[OWNER_RESOURCE_TAG] ?? '');
  }
}

/** Its methods as members of their own, so that single ones can be replaced. */
export function bound<T extends object>(service: T): T {
  const methods = Object.getOwnPropertyNames(Object.getPrototypeOf(service)).filter(name => name !== 'constructor');
  return Object.fromEntries(methods.map(name => [name, (service as Record<string, any>)[name].bind(service)])) as T;
}
