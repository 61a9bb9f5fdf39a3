/** Checks what the sampler reads from the counters, and which calls it lets a thread time, on a clock that the tests advance. */
import { strict as assert } from 'node:assert';
import { CallTimer } from '../../../../src/probe/exact/counting/call-timer.ts';
import { createCounters, currentAt, integerAt } from '../../../../src/probe/exact/counting/exact-counters.ts';
import { ExactTiming, timedCallNs } from '../../../../src/probe/exact/counting/exact-timing.ts';
import type { OperationDelta } from '../../../../src/protocol/batch/batch.ts';
import { type PlantedClock, withClock } from '../simulated-program.ts';

interface Thread {
  readonly clock: PlantedClock;
  readonly timer: CallTimer;
  readonly timing: ExactTiming;
  readonly integers: Int32Array;
  readonly quota: () => number;
  /** Calls a function this often, for this long each. */
  readonly call: (id: number, times: number, us: number) => void;
  readonly deltaOf: (id: number) => OperationDelta;
}

/** Runs a test on a thread with three instrumented functions. */
function withThread(test: (thread: Thread) => void): void {
  withClock((clock) => {
    const counters = createCounters();
    const timer = new CallTimer(counters);
    const timing = new ExactTiming(counters.memory);
    for (const row of [0, 1, 2]) timing.register({ row }, row);
    const call = (id: number, times: number, us: number): void => {
      for (let index = 0; index < times; index++) {
        const place = timer.b(id);
        clock.us += us;
        clock.cpuUs += us;
        timer.e(id, place, false);
      }
    };
    const deltaOf = (id: number): OperationDelta => {
      const delta = timing.drain().find((candidate) => candidate.id === id);
      assert.ok(delta);
      return delta;
    };
    const { integers } = counters;
    test({ clock, timer, timing, integers, quota: () => counters.quota[0] as number, call, deltaOf });
  });
}

/** Compares milliseconds that were added up from a clock of floating-point numbers. */
function assertNs(actual: number | undefined, expected: number): void {
  assert.equal(Math.round(actual ?? Number.NaN), expected);
}

describe('ExactTiming', () => {
  it('reports the shortest and the longest call, and the durations of all', () => {
    withThread(({ call, deltaOf }) => {
      call(0, 3, 20);
      call(0, 1, 700);
      const { count, totalNs, minNs, maxNs, timed } = deltaOf(0);
      assert.deepEqual([count, timed], [4, undefined]);
      assertNs(totalNs, 760_000);
      assertNs(minNs, 20_000);
      assertNs(maxNs, 700_000);
    });
  });

  it('divides the budget among the functions that were timed, and times each of them some calls', () => {
    withThread(({ timing, call, quota }) => {
      call(0, 1, 1);
      call(1, 1, 1);
      timing.setBudget(2000 * timedCallNs);
      assert.equal(quota(), 1000);
      call(0, 1, 1);
      timing.setBudget(2000 * timedCallNs);
      assert.equal(quota(), 2000);
      call(0, 1, 1);
      timing.setBudget(0);
      assert.equal(quota(), 64);
    });
  });

  it('times fewer calls of a function that has used its share, and more of them again when it is called less', () => {
    withThread(({ timing, call, deltaOf }) => {
      timing.setBudget(0);
      call(0, 20_000, 1);
      const { count, timed = count } = deltaOf(0);
      assert.equal(count, 20_000);
      assert.ok(timed > 64 && timed < 2000, `${timed} timed`);
      for (let interval = 0; interval < 20; interval++) timing.setBudget(1e9);
      call(0, 100, 1);
      const later = deltaOf(0);
      assert.equal(later.count, 100);
      assert.equal(later.timed, undefined);
    });
  });

  /** Calls a function of which one of 1024 calls is timed, and makes exactly those slow. */
  const callUnluckily = ({ integers, call }: Thread, slowUs: number): void => {
    call(0, 1, 0);
    integers[integerAt.mask] = 1023;
    for (let index = 0; index < 50_000; index++) {
      const isTimed = integers[integerAt.nextTimed] === (integers[integerAt.calls] as number) + 1;
      call(0, 1, isTimed ? slowUs : 0);
    }
  };

  it('does not estimate more time than has passed since the thread began to count', () => {
    withThread((thread) => {
      callUnluckily(thread, 1900);
      const { totalNs, durationsNs = totalNs } = thread.deltaOf(0);
      const lifeNs = (thread.clock.us - 1000) * 1000;
      assert.ok(durationsNs > 10 * lifeNs, 'the estimate of all calls is too large');
      // Epoch milliseconds have a resolution of a quarter of a microsecond.
      assert.ok(Math.abs(totalNs - lifeNs) < 1000, `${totalNs} ns in ${lifeNs} ns`);
    });
  });

  it('does not let a call that was interrupted stand for more calls than fit into the time', () => {
    withThread((thread) => {
      callUnluckily(thread, 20_000);
      const { totalNs, durationsNs = totalNs } = thread.deltaOf(0);
      const lifeNs = (thread.clock.us - 1000) * 1000;
      assert.ok(lifeNs > 0 && durationsNs <= 1.1 * lifeNs, `${durationsNs} ns in ${lifeNs} ns`);
    });
  });

  it('times calls although the ends of many others are missing, because the stack of the thread was full', () => {
    withThread(({ integers, timer, call, deltaOf }) => {
      for (let index = 0; index < 40_000; index++) {
        timer.b(0);
        integers[currentAt] = 0;
      }
      call(1, 10, 5);
      const { count, timed, totalNs } = deltaOf(1);
      assert.deepEqual([count, timed], [10, undefined]);
      assertNs(totalNs, 50_000);
    });
  });

  it('does not count the time in which a generator is suspended', () => {
    withThread(({ clock, timer, deltaOf }) => {
      const generator = timer.a(0, 1);
      clock.us += 100;
      timer.y(generator, 1);
      clock.us += 5000;
      timer.n(generator);
      clock.us += 200;
      timer.z(generator, false);
      const { count, totalNs, maxNs, active } = deltaOf(0);
      assert.deepEqual([count, active], [1, undefined]);
      assertNs(totalNs, 300_000);
      assertNs(maxNs, 300_000);
    });
  });

  it('counts the time in which calls overlap once, also beside a call that never ends', () => {
    withThread(({ clock, timer, deltaOf }) => {
      const pending = timer.a(0, 1);
      timer.w(pending, undefined);
      const waiting = Array.from({ length: 4 }, () => {
        const started = timer.a(0, 1);
        return timer.w(started, started);
      });
      clock.us += 3000;
      for (const started of waiting) {
        timer.r(started);
        timer.z(started, false);
      }
      const { count, totalNs, durationsNs, active } = deltaOf(0);
      assert.deepEqual([count, active], [5, 1]);
      assertNs(totalNs, 3_000_000);
      assertNs(durationsNs, 12_000_000);
    });
  });

  it('counts a module with await at its top level for as long as it loads, and not as the caller of other code', () => {
    withThread(({ clock, timer, timing, call }) => {
      timer.t(1, 1);
      clock.us += 1000;
      call(0, 1, 400);
      clock.us += 50_000;
      timer.u(1);
      const [called, loaded] = timing.drain();
      assertNs(loaded?.totalNs, 51_400_000);
      assert.equal(loaded?.count, 1);
      assert.equal(loaded?.selfNs, undefined);
      assertNs(called?.selfNs, 400_000);
      call(0, 1, 10);
      assert.deepEqual(
        timing.drain().map(({ id }) => id),
        [0],
      );
    });
  });

  it('measures the cost of calls once, when the calls have cost more than the measurement', () => {
    const counters = createCounters();
    const timer = new CallTimer(counters);
    const timing = new ExactTiming(counters.memory);
    timing.register({ row: 0 }, 0);
    const report = (calls: number): boolean => {
      for (let call = 0; call < calls; call++) timer.e(0, timer.b(0), false);
      timing.drain();
      return timing.calibrate() !== undefined;
    };
    assert.ok(!Array.from({ length: 10 }, () => report(10)).includes(true), 'hardly any calls');
    const needed = Math.ceil(40e6 / 6);
    assert.deepEqual([report(needed), report(needed)], [true, false]);
    const early = new ExactTiming(counters.memory);
    early.register({ row: 0 }, 0);
    early.drain();
    assert.equal(early.calibrate(), undefined);
  });
});
