import type { ProbeConfig } from '../../protocol/control.ts';
import { threadBusyMs } from '../clocks/thread-busy-time.ts';
import { InterruptBudget } from './interrupt/interrupt-budget.ts';
import { SamplingBudget } from './sampling-budget.ts';

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
