import { Template } from 'aws-cdk-lib/assertions';
import * as iam from 'aws-cdk-lib/aws-iam';
import { grantPermissions } from '../../src/private/grant';
import type { Permission } from '../../src/private/permissions';
import { allow, PERMISSIONS } from '../../src/private/permissions';
import { testImage, testStack } from '../support/stacks';

jest.mock('../../src/private/bundle', () => jest.requireActual('../support/no-bundle'));

describe('the registry of permissions', () => {
  const all = Object.values<Record<string, Permission>>(PERMISSIONS).flatMap(group => Object.values(group));

  test('has a purpose and resources for each permission, in one line each', () => {
    for (const permission of all) {
      expect(permission.actions.length).toBeGreaterThan(0);
      for (const words of [permission.purpose, permission.on, permission.star ?? 'none']) expect(words).toMatch(/^[^\n]+$/);
    }
  });

  test('has a reason for each * in a template', () => {
    const stack = testStack();
    const image = testImage({}, stack);
    image.grantManage(new iam.Role(stack, 'User', { assumedBy: new iam.AccountRootPrincipal() }));
    const statements = Object.values<any>(Template.fromStack(stack).findResources('AWS::IAM::Role'))
      .flatMap(role => role.Properties.Policies ?? [])
      .flatMap(policy => policy.PolicyDocument.Statement)
      .filter(statement => statement.Resource === '*');
    expect(statements.length).toBeGreaterThan(0);
    for (const statement of statements) {
      const actions = [statement.Action].flat();
      expect(all.some(permission => permission.star !== undefined && actions.every(action => permission.actions.includes(action)))).toBe(true);
    }
  });

  test('fails on * without a reason, in a statement and in a grant', () => {
    const permission = { purpose: 'do', actions: ['a:b'], on: 'all' };
    expect(() => allow(permission, ['*'])).toThrow('no reason for * to do');
    const role = new iam.Role(testStack(), 'Role', { assumedBy: new iam.AccountRootPrincipal() });
    expect(() => grantPermissions(role, [permission], ['*'])).toThrow('no reason for * to do');
    expect(() => grantPermissions(role, [{ ...permission, star: 'for this test' }], ['*'])).not.toThrow();
  });
});
