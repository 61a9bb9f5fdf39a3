import assert from 'node:assert/strict';
import fc from 'fast-check';
import { StackTree } from '../../../src/core/stacks/stack-tree.ts';
import { orderByTime, type ThreadSlices } from '../../../src/core/stacks/time-order.ts';
import type { VisibleNode } from '../../../src/protocol/panel/stack-view.ts';
import type { StackNode } from '../../../src/protocol/stacks.ts';

const everything = { minShare: 0, maxNodes: Number.POSITIVE_INFINITY };

interface TimedSample {
  readonly second: number;
  readonly path: readonly number[];
  readonly cpuNs: number;
}

interface TimedThread extends ThreadSlices {
  readonly nodes: readonly StackNode[];
  readonly translated: readonly number[];
}

function threadOf(samples: readonly TimedSample[], stepNs = 1e9): TimedThread {
  const tree = new StackTree();
  const slices = new Map<number, Map<number, { samples: number; cpuNs: number }>>();
  for (const { second, path, cpuNs } of samples) {
    let node = -1;
    for (const index of path) node = tree.child(node, index) as number;
    tree.add(node, 1, cpuNs);
    const slice = slices.get(second) ?? new Map<number, { samples: number; cpuNs: number }>();
    slices.set(second, slice);
    const sum = slice.get(node) ?? { samples: 0, cpuNs: 0 };
    slice.set(node, { samples: sum.samples + 1, cpuNs: sum.cpuNs + cpuNs });
  }
  const nodes = tree.nodes();
  return { stepNs, slices, nodes, translated: [...nodes.keys()] };
}

function order(samples: readonly TimedSample[]): ReturnType<typeof orderByTime> {
  const thread = threadOf(samples);
  return orderByTime(thread.nodes, [thread], everything);
}

/** Rows of function, left edge, total time and second of the first column. */
function rowsOf(nodes: readonly VisibleNode[]): readonly (readonly number[])[] {
  return nodes.map(({ function: index, time, totalNs }) => [
    index,
    time?.offsetNs ?? Number.NaN,
    totalNs,
    (time?.startNs ?? Number.NaN) / 1e9,
  ]);
}

describe('the order of time', () => {
  it('has one column for each second, and joins a path that continues without a gap', () => {
    const { nodes, columns } = order([
      { second: 0, path: [1], cpuNs: 10 },
      { second: 2, path: [1], cpuNs: 20 },
      { second: 3, path: [2], cpuNs: 5 },
      { second: 4, path: [1], cpuNs: 7 },
    ]);
    assert.deepEqual(rowsOf(nodes), [
      [1, 0, 30, 0],
      [2, 30, 5, 3],
      [1, 35, 7, 4],
    ]);
    assert.deepEqual(
      columns.map(({ startNs, offsetNs }) => [startNs / 1e9, offsetNs]),
      [
        [0, 0],
        [2, 10],
        [3, 30],
        [4, 35],
      ],
    );
  });

  it('joins callers although their callees differ, and no callees with time of the caller between them', () => {
    const { nodes } = order([
      { second: 0, path: [0, 1], cpuNs: 10 },
      { second: 1, path: [0, 1], cpuNs: 10 },
      { second: 1, path: [0], cpuNs: 4 },
      { second: 2, path: [0, 1], cpuNs: 10 },
    ]);
    assert.deepEqual(rowsOf(nodes), [
      [0, 0, 34, 0],
      [1, 0, 20, 0],
      [1, 24, 10, 2],
    ]);
  });

  it('uses the longest slices of all threads, and longer columns for a long run', () => {
    const short = threadOf([
      { second: 4, path: [1], cpuNs: 1 },
      { second: 5, path: [2], cpuNs: 1 },
    ]);
    const long = threadOf([{ second: 1, path: [1], cpuNs: 1 }], 4e9);
    assert.equal(orderByTime(short.nodes, [short, { ...long, translated: [0] }], everything).stepNs, 4e9);
    const { stepNs, columns } = order(
      Array.from({ length: 600 }, (_, second) => ({ second, path: [second % 7], cpuNs: 1 })),
    );
    assert.ok(stepNs > 1e9 && columns.length <= 241, `${columns.length} columns of ${stepNs} ns`);
  });

  it('keeps all time, with callees inside of their caller, side by side and in the order of their seconds', () => {
    const sample = fc.record({
      second: fc.nat({ max: 6 }),
      path: fc.array(fc.nat({ max: 3 }), { minLength: 1, maxLength: 5 }),
      cpuNs: fc.integer({ min: 1, max: 1000 }),
    });
    fc.assert(
      fc.property(fc.array(sample, { minLength: 1, maxLength: 40 }), (samples) => {
        const { nodes, totalNs, totalSamples, omitted } = order(samples);
        const expectedNs = samples.reduce((sum, { cpuNs }) => sum + cpuNs, 0);
        assert.deepEqual([totalNs, totalSamples, omitted], [expectedNs, samples.length, 0]);
        assert.equal(
          nodes.reduce((sum, { selfNs }) => sum + selfNs, 0),
          expectedNs,
        );
        const edges = new Map<number, number>();
        for (const [index, { parent, time, totalNs: nodeNs }] of nodes.entries()) {
          assert.ok(time && parent < index);
          const above = nodes[parent];
          const left = edges.get(parent) ?? above?.time?.offsetNs ?? 0;
          assert.ok(time.offsetNs >= left, 'overlaps the one before');
          edges.set(parent, time.offsetNs + nodeNs);
          const end = above?.time ? above.time.offsetNs + above.totalNs : totalNs;
          assert.ok(time.offsetNs + nodeNs <= end, 'is wider than its caller');
        }
      }),
    );
  });
});
