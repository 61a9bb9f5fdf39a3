import type { ThreadClock } from '../../clocks/thread-clock.ts';
import type { CallFrame } from '../fold-profile.ts';
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
  /** One-based line that ran in the function; 0 if it is not known. */
  readonly line: number;
}

interface InterruptSamplerOptions {
  /** Returns the mean time between two samples; 0 if none are wanted at the moment. */
  readonly intervalMs: () => number;
  /** Undefined if the system does not report the CPU time of a thread. Then the time between two stacks counts. */
  readonly clock: ThreadClock | undefined;
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

  /** Stops sampling. Returns the CPU time of the thread that belongs to no stack. */
  end(): number {
    this.#hasEnded = true;
    clearTimeout(this.#timer);
    const restNs = Math.max(0, (this.#readNs() ?? this.#countedNs) - this.#countedNs);
    this.#options.clock?.close();
    return this.#options.clock ? restNs : 0;
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
    const { clock, requestStack, onStack, onCost } = this.#options;
    if (clock) {
      const use = clock.read();
      if (!use || use.cpuNs - this.#countedNs < minUseNs) return;
      if (!use.isRunnable) return this.#countRest(use.cpuNs);
    }
    const response = await requestStack().catch(() => undefined);
    const captured = parseCaptured(response);
    if (!captured || this.#hasEnded) return;
    for (const position of captured.positions) this.#frames.set(position[0], frameOf(position));
    onCost(captured.costMs + requestCostMs);
    const nowNs = this.#readNs();
    if (nowNs === undefined) return;
    const costNs = (captured.costMs + requestCostMs) * 1e6;
    const usedNs = Math.max(0, nowNs - this.#countedNs - costNs);
    this.#countedNs = nowNs;
    const frames = captured.stack.map((number) => this.#frames.get(number) ?? otherFunctions);
    // Without a clock it is unknown what the thread did before it ran nothing.
    if (!clock && frames.length === 0) return;
    onStack({ frames, cpuNs: clock ? usedNs : Math.min(usedNs, maxUnmeasuredNs), samples: 1 });
    this.#last = { frames, atMs: performance.now() };
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
};

function frameOf([, functionName, url, functionLine, functionColumn, line]: CapturedPosition): SampledFrame {
  return { functionName, url, lineNumber: functionLine - 1, columnNumber: functionColumn - 1, line };
}

function parseCaptured(response: unknown): CapturedStack | undefined {
  return typeof response === 'string' ? (JSON.parse(response) as CapturedStack) : undefined;
}
