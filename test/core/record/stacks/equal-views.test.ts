/** The same numbers in every view of random runs: functions, flame graph in both orders, threads, and an exported file. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { formatSnapshotJson, parseSnapshotJson } from '../../../../src/core/export/snapshot-json.ts';
import { Recorder } from '../../../../src/core/record/recorder.ts';
import { buildSnapshot } from '../../../../src/core/snapshot/build-snapshot.ts';
import { defaultThresholds } from '../../../../src/core/snapshot/health.ts';
import { buildStackView } from '../../../../src/core/stacks/stack-view.ts';
import { StackRecorder } from '../../../../src/probe/sampling/stack-recorder.ts';
import { allThreads, type StackView, type VisibleNode } from '../../../../src/protocol/panel/stack-view.ts';
import type { Snapshot } from '../../../../src/protocol/snapshot.ts';

interface TimedSample {
  /** Process ID. */
  readonly process: number;
  readonly second: number;
  /** Functions, the innermost first. */
  readonly stack: readonly number[];
  readonly cpuNs: number;
}

const names = ['main', 'load', 'parse', 'scan', 'match'];
const samples = fc.array(
  fc.record({
    process: fc.integer({ min: 1, max: 2 }),
    second: fc.nat({ max: 5 }),
    stack: fc.array(fc.nat({ max: names.length - 1 }), { minLength: 1, maxLength: 6 }),
    cpuNs: fc.integer({ min: 100, max: 1000 }),
  }),
  { minLength: 1, maxLength: 30 },
);

function record(all: readonly TimedSample[]): Recorder {
  const recorder = new Recorder({ components: [], wallStartMs: 0, displayPathOf: (file) => file });
  for (const pid of [1, 2]) {
    const stacks = new StackRecorder();
    for (let second = 0; second < 6; second++) {
      for (const sample of all) {
        if (sample.process === pid && sample.second === second) stacks.add(sample.stack, 1, sample.cpuNs);
      }
      const batch = {
        v: 1 as const,
        source: `${pid}.0`,
        sequence: second,
        atNs: second,
        ...(second === 0
          ? {
              hello: { pid, threadId: 0, runtime: 'node', name: `p${pid}`, wallStartMs: 0, recordNs: 1 },
              definitions: names.map((name, id) => ({ id, component: 'code', name, kind: 'function' as const })),
            }
          : {}),
        ...stacks.drain(),
        cost: { events: 0, flushNs: 0 },
      };
      recorder.ingest(batch, second * 1e9 + 0.5e9);
    }
  }
  return recorder;
}

function snapshotOf(recorder: Recorder): Snapshot {
  const run = {
    id: 'r',
    pipeline: 'p',
    title: 't',
    workspace: '/w',
    startedAt: new Date(0).toISOString(),
    durationNs: 6e9,
    result: 'success' as const,
  };
  return buildSnapshot(recorder, { run, thresholds: defaultThresholds, hostNs: 0, range: 'whole' });
}

function sumOfSelf(nodes: readonly VisibleNode[]): number {
  return nodes.reduce((sum, { selfNs }) => sum + selfNs, 0);
}

/** Returns the time of the frames of a function that are not below another one of it, as a reader adds them up. */
function timeInGraph({ nodes, functions }: StackView, id: number): number {
  const isInside: boolean[] = [];
  let totalNs = 0;
  for (const { parent, function: index, totalNs: nodeNs } of nodes) {
    const isBelow = isInside[parent] === true;
    const isFunction = functions[index]?.id === id;
    if (isFunction && !isBelow) totalNs += nodeNs;
    isInside.push(isBelow || isFunction);
  }
  return totalNs;
}

describe('views of the same run', () => {
  it('agree to the digit about every function and about the whole', () => {
    fc.assert(
      fc.property(samples, (all) => {
        const recorder = record(all);
        const stacks = recorder.stacks();
        assert.ok(stacks);
        const slices = () => recorder.sources.stackSlices();
        const snapshot = snapshotOf(recorder);
        const exported = parseSnapshotJson(formatSnapshotJson(snapshot)).stacks;
        assert.ok(exported);
        const expectedNs = all.reduce((sum, { cpuNs }) => sum + cpuNs, 0);
        for (const [id, { name }] of stacks.functions.entries()) {
          const selection = { thread: allThreads, function: id };
          const bySize = buildStackView(stacks, selection, { slices });
          const byTime = buildStackView(stacks, { ...selection, order: 'time' }, { slices });
          const file = buildStackView(exported, selection);
          const operation = snapshot.operations.find((entry) => entry.name === name);
          const { details } = bySize;
          assert.ok(details && operation);
          // The lens and the table of operations.
          assert.deepEqual(
            [operation.selfNs, operation.totalNs, operation.samples],
            [details.selfNs, details.totalNs, details.totalSamples],
          );
          assert.equal(details.callers[0]?.totalNs, details.totalNs);
          assert.equal(details.callees[0]?.totalNs, details.totalNs);
          for (const view of [bySize, byTime, file]) {
            assert.equal(view.totalNs, expectedNs);
            assert.deepEqual(view.details, details);
            if (view.omitted === 0) {
              assert.equal(sumOfSelf(view.nodes), expectedNs);
              assert.equal(timeInGraph(view, id), details.totalNs);
            }
          }
          assert.deepEqual(file.nodes, bySize.nodes);
        }
        const whole = buildStackView(stacks, { thread: allThreads });
        for (const { key, process } of whole.threads) {
          const ofProcess = buildStackView(stacks, { thread: `process:${process}` });
          assert.equal(ofProcess.selection.thread, `process:${process}`);
          assert.deepEqual(ofProcess.nodes, buildStackView(stacks, { thread: key }).nodes);
        }
        const threads = whole.threads.map(({ key, totalNs }) => [
          buildStackView(stacks, { thread: key }).totalNs,
          totalNs,
        ]);
        for (const [shownNs, listedNs] of threads) assert.equal(shownNs, listedNs);
        assert.equal(
          threads.reduce((sum, [shownNs = 0]) => sum + shownNs, 0),
          expectedNs,
        );
      }),
    );
  });

  it('agree about a part of the run too', () => {
    fc.assert(
      fc.property(samples, fc.nat({ max: 5 }), fc.nat({ max: 5 }), (all, first, last) => {
        const recorder = record(all);
        const range = { startNs: Math.min(first, last) * 1e9, endNs: (Math.max(first, last) + 1) * 1e9 };
        const stacks = recorder.stacks(range);
        assert.ok(stacks);
        const slices = () => recorder.sources.stackSlices(range);
        const bySize = buildStackView(stacks, { thread: allThreads, range }, { slices });
        const byTime = buildStackView(stacks, { thread: allThreads, range, order: 'time' }, { slices });
        const expectedNs = all
          .filter(({ second }) => second >= Math.min(first, last) && second <= Math.max(first, last))
          .reduce((sum, { cpuNs }) => sum + cpuNs, 0);
        assert.equal(bySize.totalNs, expectedNs);
        assert.equal(byTime.totalNs, expectedNs);
        assert.equal(sumOfSelf(byTime.nodes), expectedNs);
        const seconds = (byTime.timeColumns?.columns ?? []).map(({ startNs }) => startNs);
        assert.ok(seconds.every((startNs) => startNs >= range.startNs && startNs < range.endNs));
      }),
    );
  });
});
