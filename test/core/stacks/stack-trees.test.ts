import { strict as assert } from 'node:assert';
import fc from 'fast-check';
import { calleeTree, callerTree } from '../../../src/core/stacks/call-relations.ts';
import { functionTimes, subtreeTotals } from '../../../src/core/stacks/function-times.ts';
import { mergeThreads } from '../../../src/core/stacks/merge-threads.ts';
import { StackTree } from '../../../src/core/stacks/stack-tree.ts';
import { visibleNodes } from '../../../src/core/stacks/visible-nodes.ts';
import type { StackNode, Stacks } from '../../../src/protocol/stacks.ts';

interface Sample {
  /** Functions, the outermost first. */
  readonly stack: readonly number[];
  readonly cpuNs: number;
}

const functionCount = 6;
const sample: fc.Arbitrary<Sample> = fc.record({
  stack: fc.array(fc.nat({ max: functionCount - 1 }), { minLength: 1, maxLength: 8 }),
  cpuNs: fc.nat({ max: 1000 }),
});
const samples = fc.array(sample, { minLength: 1, maxLength: 60 });

function treeOf(recorded: readonly Sample[]): readonly StackNode[] {
  const tree = new StackTree();
  for (const { stack, cpuNs } of recorded) tree.addStack(stack, 1, cpuNs);
  return tree.nodes();
}

/** Reference: sums over the samples themselves. */
function sumOf(recorded: readonly Sample[], condition: (stack: readonly number[]) => boolean): number {
  return recorded.reduce((sum, { stack, cpuNs }) => sum + (condition(stack) ? cpuNs : 0), 0);
}

function totalOf(nodes: readonly StackNode[]): number {
  return nodes.reduce((sum, [, , , cpuNs]) => sum + cpuNs, 0);
}

function stacksOf(...threads: readonly (readonly Sample[])[]): Stacks {
  return {
    functions: Array.from({ length: functionCount }, (_, index) => ({ name: `f${index}`, component: 'code' })),
    threads: threads.map((recorded, thread) => ({
      process: 1,
      thread,
      name: `thread ${thread}`,
      nodes: treeOf(recorded),
      omitted: 0,
    })),
  };
}

describe('stack trees', () => {
  it('give each function the time of the samples that it is in, once for a recursion', () => {
    fc.assert(
      fc.property(samples, (recorded) => {
        const times = functionTimes(treeOf(recorded));
        for (let index = 0; index < functionCount; index++) {
          const { selfNs = 0, totalNs = 0, totalSamples = 0 } = times.get(index) ?? {};
          assert.equal(
            selfNs,
            sumOf(recorded, (stack) => stack.at(-1) === index),
          );
          assert.equal(
            totalNs,
            sumOf(recorded, (stack) => stack.includes(index)),
          );
          assert.equal(totalSamples, recorded.filter(({ stack }) => stack.includes(index)).length);
        }
      }),
    );
  });

  it('keep parents before their children and all time', () => {
    fc.assert(
      fc.property(samples, (recorded) => {
        const nodes = treeOf(recorded);
        for (const [node, [parent]] of nodes.entries()) assert.ok(parent < node);
        assert.equal(
          totalOf(nodes),
          sumOf(recorded, () => true),
        );
      }),
    );
  });

  it('equal one tree of all samples when threads are merged, in any order', () => {
    const byPath = (nodes: readonly StackNode[]): ReadonlyMap<string, number> => {
      const paths: string[] = [];
      for (const [parent, index] of nodes) paths.push(`${parent < 0 ? '' : paths[parent]}/${index}`);
      return new Map(nodes.map(([, , , cpuNs], node) => [paths[node] as string, cpuNs] as const).sort());
    };
    fc.assert(
      fc.property(samples, samples, (first, second) => {
        const expected = byPath(treeOf([...first, ...second]));
        assert.deepEqual(byPath(mergeThreads(stacksOf(first, second).threads)), expected);
        assert.deepEqual(byPath(mergeThreads(stacksOf(second, first).threads)), expected);
      }),
    );
  });

  it('give the callers and the callees of a function its total time', () => {
    fc.assert(
      fc.property(samples, fc.nat({ max: functionCount - 1 }), (recorded, index) => {
        const nodes = treeOf(recorded);
        const totalNs = functionTimes(nodes).get(index)?.totalNs ?? 0;
        const [callees, callers] = [calleeTree(nodes, index), callerTree(nodes, index)];
        assert.equal(totalOf(callees), totalNs);
        assert.equal(totalOf(callers), totalNs);
        for (const tree of [callees, callers]) {
          assert.deepEqual(
            tree.filter(([parent]) => parent < 0).map(([, called]) => called),
            functionTimes(nodes).has(index) ? [index] : [],
          );
        }
        const called = functionTimes(callees);
        for (const [other, times] of called) {
          const expectedNs = sumOf(recorded, (stack) => stack.at(-1) === other && stack.includes(index));
          assert.equal(times.selfNs, expectedNs);
        }
      }),
    );
  });

  it('show each visible node below its parent and with its whole time', () => {
    const limits = fc.record({
      minShare: fc.double({ min: 0, max: 0.3, noNaN: true }),
      maxNodes: fc.integer({ min: 1, max: 20 }),
    });
    fc.assert(
      fc.property(samples, limits, (recorded, limit) => {
        const nodes = treeOf(recorded);
        const shown = visibleNodes(nodes, limit);
        assert.equal(shown.totalNs, totalOf(nodes));
        assert.equal(shown.nodes.length + shown.omitted, nodes.length);
        assert.ok(shown.nodes.length <= limit.maxNodes);
        const childrenNs = new Float64Array(shown.nodes.length);
        for (const [index, { parent, totalNs, selfNs }] of shown.nodes.entries()) {
          assert.ok(parent < index && totalNs >= limit.minShare * shown.totalNs && selfNs <= totalNs);
          if (parent >= 0) childrenNs[parent] = (childrenNs[parent] as number) + totalNs;
        }
        for (const [index, { totalNs, selfNs }] of shown.nodes.entries())
          assert.ok((childrenNs[index] as number) + selfNs <= totalNs);
      }),
    );
  });

  it('count deeper frames for their caller, and say so, once they are full', () => {
    const tree = new StackTree(2);
    tree.addStack([1, 2, 3], 1, 10);
    tree.addStack([1, 2], 1, 5);
    tree.addStack([4], 1, 7);
    assert.deepEqual(tree.nodes(), [
      [-1, 1, 0, 0],
      [0, 2, 2, 15],
    ]);
    assert.equal(tree.omitted, 2);
    assert.deepEqual(subtreeTotals(tree.nodes()).samples, Float64Array.of(2, 2));
  });

  it('do not overflow on a recursion of a hundred thousand frames', () => {
    const stack = Array.from({ length: 100_000 }, () => 0);
    const nodes = treeOf([{ stack, cpuNs: 3 }]);
    assert.deepEqual(functionTimes(nodes).get(0), { selfSamples: 1, totalSamples: 1, selfNs: 3, totalNs: 3 });
    assert.equal(callerTree(nodes, 0).length, 1);
  });
});
