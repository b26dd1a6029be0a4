import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import { ValidationError } from '../private/errors';

/** The member of the data with the outputs of the branches of the body. */
export const OUTPUT_MEMBER = 'microvmOutput';
/** The member of the data with the error that was caught. */
export const ERROR_MEMBER = 'microvmError';

/** JSONata expression for the input of a state. */
export const JSONATA_INPUT = '{% $states.input %}';

/** Returns a JSONata expression for the input of a state with one more member. */
export function inputWith(member: string, expression: string): string {
  return `{% $merge([$states.input, {'${member}': ${expression}}]) %}`;
}

/** Fields of states that only JSONPath has. */
const JSONPATH_FIELDS = [
  'InputPath', 'Parameters', 'ResultSelector', 'ResultPath', 'OutputPath', 'ItemsPath', 'SecondsPath', 'TimestampPath', 'ErrorPath', 'CausePath',
];

export interface FragmentBodyProps {
  readonly stateName: string;
  /** The state that follows an error. */
  readonly onError: sfn.IChainable;
  /** Whether the payload of the fragment is in JSONPath. */
  readonly hasJsonPathPayload: boolean;
}

type StateJson = Readonly<Record<string, any>>;

/**
 * Runs the states of the user, and catches all of their errors.
 *
 * Its query language is that of the states in it. Whether states without a language of their own have that of the
 * state around them is not documented, so this state needs no answer: JSONPath is never inside JSONata.
 */
export class FragmentBody extends sfn.Parallel {
  public constructor(private readonly fragment: Construct, id: string, private readonly props: FragmentBodyProps) {
    super(fragment, id, { stateName: props.stateName, resultPath: `$.${OUTPUT_MEMBER}` });
    this.addCatch(props.onError, { resultPath: `$.${ERROR_MEMBER}` });
  }

  public override toStateJson(topLevelQueryLanguage?: sfn.QueryLanguage): object {
    const { ResultPath: resultPath, Catch: catchers, ...json }: StateJson = super.toStateJson(topLevelQueryLanguage);
    const machineInJsonata = topLevelQueryLanguage === sfn.QueryLanguage.JSONATA;
    if (machineInJsonata) this.rejectJsonPath(json.Branches);
    if (!machineInJsonata && !json.Branches.every(allInJsonata)) return { ...json, ResultPath: resultPath, Catch: catchers };
    return {
      ...json,
      ...machineInJsonata ? {} : { QueryLanguage: sfn.QueryLanguage.JSONATA },
      Output: inputWith(OUTPUT_MEMBER, '$states.result'),
      Catch: catchers.map(({ ResultPath: unused, ...catcher }: StateJson) => {
        void unused;
        return { ...catcher, Output: inputWith(ERROR_MEMBER, '$states.errorOutput') };
      }),
    };
  }

  /** The CDK renders states inside of another one as JSONPath, even if the state machine is in JSONata. */
  private rejectJsonPath(graphs: StateJson[]): void {
    if (this.props.hasJsonPathPayload) {
      throw new ValidationError('MicrovmStateMachineFragmentInvalid',
        "payload: contains a JSONPath, but the state machine is in JSONata; use an expression such as '{% $states.input.job %}'", this.fragment);
    }
    const [name] = graphs.flatMap(statesOf).find(([, state]) => isJsonPath(state)) ?? [];
    if (name === undefined) return;
    throw new ValidationError('MicrovmStateMachineFragmentInvalid',
      `body: state '${name}' is in JSONPath, but the state machine is in JSONata; create the state with its jsonata method`, this.fragment);
  }
}

function isJsonPath(state: StateJson): boolean {
  return state.QueryLanguage === undefined && JSONPATH_FIELDS.some(field => state[field] !== undefined);
}

function allInJsonata({ States: states }: StateJson): boolean {
  return Object.values<StateJson>(states).every(state => state.QueryLanguage === sfn.QueryLanguage.JSONATA);
}

/** Returns all states of a graph by name, including those inside of others. */
function statesOf({ States: states = {} }: StateJson): [string, StateJson][] {
  return Object.entries<StateJson>(states).flatMap(entry => {
    const [, { Branches: branches = [], ItemProcessor: processor = {}, Iterator: iterator = {} }] = entry;
    return [entry, ...[...branches, processor, iterator].flatMap(statesOf)] as [string, StateJson][];
  });
}
