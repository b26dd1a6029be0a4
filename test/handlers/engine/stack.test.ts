import type { Phase } from '../../../src/handlers/engine/stack';
import { phaseOf } from '../../../src/handlers/engine/stack';

describe('the phase of a stack', () => {
  test.each<[string | undefined, Phase]>([
    [undefined, 'unknown'],
    ['CREATE_IN_PROGRESS', 'forward'],
    ['UPDATE_IN_PROGRESS', 'forward'],
    ['REVIEW_IN_PROGRESS', 'forward'],
    ['IMPORT_IN_PROGRESS', 'forward'],
    ['ROLLBACK_IN_PROGRESS', 'rollback'],
    ['UPDATE_ROLLBACK_IN_PROGRESS', 'rollback'],
    ['UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS', 'rollback'],
    ['UPDATE_COMPLETE_CLEANUP_IN_PROGRESS', 'cleanup'],
    ['DELETE_IN_PROGRESS', 'delete'],
    ['UPDATE_COMPLETE', 'idle'],
    ['ROLLBACK_FAILED', 'idle'],
  ])('with the status %s is %s', (status, phase) => {
    expect(phaseOf(status)).toBe(phase);
  });
});
