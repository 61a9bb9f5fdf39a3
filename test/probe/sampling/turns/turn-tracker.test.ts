/** Finds long turns in synthetic captures, for which start, end and stack are known exactly. */
import { strict as assert } from 'node:assert';
import fc from 'fast-check';
import type { CallFrame } from '../../../../src/probe/sampling/fold-profile.ts';
import { type LoopBlock, TurnTracker } from '../../../../src/probe/sampling/turns/turn-tracker.ts';

function frame(functionName: string, url = '/w/main.js'): CallFrame {
  return { functionName, url, lineNumber: 0, columnNumber: 0 };
}

/** Returns the frames of a stack that is written as `main>rank>score`. */
function framesOf(stack: string): readonly CallFrame[] {
  return stack === ''
    ? []
    : stack
        .split('>')
        .toReversed()
        .map((name) => frame(name));
}

/** Time in which a loop is idle or a turn holds it, with the share of its time that is CPU time. */
interface Phase {
  readonly ms: number;
  readonly turn?: number;
  readonly stack?: string;
  readonly cpuRatio?: number;
}

/** Plays a thread through phases and looks at it at given times, as the interrupt sampler does. */
function play(
  phases: readonly Phase[],
  looksMs: readonly number[],
  options: { readonly isWorker?: boolean; readonly hasClock?: boolean } = {},
) {
  const { isWorker = false, hasClock = true } = options;
  const blocks: LoopBlock[] = [];
  const tracker = new TurnTracker({ isWorker, minBlockMs: () => 50, onBlock: (block) => blocks.push(block) });
  /** Returns the state at a time: the phase, and the sums of CPU time and idle time. */
  const at = (timeMs: number) => {
    let [startMs, cpuMs, idleMs] = [0, 0, 0];
    for (const phase of phases) {
      const ms = Math.min(phase.ms, timeMs - startMs);
      if (phase.turn === undefined) idleMs += ms;
      else cpuMs += ms * (phase.cpuRatio ?? 1);
      if (timeMs < startMs + phase.ms) return { phase, cpuMs, idleMs };
      startMs += phase.ms;
    }
    return { phase: { ms: 0 } as Phase, cpuMs, idleMs };
  };
  for (const timeMs of looksMs) {
    const { phase, cpuMs, idleMs } = at(timeMs);
    if (phase.turn === undefined && hasClock) tracker.addRest({ atMs: timeMs, cpuNs: cpuMs * 1e6 });
    else if (phase.turn !== undefined)
      tracker.addCapture({
        atMs: timeMs,
        turn: phase.turn,
        idleMs,
        frames: framesOf(phase.stack ?? ''),
        cpuNs: hasClock ? cpuMs * 1e6 : undefined,
      });
  }
  tracker.end();
  return blocks;
}

function every(stepMs: number, endMs: number): readonly number[] {
  return Array.from({ length: Math.floor(endMs / stepMs) }, (_, index) => (index + 1) * stepMs);
}

function namesOf({ frames }: LoopBlock): string {
  return frames
    .map(({ functionName }) => functionName)
    .toReversed()
    .join('>');
}

describe('TurnTracker', () => {
  it('measures a turn between two idle times exactly by the CPU time on both sides', () => {
    const blocks = play([{ ms: 104 }, { ms: 83, turn: 7, stack: 'main>rank' }, { ms: 100 }], every(11, 280));
    assert.equal(blocks.length, 1);
    assert.ok(Math.abs((blocks[0]?.durationMs ?? 0) - 83) < 0.001, `${blocks[0]?.durationMs}`);
    assert.ok(Math.abs((blocks[0]?.atMs ?? 0) - 104) < 0.001, `${blocks[0]?.atMs}`);
    assert.equal(namesOf(blocks[0] as LoopBlock), 'main>rank');
  });

  it('reports no turn below the limit, and one at the limit', () => {
    const turns = [49, 50, 51].map(
      (ms) => play([{ ms: 60 }, { ms, turn: 1, stack: 'f' }, { ms: 60 }], every(7, 165)).length,
    );
    assert.deepEqual(turns, [0, 1, 1]);
  });

  it('adds up no short turns that follow each other without a pause', () => {
    const busy = Array.from({ length: 40 }, (_, turn): Phase => ({ ms: 9, turn, stack: 'serve' }));
    assert.deepEqual(play([{ ms: 20 }, ...busy, { ms: 20 }], every(4, 395)), []);
    // The same time in one turn is a block.
    assert.equal(play([{ ms: 20 }, { ms: 360, turn: 1, stack: 'serve' }, { ms: 20 }], every(4, 395)).length, 1);
  });

  it('measures a turn in a busy loop within one interval', () => {
    const before = Array.from({ length: 20 }, (_, turn): Phase => ({ ms: 5, turn, stack: 'serve' }));
    const after = before.map((phase): Phase => ({ ...phase, turn: (phase.turn ?? 0) + 100 }));
    const blocks = play([...before, { ms: 120, turn: 50, stack: 'serve>rank' }, ...after], every(8, 315));
    assert.equal(blocks.length, 1);
    assert.ok(Math.abs((blocks[0]?.durationMs ?? 0) - 120) <= 8, `${blocks[0]?.durationMs}`);
  });

  it('measures a synchronous wait, which takes no CPU time and is captured only when it ends', () => {
    const phases = [
      { ms: 100 },
      { ms: 200, turn: 3, stack: 'build', cpuRatio: 0 },
      { ms: 5, turn: 3, stack: 'build' },
      { ms: 50 },
    ];
    const blocks = play([{ ms: 10, turn: 1, stack: 'start' }, ...phases], [5, 20, 60, 100, 312, 330, 350]);
    assert.equal(blocks.length, 1);
    assert.ok(Math.abs((blocks[0]?.durationMs ?? 0) - 205) < 12, `${blocks[0]?.durationMs}`);
    assert.equal(namesOf(blocks[0] as LoopBlock), 'build');
  });

  it('takes the main script for no block', () => {
    assert.deepEqual(play([{ ms: 300, turn: -1, stack: 'main' }, { ms: 60 }], every(10, 350)), []);
  });

  it('reports a turn in progress when the thread ends', () => {
    const blocks = play([{ ms: 50 }, { ms: 200, turn: 1, stack: 'main' }], every(10, 245));
    assert.equal(blocks.length, 1);
    assert.ok(Math.abs((blocks[0]?.durationMs ?? 0) - 190) <= 10, `${blocks[0]?.durationMs}`);
  });

  it('closes a turn when the thread reports another one without a stack', () => {
    const blocks: LoopBlock[] = [];
    const tracker = new TurnTracker({ isWorker: false, minBlockMs: () => 50, onBlock: (block) => blocks.push(block) });
    tracker.addReading({ atMs: 0, turn: 1, idleMs: 0, cpuNs: undefined });
    for (const atMs of [20, 60, 100])
      tracker.addCapture({ atMs, turn: 2, idleMs: 10, cpuNs: undefined, frames: framesOf('f') });
    tracker.addReading({ atMs: 90, turn: 2, idleMs: 10, cpuNs: undefined });
    assert.equal(blocks.length, 0);
    tracker.addReading({ atMs: 200, turn: 9, idleMs: 100, cpuNs: undefined });
    assert.deepEqual(
      blocks.map(({ durationMs }) => durationMs),
      [90],
    );
  });

  it('adds a wait to the turn that was seen to wait, and not to the next turn', () => {
    const blocks: LoopBlock[] = [];
    const tracker = new TurnTracker({ isWorker: false, minBlockMs: () => 50, onBlock: (block) => blocks.push(block) });
    const capture = (atMs: number, turn: number, idleMs: number, cpuMs: number, isWaiting = false): void =>
      tracker.addCapture({ atMs, turn, idleMs, cpuNs: cpuMs * 1e6, frames: framesOf('f'), isWaiting });
    // A turn from 100 to 255 that waits until 250; nobody looks between 182 and 262.
    capture(102, 1, 100, 1, true);
    capture(182, 1, 100, 1, true);
    tracker.addRest({ atMs: 262, cpuNs: 6e6 });
    capture(400, 2, 244, 7);
    tracker.addReading({ atMs: 500, turn: 3, idleMs: 343, cpuNs: 8e6 });
    assert.deepEqual(
      blocks.map(({ durationMs }) => Math.round(durationMs)),
      [153],
    );
  });

  it('measures a turn from its start if the thread reports it without a stack first', () => {
    const blocks: LoopBlock[] = [];
    const tracker = new TurnTracker({ isWorker: false, minBlockMs: () => 50, onBlock: (block) => blocks.push(block) });
    tracker.addCapture({ atMs: 0, turn: 1, idleMs: 0, cpuNs: 0, frames: framesOf('f') });
    tracker.addRest({ atMs: 99, cpuNs: 1e6 });
    // A turn from 100 to 400 that waits until 390.
    tracker.addReading({ atMs: 245, turn: 2, idleMs: 99, cpuNs: 1e6 });
    tracker.addCapture({ atMs: 390, turn: 2, idleMs: 99, cpuNs: 1e6, frames: framesOf('wait') });
    tracker.addRest({ atMs: 405, cpuNs: 11e6 });
    tracker.addReading({ atMs: 500, turn: 3, idleMs: 199, cpuNs: 11e6 });
    assert.deepEqual(
      blocks.map((block) => [Math.round(block.durationMs), namesOf(block)]),
      [[300, 'wait']],
    );
  });

  it('takes a worker that waits for its next task for no block', () => {
    const phases: readonly Phase[] = [{ ms: 30 }, { ms: 500, turn: 1, stack: 'pool>wait', cpuRatio: 0 }, { ms: 60 }];
    const looks = [10, 100, 200, 300, 400, 500, 560];
    const asWait = (isWorker: boolean) => {
      const blocks: LoopBlock[] = [];
      const tracker = new TurnTracker({ isWorker, minBlockMs: () => 50, onBlock: (block) => blocks.push(block) });
      for (const atMs of looks)
        tracker.addCapture({ atMs, turn: 1, idleMs: 0, cpuNs: 0, frames: [frame('wait', ''), frame('pool')] });
      tracker.end();
      return blocks.length;
    };
    assert.deepEqual([asWait(true), asWait(false)], [0, 1]);
    assert.equal(
      play(phases, looks, { isWorker: true }).length,
      1,
      'a function of the program that is called wait counts',
    );
  });

  it('reports no block whose duration is not a number, because the thread has ended meanwhile', () => {
    const blocks: LoopBlock[] = [];
    const tracker = new TurnTracker({ isWorker: false, minBlockMs: () => 50, onBlock: (block) => blocks.push(block) });
    tracker.addRest({ atMs: 0, cpuNs: 0 });
    tracker.addCapture({ atMs: 100, turn: 1, idleMs: 0, frames: framesOf('f'), cpuNs: Number.NaN });
    tracker.addReading({ atMs: 300, turn: 2, idleMs: 0, cpuNs: 1 });
    assert.deepEqual(blocks, []);
  });

  it('keeps few stacks of a turn that lasts for minutes, and finds what held it', () => {
    const blocks = play(
      [{ ms: 20 }, { ms: 100_000, turn: 1, stack: 'main>a' }, { ms: 200_000, turn: 1, stack: 'main>b' }, { ms: 60 }],
      every(10, 300_070),
    );
    assert.equal(blocks.length, 1);
    assert.equal(namesOf(blocks[0] as LoopBlock), 'main>b');
    assert.ok(Math.abs((blocks[0]?.durationMs ?? 0) / 300_000 - 1) < 0.001);
  });

  const phase: fc.Arbitrary<Phase> = fc.oneof(
    fc.record({ ms: fc.integer({ min: 1, max: 120 }) }),
    fc.record({ ms: fc.integer({ min: 1, max: 200 }), turn: fc.constant(0), stack: fc.constantFrom('a', 'a>b', 'c') }),
  );
  for (const hasClock of [true, false]) {
    it(`misses and invents no block by more than one interval, ${hasClock ? 'with' : 'without'} a clock of the thread`, () => {
      fc.assert(
        fc.property(
          fc.array(phase, { minLength: 1, maxLength: 30 }),
          fc.integer({ min: 4, max: 20 }),
          (drawn, stepMs) => {
            const phases = drawn.map((entry, index) => (entry.turn === undefined ? entry : { ...entry, turn: index }));
            const endMs = phases.reduce((sum, { ms }) => sum + ms, 0);
            const blocks = play(phases, every(stepMs, endMs + 2 * stepMs), { hasClock });
            let startMs = 0;
            for (const { ms, turn } of phases) {
              const found = blocks.filter(({ atMs, durationMs }) => atMs < startMs + ms && atMs + durationMs > startMs);
              const nearest = found.toSorted(
                (left, right) => Math.abs(left.durationMs - ms) - Math.abs(right.durationMs - ms),
              )[0];
              if (turn !== undefined && ms >= 50 + 2 * stepMs)
                assert.ok(nearest && Math.abs(nearest.durationMs - ms) <= 2 * stepMs, `${ms}: ${nearest?.durationMs}`);
              startMs += ms;
            }
            const isLong = phases.filter(({ ms, turn }) => turn !== undefined && ms >= 50 - 2 * stepMs).length;
            assert.ok(blocks.length <= isLong, `${blocks.length} blocks, ${isLong} long turns`);
          },
        ),
        { numRuns: 300 },
      );
    });
  }
});
