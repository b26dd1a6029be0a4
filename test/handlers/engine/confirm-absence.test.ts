import { FakeClock, NOW, operation, SECOND } from './inputs';
import { confirmAbsence } from '../../../src/handlers/engine/confirm-absence';
import type { Operation } from '../../../src/handlers/engine/operation';
import { GRACE } from '../../../src/handlers/engine/operation';

type Confirmation = [found: string, observations: number, milliseconds: number];

/** Returns what is found if the observations return these values, how many were made and how long they took. */
async function confirming(...observed: (string | 'absent')[]): Promise<Confirmation> {
  return confirmingFor(operation(), ...observed);
}

async function confirmingFor(current: Operation, ...observed: (string | 'absent')[]): Promise<Confirmation> {
  const clock = new FakeClock();
  let observations = 0;
  const found = await confirmAbsence(async () => observed[observations++], clock, current);
  return [found, observations, clock.now() - NOW];
}

describe('an item whose absence is confirmed', () => {
  test('is observed once if it exists', async () => {
    await expect(confirming('found')).resolves.toEqual(['found', 1, 0]);
  });

  test('is absent if three observations within six seconds do not find it', async () => {
    await expect(confirming('absent', 'absent', 'absent', 'found')).resolves.toEqual(['absent', 3, 6 * SECOND]);
  });

  test.each([[2, 3 * SECOND], [3, 6 * SECOND]])('exists if it shows at observation %s', async (attempt, milliseconds) => {
    await expect(confirming(...Array<string>(attempt - 1).fill('absent'), 'found')).resolves.toEqual(['found', attempt, milliseconds]);
  });

  test('is absent after a moment for a deletion that follows no other operation', async () => {
    await expect(confirmingFor(operation({ type: 'Delete' }), 'absent', 'absent', 'found')).resolves.toEqual(['absent', 2, 1.5 * SECOND]);
  });

  test.each([
    [GRACE, 3, 3 * SECOND],
    [GRACE + 6 * SECOND - 1, 3, 3 * SECOND],
    [GRACE + 6 * SECOND, 2, 1.5 * SECOND],
  ])('is observed once more for a deletion that may follow a canceled creation, right after the grace: after %d ms', async (milliseconds, observations, duration) => {
    const deletion = operation({ type: 'Delete', mayFollowAnother: true, startedAt: NOW - milliseconds });
    await expect(confirmingFor(deletion, 'absent', 'absent', 'absent', 'found')).resolves.toEqual(['absent', observations, duration]);
  });

  test('is not absent because an observation failed', async () => {
    const answers = ['absent', new Error('no answer')];
    const observe = async () => { const answer = answers.shift()!; if (answer instanceof Error) throw answer; return answer; };
    await expect(confirmAbsence(observe, new FakeClock(), operation())).rejects.toThrow('no answer');
  });
});
