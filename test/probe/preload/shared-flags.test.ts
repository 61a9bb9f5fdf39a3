import { strict as assert } from 'node:assert';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { SharedFlags, sharedFlagsBytes } from '../../../src/probe/preload/shared-flags.ts';

/** Returns true once a promise has settled, and false if it is still pending after some turns of the event loop. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  void promise.then(() => {
    settled = true;
  });
  for (let turn = 0; turn < 20 && !settled; turn++) await nextTurn();
  return settled;
}

/** Returns the time that a thread waited for the sampler at its end, in milliseconds. */
function endWaitMs(flags: SharedFlags, threadId: number): number {
  const startMs = performance.now();
  flags.waitForEnd(threadId, 60);
  return performance.now() - startMs;
}

describe('SharedFlags', () => {
  it('lets the sampler and every thread wait for each other, however many threads have ended before', async () => {
    const flags = new SharedFlags(new SharedArrayBuffer(sharedFlagsBytes));
    for (const threadId of [0, 2, 255, 256, 257, 1024, 1025, 5000, 2 + 1023, 2 + 2 * 1023]) {
      const present = flags.waitUntilPresent(threadId);
      assert.equal(await isSettled(present), false, `thread ${threadId} is absent`);
      flags.waitForStart(threadId, 0);
      await present;
      const ended = flags.markRunning(threadId);
      assert.equal(await isSettled(ended), false, `thread ${threadId} runs`);
      assert.ok(endWaitMs(flags, threadId) > 50, `thread ${threadId} waits for the sampler`);
      await ended;
      flags.markDone(threadId);
      assert.ok(endWaitMs(flags, threadId) < 50, `thread ${threadId} does not wait when the sampler is done`);
    }
  });

  it('lets a thread leave only before the sampler has reached it', async () => {
    const early = new SharedFlags(new SharedArrayBuffer(sharedFlagsBytes));
    early.waitForStart(0, 0);
    assert.equal(early.leave(0), true);
    assert.equal(await early.reach(0), false);

    const late = new SharedFlags(new SharedArrayBuffer(sharedFlagsBytes));
    const isReached = late.reach(0);
    assert.equal(await isSettled(isReached), false);
    late.waitForStart(0, 0);
    assert.equal(await isReached, true);
    assert.equal(late.leave(0), false);
    assert.ok(endWaitMs(late, 0) > 50);
  });

  it('keeps the threads and the process apart', () => {
    const flags = new SharedFlags(new SharedArrayBuffer(sharedFlagsBytes));
    for (let threadId = 0; threadId < 3000; threadId++) {
      flags.waitForStart(threadId, 0);
      flags.markDone(threadId);
    }
    const states = (): readonly unknown[] => [
      flags.profilerUserCount,
      flags.isInspectorOpen,
      flags.hasCoverage,
      flags.isSamplerListening,
    ];
    assert.deepEqual(states(), [0, false, false, false]);
    flags.addProfilerUsers(1);
    assert.deepEqual(states(), [1, false, false, false]);
    flags.addProfilerUsers(-1);
    flags.isInspectorOpen = true;
    assert.deepEqual(states(), [0, true, false, false]);
    flags.isInspectorOpen = false;
    flags.markCoverage();
    assert.deepEqual(states(), [0, false, true, false]);
    flags.markSamplerListening();
    assert.deepEqual(states(), [0, false, true, true]);
  });
});
