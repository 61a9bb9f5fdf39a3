import type { ProbeConfig } from '../../protocol/control.ts';
import { threadBusyMs } from '../clocks/thread-busy-time.ts';
import { InterruptBudget } from './interrupt/interrupt-budget.ts';
import { SamplingBudget } from './sampling-budget.ts';

/** Default of the setting `pipescope.eventLoopBlockMs`. */
const defaultBlockNs = 50e6;
/** Shortest time between two interrupts while V8's profiler takes the samples. */
const fineTurnMs = 10;

/** Intervals at which the threads of this process are sampled, and the cost of measuring so far. */
export class SamplingPlan {
  #config: ProbeConfig;
  readonly #profiles: SamplingBudget;
  readonly #interrupts: InterruptBudget;
  /** Time taken from the program's threads. */
  #threadMs = 0;

  constructor(config: ProbeConfig) {
    this.#config = config;
    this.#profiles = new SamplingBudget(config);
    this.#interrupts = new InterruptBudget(config);
  }

  /** True if V8's profiler takes the samples. */
  get isFine(): boolean {
    return this.#config.hasFineSampling === true;
  }

  /** Time between two samples of a thread; 0 if nothing is sampled. */
  get intervalNs(): number {
    return this.isFine ? this.#profiles.intervalNs : this.#interrupts.intervalNs;
  }

  /** Mean time between two interrupts; 0 if none are wanted. In fine mode, they only find turns of the event loop. */
  get interruptIntervalMs(): number {
    if (!this.isFine) return this.intervalNs / 1e6;
    return this.intervalNs > 0 && this.minBlockMs > 0 ? Math.max(fineTurnMs, this.#interrupts.intervalNs / 1e6) : 0;
  }

  /** Duration from which on a turn of an event loop is a block; 0 if blocks are not recorded. */
  get minBlockMs(): number {
    return (this.#config.eventLoopBlockNs ?? defaultBlockNs) / 1e6;
  }

  /** Share of the program's time that measuring may take. */
  get budgetRatio(): number {
    return this.#config.budgetRatio;
  }

  configure(config: ProbeConfig): void {
    this.#config = config;
    this.#profiles.configure(config);
    this.#interrupts.configure(config);
  }

  /** Adds the time that one interrupt took from its thread. */
  addInterrupt(ms: number): void {
    this.#threadMs += ms;
    this.#interrupts.addSample(ms);
  }

  /** Adds samples of V8's profiler. */
  addProfileSamples(count: number): void {
    this.#threadMs += this.#profiles.addSamples(count);
  }

  /** Adds the time in which a thread answered a report. */
  addReport(ms: number): void {
    this.#threadMs += ms;
    this.#profiles.addRotation(ms);
  }

  /** Adds the wait at the start of a thread. It is reported but not budgeted; a longer interval would not reduce it. */
  addStartWait(ms: number): void {
    this.#threadMs += ms;
  }

  /** Returns true if V8's profiler must sample less often from now on. Interrupts follow the budget by themselves. */
  lengthenIfOverBudget(): boolean {
    return this.isFine && this.#profiles.lengthenIfOverBudget();
  }

  /** Returns the overhead since the start. All of it is attributed to the main thread, so that it is counted once. */
  overheadNs(threadId: number): number {
    return threadId === 0 ? (this.#threadMs + threadBusyMs()) * 1e6 : 0;
  }
}
