/** Follows stacks from a guest's recorder through merging, splitting and reconnecting to the snapshot. */
import { strict as assert } from 'node:assert';
import fc from 'fast-check';
import { Recorder } from '../../../../src/core/record/recorder.ts';
import { buildSnapshot } from '../../../../src/core/snapshot/build-snapshot.ts';
import { defaultThresholds } from '../../../../src/core/snapshot/health.ts';
import { functionTimes } from '../../../../src/core/stacks/function-times.ts';
import { SourceStore } from '../../../../src/keeper/source-store.ts';
import { splitBatch } from '../../../../src/probe/link/split-batch.ts';
import { StackRecorder } from '../../../../src/probe/sampling/stack-recorder.ts';
import { type Batch, isBatch } from '../../../../src/protocol/batch/batch.ts';
import { isStacks, type Stacks } from '../../../../src/protocol/stacks.ts';

interface Sample {
  /** Functions, the innermost first. */
  readonly stack: readonly number[];
  readonly cpuNs: number;
}

const names = ['main', 'load', 'parse', 'scan', 'match'];
const sample: fc.Arbitrary<Sample> = fc.record({
  stack: fc.array(fc.nat({ max: names.length - 1 }), { minLength: 1, maxLength: 6 }),
  cpuNs: fc.nat({ max: 1000 }),
});
/** Samples by batch. */
const run = fc.array(fc.array(sample, { maxLength: 8 }), { minLength: 1, maxLength: 6 });

function batchesOf(samples: readonly (readonly Sample[])[], pid = 1): readonly Batch[] {
  const recorder = new StackRecorder();
  return samples.map((part, sequence) => {
    for (const { stack, cpuNs } of part) recorder.add(stack, 1, cpuNs);
    return {
      v: 1 as const,
      source: `${pid}.0`,
      sequence,
      atNs: sequence,
      ...(sequence === 0
        ? {
            hello: { pid, threadId: 0, runtime: 'node', name: 'p', wallStartMs: 0, recordNs: 1 },
            definitions: names.map((name, id) => ({ id, component: 'code', name, kind: 'function' as const })),
          }
        : {}),
      ...recorder.drain(),
      cost: { events: 0, flushNs: 0 },
    };
  });
}

function record(batches: readonly Batch[], isBacklog = false): Recorder {
  const recorder = new Recorder({ components: [], wallStartMs: 0, displayPathOf: (file) => file });
  for (const [index, batch] of batches.entries()) recorder.ingest(batch, (index + 1) * 1e9, isBacklog);
  return recorder;
}

/** Returns the self time of each call path, by the names on it. */
function timesByPath({ functions, threads }: Stacks): Readonly<Record<string, number>> {
  const sums: Record<string, number> = {};
  for (const { nodes } of threads) {
    const paths: string[] = [];
    for (const [parent, index, , cpuNs] of nodes) {
      const path = `${parent < 0 ? '' : `${paths[parent]}/`}${functions[index]?.name}`;
      paths.push(path);
      if (cpuNs > 0) sums[path] = (sums[path] ?? 0) + cpuNs;
    }
  }
  return Object.fromEntries(Object.entries(sums).sort());
}

function stacksOf(recorder: Recorder): Stacks {
  return { functions: recorder.stackFunctions.list(), threads: recorder.sources.stacks() };
}

function expectedTimes(samples: readonly Sample[]): Readonly<Record<string, number>> {
  const sums: Record<string, number> = {};
  for (const { stack, cpuNs } of samples) {
    const path = [...stack]
      .reverse()
      .map((id) => names[id])
      .join('/');
    if (cpuNs > 0) sums[path] = (sums[path] ?? 0) + cpuNs;
  }
  return Object.fromEntries(Object.entries(sums).sort());
}

describe('stacks of a source', () => {
  it('arrive whole, whether they come in many batches or in parts of them', () => {
    fc.assert(
      fc.property(run, fc.integer({ min: 300, max: 2000 }), (samples, maxLength) => {
        const batches = batchesOf(samples);
        assert.ok(batches.every(isBatch));
        const expected = expectedTimes(samples.flat());
        assert.deepEqual(timesByPath(stacksOf(record(batches))), expected);
        let sequence = 0;
        const parts = batches.flatMap((batch) =>
          splitBatch(batch, maxLength, (part) => ({ ...part, sequence: sequence++ })).map((text) => JSON.parse(text)),
        );
        assert.ok(parts.every(isBatch));
        const recorder = record(parts);
        assert.deepEqual(timesByPath(stacksOf(recorder)), expected);
        assert.equal(recorder.dropped.values, 0);
      }),
    );
  });

  it('are the same for a host that connects later or reads slowly', () => {
    fc.assert(
      fc.property(run, fc.array(fc.boolean(), { minLength: 6, maxLength: 6 }), (samples, mustWait) => {
        const store = new SourceStore(() => assert.fail('nothing may be lost'));
        const passed: Batch[] = [];
        for (const [index, batch] of batchesOf(samples).entries()) {
          const direct = store.ingest(batch, mustWait[index] ?? false);
          if (direct) passed.push(direct);
          else if (index % 2 === 1) passed.push(...store.drainPending());
        }
        passed.push(...store.drainPending());
        const expected = expectedTimes(samples.flat());
        assert.deepEqual(timesByPath(stacksOf(record(passed))), expected);
        assert.deepEqual(timesByPath(stacksOf(record(store.allBatches(), true))), expected);
      }),
    );
  });

  it('give each operation the times of its function, so that no two views differ', () => {
    fc.assert(
      fc.property(run, (samples) => {
        const recorder = record(batchesOf(samples));
        const { functions, threads } = stacksOf(recorder);
        const times = functionTimes(threads[0]?.nodes ?? []);
        for (const operation of recorder.operations.values()) {
          const index = functions.findIndex(({ name }) => name === operation.definition.name);
          const { selfNs = 0, totalNs = 0, totalSamples = 0 } = times.get(index) ?? {};
          assert.deepEqual({ ...operation.sampled }, { samples: totalSamples, selfNs, totalNs });
        }
        const [process] = recorder.sources.processes();
        if (threads.length > 0)
          assert.equal(
            process?.sampledNs,
            samples.flat().reduce((sum, { cpuNs }) => sum + cpuNs, 0),
          );
      }),
    );
  });

  it('can be shown for a part of the run', () => {
    const stack = [1, 0];
    const samples = [10, 20, 40, 80].map((cpuNs) => [{ stack, cpuNs }]);
    const recorder = record(batchesOf(samples));
    const between = (startNs: number, endNs: number): unknown =>
      timesByPath({ functions: recorder.stackFunctions.list(), threads: recorder.sources.stacks({ startNs, endNs }) });
    assert.deepEqual(between(1.5e9, 3.5e9), { 'main/load': 10 + 20 + 40 });
    assert.deepEqual(between(3e9, 4e9), { 'main/load': 40 });
    assert.deepEqual(between(9e9, 10e9), {});
  });

  it('are in the exported snapshot, and only there', () => {
    const recorder = record(batchesOf([[{ stack: [2, 0], cpuNs: 7 }]]));
    const runOf = {
      id: 'r',
      pipeline: 'p',
      title: 't',
      workspace: '/',
      startedAt: '',
      durationNs: 9,
      result: 'success',
    };
    const snapshotOf = (range: 'live' | 'whole') =>
      buildSnapshot(recorder, { run: runOf as never, thresholds: defaultThresholds, hostNs: 0, range });
    const { stacks } = snapshotOf('whole');
    assert.ok(isStacks(JSON.parse(JSON.stringify(stacks))));
    assert.deepEqual(timesByPath(stacks as Stacks), { 'main/parse': 7 });
    assert.equal(snapshotOf('live').stacks, undefined);
  });

  it('count as dropped what refers to nodes or functions that never came', () => {
    const [batch] = batchesOf([[{ stack: [0], cpuNs: 1 }]]);
    assert.ok(batch);
    const recorder = record([
      {
        ...batch,
        stackNodes: [
          [1, 0, 0],
          [2, 9, 0],
          [3, 0, 77],
        ],
        stackSamples: [
          [1, 1, 5],
          [2, 1, 6],
          [3, 1, 7],
          [4, 1, 8],
        ],
      },
    ]);
    assert.deepEqual(timesByPath(stacksOf(recorder)), { main: 5 });
    assert.equal(recorder.dropped.values, 2 + 3);
  });
});

describe('stacks of many sources', function () {
  this.timeout(60_000);

  it('keep to their memory, and count the nodes that they have no room for', () => {
    const recorder = new Recorder({ components: [], wallStartMs: 0, displayPathOf: (file) => file });
    const [batch] = batchesOf([[{ stack: [0], cpuNs: 1 }]]);
    assert.ok(batch);
    const stackNodes = Array.from({ length: 20_000 }, (_, index) => [index + 1, index, index % 2] as const);
    for (let pid = 1; pid <= 40; pid++)
      recorder.ingest({ ...batch, source: `${pid}.0`, stackNodes, stackSamples: [] }, 1);
    const nodes = recorder.sources.stacks().reduce((sum, thread) => sum + thread.nodes.length, 0);
    assert.ok(nodes > 500_000 && nodes < 700_000, `${nodes}`);
    assert.equal(recorder.dropped.values, 40 * 20_000 - nodes);
  });

  it('are joined once sources make room for others', () => {
    const recorder = new Recorder({ components: [], wallStartMs: 0, displayPathOf: (file) => file });
    const count = 1200;
    for (let pid = 1; pid <= count; pid++) {
      const [batch] = batchesOf([[{ stack: [1, 0], cpuNs: 5 }]], pid);
      assert.ok(batch?.hello);
      recorder.ingest({ ...batch, hello: { ...batch.hello, pid }, bye: { reason: 'end' } }, pid);
    }
    const stacks = stacksOf(recorder);
    assert.deepEqual(timesByPath(stacks), { 'main/load': 5 * count });
    assert.match(stacks.threads.at(-1)?.name ?? '', /^200 earlier processes and threads$/);
    assert.equal(recorder.dropped.values, 0);
  });

  it('are joined by the keeper too', () => {
    const store = new SourceStore(() => undefined);
    const count = 1200;
    for (let pid = 1; pid <= count; pid++) {
      const [batch] = batchesOf([[{ stack: [1, 0], cpuNs: 5 }]], pid);
      assert.ok(batch);
      store.ingest({ ...batch, bye: { reason: 'end' } }, false);
    }
    assert.deepEqual(timesByPath(stacksOf(record(store.allBatches(), true))), { 'main/load': 5 * count });
  });
});

describe('StackRecorder', () => {
  it('keeps all time when it is full, and counts the samples that it has shortened', () => {
    const recorder = new StackRecorder();
    for (let index = 0; index < 25_000; index++) recorder.add([index, 500_000], 1, 2);
    const { stackNodes = [], stackSamples = [], stackSamplesOmitted = 0 } = recorder.drain();
    assert.ok(stackNodes.length <= 20_000);
    assert.equal(
      stackSamples.reduce((sum, [, , cpuNs]) => sum + cpuNs, 0),
      50_000,
    );
    assert.equal(stackSamplesOmitted, 25_000 - (stackNodes.length - 1));
    assert.deepEqual(recorder.drain(), {});
  });
});

describe('isStacks', () => {
  const stacks = (nodes: unknown): unknown => ({
    functions: [{ name: 'f', component: 'c' }],
    threads: [{ process: 1, thread: 0, name: 't', nodes, omitted: 0 }],
  });

  it('accepts nodes after their parents', () => {
    assert.ok(
      isStacks(
        stacks([
          [-1, 0, 1, 2],
          [0, 0, 1, 2.5],
        ]),
      ),
    );
  });

  for (const [what, nodes] of Object.entries({
    'a node before its parent': [
      [1, 0, 1, 2],
      [-1, 0, 1, 2],
    ],
    'a node that is its own parent': [[0, 0, 1, 2]],
    'a parent that does not exist': [[-2, 0, 1, 2]],
    'a function that does not exist': [[-1, 1, 1, 2]],
    'a negative time': [[-1, 0, 1, -2]],
    'a time that is not finite': [[-1, 0, 1, null]],
    'a node with too few values': [[-1, 0, 1]],
    'a text instead of nodes': 'x',
  })) {
    it(`refuses ${what}`, () => assert.equal(isStacks(stacks(nodes)), false));
  }
});
