/** Follows blocks of the event loop and trees of spans from batches to the snapshot, also after a reconnect. */
import { strict as assert } from 'node:assert';
import { findInvalidPart } from '../../../../src/core/export/snapshot-parts.ts';
import { Recorder } from '../../../../src/core/record/recorder.ts';
import { buildSnapshot } from '../../../../src/core/snapshot/build-snapshot.ts';
import { defaultThresholds } from '../../../../src/core/snapshot/health.ts';
import { buildStackView } from '../../../../src/core/stacks/stack-view.ts';
import { splitBatch } from '../../../../src/probe/link/split-batch.ts';
import { type Batch, isBatch } from '../../../../src/protocol/batch/batch.ts';
import { salvageBatch } from '../../../../src/protocol/batch/salvage-batch.ts';
import { SourceTotals } from '../../../../src/protocol/batch/source-totals.ts';
import { allThreads } from '../../../../src/protocol/panel/stack-view.ts';

const wallStartMs = 1_700_000_000_000;

function batch(sequence: number, properties: Partial<Batch>): Batch {
  const hello = { pid: 7, threadId: 0, runtime: 'node', name: 'app', wallStartMs, recordNs: 1 };
  const names = ['(event loop)', 'main', 'rank', 'sort'];
  const definitions = names.map((name, id) => ({
    id,
    component: 'code',
    name,
    kind: 'function' as const,
    ...(name === 'main' || name === 'rank' ? { file: 'app.js', line: id } : {}),
  }));
  return {
    v: 1,
    source: '7.0',
    sequence,
    atNs: sequence * 1e9,
    ...(sequence === 0 ? { hello, definitions } : {}),
    ...properties,
    cost: { events: 0, flushNs: 0 },
  };
}

const stackNodes = [
  [1, 0, 1],
  [2, 1, 2],
  [3, 2, 3],
  [4, 0, 0],
] as const;

const blocked: readonly Batch[] = [
  batch(0, {
    stackNodes,
    stackSamples: [[3, 2, 20e6]],
    blocks: [{ atMs: wallStartMs + 1000, durationNs: 80e6, node: 3 }],
  }),
  batch(1, {
    blocks: [
      { atMs: wallStartMs + 1500, durationNs: 340e6, node: 2 },
      { atMs: wallStartMs + 1700, durationNs: 60e6, node: 1 },
      { atMs: wallStartMs + 1800, durationNs: 70e6, node: 4 },
    ],
    blocksOmitted: 3,
  }),
  batch(2, {
    spanNodes: [
      [1, 0, 1],
      [2, 1, 2],
    ],
    spanTimes: [
      [1, 1, 500e6],
      [2, 4, 900e6],
    ],
  }),
];

function record(batches: readonly Batch[], isBacklog = false) {
  const recorder = new Recorder({ components: [], wallStartMs, displayPathOf: (file) => file });
  for (const [index, received] of batches.entries()) recorder.ingest(received, (index + 2) * 1e9, isBacklog);
  return recorder;
}

function snapshotOf(recorder: Recorder) {
  const run = {
    id: 'r',
    pipeline: 'p',
    title: 't',
    workspace: '/w',
    startedAt: new Date(wallStartMs).toISOString(),
    durationNs: 9e9,
    result: 'success' as const,
  };
  return buildSnapshot(recorder, { run, thresholds: defaultThresholds, hostNs: 0, range: 'whole' });
}

describe('blocks of the event loop', () => {
  it('are listed by the innermost function that has a source', () => {
    const { eventLoopBlocks } = snapshotOf(record(blocked));
    assert.deepEqual(
      eventLoopBlocks?.functions.map(({ name, file, line, count, longestNs, totalNs }) => [
        name,
        file,
        line,
        count,
        longestNs,
        totalNs,
      ]),
      [
        ['rank', 'app.js', 2, 2, 340e6, 420e6],
        ['(event loop)', undefined, undefined, 1, 70e6, 70e6],
        ['main', 'app.js', 1, 1, 60e6, 60e6],
      ],
    );
    assert.deepEqual(
      [eventLoopBlocks?.count, eventLoopBlocks?.longestNs, eventLoopBlocks?.totalNs, eventLoopBlocks?.omitted],
      [4, 340e6, 550e6, 3],
    );
  });

  it('have their moment, thread and the path of their stack', () => {
    const { eventLoopBlocks, stacks } = snapshotOf(record(blocked));
    const namesOf = (path: readonly number[]) => path.map((index) => stacks?.functions[index]?.name).join('>');
    assert.deepEqual(
      eventLoopBlocks?.moments.map(({ atNs, durationNs, process, thread, path }) => [
        atNs,
        durationNs,
        process,
        thread,
        namesOf(path),
      ]),
      [
        [1000e6, 80e6, 7, 0, 'main>rank>sort'],
        [1500e6, 340e6, 7, 0, 'main>rank'],
        [1700e6, 60e6, 7, 0, 'main'],
        [1800e6, 70e6, 7, 0, '(event loop)'],
      ],
    );
  });

  it('add no time to the stacks, and no block is in a snapshot without any', () => {
    const { stacks } = snapshotOf(record(blocked.slice(0, 2)));
    assert.equal(
      stacks?.threads[0]?.nodes.reduce((sum, [, , , cpuNs]) => sum + cpuNs, 0),
      20e6,
    );
    assert.equal(snapshotOf(record([batch(0, { stackNodes })])).eventLoopBlocks, undefined);
  });

  it('reach a host that connects later, as does the tree of spans', () => {
    const totals = new SourceTotals();
    for (const received of blocked) totals.add(received);
    const [whole, resumed] = [snapshotOf(record(blocked)), snapshotOf(record([totals.toBatch() as Batch], true))];
    assert.ok(whole.eventLoopBlocks && whole.stacks?.threads.some(({ kind }) => kind === 'spans'));
    assert.deepEqual(resumed.eventLoopBlocks, whole.eventLoopBlocks);
    assert.deepEqual(resumed.stacks, whole.stacks);
  });

  it('survive batches that are sent in parts, as does the tree of spans', () => {
    const totals = new SourceTotals();
    for (const received of blocked) totals.add(received);
    for (const maxLength of [150, 300, 600]) {
      let sequence = 0;
      const number = (part: Batch): Batch => ({ ...part, sequence: sequence++ });
      const parts = splitBatch(totals.toBatch() as Batch, maxLength, number).map((text) => JSON.parse(text) as Batch);
      assert.ok(parts.length > 1 && parts.every(isBatch));
      const [whole, split] = [snapshotOf(record(blocked)), snapshotOf(record(parts, true))];
      assert.deepEqual([split.eventLoopBlocks, split.stacks], [whole.eventLoopBlocks, whole.stacks]);
    }
  });

  it('leave out what is not valid and count it', () => {
    const received = salvageBatch({
      ...blocked[0],
      blocks: [
        { atMs: -1, durationNs: 80e6, node: 3 },
        { atMs: 1, durationNs: 80e6, node: 99 },
        'x',
        ...(blocked[0]?.blocks ?? []),
      ],
      spanTimes: [[1, 1]],
    });
    const recorder = record([received as Batch]);
    const { eventLoopBlocks, dropped } = snapshotOf(recorder);
    assert.deepEqual([eventLoopBlocks?.count, eventLoopBlocks?.functions.length, dropped.values], [2, 1, 4]);
  });

  it('are bounded, and the longest are kept', () => {
    const many = Array.from({ length: 50 }, (_, part) =>
      batch(part, {
        stackNodes,
        blocks: Array.from({ length: 200 }, (_unused, index) => ({
          atMs: wallStartMs + part * 200 + index,
          durationNs: part === 3 && index === 7 ? 5e9 : 60e6,
          node: 3,
        })),
      }),
    );
    const { eventLoopBlocks } = snapshotOf(record(many));
    assert.equal(eventLoopBlocks?.count, 10_000);
    assert.ok((eventLoopBlocks?.moments.length ?? 0) <= 300);
    assert.ok(eventLoopBlocks?.moments.some(({ durationNs }) => durationNs === 5e9));
    assert.equal(eventLoopBlocks?.moments.at(-1)?.atNs, (49 * 200 + 199) * 1e6);
  });

  it('are in a snapshot that can be opened again', () => {
    const snapshot: unknown = JSON.parse(JSON.stringify(snapshotOf(record(blocked))));
    assert.equal(findInvalidPart(snapshot), undefined);
    assert.equal(findInvalidPart({ ...(snapshot as object), eventLoopBlocks: { count: 'x' } }), 'eventLoopBlocks');
  });
});

describe('trees of spans', () => {
  it('are threads of their kind, whose wall time is added to no CPU time', () => {
    const { stacks, operations } = snapshotOf(record(blocked));
    assert.deepEqual(
      stacks?.threads.map(({ kind, name, nodes }) => [kind, name, nodes.reduce((sum, [, , , ns]) => sum + ns, 0)]),
      [
        [undefined, 'app', 20e6],
        ['spans', 'app (spans)', 1400e6],
      ],
    );
    assert.equal(operations.find(({ name }) => name === 'rank')?.totalNs, 20e6);
  });

  it('are shown if they are selected, and not among all threads', () => {
    const stacks = record(blocked).stacks();
    assert.ok(stacks);
    const all = buildStackView(stacks, { thread: allThreads });
    assert.deepEqual(
      [all.totalNs, all.unit, all.threads.map(({ kind }) => kind)],
      [20e6, undefined, ['spans', undefined]],
    );
    const spans = buildStackView(stacks, { thread: '7.0.spans' });
    assert.deepEqual([spans.totalNs, spans.totalSamples, spans.unit], [1400e6, 5, 'wall']);
    assert.equal(buildStackView(stacks, { thread: 'process:7' }).totalNs, 20e6);
  });

  it('are shown as all threads of a run without samples, such as a built-in pipeline', () => {
    const stacks = record([batch(0, blocked[2] ?? {})]).stacks();
    assert.ok(stacks);
    const { totalNs, unit } = buildStackView(stacks, { thread: allThreads });
    assert.deepEqual([totalNs, unit], [1400e6, 'wall']);
  });

  it('are slices of the run, as call stacks are', () => {
    const stacks = record(blocked).stacks({ startNs: 3e9, endNs: 5e9 });
    const times = stacks?.threads.map(({ kind, nodes }) => [kind, nodes.reduce((sum, [, , , ns]) => sum + ns, 0)]);
    assert.deepEqual(times, [
      [undefined, 0],
      ['spans', 1400e6],
    ]);
  });
});
