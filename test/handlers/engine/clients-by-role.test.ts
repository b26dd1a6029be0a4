import { ClientsByRole } from '../../../src/handlers/engine/clients-by-role';

/** Returns clients that are texts with the ARNs of their roles, and the roles for which clients were created. */
function fixture(roles: Record<string, string>, failures = 0) {
  const created: string[] = [];
  const create = async (roleArn: string) => {
    created.push(roleArn);
    if (created.length <= failures) throw new Error('not assumable yet');
    return `client of ${roleArn}`;
  };
  return { created, clients: new ClientsByRole(create, roles, 'default role') };
}

describe('a client', () => {
  test('uses the role that may act on the resource', async () => {
    await expect(fixture({ old: 'old role', new: 'new role' }).clients.for('old')).resolves.toBe('client of old role');
  });

  test('uses the default role for any other resource', async () => {
    await expect(fixture({ old: 'old role' }).clients.for('other')).resolves.toBe('client of default role');
  });

  test('is created at its first use, and once for each role', async () => {
    const { created, clients } = fixture({ a: 'one', b: 'one', c: 'two' });
    expect(created).toEqual([]);
    for (const resource of ['a', 'b', 'c', 'a', 'd', 'e']) await clients.for(resource);
    expect(created).toEqual(['one', 'two', 'default role']);
  });

  test('is created again if its creation failed', async () => {
    const { created, clients } = fixture({}, 1);
    await expect(clients.for('a')).rejects.toThrow('not assumable yet');
    await expect(clients.for('a')).resolves.toBe('client of default role');
    expect(created).toHaveLength(2);
  });
});
