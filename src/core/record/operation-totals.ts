/** Exact totals of one operation over a whole run, from the deltas that its sources sent. */
import type { Definition, OperationDelta, SampleDelta } from '../../protocol/event.ts';
import type { OperationState, Source } from '../../protocol/snapshot.ts';
import { Histogram } from './histogram.ts';

/** Distinct error types told; later ones count as `other`. */
const errorTypesKept = 64;

export function addErrorTypes(into: Map<string, number>, types: Readonly<Record<string, number>> | undefined): void {
  for (const [type, count] of Object.entries(types ?? {})) {
    const name = into.has(type) || into.size < errorTypesKept ? type : 'other';
    into.set(name, (into.get(name) ?? 0) + count);
  }
}

export class Tally {
  readonly definition: Definition;
  count = 0;
  errors = 0;
  totalNs = 0;
  hits = 0;
  misses = 0;
  /** Calls under way, by source. */
  readonly active = new Map<string, number>();
  #timed = 0;
  #partial = false;
  #cpuNs = 0;
  readonly #sampled = { samples: 0, selfNs: 0, totalNs: 0 };
  #selfNs = 0;
  #selfKnown = true;
  #minNs = Number.POSITIVE_INFINITY;
  #maxNs = 0;
  readonly #errorTypes = new Map<string, number>();
  readonly #histogram = new Histogram();
  /** Percentiles are read anew only after a change. */
  #state: OperationState | undefined;

  constructor(definition: Definition) {
    this.definition = definition;
  }

  add(delta: OperationDelta, source: string): void {
    this.#state = undefined;
    this.count += delta.count;
    this.#partial ||= delta.partial === true;
    this.errors += delta.errors;
    this.#timed += delta.timed ?? delta.count;
    this.#cpuNs += delta.cpuNs ?? 0;
    this.totalNs += delta.totalNs;
    this.hits += delta.hits;
    this.misses += delta.misses;
    if (delta.selfNs !== undefined) this.#selfNs += delta.selfNs;
    else if (delta.count > 0) this.#selfKnown = false;
    if (delta.minNs !== undefined) this.#minNs = Math.min(this.#minNs, delta.minNs);
    if (delta.maxNs !== undefined) this.#maxNs = Math.max(this.#maxNs, delta.maxNs);
    if (delta.active) this.active.set(source, delta.active);
    else this.active.delete(source);
    addErrorTypes(this.#errorTypes, delta.errorTypes);
    this.#histogram.add(delta.buckets);
  }

  addSamples(delta: SampleDelta): void {
    this.#state = undefined;
    this.#sampled.samples += delta.samples;
    this.#sampled.selfNs += delta.selfNs;
    this.#sampled.totalNs += delta.totalNs;
  }

  get known(): boolean {
    return this.count + this.hits + this.misses + this.errors + this.#sampled.samples > 0;
  }

  /** What looks at the stack saw of it. */
  get sampled(): Readonly<Omit<SampleDelta, 'id'>> {
    return this.#sampled;
  }

  /** Time that is told of it: of its measured calls, else what the samples say. */
  get toldNs(): number {
    return this.count > 0 ? this.totalNs : this.#sampled.totalNs;
  }

  /** Totals now; the same object until something changes. A percentile is never above the exact maximum. */
  state(): OperationState {
    if (this.#state) return this.#state;
    const { component, name, kind, file, line } = this.definition;
    this.#state = {
      component,
      name,
      kind,
      ...(file === undefined ? {} : { file }),
      ...(line === undefined ? {} : { line }),
      count: this.count,
      errors: this.errors,
      errorTypes: Object.fromEntries(this.#errorTypes),
      totalNs: this.toldNs,
      ...this.#self(),
      ...this.#latency(),
      cacheHits: this.hits,
      cacheMisses: this.misses,
      source: this.#source(),
      ...(this.#partial ? { partial: true as const } : {}),
      ...(this.#sampled.samples > 0 ? { samples: this.#sampled.samples } : {}),
      ...(this.#timed < this.count ? { timed: this.#timed } : {}),
      ...(this.#cpuNs > 0 ? { cpuNs: this.#cpuNs } : {}),
    };
    return this.#state;
  }

  /** Self time of the measured calls where all of them knew it, else of the samples; else none. */
  #self(): { readonly selfNs?: number } {
    if (this.count > 0 && this.#selfKnown) return { selfNs: this.#selfNs };
    return this.#sampled.samples > 0 ? { selfNs: this.#sampled.selfNs } : {};
  }

  /** Of the calls that were timed; nothing rather than zero where none was. */
  #latency(): Pick<OperationState, 'minNs' | 'maxNs' | 'p50Ns' | 'p95Ns' | 'p99Ns'> {
    if (this.#histogram.count === 0) return {};
    const [p50Ns = 0, p95Ns = 0, p99Ns = 0] = this.#histogram
      .valuesAt([50, 95, 99])
      .map((value) => Math.min(value, this.#maxNs));
    const extremes = Number.isFinite(this.#minNs) ? { minNs: this.#minNs, maxNs: this.#maxNs } : {};
    return { ...extremes, p50Ns, p95Ns, p99Ns };
  }

  #source(): Source {
    if (this.count === 0 && this.#sampled.samples > 0) return 'sampled';
    return this.#timed < this.count || this.#partial ? 'estimated' : 'measured';
  }

  encodeHistogram(): string {
    return this.#histogram.encode();
  }
}
