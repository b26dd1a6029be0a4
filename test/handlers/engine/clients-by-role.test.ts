import { ClientsByRole } from '../../../src/handlers/engine/clients-by-role';

/** Services that are the ARNs of their roles, and the roles that were asked for. */
function services(roles: Record<string, string>, failures = 0) {
  const made: string[] = [];
  const make = async (roleArn: string) => {
    made.push(roleArn);
    if (made.length <= failures) throw new Error('not assumable yet');
    return `service of ${roleArn}`;
  };
  return { made, services: new ClientsByRole(make, roles, 'usual') };
}

describe('a service as roles may use it', () => {
  test('is that of the role for what is acted on', async () => {
    await expect(services({ old: 'old role', new: 'new role' }).services.for('old')).resolves.toBe('service of old role');
  });

  test('is that of the usual role for all else', async () => {
    await expect(services({ old: 'old role' }).services.for('other')).resolves.toBe('service of usual');
  });

  test('is made when it is first asked for, and once per role', async () => {
    const { made, services: byRole } = services({ a: 'one', b: 'one', c: 'two' });
    expect(made).toEqual([]);
    for (const what of ['a', 'b', 'c', 'a', 'd', 'e']) await byRole.for(what);
    expect(made).toEqual(['one', 'two', 'usual']);
  });

  test('is made again if that failed', async () => {
    const { made, services: byRole } = services({}, 1);
    await expect(byRole.for('a')).rejects.toThrow('not assumable yet');
    await expect(byRole.for('a')).resolves.toBe('service of usual');
    expect(made).toHaveLength(2);
  });
});
