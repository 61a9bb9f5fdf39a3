import { ThreadClock } from '../clocks/thread-clock.ts';
import { ThreadWait } from '../clocks/thread-wait.ts';
import { isSampledFromStart, type SharedFlags } from '../preload/shared-flags.ts';
import { InterruptSampler, type SampledFrame } from './interrupt/interrupt-sampler.ts';
import type { SamplingPlan } from './sampling-plan.ts';
import type { ThreadReporter } from './thread-reporter.ts';
import type { LoopTurn } from './turns/turn-reader.ts';
import { TurnTracker } from './turns/turn-tracker.ts';

interface SamplingOptions {
  readonly plan: SamplingPlan;
  readonly flags: SharedFlags;
  /** True if the program already ran, so that only the time from now on is measured. */
  readonly isAttached: boolean;
}

/** Time after which a worker is sampled in fine mode that is not sampled from its start. */
const lateSamplingMs = 250;

/** Samples one thread from its start to its end: by interrupts or, in fine mode, with V8's profiler. */
export class ThreadSampling {
  readonly #reporter: ThreadReporter;
  readonly #options: SamplingOptions;
  #interrupts: InterruptSampler | undefined;
  #lateStart: NodeJS.Timeout | undefined;

  constructor(reporter: ThreadReporter, options: SamplingOptions) {
    this.#reporter = reporter;
    this.#options = options;
  }

  /** Resolves once stacks are sampled. */
  async start(): Promise<void> {
    await this.#startInterrupts();
    if (isSampledFromStart(this.#reporter.profiler.threadId)) await this.applyInterval();
    else this.#lateStart = setTimeout(() => void this.applyInterval().catch(() => undefined), lateSamplingMs);
  }

  /** Sets the interval of V8's profiler, which takes the samples only in fine mode. */
  applyInterval(): Promise<void> {
    return this.#reporter.profiler.setInterval(this.#profileIntervalNs);
  }

  /** Adds the turn of the event loop that the thread reports without a stack. */
  addTurn(turn: LoopTurn): void {
    this.#interrupts?.addTurn(turn);
  }

  /** Stops sampling. Returns `too short` if the thread was to be sampled, but had ended before. */
  end(): 'ended' | 'too short' {
    clearTimeout(this.#lateStart);
    this.#interrupts?.end();
    const isMissed = this.#reporter.profiler.intervalNs === 0 && this.#profileIntervalNs > 0;
    return isMissed && this.#lateStart ? 'too short' : 'ended';
  }

  /**
   * Adds the CPU time since the last stack, once the thread has ended.
   *
   * @param finalNs CPU time that the thread itself has reported at its end
   */
  addRest(finalNs: number | undefined): void {
    const restNs = this.#interrupts?.restNs(finalNs) ?? 0;
    if (this.#usesInterrupts) this.#reporter.stacks.addUnsampled(restNs);
  }

  get #profileIntervalNs(): number {
    const { plan } = this.#options;
    return plan.isFine ? plan.intervalNs : 0;
  }

  get #usesInterrupts(): boolean {
    const { plan } = this.#options;
    return plan.intervalNs > 0 && !plan.isFine;
  }

  async #startInterrupts(): Promise<void> {
    const { plan, flags, isAttached } = this.#options;
    const { profiler, stacks } = this.#reporter;
    const { threadId, isPreloaded } = profiler;
    // Threads with a preload have reported their number, so that a blocked thread delays no report.
    const systemId = isPreloaded ? flags.systemThreadId(threadId) : await profiler.systemThreadId();
    const interrupts = new InterruptSampler({
      clock: systemId === undefined ? undefined : ThreadClock.open(systemId),
      wait: systemId === undefined ? undefined : ThreadWait.open(systemId),
      turns: new TurnTracker<SampledFrame>({
        isWorker: threadId !== 0,
        minBlockMs: () => plan.minBlockMs,
        onBlock: (block) => stacks.addBlock(block),
      }),
      intervalMs: () => plan.interruptIntervalMs,
      requestStack: async () => (isPreloaded || flags.maySampleRemotely ? profiler.requestStack() : undefined),
      onStack: (stack) => {
        if (!plan.isFine) stacks.addStack(stack);
      },
      onCost: (costMs) => plan.addInterrupt(costMs),
    });
    this.#interrupts = interrupts;
    if (!isAttached && this.#usesInterrupts) stacks.addUnsampled(interrupts.startNs);
  }
}
