/** Durations of each check's recent runs: an estimate for the next run, and suggested timeouts. */
import type { CheckResult, Suggestion } from '../../../protocol/validation/validation.ts';
import type { CheckCache } from '../check/check.ts';

/** Maximum number of runs to keep per check. */
const maxRuns = 20;
/** Minimum number of runs for a suggested timeout. */
const minRunsForSuggestion = 5;
const minTimeoutMs = 1000;
/** Factor by which a stopped check is expected to exceed its time so far. With 1.5 it is refused once, then retried. */
const abortFactor = 1.5;
/**
 * Maximum exponent of the back-off. A check that never fits costs the whole budget each time it is tried; with this limit
 * it is tried in about every tenth run.
 */
const maxAborts = 8;

interface DurationRecord {
  /** Durations in nanoseconds, the newest last. */
  readonly runs: readonly number[];
  /** Expected duration of the next run, in nanoseconds. */
  readonly expectedNs: number;
  /** Number of times the check was stopped since it last finished. */
  readonly cuts?: number;
}

export class DurationHistory {
  readonly #cache: CheckCache;

  constructor(cache: CheckCache) {
    this.#cache = cache;
  }

  /** Returns undefined for a check that has never run. */
  expectedMs(id: string): number | undefined {
    const record = this.#recordOf(id);
    return record && record.expectedNs / 1e6;
  }

  /**
   * Returns whether `expectedMs` is a reliable estimate. After a single run it is only an upper limit, because the first
   * run also fills caches.
   */
  hasEstimate(id: string): boolean {
    const { runs = [], cuts = 0 } = this.#recordOf(id) ?? {};
    return runs.length > 1 || cuts > 0;
  }

  /** Records that the check finished. */
  recordRun(id: string, durationNs: number): void {
    const runs = [...(this.#recordOf(id)?.runs ?? []), durationNs].slice(-maxRuns);
    this.#store(id, { runs, expectedNs: durationNs });
  }

  /** Records that the check was not applicable. Its duration is the estimate only until the check finishes once. */
  recordSkip(id: string, durationNs: number): void {
    const runs = this.#recordOf(id)?.runs ?? [];
    if (runs.length === 0) this.#store(id, { runs, expectedNs: durationNs });
  }

  /** Records that the check was not started for lack of time. Halves the estimate, so that it is tried again later. */
  recordRefusal(id: string): void {
    const record = this.#recordOf(id);
    if (record) this.#store(id, { ...record, expectedNs: record.expectedNs / 2 });
  }

  /** Records that the check was stopped before it finished. The estimate doubles with each consecutive abort. */
  recordAbort(id: string, durationNs: number): void {
    const { runs = [], cuts = 0 } = this.#recordOf(id) ?? {};
    this.#store(id, { runs, expectedNs: abortFactor * 2 ** cuts * durationNs, cuts: Math.min(cuts + 1, maxAborts) });
  }

  /** Returns percentiles and a suggested timeout for each check that has run often enough. */
  suggestions(results: readonly CheckResult[]): readonly Suggestion[] {
    return results.flatMap(({ id }) => {
      const runs = this.#recordOf(id)?.runs ?? [];
      if (runs.length < minRunsForSuggestion) return [];
      const sorted = runs.toSorted((a, b) => a - b);
      const percentile = (share: number): number => sorted[Math.ceil(share * sorted.length) - 1] as number;
      const [p50Ns, p95Ns, p99Ns] = [percentile(0.5), percentile(0.95), percentile(0.99)];
      const timeoutMs = Math.max(minTimeoutMs, Math.ceil((3 * p99Ns) / 1e6));
      return [{ id, timeoutMs, runs: runs.length, p50Ns, p95Ns, p99Ns }];
    });
  }

  #recordOf(id: string): DurationRecord | undefined {
    const record = this.#cache.get<DurationRecord>(keyOf(id));
    return Array.isArray(record?.runs) && typeof record.expectedNs === 'number' ? record : undefined;
  }

  #store(id: string, record: DurationRecord): void {
    this.#cache.set(keyOf(id), record);
  }
}

const keyOf = (id: string): string => `duration:${id}`;
