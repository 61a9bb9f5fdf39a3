/** Compares what lenses show with the flame graph, for random stacks. */
import { strict as assert } from 'node:assert';
import fc from 'fast-check';
import { duration, percent } from '../../../src/core/format.ts';
import { Recorder } from '../../../src/core/record/recorder.ts';
import { buildSnapshot } from '../../../src/core/snapshot/build-snapshot.ts';
import { defaultThresholds } from '../../../src/core/snapshot/health.ts';
import { buildStackView } from '../../../src/core/stacks/stack-view.ts';
import { selectLenses } from '../../../src/editor/lens/select-lenses.ts';
import { StackRecorder } from '../../../src/probe/sampling/stack-recorder.ts';
import { isBatch } from '../../../src/protocol/batch/batch.ts';
import { allThreads } from '../../../src/protocol/panel/stack-view.ts';
import { snapshotAt } from '../../fixtures/snapshot.ts';

const names = ['main', 'load', 'parse', 'scan', 'match'];
const sample = fc.record({
  stack: fc.array(fc.nat({ max: names.length - 1 }), { minLength: 1, maxLength: 6 }),
  cpuNs: fc.nat({ max: 1e9 }),
});
/** Samples of each thread. */
const threads = fc.array(fc.array(sample, { maxLength: 12 }), { minLength: 1, maxLength: 3 });

describe('lenses of sampled functions', () => {
  it('show the same shares and times as the flame graph, also before the CPU time of the process is read again', () => {
    fc.assert(
      fc.property(threads, fc.nat({ max: 1e9 }), (samples, cpuNs) => {
        const recorder = new Recorder({ components: [], wallStartMs: 0, displayPathOf: (file) => file });
        for (const [threadId, part] of samples.entries()) {
          const stacks = new StackRecorder();
          for (const { stack, cpuNs: sampleNs } of part) stacks.add(stack, 1, sampleNs);
          const batch: unknown = JSON.parse(
            JSON.stringify({
              v: 1,
              source: `1.${threadId}`,
              sequence: 0,
              atNs: 1,
              hello: { pid: 1, threadId, runtime: 'node', name: 'p', wallStartMs: 0, recordNs: 1 },
              definitions: names.map((name, id) => ({
                id,
                component: 'code',
                name,
                kind: 'function',
                file: 'a.js',
                line: id + 1,
              })),
              ...stacks.drain(),
              ...(threadId === 0
                ? { resources: { rssBytes: 1, heapBytes: 1, peakRssBytes: 1, cpuNs, eventLoopDelayP99Ns: 0 } }
                : {}),
              cost: { events: 0, flushNs: 0 },
            }),
          );
          assert.ok(isBatch(batch));
          recorder.ingest(batch, 60e9);
        }
        const run = { ...snapshotAt(30).run, durationNs: 60e9 };
        const snapshot = buildSnapshot(recorder, { run, thresholds: defaultThresholds, hostNs: 0, range: 'live' });
        const lenses = selectLenses(snapshot, {
          template: '',
          minNs: 0,
          slowNs: 1e12,
          verySlowNs: 1e12,
          locate: (file) => file,
        });
        const stacks = recorder.stacks();
        for (const { line, text } of lenses) {
          assert.ok(stacks);
          const id = stacks.functions.findIndex((called) => called.line === line + 1);
          const { details, totalNs } = buildStackView(stacks, { thread: allThreads, function: id });
          assert.ok(details);
          const ofAll = (ns: number): string => `~${percent(ns / totalNs)}`;
          if (totalNs === 0) return;
          assert.equal(
            text,
            details.selfNs > 0
              ? `${ofAll(details.selfNs)} self · ~${duration(details.selfNs)} · ${ofAll(details.totalNs)} total`
              : `${ofAll(details.totalNs)} total · ~${duration(details.totalNs)}`,
          );
        }
        const sampled = new Set(samples.flat().flatMap(({ stack }) => stack));
        assert.equal(lenses.length, sampled.size);
      }),
    );
  });
});
