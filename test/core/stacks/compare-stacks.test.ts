import assert from 'node:assert/strict';
import fc from 'fast-check';
import { buildStackView } from '../../../src/core/stacks/stack-view.ts';
import { StacksBuilder } from '../../../src/core/stacks/stacks-builder.ts';
import { allThreads, type StackComparison, type StackView } from '../../../src/protocol/panel/stack-view.ts';
import type { StackFunction, Stacks } from '../../../src/protocol/stacks.ts';

interface PlantedPath {
  readonly path: readonly string[];
  readonly cpuNs: number;
  /** Name of the thread. */
  readonly thread?: string;
}

/** Returns stacks in which the line of each function is given by `lineOf`. */
function stacksOf(paths: readonly PlantedPath[], lineOf: (name: string) => number = () => 1): Stacks {
  const builder = new StacksBuilder();
  const names = [...new Set(paths.map(({ thread = 'main' }) => thread))];
  const trees = new Map(names.map((name, index) => [name, builder.addThread(name, 7, index)]));
  const functionOf = (name: string): StackFunction => ({
    name,
    file: 'src/a.js',
    line: lineOf(name),
    component: 'src',
  });
  for (const { path, cpuNs, thread = 'main' } of paths)
    trees.get(thread)?.addStack(
      path.map((name) => builder.indexOf(functionOf(name))),
      1,
      cpuNs,
    );
  return builder.build();
}

function compare(before: Stacks, after: Stacks, thread = allThreads): { view: StackView; comparison: StackComparison } {
  const view = buildStackView(after, { thread }, { reference: { name: 'before', stacks: before } });
  assert.ok(view.comparison);
  return { view, comparison: view.comparison };
}

function rowsOf({ view, comparison }: ReturnType<typeof compare>): ReadonlyMap<string, readonly number[]> {
  const nameOf = (index: number): string => view.functions[index]?.name ?? '';
  return new Map(
    comparison.functions.map(({ function: index, beforeSelfNs, beforeNs, selfNs, totalNs }) => [
      nameOf(index),
      [beforeSelfNs, beforeNs, selfNs, totalNs],
    ]),
  );
}

describe('the comparison of two runs', () => {
  it('has the times before beside those of each call path, and lists the paths that are gone', () => {
    const compared = compare(
      stacksOf([
        { path: ['main', 'sort'], cpuNs: 600 },
        { path: ['main', 'log', 'format'], cpuNs: 300 },
        { path: ['main'], cpuNs: 100 },
      ]),
      stacksOf([
        { path: ['main', 'sort'], cpuNs: 200 },
        { path: ['main', 'cache'], cpuNs: 50 },
        { path: ['main'], cpuNs: 250 },
      ]),
    );
    const { view, comparison } = compared;
    const nodes = view.nodes.map((node, index) => [
      view.functions[node.function]?.name,
      node.totalNs,
      comparison.before[index]?.totalNs,
      comparison.before[index]?.selfNs,
    ]);
    assert.deepEqual(nodes, [
      ['main', 500, 1000, 100],
      ['sort', 200, 600, 600],
      ['cache', 50, 0, 0],
    ]);
    assert.equal(comparison.beforeNs, 1000);
    assert.deepEqual(comparison.removed, [{ names: ['main', 'log'], beforeNs: 300 }]);
    assert.deepEqual(
      [...rowsOf(compared)],
      [
        // Shares of self time: 10 % → 50 %, 30 % → 0 %, 60 % → 40 %, 0 % → 10 %.
        ['main', [100, 1000, 250, 500]],
        ['format', [300, 300, 0, 0]],
        ['sort', [600, 600, 200, 200]],
        ['cache', [0, 0, 50, 50]],
        ['log', [0, 300, 0, 0]],
      ],
    );
  });

  it('finds a function that has moved in its file by its name, unless several have it', () => {
    const paths = [{ path: ['a', 'b'], cpuNs: 100 }];
    const moved = compare(
      stacksOf(paths, () => 3),
      stacksOf(paths, () => 9),
    );
    assert.deepEqual(moved.comparison.removed, []);
    assert.deepEqual(moved.comparison.functions, []);

    const twice = (lines: readonly number[]): Stacks => {
      const builder = new StacksBuilder();
      const tree = builder.addThread('main', 7, 0);
      for (const line of lines)
        tree.addStack([builder.indexOf({ name: '(anonymous)', file: 'src/a.js', line, component: 'src' })], 1, 10);
      return builder.build();
    };
    assert.equal(compare(twice([3, 5]), twice([4, 6])).comparison.removed.length, 2);
    // That at line 3 is the same, so that the other two are the only ones of their name.
    assert.equal(compare(twice([3, 5]), twice([3, 6])).comparison.removed.length, 0);
  });

  it('compares a thread with those that have its name', () => {
    const before = stacksOf([
      { path: ['a'], cpuNs: 40 },
      { path: ['a'], cpuNs: 7, thread: 'worker' },
    ]);
    const after = stacksOf([
      { path: ['a'], cpuNs: 50 },
      { path: ['a'], cpuNs: 9, thread: 'worker' },
      { path: ['a'], cpuNs: 3, thread: 'new' },
    ]);
    const worker = compare(before, after, '7.1').comparison;
    assert.deepEqual([worker.beforeNs, worker.beforeThreads], [7, 1]);
    const added = compare(before, after, '7.2').comparison;
    assert.deepEqual([added.beforeNs, added.beforeThreads], [0, 0]);
    assert.equal(compare(before, after, 'process:7').comparison.beforeNs, 47);
  });

  it('is absent without a reference', () => {
    const stacks = stacksOf([{ path: ['a'], cpuNs: 1 }]);
    const reference = { name: 'before', stacks };
    assert.ok(buildStackView(stacks, { thread: allThreads }, { reference }).comparison);
    assert.equal(buildStackView(stacks, { thread: allThreads }).comparison, undefined);
  });

  it('accounts for all time of the reference: on paths of both, or on paths that are gone', () => {
    const path = fc.record({
      path: fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { minLength: 1, maxLength: 5 }),
      cpuNs: fc.integer({ min: 1, max: 1000 }),
    });
    const paths = fc.array(path, { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(paths, paths, (before, after) => {
        const { view, comparison } = compare(stacksOf(before), stacksOf(after));
        const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
        const beforeNs = sum(before.map(({ cpuNs }) => cpuNs));
        assert.equal(comparison.beforeNs, beforeNs);
        const onSharedPaths = sum(comparison.before.map(({ selfNs }) => selfNs));
        const onRemovedPaths = sum(comparison.removed.map(({ beforeNs: removedNs }) => removedNs));
        if (view.omitted === 0) assert.equal(onSharedPaths + onRemovedPaths, beforeNs);
        // A run that is compared with itself has no changes.
        const same = compare(stacksOf(after), stacksOf(after));
        assert.deepEqual([same.comparison.functions, same.comparison.removed], [[], []]);
        for (const [index, { totalNs }] of same.view.nodes.entries())
          assert.equal(same.comparison.before[index]?.totalNs, totalNs);
      }),
    );
  });
});
