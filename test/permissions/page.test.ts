import * as fs from 'fs';
import * as path from 'path';
import type { Permission } from '../../src/private/permissions';
import { PERMISSIONS } from '../../src/private/permissions';
import { linked, page } from '../../tools/permissions/page';
import { synthesizeSample } from '../../tools/permissions/sample';

jest.mock('../../src/private/bundle', () => jest.requireActual('../support/no-bundle'));

describe('the page of permissions', () => {
  const written = page(synthesizeSample());

  test('is committed as it is generated; run npm run generate', () => {
    expect(fs.readFileSync(path.join(__dirname, '..', '..', 'PERMISSIONS.md'), 'utf8')).toBe(written);
  });

  test('has every permission there is, and the reason for each star', () => {
    const { trust, ...others } = PERMISSIONS;
    const permissions: Permission[] = Object.values(others).flatMap(section => Object.values(section) as Permission[]);
    const missing = permissions.filter(({ purpose, star = '' }) => !written.includes(linked(purpose)) || !written.includes(linked(star)));
    expect(missing).toEqual([]);
    for (const { actions } of Object.values(trust)) expect(written).toContain(`by \`${actions[0]}\``);
  });

  test('names no account and no hash', () => {
    expect(written).not.toMatch(/\b\d{12}\b|[a-z][0-9A-F]{8}\b/);
  });
});
