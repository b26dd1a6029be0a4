import * as path from 'node:path';
import { LambdaMicrovmsClient } from '@aws-sdk/client-lambda-microvms';
import { naiveHandler } from './naive';
import type { Ledger } from '../../../src/handlers/microvm/ledger';
import { StackModel } from '../../histories/cloudformation';
import type { Parameters } from '../../histories/ledger';
import { TestBed } from '../../histories/test-bed';
import { VirtualBuilder } from '../../simulator/builder';
import { VirtualClock } from '../../simulator/clock';
import { InProcessHandler } from '../../simulator/in-process';
import type { Limits, Times } from '../../simulator/settings';
import { DEFAULT_TIMES } from '../../simulator/settings';
import { Simulator } from '../../simulator/simulator';

/** How long the service takes, in milliseconds. */
export interface ServiceTimes extends Pick<Times, 'launch' | 'imageDeletion' | 'connectorDeletion' | 'termination'> {
  readonly build: number;
  /** To create or update one. */
  readonly connector: number;
}

export const TYPICAL: ServiceTimes = { ...DEFAULT_TIMES, build: 150_000, connector: 240_000 };

/** A stack with its own clock and its own service, which counts the calls. */
export interface Trial {
  readonly clock: VirtualClock;
  readonly simulator: Simulator;
  readonly stack: StackModel;
  /** Calls to other services so far. */
  readonly otherCalls: readonly string[];
  /** Deletes the records of all launches. */
  readonly forgetLaunches?: () => Promise<void>;
}

export interface TrialLimits extends Partial<Limits> {
  /** How many stacks the account may describe in a second. */
  readonly describedStacks?: number;
}

/** An implementation that handles the resources of a stack. */
export type Implementation = (resourceType: string, times?: ServiceTimes, limits?: TrialLimits) => Trial;

/** Name of the image from which MicroVMs are launched. */
export const LAUNCHABLE = 'good';

/** The handlers of this library. */
export const ours: Implementation = (resourceType, { build, connector, ...times } = TYPICAL, { describedStacks = Infinity, ...limits } = {}) => {
  const otherCalls: string[] = [];
  const described: number[] = [];
  const testBed: TestBed = new TestBed({
    limits,
    times: { ...times, connectorCreation: connector, connectorUpdate: connector },
    buildPlan: () => ({ durationMs: build }),
    variant: {
      view: (view, scope) => {
        otherCalls.push('DescribeStackResource');
        if (scope === 'resource') return view;
        otherCalls.push('DescribeStacks');
        const now = testBed.clock.now();
        if (described.filter(at => at > now - 1_000).length >= describedStacks) throw Object.assign(new Error('Rate exceeded'), { name: 'Throttling' });
        described.push(now);
        return view;
      },
      launches: services => ({ ...services, ledger: noting(services.ledger, otherCalls) }),
    },
  });
  const { clock, simulator, parameters } = testBed;
  simulator.addForeignImage(LAUNCHABLE);
  return { clock, simulator, stack: testBed.stack('bench', resourceType), otherCalls, forgetLaunches: async () => forgetAll(parameters) };
};

async function forgetAll(parameters: Parameters): Promise<void> {
  for (const name of parameters.all().keys()) {
    const ledger = parameters.ledger(path.posix.dirname(name), async () => undefined);
    for (const launch of await ledger.launches()) await ledger.forget(launch);
  }
}

function noting(ledger: Ledger, calls: string[]): Ledger {
  const noted = <Given extends unknown[], Answer>(name: string, call: (...given: Given) => Promise<Answer>) => async (...given: Given) => {
    calls.push(name);
    return call(...given);
  };
  return {
    launches: noted('GetParametersByPath', ledger.launches),
    record: noted('PutParameter', ledger.record),
    write: noted('PutParameter', ledger.write),
    forget: noted('DeleteParameter', ledger.forget),
  };
}

/** The default poll interval of the Provider of the CDK. */
const DEFAULT_QUERY_INTERVAL = 5_000;

/** A simple handler with the Provider of the CDK and its defaults. */
export const naive: Implementation = (resourceType, { build, connector, ...times } = TYPICAL) => {
  const clock = new VirtualClock();
  const simulator = new Simulator({
    clock,
    times: { ...times, connectorCreation: connector, connectorUpdate: connector },
    builder: new VirtualBuilder({ clock, plan: () => ({ durationMs: build }) }),
  });
  simulator.addForeignImage(LAUNCHABLE);
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const client = new LambdaMicrovmsClient({ region: simulator.region, credentials, maxAttempts: 1, requestHandler: new InProcessHandler(simulator) });
  const stack = new StackModel('bench', resourceType, clock, () => naiveHandler(client), DEFAULT_QUERY_INTERVAL);
  return { clock, simulator, stack, otherCalls: [] };
};
