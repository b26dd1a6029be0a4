import { existsSync, readFileSync } from 'node:fs';
import * as path from 'node:path';
import { appNames } from '../../integ/apps';
import { devDependencies, version } from '../../package.json';
import { compare } from '../../tools/bindings/comparison';
import { checkExamples } from '../../tools/bindings/examples';
import { JAVA } from '../../tools/bindings/java';
import { PYTHON } from '../../tools/bindings/python';
import type { Templates } from '../../tools/bindings/templates';
import { firstDifference, underTest } from '../../tools/bindings/templates';

/** The parts of `npm run bindings` that need no packages. The command itself does the rest. */

const BINDINGS = path.join(__dirname, '..', '..', 'tools', 'bindings');

describe('the integration apps', () => {
  test.each([PYTHON, JAVA])('all exist in $name', ({ program }) => {
    expect(appNames().map(program).filter(file => !existsSync(file))).toEqual([]);
  });

  test('use the same aws-cdk-lib and constructs in all languages', () => {
    const floor = { 'aws-cdk-lib': devDependencies['aws-cdk-lib'], 'constructs': devDependencies.constructs };
    const requirements = readFileSync(path.join(BINDINGS, 'python', 'requirements.txt'), 'utf8');
    const project = readFileSync(path.join(BINDINGS, 'java', 'pom.xml'), 'utf8');
    for (const [name, wanted] of Object.entries(floor)) {
      expect(requirements.split('\n')).toContain(`${name}==${wanted}`);
      expect(project).toContain(`<${name}.version>${wanted}</${name}.version>`);
    }
    expect(project).toContain(`<cdk-lambda-microvms.version>${version}</cdk-lambda-microvms.version>`);
  });
});

describe('the check of the examples', () => {
  const template = { Resources: { Image: { Type: 'Custom::MicrovmImage' } } };

  test('asks for a stack of each, with a resource of this library', () => {
    expect(checkExamples(['a', 'b'], { A: template, B: template })).toEqual({ app: 'examples', stacks: ['A', 'B'], failure: undefined });
    expect(checkExamples(['a', 'b', 'c'], { A: template, B: { Resources: {} } }).failure).toBe('3 examples have 2 stacks; B has no resource of this library');
  });
});

describe('the comparison of templates', () => {
  const template = { Resources: { Queue: { Type: 'Queue', Properties: { Names: ['a', 'b'], Fifo: true } } } };
  const changed = (change: (copy: any) => void) => {
    const copy = JSON.parse(JSON.stringify(template));
    change(copy);
    return copy;
  };

  test.each<[string, (copy: any) => void, object]>([
    ['another value', copy => { copy.Resources.Queue.Type = 'Topic'; }, { path: 'Resources.Queue.Type', expected: 'Queue', actual: 'Topic' }],
    ['another type of value', copy => { copy.Resources.Queue.Properties.Fifo = 'true'; }, { path: 'Resources.Queue.Properties.Fifo', expected: true, actual: 'true' }],
    ['another order in a list', copy => { copy.Resources.Queue.Properties.Names.reverse(); }, { path: 'Resources.Queue.Properties.Names.0', expected: 'a', actual: 'b' }],
    ['a shorter list', copy => { copy.Resources.Queue.Properties.Names.pop(); }, { path: 'Resources.Queue.Properties.Names.1', expected: 'b', actual: undefined }],
    ['a list that became an object', copy => { copy.Resources.Queue.Properties.Names = { 0: 'a', 1: 'b' }; },
      { path: 'Resources.Queue.Properties.Names', expected: ['a', 'b'], actual: { 0: 'a', 1: 'b' } }],
    ['something less', copy => { delete copy.Resources.Queue.Type; }, { path: 'Resources.Queue.Type', expected: 'Queue', actual: undefined }],
    ['something more', copy => { copy.Resources.Topic = {}; }, { path: 'Resources.Topic', expected: undefined, actual: {} }],
    ['null for an object', copy => { copy.Resources = null; }, { path: 'Resources', expected: template.Resources, actual: null }],
  ])('finds %s', (_, change, difference) => {
    expect(firstDifference(template, changed(change))).toEqual(difference);
  });

  test('ignores the order of keys', () => {
    expect(firstDifference({ a: 1, b: 2 }, { b: 2, a: 1 })).toBeUndefined();
  });

  test('covers each stack of each app, and finds stacks of no app', () => {
    const expected = new Map<string, Templates>([['one', { A: template, B: template }], ['two', { C: template }], ['empty', {}]]);
    const other = changed(copy => { copy.Resources.Queue.Type = 'Topic'; });
    expect(compare(expected, { A: template, B: other, D: template }).map(({ app, failure }) => [app, failure])).toEqual([
      ['one', 'B differs at Resources.Queue.Type\n  TypeScript: "Queue"\n  here:       "Topic"'],
      ['two', 'C is missing'],
      ['empty', 'the TypeScript app has no stack'],
      ['(none)', 'no TypeScript app has these stacks'],
    ]);
    expect(compare(new Map([['two', { C: template }]]), { C: template })).toEqual([{ app: 'two', stacks: ['C'], failure: undefined }]);
  });

  test('leaves out the stacks of assertions and the exports that only they import', () => {
    const exported = (Name: string) => ({ Export: { Name }, Value: 1 });
    const tested = { Resources: {}, Outputs: { Mine: { Value: 1 }, Shared: exported('Tested:Shared'), Asserted: exported('Tested:Asserted') } };
    const user = { Resources: { A: { 'Fn::ImportValue': 'Tested:Shared' } } };
    const assertions = { Resources: [{ 'Fn::ImportValue': 'Tested:Shared' }, { B: { 'Fn::ImportValue': 'Tested:Asserted' } }] };
    const bare = { Resources: {}, Outputs: { Only: exported('Bare:Only') } };
    expect(underTest({ tested, user, bare, TestDefaultTestDeployAssert0A8A0872: { ...assertions, C: { 'Fn::ImportValue': 'Bare:Only' } } })).toEqual({
      tested: { Resources: {}, Outputs: { Mine: { Value: 1 }, Shared: exported('Tested:Shared') } },
      user,
      bare: { Resources: {} },
    });
  });
});
