import type { Stack } from 'aws-cdk-lib';
import { Duration } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { EXECUTION_ROLE, IMAGE, jsonataBody, managed, OTHER_IMAGE, testFragment, testLauncher } from './support';
import { MicrovmStateMachineFragment } from '../../src';
import { expectAnswers } from '../support/iam';
import { ResolvedTemplate } from '../support/template';

jest.mock('../../src/private/bundle', () => jest.requireActual('../support/no-bundle'));

test('the function of a fragment may launch and terminate MicroVMs of the launcher, and nothing else', async () => {
  const policies = ResolvedTemplate.stack(testFragment().stack).policiesOf('SandboxedRole');
  const on = (resource: string, ...actions: string[]) => actions.map(action => ({ action, resource }));
  await expectAnswers(policies, true, [
    ...on(IMAGE, 'lambda:RunMicrovm', 'lambda:GetMicrovm', 'lambda:TerminateMicrovm'),
    ...on(EXECUTION_ROLE, 'iam:PassRole'),
    ...on(managed('HTTP_INGRESS'), 'lambda:PassNetworkConnector'),
  ]);
  await expectAnswers(policies, false, [
    ...on(IMAGE, 'lambda:SuspendMicrovm', 'lambda:ResumeMicrovm', 'lambda:CreateMicrovmAuthToken', 'lambda:CreateMicrovmShellAuthToken'),
    ...on(OTHER_IMAGE, 'lambda:RunMicrovm', 'lambda:TerminateMicrovm'),
    ...on('*', 'lambda:ListMicrovms'),
  ]);
});

test('the function of a fragment has the launch request in its environment', () => {
  Template.fromStack(testFragment().stack).hasResourceProperties('AWS::Lambda::Function', {
    Handler: 'index.workflow', Environment: { Variables: { MICROVM_LAUNCH_REQUEST: Match.anyValue() } },
  });
});

test('a state machine can contain several fragments', () => {
  const { stack, launcher } = testLauncher();
  const [first, second] = ['First', 'Second'].map(id =>
    new MicrovmStateMachineFragment(stack, id, { launcher, body: new sfn.Pass(stack, `${id}Body`) }));
  new sfn.StateMachine(stack, 'Machine', { definitionBody: sfn.DefinitionBody.fromChainable(first.next(second)) });
  expect(() => Template.fromStack(stack)).not.toThrow();
});

/** Returns all states of a state machine by name, including those inside of others. */
function statesIn(stack: Stack): Record<string, any> {
  const { DefinitionString: text } = ResolvedTemplate.stack(stack).resource('AWS::StepFunctions::StateMachine', 'Machine').Properties;
  const statesOf = ({ States: states }: any): Record<string, any> => {
    const inner = Object.values<any>(states).flatMap(({ Branches: branches = [] }) => branches.map(statesOf));
    return Object.assign({}, states, ...inner);
  };
  return statesOf(JSON.parse(text));
}

/** Fields that a state in the other query language must not have. */
const JSONPATH_FIELDS = ['InputPath', 'Parameters', 'ResultPath', 'OutputPath', 'ResultSelector', 'ErrorPath', 'CausePath', 'Variable'];
const JSONATA_FIELDS = ['Arguments', 'Output', 'Condition'];

test.each<[string, sfn.QueryLanguage | undefined, (stack: Stack) => sfn.IChainable]>([
  ['JSONPath with a body in JSONPath', undefined, stack => new sfn.Pass(stack, 'Work', { parameters: { id: sfn.JsonPath.stringAt('$.microvm.microvmId') } })],
  ['JSONPath with a body in JSONata', sfn.QueryLanguage.JSON_PATH, jsonataBody],
  ['JSONPath with a body in both', undefined, stack => jsonataBody(stack).next(
    new sfn.Pass(stack, 'Then', { parameters: { order: sfn.JsonPath.stringAt('$.order') } }),
  )],
  ['JSONata', sfn.QueryLanguage.JSONATA, jsonataBody],
])('each state has fields of its own language only, in a state machine in %s', (_, queryLanguage, body) => {
  const states = statesIn(testFragment(stack => ({ body: body(stack), payload: '{% $states.input.order %}' }), queryLanguage).stack);
  for (const [name, state] of Object.entries(states)) {
    const isJsonata = (state.QueryLanguage ?? queryLanguage) === sfn.QueryLanguage.JSONATA;
    const texts = JSON.stringify({ ...state, Branches: undefined });
    const foreign = (isJsonata ? JSONPATH_FIELDS : JSONATA_FIELDS).filter(field => texts.includes(`"${field}":`));
    expect([name, foreign]).toEqual([name, []]);
    // Nobody says which language states have inside of a state in JSONata.
    const inner = (state.Branches ?? []).flatMap((branch: any) => Object.values<any>(branch.States));
    if (isJsonata) expect(inner.every((one: any) => one.QueryLanguage === 'JSONata')).toBe(true);
  }
});

test('a fragment can be inside of other states, in both languages', () => {
  for (const queryLanguage of [sfn.QueryLanguage.JSONATA, sfn.QueryLanguage.JSON_PATH]) {
    const { stack, launcher } = testLauncher();
    const fragment = new MicrovmStateMachineFragment(stack, 'Sandboxed', { launcher, body: jsonataBody(stack) });
    const outer = new sfn.Parallel(stack, 'Outer', { queryLanguage }).branch(fragment);
    new sfn.StateMachine(stack, 'Machine', { definitionBody: sfn.DefinitionBody.fromChainable(outer), queryLanguage });
    expect(statesIn(stack)['Sandboxed: body']).toMatchObject({ QueryLanguage: 'JSONata', Output: expect.any(String) });
  }
});

test('a fragment fails at synth if its body or its payload is in JSONPath and the state machine is in JSONata', () => {
  const synth = (props: Parameters<typeof testFragment>[0]) => () => Template.fromStack(testFragment(props, sfn.QueryLanguage.JSONATA).stack);
  expect(synth(() => ({}))).toThrow(/body: state 'Body' is in JSONPath.*MicrovmStateMachineFragmentInvalid at Test\/Sandboxed\]/);
  const inner = (stack: Stack) => sfn.Parallel.jsonata(stack, 'Both').branch(new sfn.Pass(stack, 'Inner', { resultPath: '$.inner' }));
  expect(synth(stack => ({ body: inner(stack) }))).toThrow(/body: state 'Inner' is in JSONPath/);
  expect(synth(stack => ({ body: jsonataBody(stack), payload: sfn.JsonPath.stringAt('$.order') }))).toThrow(/payload: contains a JSONPath.*MicrovmStateMachineFragmentInvalid/);
  expect(synth(stack => ({ body: new sfn.Succeed(stack, 'Done') }))).not.toThrow();
});

describe('names of states', () => {
  const fragmentsIn = (ids: [scope: string, id: string][], use: (fragment: MicrovmStateMachineFragment) => sfn.IChainable = fragment => fragment) => {
    const { stack, launcher } = testLauncher();
    const fragments = ids.map(([scope, id], index) => {
      const parent = scope === '' ? stack : new Construct(stack, scope);
      return use(new MicrovmStateMachineFragment(parent, id, { launcher, body: new sfn.Pass(stack, `Body${index}`) }));
    });
    new sfn.StateMachine(stack, 'Machine', { definitionBody: sfn.DefinitionBody.fromChainable(fragments.reduce<sfn.Chain>((all, next) => all.next(next), sfn.Chain.start(new sfn.Pass(stack, 'Start')))) });
    return stack;
  };

  test('begin with the path of the fragment, so that fragments with one ID can be in one state machine', () => {
    const names = Object.keys(statesIn(fragmentsIn([['', 'Run'], ['Orders', 'Run'], ['Invoices', 'Run']])));
    expect(names).toEqual(expect.arrayContaining(['Run: launch', 'Orders/Run: launch', 'Invoices/Run: launch']));
  });

  test('have at most 80 characters, and still differ', () => {
    const long = 'x'.repeat(100);
    const names = Object.keys(statesIn(fragmentsIn([['', `${long}1`], ['', `${long}2`], ['Orders', long]])));
    expect(names.filter(name => name.length > 80)).toEqual([]);
    expect(names.filter(name => name.endsWith(': terminate after error'))).toHaveLength(3);
  });

  test('fail at synth if a prefix of the user makes them too long', () => {
    const prefixed = fragmentsIn([['', 'Run']], fragment => { fragment.prefixStates('y'.repeat(70)); return fragment; });
    expect(() => Template.fromStack(prefixed)).toThrow(/prefixStates: the state '.*' has a name of .* Step Functions accepts 80.*MicrovmStateMachineFragmentInvalid/);
  });
});

test('a fragment fails at synth for a text and an object as payload', () => {
  expect(() => testFragment(() => ({ payload: 'x', payloadObject: {} }))).toThrow(/payloadObject: cannot be combined.*MicrovmPayloadInvalid/);
});

test('a fragment fails at synth for a payload that the service would reject', () => {
  expect(() => testFragment(() => ({ payload: 'x'.repeat(4_097) }))).toThrow('MicrovmPayloadTooLong');
});

test('a fragment fails at synth for a launch timeout out of range', () => {
  expect(() => testFragment(() => ({ launchTimeout: Duration.seconds(1) }))).toThrow('MicrovmStateMachineFragmentInvalid');
});
