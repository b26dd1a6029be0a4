import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { zipSync } from 'fflate';
import type { ServiceModel } from '../../../tools/service-model/botocore';
import { modelsIn } from '../../../tools/service-model/botocore';
import { difference } from '../../../tools/service-model/difference';
import { SERVICE_MODEL_FILE } from '../../../tools/service-model/members';
import { parse, textOf } from '../../../tools/service-model/text';

const COMMITTED = readFileSync(SERVICE_MODEL_FILE, 'utf8');

/** A service with every kind of member. */
const MODEL: ServiceModel = {
  operations: {
    PutThing: {
      http: { method: 'PUT', requestUri: '/things/{name}', responseCode: 201 },
      input: { shape: 'Input' },
      output: { shape: 'Output' },
      errors: [{ shape: 'ConflictException' }, { shape: 'ValidationException' }],
      idempotent: true,
    },
    ListThings: { http: { method: 'GET', requestUri: '/things' } },
    PutRuntime: { http: { method: 'PUT', requestUri: '/runtimes' } },
  },
  shapes: {
    Input: {
      type: 'structure',
      required: ['name', 'parts'],
      members: {
        name: { shape: 'Name', location: 'uri', locationName: 'name' },
        force: { shape: 'Flag', location: 'querystring' },
        parts: { shape: 'Parts' },
        kinds: { shape: 'Kinds' },
        labels: { shape: 'Labels' },
        choice: { shape: 'Choice' },
      },
    },
    Output: { type: 'structure', members: {} },
    Name: { type: 'string', min: 1, max: 64, pattern: '[a-z]+' },
    Flag: { type: 'boolean' },
    Parts: { type: 'list', member: { shape: 'Part' }, max: 2 },
    Part: { type: 'structure', required: ['size'], members: { size: { shape: 'Size' }, inner: { shape: 'Part' } } },
    Size: { type: 'integer', min: 1 },
    Kinds: { type: 'list', member: { shape: 'Kind' } },
    Kind: { type: 'string', enum: ['RED', 'BLUE'] },
    Labels: { type: 'map', key: { shape: 'Name' }, value: { shape: 'Secret' } },
    Secret: { type: 'string', sensitive: true },
    Choice: { type: 'structure', union: true, members: {} },
  },
};

const TEXT = [
  '##### things',
  '',
  '@@ ListThings GET /things -> 200 idem=False errors=',
  '',
  '@@ PutThing PUT /things/{name} -> 201 idem=True errors=Conflict,Validation',
  '  IN : name* string 1..64 /[a-z]+/ [uri:name]; force boolean [querystring:force]; parts*[] ..2; parts[].size* integer 1..; parts[].inner{}; '
  + 'kinds[] of string RED|BLUE; labels map key 1..64 /[a-z]+/ value sensitive; choice{UNION}',
  '  OUT: ',
  '',
  '',
].join('\n');

describe('the text of a model', () => {
  test('has each operation with its members, and no operation of runtimes', () => {
    expect(textOf({ things: MODEL })).toBe(TEXT);
  });

  test('can be read again', () => {
    const [, put] = parse(TEXT);

    expect(put).toMatchObject({ service: 'things', name: 'PutThing', method: 'PUT', uri: '/things/{name}', output: [] });
    expect(put.input.map(({ path }) => path)).toEqual(['name', 'force', 'parts', 'parts[].size', 'parts[].inner', 'kinds', 'labels', 'choice']);
    expect(put.input[1].parameter).toEqual({ place: 'querystring', name: 'force' });
  });

  test('comes from the newest API version in a wheel', () => {
    const file = (model: object) => gzipSync(JSON.stringify(model));
    const wheel = zipSync({
      'botocore/data/lambda-microvms/2025-01-01/service-2.json.gz': file({}),
      'botocore/data/lambda-microvms/2025-09-09/service-2.json.gz': file(MODEL),
      'botocore/data/lambda-core/2026-04-30/service-2.json': Buffer.from(JSON.stringify({ operations: {}, shapes: {} })),
      'botocore/data/lambda/2015-03-31/service-2.json.gz': file({}),
    });

    expect(modelsIn(wheel)).toEqual({ 'lambda-microvms': MODEL, 'lambda-core': { operations: {}, shapes: {} } });
  });

  test('fails if the wheel lacks a service', () => {
    expect(() => modelsIn(zipSync({ 'botocore/data/s3/2006-03-01/service-2.json': Buffer.from('{}') }))).toThrow('botocore has no model of lambda-microvms');
  });
});

describe('the difference', () => {
  test('between the committed text and itself is nothing', () => {
    expect(difference(COMMITTED, COMMITTED)).toEqual([]);
  });

  test.each(parse(COMMITTED).flatMap(({ name, input }) => input.slice(-1).map(member => [name, member.text])))(
    'shows the last input member of %s if it is taken out of the committed text', (name, member) => {
      const lines = COMMITTED.split('\n').map((line, index, all) => {
        if (!all[index - 1]?.startsWith(`@@ ${name} `)) return line;
        return line.endsWith(`; ${member}`) ? line.slice(0, -member.length - 2) : '  IN : ';
      });
      const { service } = parse(COMMITTED).find(operation => operation.name === name)!;

      expect(difference(lines.join('\n'), COMMITTED)).toEqual([`${service} ${name}, input`, `  + ${member}`]);
    });

  test('shows a member that the service no longer has', () => {
    expect(difference(TEXT, TEXT.replace('; choice{UNION}', ''))).toEqual(['things PutThing, input', '  - choice{UNION}']);
  });

  test('shows what changed about a member', () => {
    expect(difference(TEXT, TEXT.replace('RED|BLUE', 'RED|BLUE|GREEN'))).toEqual([
      'things PutThing, input', '  - kinds[] of string RED|BLUE', '  + kinds[] of string RED|BLUE|GREEN',
    ]);
  });

  test('shows an operation that is new, one that was removed, and a new error of one', () => {
    const moved = TEXT.replace('@@ ListThings', '@@ FindThings').replace('Conflict,Validation', 'Conflict,Throttling,Validation');

    expect(difference(TEXT, moved)).toEqual([
      'things FindThings: new operation',
      '  + FindThings GET /things -> 200 idem=False errors=',
      'things ListThings: the operation is no longer in the model',
      'things PutThing',
      '  - PutThing PUT /things/{name} -> 201 idem=True errors=Conflict,Validation',
      '  + PutThing PUT /things/{name} -> 201 idem=True errors=Conflict,Throttling,Validation',
    ]);
  });

  test('is never empty if the texts are not equal', () => {
    expect(difference(TEXT, `${TEXT}\n`)).toEqual(['The texts differ in their form only.']);
  });
});
