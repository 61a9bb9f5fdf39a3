import assert from 'node:assert/strict';
import { type PerformanceEntry, PerformanceObserver } from 'node:perf_hooks';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { GarbageCollectorClock } from '../../../src/probe/clocks/garbage-collector-clock.ts';

/** Allocates for some time in turns of the event loop. Returns the time of the garbage collector that Node has observed. */
async function allocate(clock: GarbageCollectorClock, durationMs: number, bytesPerTurn: number): Promise<number> {
  let observedMs = 0;
  const observer = new PerformanceObserver((list) => {
    observedMs += list.getEntries().reduce((sum: number, { duration }: PerformanceEntry) => sum + duration, 0);
  });
  observer.observe({ entryTypes: ['gc'] });
  const endMs = performance.now() + durationMs;
  while (performance.now() < endMs) {
    for (let bytes = 0; bytes < bytesPerTurn; bytes += 8000) new Array(1000).fill({});
    clock.tick();
    await nextTurn();
  }
  await nextTurn();
  observer.disconnect();
  return observedMs;
}

describe('the clock of the garbage collector', function () {
  this.timeout(20_000);

  it('reports the time of the collections once, though it observes only some of them', async () => {
    const clock = new GarbageCollectorClock();
    const observedMs = await allocate(clock, 3000, 2_000_000);
    const measuredMs = (clock.drainNs() ?? 0) / 1e6;
    assert.ok(observedMs > 20, `${observedMs} ms of collections`);
    assert.ok(measuredMs > 0.3 * observedMs && measuredMs < 3 * observedMs, `${measuredMs} ms, but ${observedMs} ms`);
    assert.ok((clock.drainNs() ?? 0) / 1e6 < 0.3 * observedMs);
  });
});
