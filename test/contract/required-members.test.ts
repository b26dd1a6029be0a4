import * as fs from 'node:fs';
import * as path from 'node:path';
import { requiredMembers } from '../../tools/gate/required-members';

const CONTRACT = path.join(__dirname, '..', '..', 'src', 'contract');
const COMMITTED = JSON.parse(fs.readFileSync(path.join(__dirname, 'required-members.json'), 'utf8')) as Record<string, string[]>;

test('no release makes another member of the contract required: handlers also receive the properties of older releases', () => {
  const now = requiredMembers(CONTRACT);
  const added = Object.entries(now).flatMap(([name, members]) =>
    members.filter(member => !COMMITTED[name]?.includes(member)).map(member => `${name}.${member}`));
  // Declare a new member as optional, and say in its comment what its absence means (CONTRIBUTING.md).
  expect(added).toEqual([]);
});

test('no member is listed as required that is optional now, because it could become required again', () => {
  expect(COMMITTED).toEqual(requiredMembers(CONTRACT));
});

test('the list covers the properties of all custom resources', () => {
  expect(Object.keys(COMMITTED)).toEqual(expect.arrayContaining([
    'MicrovmImageProperties', 'MicrovmProperties', 'NetworkConnectorLookupProperties', 'NetworkConnectorProperties',
  ]));
});

describe('required members', () => {
  const membersOf = (source: string) => {
    const directory = fs.mkdtempSync(path.join(process.env.TMPDIR ?? '/tmp', 'contract-'));
    try {
      fs.writeFileSync(path.join(directory, 'thing.ts'), source);
      return requiredMembers(directory);
    } finally {
      fs.rmSync(directory, { recursive: true });
    }
  };

  test('are those without a question mark, of properties and of what they contain', () => {
    expect(membersOf('export interface ThingProperties { readonly b: string; readonly a?: string; } export interface TagProperty { readonly Key: string }'))
      .toEqual({ TagProperty: ['Key'], ThingProperties: ['b'] });
  });

  test('include inherited ones, and exclude those of attributes', () => {
    expect(membersOf('interface Base { readonly a: string } export interface ThingProperties extends Base { readonly b: string } export interface ThingAttributes { readonly c: string }'))
      .toEqual({ ThingProperties: ['a', 'b'] });
  });

  test('exclude those that an optional member contains', () => {
    expect(membersOf('export interface ThingProperties { readonly a: string | undefined; readonly hook?: { readonly port: string } }')).toEqual({ ThingProperties: ['a'] });
  });
});
