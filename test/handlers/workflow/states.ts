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
        const before = data;
        data = await this.enter(state, before);
        name = state.Type === 'Choice' ? this.choose(state, before) : state.Next;
      } catch (error) {
        const matches = ({ ErrorEquals: names }: any) => names.includes('States.ALL') || names.includes((error as Error).name);
        const caught: any = (state.Catch ?? []).find(matches);
        if (!caught) throw error;
        const errorOutput = { Error: (error as Error).name, ...(error as Error).message === '' ? {} : { Cause: (error as Error).message } };
        data = this.isJsonata(state)
          ? evaluated(caught.Output ?? '{% $states.errorOutput %}', { input: data, errorOutput })
          : put(data, caught.ResultPath, errorOutput);
        name = caught.Next;
      }
    }
    return data;
  }

  private isJsonata(state: any): boolean {
    return (state.QueryLanguage ?? this.definition.QueryLanguage) === 'JSONata';
  }

  private async enter(state: any, data: any): Promise<any> {
    if (this.isJsonata(state)) return this.enterJsonata(state, data);
    const input = state.InputPath ? at(data, state.InputPath) : data;
    switch (state.Type) {
      case 'Pass': return put(data, state.ResultPath, state.Parameters ? fill(state.Parameters, data) : state.Result ?? input);
      case 'Parallel': return put(data, state.ResultPath, await this.branches(state, data));
      case 'Fail': throw new StateError(state.Error, state.Cause);
      default: throw new Error(`the interpreter has no states of type ${state.Type} in JSONPath`);
    }
  }

  private async enterJsonata(state: any, input: any): Promise<any> {
    const output = (result: any) => evaluated(state.Output ?? (result === undefined ? '{% $states.input %}' : '{% $states.result %}'), { input, result });
    const unknown = Object.keys(state).find(key => ['InputPath', 'Parameters', 'ResultPath', 'OutputPath', 'ResultSelector'].includes(key));
    if (unknown) throw new Error(`a state in JSONata has no ${unknown}`);
    switch (state.Type) {
      case 'Pass': case 'Choice': return output(undefined);
      case 'Wait':
        this.pause(state.Seconds);
        return output(undefined);
      case 'Parallel': return output(await this.branches(state, input));
      case 'Task': return output(await this.retried(state, evaluated(state.Arguments, { input })));
      case 'Fail': throw new StateError(evaluated(state.Error, { input }), evaluated(state.Cause, { input }));
      default: throw new Error(`the interpreter has no states of type ${state.Type} in JSONata`);
    }
  }

  private async branches(state: any, data: any): Promise<unknown[]> {
    return Promise.all(state.Branches.map(async (branch: Definition) => this.run(data, branch)));
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

  private choose(state: any, input: any): string {
    return state.Choices.find((choice: any) => evaluated(choice.Condition, { input }) === true)?.Next ?? state.Default;
  }
}

export interface Definition {
  readonly QueryLanguage?: string;
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

/** Evaluates templates in JSONata, limited to expressions that are JavaScript too but for their `=`. */
function evaluated(template: any, states: object): any {
  if (Array.isArray(template)) return template.map(item => evaluated(item, states));
  if (template !== null && typeof template === 'object') {
    return Object.fromEntries(Object.entries(template).map(([key, value]) => [key, evaluated(value, states)]));
  }
  const [, expression] = typeof template === 'string' ? /^\{% (.*) %\}$/.exec(template) ?? [] : [];
  if (expression === undefined) return template;
  const functions = {
    $states: states, $merge: (objects: object[]) => Object.assign({}, ...objects), $exists: (value: unknown) => value !== undefined, $uuid: () => `uuid-${uuids++}`,
  };
  const value = new Function(...Object.keys(functions), `return (${expression.replace(/ = /g, ' === ')});`)(...Object.values(functions));
  if (value === undefined) throw new StateError('States.QueryEvaluationError', `${expression} is undefined`);
  return value;
}

let uuids = 0;

function fill(parameters: Record<string, any>, data: any): any {
  return Object.fromEntries(Object.entries(parameters).map(([key, value]) => {
    if (!key.endsWith('.$')) return [key, value !== null && typeof value === 'object' && !Array.isArray(value) ? fill(value, data) : value];
    return [key.slice(0, -2), value === 'States.UUID()' ? `uuid-${uuids++}` : at(data, value)];
  }));
}
