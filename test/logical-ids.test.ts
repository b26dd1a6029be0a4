import * as fs from 'fs';
import * as path from 'path';
import { logicalIds } from '../tools/gate/logical-ids';

jest.mock('../src/private/bundle', () => jest.requireActual('./support/no-bundle'));

test('logical ids stay as they are: a resource can neither move to another service token nor be renamed; run npm run generate', () => {
  expect(logicalIds()).toEqual(JSON.parse(fs.readFileSync(path.join(__dirname, 'logical-ids.json'), 'utf8')));
});
