/** Checks the durations of real programs: what a snapshot says about them is possible, and consistent in itself. */
import { strict as assert } from 'node:assert';
import { join, resolve } from 'node:path';
import type { Batch } from '../../../src/protocol/batch/batch.ts';
import type { OperationState, Snapshot } from '../../../src/protocol/snapshot.ts';
import { assertDurations, snapshotOfBatches } from '../../fixtures/duration-rules.ts';
import { createProgramFolder, runProfiled } from '../../probe/profiled-program.ts';

const api = JSON.stringify(resolve(import.meta.dirname, '../../../src/probe/api/api.ts'));

interface RecordedProgram {
  readonly code: string;
  /** Threads that run the program; one if absent. */
  readonly threads?: number;
  /** True if so few of its calls are timed that their times are only estimates. */
  readonly isEstimated?: boolean;
  readonly check?: (operation: (name: string) => OperationState, snapshot: Snapshot) => void;
}

/** A function that takes this much CPU time, however busy the machine is. */
const busy = `function busy(ms) {
  const start = process.threadCpuUsage();
  for (;;) { const { user, system } = process.threadCpuUsage(start); if (user + system >= ms * 1000) return; }
}
`;

/** The same in code of its function alone, which reads the clock so rarely that samples find it in the function itself. */
const works = `function works(ms) {
  const start = process.threadCpuUsage();
  for (let x = 1; ; ) {
    for (let i = 0; i < 1e5; i++) x = (x * 1103515245 + 12345) % 2147483647;
    const { user, system } = process.threadCpuUsage(start);
    if (user + system >= ms * 1000) return x;
  }
}
`;

/** Asserts that a duration is at least that of the program's own waiting or work, which a busy machine only lengthens. */
function assertAtLeast(ns: number | undefined, ms: number, text = ''): void {
  assert.ok(ns !== undefined && ns >= ms * 1e6 * 0.98, `${text} ${ns} ns, expected ${ms} ms`);
}

const programs: Readonly<Record<string, RecordedProgram>> = {
  'recursion that does work at every level': {
    code: `${busy}function down(n) { busy(3); if (n > 1) down(n - 1); }\ndown(20); down(20);`,
    check: (operation) => {
      const down = operation('down');
      assert.equal(down.count, 40);
      // The average of 3, 6, … 60 ms; the outermost calls alone are 120 ms.
      assertAtLeast(down.averageNs, 31.5);
      assertAtLeast(down.totalNs, 120);
      assert.ok(down.totalNs < (40 * (down.averageNs ?? 0)) / 4);
      assert.ok((down.averageNs ?? 0) >= (down.p50Ns ?? 0) * 0.7 && (down.averageNs ?? 0) <= (down.p99Ns ?? 0));
    },
  },
  'recursion with many short calls': {
    code: 'function fib(n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }\nfor (let i = 0; i < 20; i++) fib(20);',
  },
  'mutual recursion': {
    code: `${busy}function even(n) { busy(1); return n === 0 || odd(n - 1); }\nfunction odd(n) { busy(2); return n !== 0 && even(n - 1); }\nfor (let i = 0; i < 5; i++) even(10);`,
    check: (operation) => {
      const [even, odd] = [operation('even'), operation('odd')];
      assertAtLeast(even.totalNs, 5 * 16);
      assertAtLeast(odd.totalNs, 5 * 15);
      assert.ok(odd.totalNs < even.totalNs);
    },
  },
  generators: {
    code: `${busy}function* walk(n) { busy(1); if (n > 0) for (const x of walk(n - 1)) { busy(1); yield x; } yield n; }\nfor (let i = 0; i < 3; i++) for (const x of walk(6)) busy(2);`,
    check: (operation) => assertAtLeast(operation('walk').totalNs, 3 * 7),
  },
  'asynchronous functions that wait at the same time': {
    code: `${busy}const sleep = (ms) => new Promise((done) => setTimeout(done, ms));\nasync function load(ms) { busy(5); await sleep(ms); busy(5); }\nasync function main() { await Promise.all(Array.from({ length: 20 }, () => load(100))); await load(50); }\nmain();`,
    check: (operation) => {
      const load = operation('load');
      assertAtLeast(load.averageNs, 107);
      assertAtLeast(load.totalNs, 160);
      assert.ok(load.totalNs < (load.averageNs ?? 0) * load.count);
      assert.ok((operation('main').selfNs ?? 0) < operation('main').totalNs / 4, 'main only waits');
    },
  },
  'an asynchronous call that never ends beside others': {
    code: `${busy}async function request(ms) { busy(1); await new Promise((done) => { if (ms >= 0) setTimeout(done, ms); }); }\nrequest(-1); for (let i = 0; i < 10; i++) request(20);`,
    check: (operation) => assertAtLeast(operation('request').totalNs, 20),
  },
  'asynchronous recursion and generators': {
    code: `${busy}async function* pages(n) { for (let i = 0; i < n; i++) { busy(1); await new Promise((done) => setTimeout(done, 5)); yield i; } }\nasync function deep(n) { busy(1); if (n > 0) await deep(n - 1); else for await (const page of pages(5)) busy(1); }\ndeep(10);`,
  },
  'functions that throw': {
    code: `${busy}function risky(i) { busy(1); if (i % 2) throw new Error('odd'); }\nfunction attempt(i) { busy(1); try { risky(i); } catch {} }\nasync function rejects() { busy(1); await null; throw new Error('no'); }\nfor (let i = 0; i < 20; i++) attempt(i);\nfor (let i = 0; i < 5; i++) rejects().catch(() => {});`,
    check: (operation) => {
      assert.equal(operation('risky').errors, 10);
      assertAtLeast(operation('attempt').totalNs, 40);
      assertAtLeast(operation('risky').totalNs, 20);
    },
  },
  'a stack that overflows': {
    code: `${busy}function endless(n) { return 1 + endless(n + 1); }\nfunction outer() { busy(2); try { endless(0); } catch {} busy(2); }\nfor (let i = 0; i < 3; i++) outer();\nfunction after() { busy(5); }\nfor (let i = 0; i < 4; i++) after();`,
    check: (operation) => {
      assertAtLeast(operation('after').totalNs, 20, 'after');
      assertAtLeast(operation('outer').totalNs, 12, 'outer');
      assert.equal(operation('outer').count, 3);
    },
  },
  'worker threads': {
    threads: 4,
    code: `${busy}const { Worker, isMainThread } = require('node:worker_threads');\nfunction work() { busy(60); }\nif (isMainThread) for (let i = 0; i < 3; i++) new Worker(__filename);\nwork();`,
    check: (operation) => {
      assert.equal(operation('work').count, 4);
      assertAtLeast(operation('work').totalNs, 4 * 60);
    },
  },
  'functions that only wait': {
    code: `${works}const cell = new Int32Array(new SharedArrayBuffer(4));\nfunction waits() { Atomics.wait(cell, 0, 0, 600); }\nwaits(); works(300);`,
    check: (operation) => {
      const [waits, works] = [operation('waits'), operation('works')];
      assertAtLeast(waits.totalNs, 590);
      const selfTimes = `${waits.selfNs} ns of waiting, ${works.selfNs} ns of work`;
      assert.ok((waits.selfNs ?? 0) < 50e6 && (works.selfNs ?? 0) > 200e6, selfTimes);
    },
  },
  'more calls than can be timed': {
    isEstimated: true,
    code: `function tiny(x) { return x + 1; }\nfunction loop(n) { let x = 0; for (let i = 0; i < n; i++) x = tiny(x); return x; }\nfor (let i = 0; i < 20; i++) loop(400_000);`,
    check: (operation) => {
      const tiny = operation('tiny');
      assert.equal(tiny.count, 8_000_000);
      assert.equal(tiny.source, 'estimated');
      assert.ok((tiny.timed ?? 0) < 4_000_000, `${tiny.timed} timed`);
    },
  },
  'a program that exits in the middle of a call': {
    code: `${busy}function inner() { busy(5); }\nfunction main() { for (let i = 0; i < 10; i++) inner(); process.exit(); }\nmain();`,
    check: (operation) => {
      assertAtLeast(operation('inner').totalNs, 50);
      assert.equal(operation('main').averageNs, undefined);
    },
  },
};

/** Asserts that the self times that the program has reported add up to no more than its CPU time. */
function assertSelfTimes(batches: readonly Batch[]): void {
  const deltas = batches.flatMap(({ operations = [] }) => operations);
  const selfNs = deltas.reduce((sum, delta) => sum + (delta.selfNs ?? 0), 0);
  const cpuNs = Math.max(0, ...batches.map(({ resources }) => resources?.cpuNs ?? 0));
  assert.ok(selfNs > 0 && selfNs <= 1.02 * cpuNs, `${selfNs} ns of ${cpuNs} ns CPU time`);
}

describe('durations of a recorded program', function () {
  this.timeout(120_000);

  for (const [title, { code, threads = 1, isEstimated = false, check }] of Object.entries(programs)) {
    for (const samplingNs of [0, 1e6]) {
      it(`are possible and consistent ${samplingNs > 0 ? 'with' : 'without'} samples: ${title}`, async () => {
        const cwd = createProgramFolder({ 'program.cjs': code });
        const startMs = performance.now();
        const config = { exact: [{ file: join(cwd, 'program.cjs') }], samplingNs, budgetRatio: 0.05 };
        const { batches, status, stderr } = await runProfiled(['program.cjs'], { cwd, config });
        assert.equal(status, 0, stderr);
        const durationNs = (performance.now() - startMs) * 1e6;
        const snapshot = snapshotOfBatches(batches, durationNs);
        assertDurations(snapshot, threads);
        if (!isEstimated) assertSelfTimes(batches);
        check?.((name) => {
          const found = snapshot.operations.find((operation) => operation.name === name);
          assert.ok(found, `${name} in ${snapshot.operations.map((operation) => operation.name)}`);
          return found;
        }, snapshot);
      });
    }
  }

  it('are possible and consistent for operations that the program records by itself', async () => {
    const cwd = createProgramFolder({
      'program.mjs': `${busy}import { operation, record, span, close } from ${api};
        const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
        const byHand = operation('hand', 'by hand');
        for (let i = 0; i < 10; i++) { const from = performance.now(); busy(2); byHand.record((performance.now() - from) * 1e6); }
        record('elsewhere', 5e6);
        const nested = (n) => span('nested', () => { busy(2); if (n > 0) nested(n - 1); });
        nested(5);
        span('outer', () => { busy(3); span('inner', () => busy(4)); });
        await Promise.all(Array.from({ length: 10 }, () => span('waits', () => sleep(50))));
        void span('never', () => new Promise(() => undefined));
        await Promise.all([span('never', () => sleep(30)), span('never', () => sleep(30))]);
        await close();`,
    });
    const startMs = performance.now();
    const { batches, status, stderr } = await runProfiled(['program.mjs'], { cwd, withoutPreload: true });
    assert.equal(status, 0, stderr);
    const snapshot = snapshotOfBatches(batches, (performance.now() - startMs) * 1e6);
    assertDurations(snapshot, 1);
    const named = (name: string): OperationState => {
      const operation = snapshot.operations.find((candidate) => candidate.name === name);
      assert.ok(operation, name);
      return operation;
    };
    assert.equal(named('by hand').selfNs, undefined, 'the self time of a duration recorded by hand is unknown');
    assertAtLeast(named('by hand').totalNs, 20);
    assertAtLeast(named('nested').totalNs, 12);
    assertAtLeast(named('nested').averageNs, 7);
    assertAtLeast(named('outer').selfNs, 3);
    // The system may count the CPU time of 4 ms in steps.
    assert.ok((named('outer').selfNs ?? 0) < named('outer').totalNs - 3e6, JSON.stringify(named('outer')));
    assertAtLeast(named('waits').averageNs, 49);
    assert.ok(named('waits').totalNs < 5 * (named('waits').averageNs ?? 0));
    assertAtLeast(named('never').totalNs, 29);
  });
});
