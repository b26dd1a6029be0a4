import type { PollEvent, OperationDescription } from '../../../src/handlers/engine/event';
import type { Operation } from '../../../src/handlers/engine/operation';
import type { Owner } from '../../../src/handlers/engine/owner';

export const NOW = Date.UTC(2026, 10, 23);
export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;

export const STACK_ID = 'arn:aws:cloudformation:us-east-1:123456789012:stack/app/0f2c';
export const OWNER: Owner = { stackId: STACK_ID, logicalId: 'Sandbox' };
export const ANOTHER_OWNER: Owner = { stackId: STACK_ID.replace('app', 'other'), logicalId: 'Theirs' };

/** IDs of the current operation and of an earlier one. */
export const THIS_OPERATION = 'abcdef012345';
export const EARLIER_OPERATION = '012345abcdef';

/** Returns a forward update, half an hour before its deadline. */
export function operation(more: Partial<Operation> = {}): Operation {
  return {
    type: 'Update',
    id: THIS_OPERATION,
    clientToken: 'first token',
    paceKey: 'first token',
    secondClientToken: 'second token',
    phase: 'forward',
    startedAt: NOW - 20 * MINUTE,
    now: NOW,
    mayFollowAnother: false,
    inGrace: false,
    rolesMayBeFresh: false,
    timeoutSeconds: 3000,
    endsSoon: false,
    expired: false,
    ...more,
  };
}

/** A service that answers the calls that a test expects, and records all calls. Any other call fails. */
export class FakeService<Service> {
  public readonly calls: string[] = [];
  public readonly service: Service;

  public constructor(methods: (keyof Service & string)[], answers: Partial<Service>) {
    const calls = methods.map(name => [name, async (...args: unknown[]) => {
      this.calls.push(name);
      const answer = answers[name] as ((...args: unknown[]) => unknown) | undefined;
      if (!answer) throw new Error(`the test does not expect the call ${name}`);
      return answer(...args);
    }]);
    this.service = Object.fromEntries(calls);
  }
}

export class FakeClock {
  public constructor(public time = NOW) {}

  public now(): number {
    return this.time;
  }

  public async sleep(milliseconds: number): Promise<void> {
    this.time += milliseconds;
  }
}

/** Returns an error as the SDK throws it. */
export function serviceError(name: string, message: string): Error {
  return Object.assign(new Error(message), { name });
}

export interface PollCircumstancesOf<Properties> extends Partial<Omit<PollEvent, 'ResourceProperties' | 'OldResourceProperties' | 'Operation'>> {
  readonly ResourceProperties?: Partial<Properties>;
  readonly OldResourceProperties?: Partial<Properties>;
  readonly Operation?: Partial<OperationDescription>;
}

/** Returns a poll of a forward update that has just begun. */
export function pollEventOf<Properties>(
  resourceType: string, physicalId: string, properties: (more?: Partial<Properties>) => Properties, more: PollCircumstancesOf<Properties>,
): PollEvent<Properties> {
  const { ResourceProperties: wanted, OldResourceProperties: old, Operation: described, ...rest } = more;
  return {
    RequestType: 'Update',
    RequestId: 'request',
    StackId: STACK_ID,
    LogicalResourceId: 'Sandbox',
    ResourceType: resourceType,
    PhysicalResourceId: physicalId,
    ResourceProperties: properties(wanted),
    ...(rest.RequestType === 'Create' || rest.RequestType === 'Delete' ? {} : { OldResourceProperties: properties(old) }),
    Operation: { Id: 'request@time', Phase: 'forward', StartedAt: NOW, RequestPhysicalId: physicalId, ...described },
    ...rest,
  };
}
