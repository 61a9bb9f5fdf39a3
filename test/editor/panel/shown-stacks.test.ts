import assert from 'node:assert/strict';
import type { StackSource } from '../../../src/core/stacks/fixed-stacks.ts';
import { FixedStacks } from '../../../src/core/stacks/fixed-stacks.ts';
import { StacksBuilder } from '../../../src/core/stacks/stacks-builder.ts';
import type { RunSource } from '../../../src/editor/panel/run-source.ts';
import { ShownStacks } from '../../../src/editor/panel/shown-stacks.ts';
import type { PanelState } from '../../../src/protocol/panel/panel-message.ts';
import { allThreads } from '../../../src/protocol/panel/stack-view.ts';
import { snapshotAt } from '../../fixtures/snapshot.ts';

function stacksOf(cpuNs: number): FixedStacks {
  const builder = new StacksBuilder();
  const tree = builder.addThread('main');
  tree.addStack([builder.indexOf({ name: 'rank', file: 'src/a.js', line: 3, component: 'src' })], 1, cpuNs);
  return new FixedStacks(builder.build());
}

/** Duration of building a view, in milliseconds: more than 5 % of the time between two updates. */
const buildMs = 40;

/** A run whose stacks take time to build, and whose time grows with every build. */
class GrowingRun implements RunSource {
  phase: RunSource['phase'] = 'running';
  paused = false;
  readonly problem = undefined;
  readonly snapshot = { ...snapshotAt(1), run: { ...snapshotAt(1).run, workspace: '/w' } };
  nowMs = 0;
  builds = 0;

  readonly stackSource: StackSource = {
    stackView: (...request) => {
      this.builds++;
      this.nowMs += buildMs;
      return stacksOf(this.builds).stackView(...request);
    },
    findStackFunction: (location) => stacksOf(1).findStackFunction(location),
    linesOf: (file) => stacksOf(1).linesOf(file),
  };

  show(): ShownStacks {
    return new ShownStacks({ run: this, complete: (view) => view, nowMs: () => this.nowMs });
  }
}

function stateOf(shown: ShownStacks): Pick<PanelState, 'stacks' | 'shownFunction'> {
  return shown.state;
}

describe('shown stacks', () => {
  it('are built for a page that shows them, and only then', () => {
    const run = new GrowingRun();
    const shown = run.show();
    assert.equal(stateOf(shown).stacks, undefined);
    shown.select({ thread: allThreads });
    assert.equal(stateOf(shown).stacks?.totalNs, 1);
    shown.select(undefined);
    assert.equal(stateOf(shown).stacks, undefined);
    assert.equal(run.builds, 1);
  });

  it('take less than 5 % of the time of the host while the program runs', () => {
    const run = new GrowingRun();
    const shown = run.show();
    shown.select({ thread: allThreads });
    const startMs = run.nowMs;
    for (let update = 0; update < 400; update++) {
      assert.ok(stateOf(shown).stacks);
      run.nowMs += 250;
    }
    const share = (buildMs * run.builds) / (run.nowMs - startMs);
    assert.ok(run.builds > 80, `only ${run.builds} updates of 400`);
    assert.ok(share < 0.05, `${share}`);
  });

  it('show a new selection or reference at once, and the last samples after the end', () => {
    const run = new GrowingRun();
    const shown = run.show();
    shown.select({ thread: allThreads });
    assert.equal(stateOf(shown).stacks?.totalNs, 1);
    assert.equal(stateOf(shown).stacks?.totalNs, 1);
    shown.select({ thread: allThreads, function: 0 });
    assert.equal(stateOf(shown).stacks?.totalNs, 2);
    shown.compareWith({ name: 'before', stacks: { functions: [], threads: [] } });
    assert.equal(stateOf(shown).stacks?.totalNs, 3);
    assert.equal(stateOf(shown).stacks?.comparison?.reference, 'before');
    run.phase = 'idle';
    assert.equal(stateOf(shown).stacks?.totalNs, 4);
  });

  it('name the function that the editor asks for by its path, with a turn for each request', () => {
    const run = new GrowingRun();
    const shown = run.show();
    assert.equal(stateOf(shown).shownFunction, undefined);
    shown.showFunction({ file: '/w/src/a.js', line: 3, name: 'rank' });
    const first = stateOf(shown).shownFunction;
    assert.deepEqual([first?.id, first?.name], [0, 'rank']);
    assert.deepEqual(stateOf(shown).shownFunction, first);
    shown.showFunction({ file: 'src/a.js', line: 3 });
    const second = stateOf(shown).shownFunction;
    assert.deepEqual([second?.id, second?.name], [0, 'src/a.js:3']);
    assert.notEqual(second?.turn, first?.turn);
    shown.showFunction({ file: 'src/b.js', line: 3, name: 'rank' });
    assert.equal(stateOf(shown).shownFunction?.id, undefined);
  });
});
