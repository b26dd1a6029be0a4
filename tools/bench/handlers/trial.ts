import { LambdaMicrovmsClient } from '@aws-sdk/client-lambda-microvms';
import { naiveHandler } from './naive';
import type { Ledger } from '../../../src/handlers/microvm/ledger';
import { StackModel } from '../../histories/cloudformation';
import { TestBed } from '../../histories/test-bed';
import { VirtualBuilder } from '../../simulator/builder';
import { VirtualClock } from '../../simulator/clock';
import { InProcessHandler } from '../../simulator/in-process';
import type { Limits } from '../../simulator/settings';
import { Simulator } from '../../simulator/simulator';

/** How long the service takes, in milliseconds. */
export interface ServiceTimes {
  readonly build: number;
  readonly connector: number;
  readonly launch: number;
}

export const TYPICAL: ServiceTimes = { build: 150_000, connector: 240_000, launch: 2_000 };

/** A stack with its own clock, and with its own service that records the calls. */
export interface Trial {
  readonly clock: VirtualClock;
  readonly simulator: Simulator;
  readonly stack: StackModel;
  /** Calls to other services so far. */
  readonly otherCalls: readonly string[];
}

/** Creates a trial with one of the handlers that are compared. */
export type Contender = (resourceType: string, times?: ServiceTimes, limits?: Partial<Limits>) => Trial;

/** The image that MicroVMs are launched from. */
export const LAUNCHABLE = 'good';

/** The handlers of this library. */
export const ours: Contender = (resourceType, { build, connector, launch } = TYPICAL, limits = {}) => {
  const otherCalls: string[] = [];
  const testBed = new TestBed({
    limits,
    times: { connectorCreation: connector, connectorUpdate: connector, launch },
    buildPlan: () => ({ durationMs: build }),
    variant: {
      view: view => {
        otherCalls.push('DescribeStacks', 'DescribeStackResource');
        return view;
      },
      launches: services => ({ ...services, ledger: recording(services.ledger, otherCalls) }),
    },
  });
  testBed.simulator.addForeignImage(LAUNCHABLE);
  return { clock: testBed.clock, simulator: testBed.simulator, stack: testBed.stack('bench', resourceType), otherCalls };
};

function recording(ledger: Ledger, calls: string[]): Ledger {
  const recorded = <Given extends unknown[], Answer>(name: string, call: (...given: Given) => Promise<Answer>) => async (...given: Given) => {
    calls.push(name);
    return call(...given);
  };
  return {
    launches: recorded('GetParametersByPath', ledger.launches),
    record: recorded('PutParameter', ledger.record),
    write: recorded('PutParameter', ledger.write),
    forget: recorded('DeleteParameter', ledger.forget),
  };
}

/** The default interval of the polls of CDK's Provider, in milliseconds. */
const DEFAULT_QUERY_INTERVAL = 5_000;

/** A naive handler with CDK's Provider and its defaults. */
export const naive: Contender = (resourceType, { build, connector, launch } = TYPICAL) => {
  const clock = new VirtualClock();
  const simulator = new Simulator({
    clock,
    times: { connectorCreation: connector, connectorUpdate: connector, launch },
    builder: new VirtualBuilder({ clock, plan: () => ({ durationMs: build }) }),
  });
  simulator.addForeignImage(LAUNCHABLE);
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const client = new LambdaMicrovmsClient({ region: simulator.region, credentials, maxAttempts: 1, requestHandler: new InProcessHandler(simulator) });
  const stack = new StackModel('bench', resourceType, clock, () => naiveHandler(client), DEFAULT_QUERY_INTERVAL);
  return { clock, simulator, stack, otherCalls: [] };
};
