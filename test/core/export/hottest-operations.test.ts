/** Checks which functions a summary lists. */
import { strict as assert } from 'node:assert';
import { selectHottest } from '../../../src/core/export/hottest-operations.ts';
import type { OperationState } from '../../../src/protocol/snapshot.ts';
import { snapshotAt } from '../../fixtures/snapshot.ts';

const [template] = snapshotAt(1, { operations: 1 }).operations;

function sampled(component: string, name: string, selfNs: number, totalNs = selfNs): OperationState {
  return { ...(template as OperationState), component, name, count: 0, samples: 5, source: 'sampled', selfNs, totalNs };
}

function namesOf(operations: readonly OperationState[], max = 10): readonly string[] {
  return selectHottest({ operations }, max).map(({ name }) => name);
}

describe('selectHottest', () => {
  it('lists functions by self time, and the code of the profiler last', () => {
    const operations = [
      sampled('(pipescope)', '(pipescope)', 30e6),
      sampled('functions', 'quick', 1e6, 40e6),
      sampled('node_modules/left', 'pad', 9e6),
      sampled('functions', 'busy', 20e6),
    ];
    assert.deepEqual(namesOf(operations), ['busy', 'pad', 'quick', '(pipescope)']);
    assert.deepEqual(namesOf(operations, 3), ['busy', 'pad', 'quick']);
  });

  it('leaves out functions of other code that only called others', () => {
    const operations = [
      sampled('(node)', 'wrapModuleLoad', 0, 90e6),
      sampled('functions', 'main', 0, 80e6),
      sampled('(node)', 'readFileSync', 2e6, 3e6),
    ];
    assert.deepEqual(namesOf(operations), ['readFileSync', 'main']);
  });
});
