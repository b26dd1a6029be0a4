/** An interpreter of state machines for tests, limited to the states that this library uses. It takes no real time. */
export class StateMachine {
  /** The maximum number of states that an execution enters, so that a loop ends. */
  private steps = 500;

  public constructor(
    private readonly definition: Definition,
    private readonly invoke: (payload: any) => Promise<unknown>,
    private readonly pause: (seconds: number) => void,
  ) {}

  public async run(input: any, { StartAt: start, States: states }: Definition = this.definition): Promise<any> {
    let data = input;
    for (let name: string | undefined = start; name !== undefined;) {
      if (this.steps-- === 0) throw new StateError('States.Timeout', 'too many states');
      const state: any = states[name];
      try {
        data = await this.enter(state, data);
        name = state.Type === 'Choice' ? this.choose(state, data) : state.Next;
      } catch (error) {
        const matches = ({ ErrorEquals: names }: any) => names.includes('States.ALL') || names.includes((error as Error).name);
        const caught: any = (state.Catch ?? []).find(matches);
        if (!caught) throw error;
        data = put(data, caught.ResultPath, { Error: (error as Error).name, Cause: (error as Error).message });
        name = caught.Next;
      }
    }
    return data;
  }

  private async enter(state: any, data: any): Promise<any> {
    const input = state.InputPath ? at(data, state.InputPath) : data;
    switch (state.Type) {
      case 'Pass': return put(data, state.ResultPath, state.Parameters ? fill(state.Parameters, data) : state.Result ?? input);
      case 'Wait':
        this.pause(state.Seconds);
        return data;
      case 'Choice': return data;
      case 'Parallel': {
        const branches = state.Branches.map(async (branch: Definition) => this.run(data, branch));
        return put(data, state.ResultPath, await Promise.all(branches));
      }
      case 'Task': return put(data, state.ResultPath, await this.retried(state, fill(state.Parameters, data)));
      case 'Fail':
        throw new StateError(
          state.ErrorPath ? at(data, state.ErrorPath) : state.Error, state.CausePath ? at(data, state.CausePath) : state.Cause);
      default: throw new Error(`the interpreter has no states of type ${state.Type}`);
    }
  }

  private async retried(state: any, payload: any): Promise<unknown> {
    for (let attempt = 0; ; attempt++) {
      try {
        return await this.invoke(payload);
      } catch (error) {
        const retry = (state.Retry ?? []).find((clause: any) => clause.ErrorEquals.includes((error as Error).name));
        if (!retry || attempt >= retry.MaxAttempts) throw error;
        this.pause(retry.IntervalSeconds);
      }
    }
  }

  private choose(state: any, data: any): string {
    const chosen = state.Choices.find((choice: any) => at(data, choice.Variable) === choice.StringEquals);
    return chosen?.Next ?? state.Default;
  }
}

export interface Definition {
  readonly StartAt: string;
  readonly States: Record<string, any>;
}

export class StateError extends Error {
  public constructor(name: string, message: string) {
    super(message);
    this.name = name;
  }
}

function at(data: any, path: string): any {
  return path.replace(/^\$\.?/, '').split(/[.[\]]+/).filter(part => part !== '').reduce((value, part) => value[part], data);
}

function put(data: any, path: string | null | undefined, value: unknown): any {
  if (path === null) return data;
  return path === undefined || path === '$' ? value : { ...data, [path.slice(2)]: value };
}

let uuids = 0;

function fill(parameters: Record<string, any>, data: any): any {
  return Object.fromEntries(Object.entries(parameters).map(([key, value]) => {
    if (!key.endsWith('.$')) return [key, value];
    return [key.slice(0, -2), value === 'States.UUID()' ? `uuid-${uuids++}` : at(data, value)];
  }));
}
