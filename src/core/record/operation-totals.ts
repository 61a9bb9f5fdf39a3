/** Exact totals of one operation over a whole run, summed over all of its sources. */
import type { Definition, OperationDelta, SampleDelta } from '../../protocol/batch/batch.ts';
import { addSamples, SampleSum } from '../../protocol/batch/operation-delta.ts';
import { defined } from '../../protocol/defined.ts';
import type { MeasurementSource, OperationState } from '../../protocol/snapshot.ts';
import { isForeignComponent } from '../snapshot/foreign-component.ts';
import { CallTotals } from './call-totals.ts';
import type { ComponentTotals } from './components/component-totals.ts';
import type { Histogram } from './histogram.ts';
import type { RecorderBudgets } from './recorder-budgets.ts';

/** Number of standard deviations that samples may differ from a measurement by chance. */
const maxDeviations = 3;

export class OperationTotals extends CallTotals {
  #definition: Definition;
  readonly component: ComponentTotals;
  /** Calls in progress, by source. */
  readonly #active = new Map<string, number>();
  /** Calls that were in progress when their source ended. */
  #unfinished = 0;
  readonly #sampled = new SampleSum();
  /** Cached until the next change, because percentiles are expensive. */
  #state: OperationState | undefined;

  constructor(definition: Definition, component: ComponentTotals, budgets: RecorderBudgets) {
    super(budgets);
    this.#definition = definition;
    this.component = component;
  }

  get definition(): Definition {
    return this.#definition;
  }

  /** Changes the name that is shown. */
  rename(name: string): void {
    this.#definition = { ...this.#definition, name };
    this.#state = undefined;
  }

  /**
   * Adds a delta to the operation and to its component. Returns the number of calls whose durations could not be kept.
   * @param nowNs undefined if the calls happened before the host connected
   */
  add(delta: OperationDelta, source: string, nowNs: number | undefined): number {
    this.#state = undefined;
    this.component.add(delta, nowNs);
    this.#setActive(source, delta.active ?? 0);
    return this.addCalls(delta);
  }

  addSamples(delta: Omit<SampleDelta, 'id'>): void {
    this.#state = undefined;
    addSamples(this.#sampled, delta);
    addSamples(this.component.sampled, delta);
  }

  /** Ends the calls in progress of a source that has ended. */
  endSource(source: string): void {
    this.#unfinished += this.#active.get(source) ?? 0;
    this.#setActive(source, 0);
  }

  #setActive(source: string, calls: number): void {
    const previous = this.#active.get(source) ?? 0;
    if (calls === previous) return;
    this.component.active += calls - previous;
    if (calls > 0) this.#active.set(source, calls);
    else this.#active.delete(source);
  }

  get hasData(): boolean {
    return this.count + this.hits + this.misses + this.errors + this.#sampled.samples > 0;
  }

  /** Totals from stack samples. */
  get sampled(): Readonly<SampleSum> {
    return this.#sampled;
  }

  /**
   * Total time of the measured calls; without measured calls, the time according to stack samples. If not all calls were
   * measured, samples may have seen more.
   */
  get totalOrSampledNs(): number {
    if (this.count === 0) return this.#sampled.totalNs;
    return this.isPartial ? Math.max(this.totalNs, this.#sampled.totalNs) : this.totalNs;
  }

  /**
   * Time by which operations are ranked. Of code that is not the user's, the outermost functions run the whole program, so
   * these functions rank by their self time.
   */
  get rankNs(): number {
    const isRankedBySelf = this.count === 0 && isForeignComponent(this.component.name);
    return isRankedBySelf ? this.#sampled.selfNs : this.totalOrSampledNs;
  }

  /** Returns the totals now; the same object until something changes. */
  state(): OperationState {
    if (this.#state) return this.#state;
    const { component, name, kind, file, line } = this.definition;
    this.#state = {
      component,
      name,
      kind,
      ...defined({ file, line }),
      count: this.count,
      errors: this.errors,
      errorTypes: Object.fromEntries(this.errorTypes),
      totalNs: this.totalOrSampledNs,
      ...defined({ selfNs: this.runningNs, averageNs: this.#averageNs() }),
      ...this.#latency(),
      cacheHits: this.hits,
      cacheMisses: this.misses,
      source: this.#source(),
      ...(this.isPartial ? { partial: true as const } : {}),
      ...(this.#sampled.samples > 0 ? { samples: this.#sampled.samples } : {}),
      ...(this.timed < this.count ? { timed: this.timed } : {}),
      ...(this.cpuNs > 0 ? { cpuNs: this.cpuNs } : {}),
    };
    return this.#state;
  }

  /**
   * Self time: time in which the code of the operation itself ran; never more than the total. The measured one includes
   * functions that are not measured, and time in which the thread waited in a system call or for a processor. If stack
   * samples show that it is much too long, theirs is used.
   */
  get runningNs(): number | undefined {
    const { samples, selfNs, totalNs } = this.#sampled;
    if (this.count === 0) return samples > 0 ? Math.min(selfNs, totalNs) : undefined;
    const sampledNs = samples > 0 ? Math.min(selfNs, this.totalOrSampledNs) : undefined;
    if (!this.isSelfKnown) return sampledNs;
    const measuredNs = Math.min(this.selfNs, this.totalNs);
    if (sampledNs === undefined) return measuredNs;
    // The number of samples varies by its square root.
    const sampleNs = totalNs / samples;
    const deviationNs = Math.sqrt((selfNs + sampleNs) * sampleNs);
    return measuredNs <= selfNs + maxDeviations * deviationNs ? measuredNs : sampledNs;
  }

  /** Returns the mean duration of the calls that have ended, or undefined if none has or no duration is known. */
  #averageNs(): number | undefined {
    const inProgress = this.#unfinished + [...this.#active.values()].reduce((sum, calls) => sum + calls, 0);
    const missing = this.count - this.histogram.count;
    // A guest may count a call when it begins.
    const isInProgress = this.timed === this.count && missing > 0 && missing <= inProgress;
    const calls = isInProgress ? this.histogram.count : this.count;
    if (calls === 0 || this.timed === 0) return undefined;
    const averageNs = this.durationsNs / calls;
    return Number.isFinite(this.minNs) ? Math.max(this.minNs, Math.min(averageNs, this.maxNs)) : averageNs;
  }

  /** Durations of the timed calls; empty rather than zero if no call was timed. */
  #latency(): Pick<OperationState, 'minNs' | 'maxNs' | 'p50Ns' | 'p95Ns' | 'p99Ns'> {
    const percentiles = this.percentiles();
    if (!percentiles) return {};
    const [p50Ns, p95Ns, p99Ns] = percentiles;
    const extremes = Number.isFinite(this.minNs) ? { minNs: this.minNs, maxNs: this.maxNs } : {};
    return { ...extremes, p50Ns, p95Ns, p99Ns };
  }

  #source(): MeasurementSource {
    if (this.count === 0 && this.#sampled.samples > 0) return 'sampled';
    return this.timed < this.count || this.isPartial ? 'estimated' : 'measured';
  }

  /** Returns the durations of the timed calls now. */
  copyHistogram(): Histogram {
    return this.histogram.copy();
  }
}
