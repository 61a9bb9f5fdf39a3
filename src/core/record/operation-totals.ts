/** Exact totals of one operation over a whole run, summed over all of its sources. */
import type { Definition, OperationDelta, SampleDelta } from '../../protocol/batch/batch.ts';
import { addSamples, SampleSum } from '../../protocol/batch/operation-delta.ts';
import { defined } from '../../protocol/defined.ts';
import type { MeasurementSource, OperationState } from '../../protocol/snapshot.ts';
import { CallTotals } from './call-totals.ts';
import type { ComponentTotals } from './component-totals.ts';
import type { HdrBuilder } from './histogram.ts';
import type { RecorderBudgets } from './recorder-budgets.ts';

export class OperationTotals extends CallTotals {
  readonly definition: Definition;
  readonly component: ComponentTotals;
  /** Calls in progress, by source. */
  readonly #active = new Map<string, number>();
  readonly #sampled = new SampleSum();
  /** Cached until the next change, because percentiles are expensive. */
  #state: OperationState | undefined;

  constructor(definition: Definition, component: ComponentTotals, budgets: RecorderBudgets) {
    super(budgets);
    this.definition = definition;
    this.component = component;
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

  addSamples(delta: SampleDelta): void {
    this.#state = undefined;
    addSamples(this.#sampled, delta);
    addSamples(this.component.sampled, delta);
  }

  /** Ends the calls in progress of a source that has ended. */
  endSource(source: string): void {
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

  /** Total time of the measured calls; without measured calls, the time according to stack samples. */
  get totalOrSampledNs(): number {
    return this.count > 0 ? this.totalNs : this.#sampled.totalNs;
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
      ...this.#self(),
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

  /** Self time of the measured calls if known for all of them; otherwise according to the samples, if any. */
  #self(): { readonly selfNs?: number } {
    if (this.count > 0 && this.isSelfKnown) return { selfNs: this.selfNs };
    return this.#sampled.samples > 0 ? { selfNs: this.#sampled.selfNs } : {};
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

  /** Returns the durations as HdrHistogram V2, compressed, base64. */
  encodeHistogram(builder: HdrBuilder): string {
    return this.histogram.encode(builder);
  }
}
