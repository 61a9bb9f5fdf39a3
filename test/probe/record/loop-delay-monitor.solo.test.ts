/** Blocks the event loop for known times, and reads the monitor before, during and after. */
import { strict as assert } from 'node:assert';
import { setTimeout as wait } from 'node:timers/promises';
import { LoopDelayMonitor } from '../../../src/probe/record/loop-delay-monitor.ts';

function block(ms: number): void {
  const endMs = performance.now() + ms;
  while (performance.now() < endMs);
}

/**
 * The timer is due every 10 ms, so a delay is up to that much shorter than the block. On a busy machine it is longer, but not
 * longer than all that has passed.
 */
function assertDelay(delayNs: number, blockMs: number, passedMs: number): void {
  const delayMs = delayNs / 1e6;
  assert.ok(delayMs >= blockMs - 14 && delayMs < passedMs, `${delayMs} ms for a block of ${blockMs} ms`);
}

describe('LoopDelayMonitor', function () {
  this.timeout(30_000);

  it('sees each block once, in the reading after it, whatever came before', async () => {
    const monitor = new LoopDelayMonitor();
    await wait(50);
    monitor.drainNs();
    for (const ms of [300, 60, 900, 60, 200]) {
      const startMs = performance.now();
      block(ms);
      await wait(25);
      assertDelay(monitor.drainNs(), ms, performance.now() - startMs);
      const idleMs = performance.now();
      await wait(50);
      assert.ok(monitor.drainNs() / 1e6 < performance.now() - idleMs - 20);
    }
    monitor.close();
  });

  it('sees a block that is read while it lasts, and again when it is over', async () => {
    const monitor = new LoopDelayMonitor();
    await wait(50);
    monitor.drainNs();
    const startMs = performance.now();
    block(250);
    const earlyMs = monitor.drainNs() / 1e6;
    assert.ok(earlyMs > 220 && earlyMs < performance.now() - startMs, `${earlyMs}`);
    block(250);
    assert.ok(monitor.drainNs() > 470e6);
    await wait(25);
    assertDelay(monitor.drainNs(), 500, performance.now() - startMs);
    monitor.close();
  });

  it('reads about zero for an idle loop', async () => {
    const monitor = new LoopDelayMonitor();
    const delays: number[] = [];
    for (let reading = 0; reading < 12; reading++) {
      await wait(100);
      delays.push(monitor.drainNs() / 1e6);
    }
    monitor.close();
    // On a busy machine the process may wait for a CPU now and then.
    assert.ok((delays.toSorted((a, b) => a - b)[6] ?? 0) < 8, `${delays}`);
  });

  it('keeps a block that ends with the measurement, without what comes after', async () => {
    const monitor = new LoopDelayMonitor();
    await wait(50);
    monitor.drainNs();
    const startMs = performance.now();
    block(150);
    monitor.close();
    const passedMs = performance.now() - startMs;
    block(150);
    const delayMs = monitor.drainNs() / 1e6;
    assert.ok(delayMs > 125 && delayMs < passedMs, `${delayMs}`);
    assert.equal(monitor.drainNs(), 0);
  });
});
