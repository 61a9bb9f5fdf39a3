import type { ThreadClock } from '../../clocks/thread-clock.ts';
import type { ThreadWait } from '../../clocks/thread-wait.ts';
import type { CallFrame } from '../fold-profile.ts';
import type { LoopTurn } from '../turns/turn-reader.ts';
import type { TurnTracker } from '../turns/turn-tracker.ts';
import { sharesOfStack } from './entry-samples.ts';
import type { CapturedPosition, CapturedStack } from './stack-capture.ts';

/** A stack and the CPU time that the thread has used since the previous one. */
export interface WeightedStack {
  /** Functions on the stack, the innermost first. Empty if the thread ran no JavaScript. */
  readonly frames: readonly SampledFrame[];
  readonly cpuNs: number;
  /** 0 if the time belongs to a stack that was counted before. */
  readonly samples: 0 | 1;
}

export interface SampledFrame extends CallFrame {
  /** One-based line that ran in the function; 0 if it is not known, as is `column`. */
  readonly line: number;
  readonly column: number;
}

interface Capture {
  readonly frames: readonly SampledFrame[];
  /** Time that it took from the thread. */
  readonly costMs: number;
  /** Epoch milliseconds. */
  readonly atMs: number;
}

interface InterruptSamplerOptions {
  /** Returns the mean time between two samples; 0 if none are wanted at the moment. */
  readonly intervalMs: () => number;
  /** Undefined if the system does not report the CPU time of a thread. Then the time between two stacks counts. */
  readonly clock: ThreadClock | undefined;
  /** Reports what the thread waits for, if the system does. */
  readonly wait: ThreadWait | undefined;
  readonly turns: TurnTracker<SampledFrame>;
  /** Asks the thread for a `CapturedStack` as JSON text. Settles when the thread reaches its next interrupt check. */
  readonly requestStack: () => Promise<unknown>;
  readonly onStack: (stack: WeightedStack) => void;
  /** Receives the time that each capture took from the thread. */
  readonly onCost: (costMs: number) => void;
}

/**
 * CPU time of an inspector request in the thread, beside the capture that it calls. Measured: 28 to 37 µs.
 */
const requestCostMs = 0.033;
/** Time between two looks at the interval while none are wanted. */
const pauseMs = 250;
/** A thread that has used less than this since its last stack is idle, and is left alone. */
const minUseNs = 100_000;
/** Without a clock, a stack counts for at most this time, because the thread may have waited. */
const maxUnmeasuredNs = 20e6;

/**
 * Samples the stack of one thread at random moments. The thread is interrupted by an inspector request and captures its
 * stack itself; functions that V8 has inlined are on it. Stacks are weighted by CPU time, so that one that arrives late,
 * because the thread ran a long built-in function, has the right weight.
 */
export class InterruptSampler {
  readonly #options: InterruptSamplerOptions;
  readonly #frames = new Map<number, SampledFrame>([[0, otherFunctions]]);
  #timer: NodeJS.Timeout | undefined;
  /** CPU time, or without a clock the time, up to which everything was counted. */
  #countedNs: number;
  readonly #startNs: number;
  #last: { readonly frames: readonly SampledFrame[]; readonly atMs: number } | undefined;
  #hasEnded = false;
  /** System call in which the event loop of the thread waits for events. */
  #idleCall: string | undefined;

  constructor(options: InterruptSamplerOptions) {
    this.#options = options;
    this.#countedNs = this.#readNs() ?? 0;
    this.#startNs = options.clock ? this.#countedNs : 0;
    this.#schedule();
  }

  /** CPU time of the thread before sampling began. */
  get startNs(): number {
    return this.#startNs;
  }

  /** Stops sampling. */
  end(): void {
    this.#hasEnded = true;
    clearTimeout(this.#timer);
    this.#options.turns.end();
    this.#options.wait?.close();
  }

  /** Adds the turn of the event loop that the thread reports without a stack. */
  addTurn(turn: LoopTurn): void {
    this.#options.turns.addReading({ ...turn, cpuNs: this.#options.clock && this.#readNs() });
  }

  /**
   * Returns the CPU time of the thread that belongs to no stack, once sampling has ended.
   *
   * @param finalNs CPU time that the thread itself has reported at its end
   */
  restNs(finalNs: number | undefined): number {
    const { clock } = this.#options;
    if (!clock) return 0;
    const totalNs = finalNs ?? this.#readNs() ?? this.#countedNs;
    clock.close();
    return Math.max(0, totalNs - this.#countedNs);
  }

  /** Random intervals, because a program may do the same thing in every interval. */
  #schedule(): void {
    const intervalMs = this.#options.intervalMs();
    const delayMs = intervalMs > 0 ? intervalMs * (0.5 + Math.random()) : pauseMs;
    this.#timer = setTimeout(() => {
      const sampled = intervalMs > 0 ? this.#sample() : Promise.resolve();
      void sampled.finally(() => this.#hasEnded || this.#schedule());
    }, delayMs);
  }

  async #sample(): Promise<void> {
    const { clock } = this.#options;
    const requestedNs = this.#readNs();
    const requestedMs = performance.timeOrigin + performance.now();
    if (clock) {
      const use = clock.read();
      if (!use) return;
      const isUsed = use.cpuNs - this.#countedNs >= minUseNs;
      if (!use.isRunnable) {
        if (isUsed) this.#countRest(use.cpuNs);
        return this.#observeWait(use.cpuNs);
      }
      if (!isUsed) return;
    }
    const captured = await this.#capture();
    if (!captured) return;
    const nowNs = this.#readNs();
    if (nowNs === undefined) return;
    const costNs = captured.costMs * 1e6;
    const usedNs = Math.max(0, nowNs - this.#countedNs - costNs);
    this.#countedNs = nowNs;
    const { frames } = captured;
    // Without a clock it is unknown what the thread did before it ran nothing.
    if (!clock && frames.length === 0) return;
    // The thread may have waited for a processor before its answer, and has gone on since.
    const usedSinceNs = requestedNs === undefined ? 0 : nowNs - requestedNs - costNs;
    const uncheckedNs = Math.min(usedSinceNs, (captured.atMs - requestedMs) * 1e6);
    this.#addStack(frames, clock ? usedNs : Math.min(usedNs, maxUnmeasuredNs), uncheckedNs);
    this.#last = { frames, atMs: performance.now() };
  }

  #addStack(frames: readonly SampledFrame[], cpuNs: number, uncheckedNs: number): void {
    for (const [index, { skipped, share }] of sharesOfStack(frames, uncheckedNs).entries())
      this.#options.onStack({ frames: frames.slice(skipped), cpuNs: cpuNs * share, samples: index === 0 ? 1 : 0 });
  }

  /** @param awaitedCall system call in which the thread waits; it goes back to some after its answer */
  async #capture(awaitedCall?: string): Promise<Capture | undefined> {
    const { requestStack, onCost, turns, clock, wait } = this.#options;
    const captured = parseCaptured(await requestStack().catch(() => undefined));
    if (!captured || this.#hasEnded) return undefined;
    for (const position of captured.positions) this.#frames.set(position[0], frameOf(position));
    const frames = captured.stack.map((number) => this.#frames.get(number) ?? otherFunctions);
    const costMs = captured.costMs + requestCostMs;
    onCost(costMs);
    const isWaiting = awaitedCall !== undefined && wait?.read() === awaitedCall;
    turns.addCapture({ ...captured.turn, frames, cpuNs: clock && this.#readNs(), isWaiting });
    return { frames, costMs, atMs: captured.turn.atMs };
  }

  /**
   * Asks a thread that waits within a turn of its event loop, such as in `spawnSync`, for its stack; it answers when it goes
   * on. Without a stack, it was the loop that waited for events, and is not disturbed again.
   */
  async #observeWait(cpuNs: number): Promise<void> {
    const call = this.#options.wait?.read();
    if (call === undefined) return;
    if (call === this.#idleCall) {
      this.#options.turns.addRest({ atMs: performance.timeOrigin + performance.now(), cpuNs });
      return;
    }
    const captured = await this.#capture(call);
    if (!captured) return;
    if (captured.frames.length === 0 && isPolling(call)) this.#idleCall = call;
    // The answer is no use of the program.
    const nowNs = this.#readNs() ?? this.#countedNs;
    this.#countedNs = Math.min(nowNs, this.#countedNs + captured.costMs * 1e6);
  }

  /**
   * Counts what a thread that now waits has used since its last stack for this stack, because it ran without a break. If
   * that is long ago, nobody knows what it did; the time counts for the next stack.
   */
  #countRest(cpuNs: number): void {
    const { intervalMs, onStack } = this.#options;
    if (!this.#last || performance.now() - this.#last.atMs > 2 * intervalMs()) return;
    onStack({ frames: this.#last.frames, cpuNs: cpuNs - this.#countedNs, samples: 0 });
    this.#countedNs = cpuNs;
    this.#last = undefined;
  }

  #readNs(): number | undefined {
    if (!this.#options.clock) return performance.now() * 1e6;
    try {
      return this.#options.clock.readCpuNs();
    } catch {
      return undefined;
    }
  }
}

const otherFunctions: SampledFrame = {
  functionName: '(other functions)',
  url: '',
  lineNumber: 0,
  columnNumber: 0,
  line: 0,
  column: 0,
};

function frameOf([, functionName, url, functionLine, functionColumn, line, column]: CapturedPosition): SampledFrame {
  return { functionName, url, lineNumber: functionLine - 1, columnNumber: functionColumn - 1, line, column };
}

/** Returns true for `epoll_wait` and `epoll_pwait`, by their numbers in the system. */
function isPolling(call: string): boolean {
  const numbers: readonly string[] = process.arch === 'x64' ? ['232', '281'] : process.arch === 'arm64' ? ['22'] : [];
  return numbers.includes(call.split(' ')[0] ?? '');
}

function parseCaptured(response: unknown): CapturedStack | undefined {
  return typeof response === 'string' ? (JSON.parse(response) as CapturedStack) : undefined;
}
