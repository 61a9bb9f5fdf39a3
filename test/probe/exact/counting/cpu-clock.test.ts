/** Checks the CPU clock with a thread whose CPU time is known. */
import { strict as assert } from 'node:assert';
import { CpuClock } from '../../../../src/probe/exact/counting/cpu-clock.ts';

/** Runs a test in which the thread has used this CPU time, and counts how often it is read. */
function withCpuTime(test: (thread: { userUs: number; systemUs: number; readings: number }) => void): void {
  const thread = { userUs: 0, systemUs: 0, readings: 0 };
  const original = process.threadCpuUsage;
  process.threadCpuUsage = () => {
    thread.readings++;
    return { user: thread.userUs, system: thread.systemUs };
  };
  try {
    test(thread);
  } finally {
    process.threadCpuUsage = original;
  }
}

describe('CpuClock', () => {
  it('reads the CPU time at most once per millisecond, because a reading costs more than a short call', () => {
    withCpuTime((thread) => {
      const clock = new CpuClock();
      thread.userUs = 500;
      assert.equal(clock.at(10), 500_000);
      thread.userUs = 1400;
      for (let call = 0; call < 100; call++) assert.equal(clock.at(10 + call / 100), 500_000);
      assert.equal(thread.readings, 1);
      assert.equal(clock.at(11.1), 1_400_000);
      assert.equal(thread.readings, 2);
    });
  });

  it('returns the part of a call in which the thread used no CPU time, in user or system mode', () => {
    withCpuTime((thread) => {
      const clock = new CpuClock();
      const startNs = clock.at(100);
      [thread.userUs, thread.systemUs] = [3000, 2000];
      assert.equal(clock.waitedNs(120, 20e6, startNs), 15e6);
      // The reading at the start may be older than the call, so the call may seem to have run for longer than it took.
      assert.equal(clock.waitedNs(121, 4e6, startNs), 0);
      assert.equal(clock.at(121), 5e6);
    });
  });
});
