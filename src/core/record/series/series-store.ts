/**
 * Values over time in bounded memory: rings of slots of 250 ms, 1 s, 10 s and 60 s, each built from the next finer ones.
 * Times are nanoseconds since the start of the run, passed in by the caller.
 */

import { finite } from '../../../protocol/batch/operation-delta.ts';
import { defined } from '../../../protocol/defined.ts';
import type { Series } from '../../../protocol/snapshot.ts';
import { metrics, type ScopeKind } from '../../snapshot/metrics.ts';
import { Slot } from './slot.ts';

/** Width and number of slots: the last minute, five minutes, hour and day. */
export const resolutions = [
  { stepNs: 250e6, slots: 240 },
  { stepNs: 1e9, slots: 300 },
  { stepNs: 10e9, slots: 360 },
  { stepNs: 60e9, slots: 1440 },
] as const;

/** Maximum number of scopes of each kind with series; further ones have totals only. There is one of each other kind. */
const maxScopes: Partial<Record<ScopeKind, number>> = { component: 100, counter: 64 };

export interface Scope {
  readonly kind: ScopeKind;
  readonly name?: string;
}

interface Track {
  readonly scope: Scope;
  /** The open slot of each resolution. */
  readonly open: readonly Slot[];
  /** A ring of values for each metric and resolution; NaN marks a missing value. */
  readonly rings: ReadonlyMap<string, readonly Float64Array[]>;
}

export class SeriesStore {
  readonly #tracks = new Map<string, Track>();
  /** Number of tracks by kind of scope. */
  readonly #scopes = new Map<ScopeKind, number>();
  /** Number of slots closed since the start, by resolution. */
  readonly #closed: number[] = resolutions.map(() => 0);
  #endNs = 0;
  #ended = false;

  /** Returns the open slot of a scope, for adding events, or undefined if there are too many scopes. */
  slotOf(scope: Scope): Slot | undefined {
    const key = keyOf(scope.kind, scope.name);
    const existing = this.#tracks.get(key);
    if (existing) return existing.open[0];
    const scopes = this.#scopes.get(scope.kind) ?? 0;
    if (scopes >= (maxScopes[scope.kind] ?? 1)) return undefined;
    this.#scopes.set(scope.kind, scopes + 1);
    const track = newTrack(scope);
    this.#tracks.set(key, track);
    return track.open[0];
  }

  /** Closes all slots that have ended. The time that this takes does not depend on how many there are. */
  advance(nowNs: number): void {
    if (this.#ended || !(nowNs > this.#endNs)) return;
    for (const [level, { stepNs }] of resolutions.entries()) {
      const ended = Math.floor(nowNs / stepNs) - (this.#closed[level] as number);
      // Slots of a coarser resolution end only together with finer ones.
      if (ended <= 0) break;
      // Only the first slot can have data: the open ones have collected everything since the last call.
      this.#close(level, stepNs);
      this.#closeEmpty(level, ended - 1);
    }
    this.#endNs = nowNs;
  }

  /** Closes the open slots too, each with the time that it really covered. Later events are ignored. */
  end(nowNs: number): void {
    if (this.#ended) return;
    this.advance(nowNs);
    for (let level = 0; level < resolutions.length; level++) {
      const { stepNs } = resolutions[level] as (typeof resolutions)[number];
      const widthNs = nowNs - (this.#closed[level] as number) * stepNs;
      if (widthNs > 0) this.#close(level, widthNs);
      else for (const track of this.#tracks.values()) this.#mergeUp(track, level);
    }
    this.#ended = true;
  }

  /**
   * Returns the series of every metric and scope, by `metric` or `metric{scope}`. All cover the same slots: those of the
   * finest resolution (`live`), or of the finest one that reaches back to the start of the run (`whole`).
   */
  read(range: 'live' | 'whole'): Record<string, Series> {
    const level = range === 'live' ? 0 : this.#levelOfWhole();
    const { stepNs, slots } = resolutions[level] as (typeof resolutions)[number];
    const closed = this.#closed[level] as number;
    const first = Math.max(0, closed - slots);
    const series: Record<string, Series> = {};
    for (const track of this.#tracks.values()) {
      for (const metric of metrics) {
        const ring = track.rings.get(metric.name)?.[level];
        if (!ring) continue;
        const values: (number | null)[] = [];
        for (let slot = first; slot < closed; slot++) {
          const value = ring[slot % slots] as number;
          values.push(Number.isNaN(value) ? null : value);
        }
        const scope = track.scope.name;
        series[scope === undefined ? metric.name : `${metric.name}{${scope}}`] = {
          metric: metric.name,
          ...defined({ scope }),
          unit: metric.unit,
          stepNs,
          startNs: first * stepNs,
          values,
        };
      }
    }
    return series;
  }

  #levelOfWhole(): number {
    const level = resolutions.findIndex(({ stepNs, slots }) => this.#endNs <= stepNs * slots);
    return level < 0 ? resolutions.length - 1 : level;
  }

  #close(level: number, widthNs: number): void {
    const { slots } = resolutions[level] as (typeof resolutions)[number];
    const slot = this.#closed[level] as number;
    for (const track of this.#tracks.values()) {
      const open = track.open[level] as Slot;
      for (const metric of metrics) {
        const ring = track.rings.get(metric.name)?.[level];
        if (ring) ring[slot % slots] = finite(metric.read(open, widthNs) ?? Number.NaN);
      }
      this.#mergeUp(track, level);
    }
    this.#closed[level] = slot + 1;
  }

  /** Closes slots without data. Of more than the ring holds, only the last ones are written. */
  #closeEmpty(level: number, count: number): void {
    const { slots, stepNs } = resolutions[level] as (typeof resolutions)[number];
    const closed = (this.#closed[level] as number) + count;
    const first = closed - Math.min(count, slots);
    const empty = new Slot();
    for (const metric of metrics) {
      const value = metric.read(empty, stepNs) ?? Number.NaN;
      for (const track of this.#tracks.values()) {
        const ring = track.rings.get(metric.name)?.[level];
        for (let slot = first; ring && slot < closed; slot++) ring[slot % slots] = value;
      }
    }
    this.#closed[level] = closed;
  }

  #mergeUp(track: Track, level: number): void {
    const open = track.open[level] as Slot;
    track.open[level + 1]?.merge(open);
    open.reset();
  }
}

function keyOf(kind: ScopeKind, name: string | undefined): string {
  return `${kind}\0${name ?? ''}`;
}

function newTrack(scope: Scope): Track {
  const rings = new Map<string, Float64Array[]>();
  for (const metric of metrics) {
    if (!metric.scopes.includes(scope.kind)) continue;
    rings.set(
      metric.name,
      resolutions.map(({ slots }) => new Float64Array(slots).fill(Number.NaN)),
    );
  }
  return { scope, open: resolutions.map(() => new Slot()), rings };
}
