import type { CodeGroup, CodeTimes } from '../../protocol/code-times.ts';
import { codeSeriesKey } from '../../protocol/code-times.ts';
import type { Series } from '../../protocol/snapshot.ts';
import type { OperationTotals } from '../record/operation-totals.ts';
import { type CodePlace, codePlaceOf } from './code-place.ts';
import { groupCode, groupOfPlace, type PlaceTime } from './group-code.ts';

/** CPU time of functions by slice of time. A slice is a number of steps since the start of the run. */
export interface FunctionSlices {
  readonly stepNs: number;
  readonly slices: ReadonlyMap<number, ReadonlyMap<OperationTotals, number>>;
}

type CodeSeries = Readonly<Record<string, Series>>;

/** Places of the functions of a run, and the time of each. */
export class RunCode {
  readonly #named: ReadonlySet<string>;
  /** Functions that a probe has reported without a component. */
  readonly #functions = new WeakSet<OperationTotals>();
  readonly #places = new WeakMap<OperationTotals, { readonly place: CodePlace | undefined }>();

  #cached: { readonly key: string; readonly series: CodeSeries } | undefined;

  /** @param named components that the configuration of the pipeline defines */
  constructor(named: readonly string[]) {
    this.#named = new Set(named);
  }

  /** Counts a function as code although it may never be sampled, because a probe measures it. */
  add(operation: OperationTotals): void {
    this.#functions.add(operation);
  }

  /** Returns where the time of the code goes; undefined if no function was sampled or measured. */
  times(operations: Iterable<OperationTotals>): CodeTimes | undefined {
    const times: PlaceTime[] = [];
    for (const operation of operations) {
      const isSampled = operation.sampled.samples > 0;
      if (!isSampled && !this.#functions.has(operation)) continue;
      const place = this.placeOf(operation);
      const timeNs = isSampled ? operation.sampled.selfNs : (operation.runningNs ?? 0);
      if (place) times.push({ place, timeNs, source: isSampled ? 'sampled' : 'measured' });
    }
    const code = groupCode(times);
    return code.totalNs > 0 ? code : undefined;
  }

  /**
   * Returns the series that were computed last if the key is the same, or else those that are computed now. Slices that have
   * ended do not change, so a running program needs new series only once a second.
   */
  cachedSeries(key: string, compute: () => CodeSeries): CodeSeries {
    if (this.#cached?.key !== key) this.#cached = { key, series: compute() };
    return this.#cached.series;
  }

  /** Returns the CPU use of each group over time, by the key of the series. */
  series(code: CodeTimes, { stepNs, slices }: FunctionSlices, range: SliceRange): CodeSeries {
    const groups = new Map<OperationTotals, CodeGroup | undefined>();
    const groupOf = (operation: OperationTotals): CodeGroup | undefined => {
      if (groups.has(operation)) return groups.get(operation);
      const place = this.placeOf(operation);
      const group = place && groupOfPlace(code, place);
      groups.set(operation, group);
      return group;
    };
    const values = new Map(code.groups.map((group) => [group, new Array<number>(range.end - range.start).fill(0)]));
    for (const [slice, times] of slices) {
      if (slice < range.start || slice >= range.end) continue;
      const widthNs = Math.min(stepNs, range.endNs - slice * stepNs);
      for (const [operation, timeNs] of times) {
        const row = values.get(groupOf(operation) as CodeGroup);
        if (row) row[slice - range.start] = (row[slice - range.start] as number) + timeNs / widthNs;
      }
    }
    return Object.fromEntries(
      [...values].map(([group, row]): [string, Series] => [
        codeSeriesKey(group),
        { metric: 'code.cpu', scope: group.name, unit: 'ratio', stepNs, startNs: range.start * stepNs, values: row },
      ]),
    );
  }

  /** Returns the place of a function, or undefined for the profiler's own code. */
  placeOf(operation: OperationTotals): CodePlace | undefined {
    const cached = this.#places.get(operation);
    if (cached) return cached.place;
    const place = codePlaceOf(operation.definition, this.#named.has(operation.component.name));
    this.#places.set(operation, { place });
    return place;
  }
}

/** Slices from `start` up to, but not including, `end`. */
interface SliceRange {
  readonly start: number;
  readonly end: number;
  /** End of the run, if the last slice is shorter than the others. */
  readonly endNs: number;
}
