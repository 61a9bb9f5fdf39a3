/** How long each check took in its last runs: what it may be expected to take, and a timeout that would fit it. */
import type { CheckResult, Suggestion } from '../../../protocol/validation.ts';
import type { Memory } from '../check/check.ts';

/** Runs of a check that are remembered. */
const runsKept = 20;
/** From so many on, a timeout is suggested. */
const enoughRuns = 5;
const leastTimeoutMs = 1000;
/** How much longer one that was ended may have taken: it is refused once, and then tried again. */
const beyond = 1.5;
/** One that never fits costs the whole time of a run whenever it is tried: in the end that is each tenth run. */
const mostCuts = 8;

interface Past {
  /** The newest last, in nanoseconds. */
  readonly runs: readonly number[];
  /** What it is expected to take next, in nanoseconds. */
  readonly expectedNs: number;
  /** How often it was ended before it was done, since it last was done. */
  readonly cuts?: number;
}

export class History {
  readonly #memory: Memory;

  constructor(memory: Memory) {
    this.#memory = memory;
  }

  /** Nothing for a check that never ran. */
  expectedMs(id: string): number | undefined {
    const past = this.#past(id);
    return past && past.expectedNs / 1e6;
  }

  /** A first run warms caches, so that the next may be much shorter: what it took is a limit, and nothing to expect. */
  isKnown(id: string): boolean {
    const { runs = [], cuts = 0 } = this.#past(id) ?? {};
    return runs.length > 1 || cuts > 0;
  }

  /** It ran to its end. */
  ran(id: string, durationNs: number): void {
    const runs = [...(this.#past(id)?.runs ?? []), durationNs].slice(-runsKept);
    this.#keep(id, { runs, expectedNs: durationNs });
  }

  /** It found nothing to do. As long as it never ran to its end, that is what it is expected to take. */
  skipped(id: string, durationNs: number): void {
    const runs = this.#past(id)?.runs ?? [];
    if (runs.length === 0) this.#keep(id, { runs, expectedNs: durationNs });
  }

  /** It was not let in, as it would have taken too long. What is expected fades, so that it is tried again later. */
  refused(id: string): void {
    const past = this.#past(id);
    if (past) this.#keep(id, { ...past, expectedNs: past.expectedNs / 2 });
  }

  /** It was ended before it was done: it takes longer than that, and is tried again the later the more often it was. */
  cut(id: string, durationNs: number): void {
    const { runs = [], cuts = 0 } = this.#past(id) ?? {};
    this.#keep(id, { runs, expectedNs: beyond * 2 ** cuts * durationNs, cuts: Math.min(cuts + 1, mostCuts) });
  }

  /** Of each check that ran often enough. */
  suggestions(results: readonly CheckResult[]): readonly Suggestion[] {
    return results.flatMap(({ id }) => {
      const runs = this.#past(id)?.runs ?? [];
      if (runs.length < enoughRuns) return [];
      const sorted = runs.toSorted((a, b) => a - b);
      const rank = (share: number): number => sorted[Math.ceil(share * sorted.length) - 1] as number;
      const [p50Ns, p95Ns, p99Ns] = [rank(0.5), rank(0.95), rank(0.99)];
      const timeoutMs = Math.max(leastTimeoutMs, Math.ceil((3 * p99Ns) / 1e6));
      return [{ id, timeoutMs, runs: runs.length, p50Ns, p95Ns, p99Ns }];
    });
  }

  #past(id: string): Past | undefined {
    const past = this.#memory.get<Past>(keyOf(id));
    return Array.isArray(past?.runs) && typeof past.expectedNs === 'number' ? past : undefined;
  }

  #keep(id: string, past: Past): void {
    this.#memory.set(keyOf(id), past);
  }
}

const keyOf = (id: string): string => `duration:${id}`;
