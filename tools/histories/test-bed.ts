import { AsyncLocalStorage } from 'node:async_hooks';
import { Readable } from 'node:stream';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { LambdaMicrovmsClient } from '@aws-sdk/client-lambda-microvms';
import type { CallLog } from './calls';
import { StackModel, withoutPolicy } from './cloudformation';
import type { LedgerFaults } from './ledger';
import { Parameters } from './ledger';
import { functionRole, REGION, templateRole } from './roles';
import type { LastingFault, ListFaults } from './service-faults';
import { ServiceFaults } from './service-faults';
import type { NetworkConnectorService } from '../../src/handlers/connector/service';
import { NetworkConnectorClient } from '../../src/handlers/connector/service';
import { CallLimits, WORK_LIMIT } from '../../src/handlers/engine/calls';
import type { PollEvent, ResourceEvent } from '../../src/handlers/engine/event';
import { currentPhase } from '../../src/handlers/engine/fence';
import { operationOf } from '../../src/handlers/engine/operation';
import { Pace } from '../../src/handlers/engine/pace';
import type { StackView } from '../../src/handlers/engine/stack';
import type { Handler, Dependencies } from '../../src/handlers/handler';
import { createHandler } from '../../src/handlers/handler';
import type { MicrovmImageService } from '../../src/handlers/image/service';
import { BaseImageClient, MicrovmImageClient } from '../../src/handlers/image/service';
import type { LaunchServices, MicrovmService } from '../../src/handlers/microvm/service';
import { MicrovmClient, MicrovmLogsClient } from '../../src/handlers/microvm/service';
import { serviceAvailability } from '../../src/handlers/region';
import { ACCOUNT } from '../../test/support/stacks';
import type { Call } from '../permissions/principal';
import { denialByIdentity } from '../simulator/arns';
import { VirtualBuilder } from '../simulator/builder';
import type { BuildRequest, BuildPlan, LaunchRequest } from '../simulator/builder';
import { VirtualClock } from '../simulator/clock';
import type { FaultPlan, ConnectorOutcome } from '../simulator/faults';
import { faultsFrom } from '../simulator/faults';
import { InProcessHandler } from '../simulator/in-process';
import type { ClientRequest, ClientResponse } from '../simulator/in-process';
import type { VpcEgress } from '../simulator/rows';
import type { Limits, Times } from '../simulator/settings';
import { Simulator } from '../simulator/simulator';

const SETTINGS = { region: REGION, maxAttempts: 1, credentials: { accessKeyId: 'test', secretAccessKey: 'test' } };

/** Name of a log stream for the builds of all of the first versions. */
const STREAM = `sandbox${[...Array(30).keys()].map(version => `[${version + 1}.0]`).join('')}`;

/** The invocation in which a call is made. */
const invocations = new AsyncLocalStorage<{ callsLeft: number }>();

/** Returns before each call. In an invocation that crashes, the last call never returns. */
async function beforeCall(): Promise<void> {
  const invocation = invocations.getStore();
  if (invocation && invocation.callsLeft-- <= 0) await new Promise(() => undefined);
}

/** Switches a rule off by changing what the handler receives: the rules themselves have no switches. */
export interface Variant {
  readonly event?: (event: PollEvent) => PollEvent;
  readonly view?: (view: StackView, scope: 'all' | 'resource') => StackView;
  readonly images?: (service: MicrovmImageService, event: PollEvent) => MicrovmImageService;
  readonly connectors?: (service: NetworkConnectorService, event: PollEvent) => NetworkConnectorService;
  readonly launches?: (services: LaunchServices, event: PollEvent) => LaunchServices;
}

/** Looks that CloudFormation throttles. They are counted from 0, those of `onEvent` and of polls apart. */
export interface LostLooks {
  readonly onEvent?: readonly number[];
  readonly polls?: readonly number[];
  /** Invocations of `onEvent` that lose all of their looks. */
  readonly blindOnEvents?: readonly number[];
  /** The share of the looks of polls that are lost besides, from 0 to 1. */
  readonly shareOfPolls?: number;
}

export interface TestBedOptions {
  readonly faults?: FaultPlan;
  readonly buildPlan?: (request: BuildRequest) => BuildPlan | undefined;
  /** The outcome of the creation or update of a connector. */
  readonly connectorOutcome?: (configuration: VpcEgress) => ConnectorOutcome | undefined;
  /** Why a MicroVM terminates early. Undefined: it does not. */
  readonly launchFailure?: (request: LaunchRequest) => string | undefined;
  /** The status of an endpoint's answers. Undefined: the endpoint does not answer. */
  readonly answerOfEndpoint?: (endpoint: string) => number | undefined;
  readonly ledgerFaults?: LedgerFaults;
  readonly limits?: Partial<Limits>;
  readonly times?: Partial<Times>;
  readonly variant?: Variant;
  /** Records the calls. */
  readonly calls?: CallLog;
  /** Whether CloudFormation shows the handler nothing about its stack. */
  readonly hidesStack?: boolean;
  readonly lostLooks?: LostLooks;
  /** How old the statuses and times are that CloudFormation shows. */
  readonly viewLagMs?: number;
  readonly lastingFaults?: readonly LastingFault[];
  readonly lists?: ListFaults;
}

/** Connects the real handler to the simulated service and to the model of CloudFormation, with a virtual clock. */
export class TestBed {
  public readonly clock = new VirtualClock();
  public readonly simulator: Simulator;
  public readonly parameters: Parameters;
  public readonly serviceFaults: ServiceFaults;
  public fencedPolls = 0;
  /** The calls that the roles of the templates did not allow. */
  public readonly denials: string[] = [];
  private readonly stacks = new Map<string, StackModel>();
  private readonly clients = new Map<string, LambdaMicrovmsClient>();
  /** What the handler's container remembers. */
  private readonly pace = new Pace();
  private readonly container = { egressOf: new Map(), incompleteLists: new Map() };
  private randomState = 1;
  private readonly looks = { onEvent: 0, polls: 0, lost: 0 };
  private onEvents = 0;
  private readonly operationStarts = new Map<string, number>();
  private readonly watchers: (() => void)[] = [];

  public constructor(private readonly options: TestBedOptions = {}) {
    this.parameters = new Parameters(this.clock, options.ledgerFaults);
    this.serviceFaults = new ServiceFaults(this.clock, () => this.simulator, options.lastingFaults, options.lists);
    this.simulator = new Simulator({
      clock: this.clock,
      region: REGION,
      account: ACCOUNT,
      builder: new VirtualBuilder({ clock: this.clock, plan: options.buildPlan, launchFailure: options.launchFailure }),
      faults: { ...options.faults && faultsFrom(options.faults), connector: (_, __, configuration) => options.connectorOutcome?.(configuration) },
      limits: options.limits,
      times: options.times,
      authorize: async (action, resource, context, caller) => {
        const calls = [{ action, resource, context }, ...callsForCaller(action)];
        return calls.reduce<string | undefined>((denial, call) => denial ?? this.denial(caller, call), undefined);
      },
    });
  }

  /** Runs a function after each answer of the service. */
  public watch(watcher: () => void): void {
    this.watchers.push(watcher);
  }

  /** Returns how many faults have been injected so far. */
  public faultCount(): number {
    const calls = this.simulator.calls().filter(({ fault }) => fault !== undefined).length;
    return calls + this.looks.lost + this.serviceFaults.answered + this.parameters.faultCount;
  }

  /** Returns when the request of the operation with this ID arrived. */
  public operationStart(id: string): number | undefined {
    return this.operationStarts.get(id);
  }

  public stack(name: string, resourceType: string | Readonly<Record<string, string>>): StackModel {
    const stack = new StackModel(name, resourceType, this.clock, crash => this.invocation(crash));
    this.stacks.set(stack.id, stack);
    return stack;
  }

  /** Returns a handler for one invocation, with its own clients and time limit. */
  private invocation(crashBeforeCall = Infinity): Handler {
    return async event => {
      const given = 'Operation' in event ? this.options.variant?.event?.(event) ?? event : event;
      if ('Operation' in given) this.recordStart(given as PollEvent);
      return invocations.run({ callsLeft: crashBeforeCall }, async () => createHandler(() => this.dependencies(given), this.pace)(given));
    };
  }

  private recordView(event: PollEvent, view: StackView): void {
    if (currentPhase(event, view) === undefined) this.fencedPolls++;
    else this.recordStart(event, view.stackTime);
  }

  private recordStart(event: PollEvent, stackTime?: string): void {
    const { id, startedAt } = operationOf(event, 0, this.clock.now(), { stackTime });
    // A second delivery arrives later.
    if (!this.operationStarts.has(id)) this.operationStarts.set(id, startedAt);
  }

  private dependencies(event: ResourceEvent | PollEvent): Dependencies {
    const { clock, options } = this;
    const ownRole = functionRole(event.StackId);
    const limits = new CallLimits(clock, clock.now() + WORK_LIMIT);
    const onEvent = 'Operation' in event ? undefined : this.onEvents++;
    return {
      clock,
      random: () => this.random(),
      log: () => undefined,
      isServiceAvailable: serviceAvailability(this.clientOf(ownRole), limits, clock),
      viewStack: async (stackId, logicalId, scope) => {
        await beforeCall();
        await clock.sleep(30);
        const actions = ['DescribeStackResource', ...scope === 'all' ? ['DescribeStacks'] : []];
        for (const action of actions) this.authorize(ownRole, `cloudformation:${action}`, stackId);
        if (options.hidesStack) return {};
        if (this.isLost(onEvent)) throw Object.assign(new Error('Rate exceeded'), { name: 'ThrottlingException' });
        const { stackStatus, stackTime, ...resource } = this.stacks.get(stackId)!.view(logicalId, clock.now() - (options.viewLagMs ?? 0));
        const observed = scope === 'all' ? { stackStatus, stackTime, ...resource } : resource;
        const view = options.variant?.view?.(observed, scope) ?? observed;
        if ('Operation' in event) this.recordView(event, view);
        return view;
      },
      baseImages: new BaseImageClient(this.clientOf(ownRole), limits),
      images: async roleArn => {
        this.assume(roleArn, ownRole, event.StackId);
        const service = new MicrovmImageClient(this.clientOf(roleArn), this.logsFor(roleArn), limits);
        return 'Operation' in event ? options.variant?.images?.(service, event) ?? service : service;
      },
      connectors: async roleArn => {
        this.assume(roleArn, ownRole, event.StackId);
        const service = new NetworkConnectorClient(this.clientOf(roleArn), limits, this.container.egressOf, this.container.incompleteLists);
        return 'Operation' in event ? options.variant?.connectors?.(service, event) ?? service : service;
      },
      launches: async (roleArn, _, path) => {
        this.assume(roleArn, ownRole, event.StackId);
        const client = bound<MicrovmService>(new MicrovmClient(this.clientOf(roleArn), limits, clock));
        const microvms: MicrovmService = { ...client, get: async url => this.requestEndpoint(url) };
        const ledger = this.parameters.ledger(path, async (action, name) => this.beforeLedgerCall(roleArn, action, name));
        const services: LaunchServices = { microvms, ledger, logs: new MicrovmLogsClient(this.logsFor(roleArn), limits) };
        return 'Operation' in event ? options.variant?.launches?.(services, event) ?? services : services;
      },
    };
  }

  /** Whether CloudFormation throttles the next look of an invocation, which is one of `onEvent` or a poll. */
  private isLost(onEvent: number | undefined): boolean {
    const { onEvent: inOnEvent = [], polls = [], blindOnEvents = [], shareOfPolls = 0 } = this.options.lostLooks ?? {};
    const nth = onEvent === undefined ? this.looks.polls++ : this.looks.onEvent++;
    const isLost = onEvent === undefined
      ? polls.includes(nth) || isInShare(nth, shareOfPolls)
      : inOnEvent.includes(nth) || blindOnEvents.includes(onEvent);
    if (isLost) this.looks.lost++;
    return isLost;
  }

  /** Assumes the role of a resource. A role that has been deleted cannot be assumed. */
  private assume(roleArn: string, ownRole: string, stackId: string): void {
    if (!this.stacks.get(stackId)!.roles.has(withoutPolicy(roleArn))) {
      throw Object.assign(new Error(denialByIdentity(ownRole, 'sts:AssumeRole', roleArn)), { name: 'AccessDenied' });
    }
    this.options.calls?.recordAssumed(templateRole(roleArn), ownRole);
  }

  private async beforeLedgerCall(roleArn: string, action: string, name: string): Promise<void> {
    await beforeCall();
    this.authorize(roleArn, `ssm:${action}`, `arn:aws:ssm:${REGION}:${ACCOUNT}:parameter${name}`);
  }

  /** Throws the error of AWS if the role does not allow the action. */
  private authorize(roleArn: string, action: string, resource: string): void {
    const message = this.denial(roleArn, { action, resource, context: {} });
    if (message !== undefined) throw Object.assign(new Error(message), { name: 'AccessDeniedException' });
  }

  private denial(roleArn: string, call: Call): string | undefined {
    const role = templateRole(roleArn);
    const isAllowed = role.principal.may(call);
    if (isAllowed) this.options.calls?.record(role, call);
    if (isAllowed) return undefined;
    const message = denialByIdentity(roleArn, call.action, call.resource);
    this.denials.push(message);
    return message;
  }

  private async requestEndpoint(url: string): Promise<number> {
    await beforeCall();
    await this.clock.sleep(50);
    const status = this.options.answerOfEndpoint?.(new URL(url).host);
    if (status === undefined) throw new Error('no answer');
    return status;
  }

  /** Returns one client for each role, because creating a client takes longer than many calls. */
  private clientOf(roleArn: string): LambdaMicrovmsClient {
    const known = this.clients.get(roleArn);
    if (known !== undefined) return known;
    const tellWatchers = () => this.watchers.forEach(watcher => watcher());
    const requestHandler = new FaultyHandler(this.simulator, roleArn, this.serviceFaults, tellWatchers);
    const client = new LambdaMicrovmsClient({ ...SETTINGS, requestHandler });
    this.clients.set(roleArn, client);
    return client;
  }

  /** Returns a client for log groups whose streams, of builds and of MicroVMs, have no lines. */
  private logsFor(roleArn: string): CloudWatchLogsClient {
    const handle = async ({ headers, body }: ClientRequest): Promise<ClientResponse> => {
      await beforeCall();
      const action = headers['x-amz-target'].split('.')[1];
      const { logGroupName, logStreamName = '' } = JSON.parse(Buffer.from(body as Uint8Array).toString()) as Record<string, string>;
      this.authorize(roleArn, `logs:${action}`, `arn:aws:logs:${REGION}:${ACCOUNT}:log-group:${logGroupName}:log-stream:${logStreamName}`);
      const streams = [STREAM, ...this.simulator.microvms().map(({ id }) => id)];
      const logStreams = streams.map(name => ({ logStreamName: name, creationTime: this.clock.now() }));
      const answer = Readable.from([Buffer.from(JSON.stringify({ logStreams, events: [] }))]);
      return { response: { statusCode: 200, headers: { 'content-type': 'application/x-amz-json-1.1' }, body: answer } };
    };
    return new CloudWatchLogsClient({ ...SETTINGS, requestHandler: { handle } });
  }

  private random(): number {
    this.randomState = (this.randomState * 48271) % 2147483647;
    return this.randomState / 2147483647;
  }
}

/**
 * Returns what the service may do with the permissions of its caller. Sources of AWS disagree, so only histories
 * require these permissions, and not the simulator.
 */
function callsForCaller(action: string): Call[] {
  const placement = ['ec2:DescribeSubnets', 'ec2:DescribeSecurityGroups'].map(name => ({ action: name, resource: '*', context: {} }));
  if (action === 'lambda:UpdateNetworkConnector') return placement;
  if (action !== 'lambda:CreateNetworkConnector') return [];
  return [...placement, {
    action: 'iam:CreateServiceLinkedRole',
    resource: `arn:aws:iam::${ACCOUNT}:role/aws-service-role/lambda.amazonaws.com/AWSServiceRoleForLambda`,
    context: { 'iam:AWSServiceName': 'lambda.amazonaws.com' },
  }];
}

export function imageArn(name: string): string {
  return `arn:aws:lambda:${REGION}:${ACCOUNT}:microvm-image:${name}`;
}

/** Whether a number belongs to a share of all numbers, chosen as if at random. */
function isInShare(number: number, share: number): boolean {
  return ((number + 1) * 48271) % 2147483647 % 1000 < share * 1000;
}

class FaultyHandler extends InProcessHandler {
  public constructor(simulator: Simulator, caller: string, private readonly faults: ServiceFaults, private readonly afterAnswer: () => void) {
    super(simulator, { caller });
  }

  public async handle(request: ClientRequest): Promise<ClientResponse> {
    await beforeCall();
    try {
      return await this.faults.handle(request, async served => super.handle(served));
    } finally {
      this.afterAnswer();
    }
  }
}

/** Returns the methods of a service as own members, so that single ones can be replaced. */
export function bound<T extends object>(service: T): T {
  const methods = Object.getOwnPropertyNames(Object.getPrototypeOf(service)).filter(name => name !== 'constructor');
  return Object.fromEntries(methods.map(name => [name, (service as Record<string, any>)[name].bind(service)])) as T;
}
