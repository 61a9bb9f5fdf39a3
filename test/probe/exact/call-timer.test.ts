/** Checks the times of instrumented functions against programs whose times are known. */
import { strict as assert } from 'node:assert';
import fc from 'fast-check';
import { assertDurations, snapshotOfBatches } from '../../fixtures/duration-rules.ts';
import { functions, type Part, programs, type SimulatedRun, simulate, type Truth } from './simulated-program.ts';

/** Rounding of milliseconds to nanoseconds, for many additions. */
const toleranceNs = 50;

function assertNear(actual: number, expected: number, limitNs: number, text: string): void {
  assert.ok(Math.abs(actual - expected) <= limitNs, `${text}: ${actual}, expected ${expected}`);
}

function snapshotOf({ deltas, wallNs, cpuNs }: SimulatedRun) {
  const definitions = functions.map((id) => ({
    id,
    component: id % 2 === 0 ? 'even' : 'odd',
    name: `f${id}`,
    kind: 'function' as const,
  }));
  const hello = { pid: 1, threadId: 0, runtime: 'node', name: 'x', wallStartMs: 0, recordNs: 80 };
  const resources = { rssBytes: 1, heapBytes: 1, peakRssBytes: 1, cpuNs, eventLoopDelayP99Ns: 0 };
  const cost = { events: 0, flushNs: 0 };
  const batch = { v: 1, source: '1.0', sequence: 0, atNs: 0, hello, definitions, operations: deltas, resources, cost };
  return snapshotOfBatches([batch as never], wallNs);
}

describe('CallTimer', function () {
  this.timeout(60_000);

  it('reports the exact total, sum of durations and self time of every function of a random program', () => {
    fc.assert(
      fc.property(programs({ waits: false }), (program) => {
        const run = simulate(program);
        for (const { id, count, totalNs, durationsNs = totalNs, selfNs = Number.NaN } of run.deltas) {
          const truth = run.truths[id] as Truth;
          assert.equal(count, truth.count);
          assertNear(totalNs, truth.totalNs, toleranceNs, `total of ${id}`);
          assertNear(durationsNs, truth.durationsNs, toleranceNs, `durations of ${id}`);
          assertNear(selfNs, truth.selfNs, toleranceNs, `self time of ${id}`);
        }
        if (run.wallNs > 0) assertDurations(snapshotOf(run), 1);
      }),
      { numRuns: 300 },
    );
  });

  it('leaves the time in which the thread waits out of self times', () => {
    fc.assert(
      fc.property(programs({ waits: true }), (program) => {
        const run = simulate(program);
        const selfNs = run.deltas.reduce((sum, delta) => sum + (delta.selfNs ?? 0), 0);
        // The CPU time at the start of a call may be a millisecond old.
        const calls = run.truths.reduce((sum, { count }) => sum + count, 0);
        assert.ok(selfNs <= run.cpuNs + calls * 1e6, `${selfNs} of ${run.cpuNs} in ${calls} calls`);
        for (const { id, totalNs, selfNs: ownNs = 0 } of run.deltas) {
          const truth = run.truths[id] as Truth;
          assertNear(totalNs, truth.totalNs, toleranceNs, `total of ${id}`);
          assert.ok(ownNs <= truth.selfNs + truth.count * 1e6 + toleranceNs, `${ownNs} of ${truth.selfNs}`);
        }
        if (run.wallNs > 0) assertDurations(snapshotOf(run), 1);
      }),
      { numRuns: 300 },
    );
  });

  it('stays possible and consistent however few calls of a random program are timed', () => {
    fc.assert(
      fc.property(programs({ waits: true }), fc.integer({ min: 1, max: 5 }), (program, quota) => {
        const repeated = Array.from({ length: 20 }, () => program).flat();
        const run = simulate(repeated, quota);
        for (const { id, count } of run.deltas) assert.equal(count, (run.truths[id] as Truth).count);
        if (run.wallNs > 0) assertDurations(snapshotOf(run), 1);
      }),
      { numRuns: 150 },
    );
  });

  const patterns: Readonly<Record<string, (index: number) => Part>> = {
    'every 64th call is slow': (index) => ({
      kind: 'call',
      id: 0,
      parts: [{ kind: 'work', us: index % 64 === 0 ? 640 : 10 }],
    }),
    'calls become faster': (index) => ({
      kind: 'call',
      id: 0,
      parts: [{ kind: 'work', us: index < 2000 ? 200 : 4 }],
    }),
    'a function is called by two others': (index) => ({
      kind: 'call',
      id: 1 + (index % 2),
      parts: [
        { kind: 'work', us: 5 },
        { kind: 'call', id: 0, parts: [{ kind: 'work', us: 20 }] },
      ],
    }),
    'a function calls itself': (index) => ({
      kind: 'call',
      id: 0,
      parts: [
        { kind: 'work', us: 6 },
        { kind: 'call', id: 0, parts: [{ kind: 'work', us: index % 3 }] },
      ],
    }),
  };
  for (const [title, part] of Object.entries(patterns)) {
    it(`estimates totals, averages and self times within a tenth if few calls are timed and ${title}`, () => {
      const run = simulate(
        Array.from({ length: 100_000 }, (_, index) => part(index)),
        300,
      );
      for (const { id, count, timed = count, totalNs, durationsNs = totalNs, selfNs = 0 } of run.deltas) {
        const truth = run.truths[id] as Truth;
        assert.ok(timed < count / 10, `${timed} of ${count} timed`);
        assertNear(totalNs, truth.totalNs, truth.totalNs / 10, `total of ${id}`);
        assertNear(
          durationsNs / count,
          truth.durationsNs / truth.count,
          truth.durationsNs / truth.count / 10,
          'average',
        );
        assertNear(selfNs, truth.selfNs, truth.totalNs / 10, `self time of ${id}`);
      }
      const [snapshot] = [snapshotOf(run)];
      assertDurations(snapshot, 1);
      assert.ok(snapshot.operations.every(({ source }) => source === 'estimated'));
    });
  }
});
