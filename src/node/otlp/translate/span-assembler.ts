import type { SpanDeltas } from '../../../protocol/batch/stacks/span-deltas.ts';
import { rootNode, SpanTree } from '../../../protocol/batch/stacks/span-tree.ts';
import { lengthOf, type SpanInterval, subtractIntervals } from './intervals.ts';

/** Identity of a span and of the span around it, if it has one in the same process. */
export interface SpanKeys {
  readonly key?: string;
  readonly parentKey?: string;
}

/** A span that has ended. */
interface AddedSpan extends SpanKeys {
  /** ID of its operation. */
  readonly id: number;
  readonly startNs: bigint;
  readonly durationNs: number;
}

interface WaitingSpan {
  readonly key: string;
  readonly parentKey: string | undefined;
  readonly id: number;
  readonly interval: SpanInterval;
  readonly receivedMs: number;
  /** Time that was counted for spans around before this one arrived. */
  readonly counted: readonly SpanInterval[];
}

interface FoldedSpan {
  readonly node: number;
  /** Time that was counted for the span itself. */
  readonly self: readonly SpanInterval[];
  readonly counted: readonly SpanInterval[];
}

/** Time that a span waits for the spans inside, which may arrive later. */
const graceMs = 1000;
/** Time that a span waits for the span around it, which ends and arrives later. */
const maxWaitMs = 30_000;
const maxWaiting = 20_000;
const maxFolded = 20_000;

/**
 * Builds the tree of the spans of one source, which arrive in any order. A span counts with its duration without the time
 * in which spans inside were in progress; these may overlap. Each part of a span's time is counted once: if a span arrives
 * after the one around it was counted, their common time stays with that one.
 */
export class SpanAssembler {
  readonly #tree = new SpanTree();
  readonly #waiting = new Map<string, WaitingSpan>();
  readonly #folded = new Map<string, FoldedSpan>();
  /** Spans inside of spans that have not been counted, by the key of the outer one. */
  readonly #inside = new Map<string, Map<string, SpanInterval>>();
  #insideSize = 0;
  #zeroNs: bigint | undefined;
  #anonymous = 0;

  /** @param nowMs time of arrival, by a clock that only moves forward */
  add({ key, parentKey, id, startNs, durationNs }: AddedSpan, nowMs: number): void {
    const ownKey = key ?? `anonymous ${this.#anonymous++}`;
    // Senders repeat a request that was not answered in time.
    if (this.#waiting.has(ownKey) || this.#folded.has(ownKey)) return;
    this.#zeroNs ??= startNs;
    const start = Number(startNs - this.#zeroNs);
    const interval: SpanInterval = [start, start + durationNs];
    const outerKey = parentKey === ownKey ? undefined : parentKey;
    const outer = outerKey === undefined ? undefined : this.#folded.get(outerKey);
    const counted = outer ? [...outer.self, ...outer.counted] : [];
    this.#waiting.set(ownKey, { key: ownKey, parentKey: outerKey, id, interval, receivedMs: nowMs, counted });
    if (outerKey !== undefined && !outer) this.#addInside(outerKey, ownKey, interval);
  }

  /** Counts the spans that have waited long enough, or all of them. Returns true if there is something to drain. */
  fold(nowMs: number, isEnd = false): boolean {
    let excess = this.#waiting.size - maxWaiting;
    for (const span of [...this.#waiting.values()]) {
      const isOverdue = isEnd || excess-- > 0 || nowMs - span.receivedMs >= maxWaitMs;
      if (!isOverdue && nowMs - span.receivedMs < graceMs) break;
      if (this.#waiting.has(span.key)) this.#foldWithOuter(span, nowMs, isOverdue);
    }
    return this.#tree.hasChanges;
  }

  /** Returns what has changed in the tree since the previous call. */
  drain(): SpanDeltas {
    return this.#tree.drain().deltas;
  }

  /** Counts a span after those around it. */
  #foldWithOuter(span: WaitingSpan, nowMs: number, isOverdue: boolean): void {
    const chain = [span];
    const keys = new Set([span.key]);
    let outermost = span;
    for (;;) {
      const { parentKey } = outermost;
      if (parentKey === undefined || this.#folded.has(parentKey)) break;
      const outer = this.#waiting.get(parentKey);
      if (!outer && !isOverdue) return;
      if (!outer) break;
      if (keys.has(parentKey)) {
        this.#cutCycle(chain, parentKey);
        break;
      }
      if (!isOverdue && nowMs - outer.receivedMs < graceMs) return;
      chain.push(outer);
      keys.add(parentKey);
      outermost = outer;
    }
    for (const next of chain.toReversed()) this.#foldOne(next);
  }

  /** Ends a chain of spans that are inside of each other with the longest of them. */
  #cutCycle(chain: WaitingSpan[], firstKey: string): void {
    const cycle = chain.slice(chain.findIndex(({ key }) => key === firstKey));
    const [longest] = cycle.toSorted((left, right) => durationOf(right) - durationOf(left));
    if (!longest) return;
    this.#removeInside(longest.parentKey ?? '', longest.key);
    chain.length = chain.indexOf(longest) + 1;
  }

  #foldOne({ key, parentKey, id, interval, counted: countedBefore }: WaitingSpan): void {
    this.#waiting.delete(key);
    const outer = parentKey === undefined ? undefined : this.#folded.get(parentKey);
    const counted = countedBefore.length > 0 ? countedBefore : (outer?.counted ?? []);
    const inside = this.#inside.get(key);
    this.#insideSize -= inside?.size ?? 0;
    this.#inside.delete(key);
    const self = subtractIntervals(interval, [...(inside?.values() ?? []), ...counted]);
    const node = this.#tree.child(outer?.node ?? rootNode, id);
    this.#tree.add(node, lengthOf(self));
    this.#folded.set(key, { node, self, counted });
    if (this.#folded.size <= maxFolded) return;
    for (const oldest of this.#folded.keys()) {
      this.#folded.delete(oldest);
      break;
    }
  }

  #addInside(outerKey: string, key: string, interval: SpanInterval): void {
    const inside = this.#inside.get(outerKey) ?? new Map<string, SpanInterval>();
    this.#inside.set(outerKey, inside);
    inside.set(key, interval);
    this.#insideSize++;
    // Spans around that never arrive.
    for (const [oldest, intervals] of this.#inside) {
      if (this.#insideSize <= 2 * maxWaiting || oldest === outerKey) break;
      this.#inside.delete(oldest);
      this.#insideSize -= intervals.size;
    }
  }

  #removeInside(outerKey: string, key: string): void {
    if (this.#inside.get(outerKey)?.delete(key)) this.#insideSize--;
  }
}

function durationOf({ interval: [start, end] }: WaitingSpan): number {
  return end - start;
}
