import { FakeClock, NOW, SECOND } from './inputs';
import { confirmAbsence } from '../../../src/handlers/engine/confirm-absence';

/** What is found by looks that see this one after the other, and how long it took. */
async function finding(...sights: (string | 'absent')[]): Promise<[found: string, looks: number, milliseconds: number]> {
  const clock = new FakeClock();
  let looks = 0;
  const found = await confirmAbsence(async () => sights[looks++], clock);
  return [found, looks, clock.now() - NOW];
}

describe('something that is looked for until its absence is certain', () => {
  test('is looked at once if it is there', async () => {
    await expect(finding('there')).resolves.toEqual(['there', 1, 0]);
  });

  test('is gone when three looks over six seconds do not find it', async () => {
    await expect(finding('absent', 'absent', 'absent', 'there')).resolves.toEqual(['absent', 3, 6 * SECOND]);
  });

  test.each([[2, 3 * SECOND], [3, 6 * SECOND]])('is there if it shows at look %s', async (look, milliseconds) => {
    await expect(finding(...Array<string>(look - 1).fill('absent'), 'there')).resolves.toEqual(['there', look, milliseconds]);
  });

  test('is not gone because a look fails', async () => {
    const looks = ['absent', new Error('no answer')];
    const look = async () => { const sight = looks.shift()!; if (sight instanceof Error) throw sight; return sight; };
    await expect(confirmAbsence(look, new FakeClock())).rejects.toThrow('no answer');
  });
});
