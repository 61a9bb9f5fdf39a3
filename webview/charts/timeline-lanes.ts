/** Where each span stands in the timeline: a band for each source, and in it a lane below for what overlaps. */
import type { SpanState } from '../../src/protocol/snapshot.ts';

export interface Placed {
  readonly span: SpanState;
  /** From 0, over all bands. */
  readonly lane: number;
}

export interface Band {
  readonly source: string;
  readonly firstLane: number;
  readonly lanes: number;
}

export interface Lanes {
  /** In the order of their start. */
  readonly placed: readonly Placed[];
  readonly bands: readonly Band[];
  readonly lanes: number;
}

/** Deeper nesting is drawn in the last lane. */
const mostLanes = 6;

/** Lays out the spans that touch the stretch of time; a span inside another stands below it. */
export function lanesOf(spans: readonly SpanState[], startNs: number, endNs: number): Lanes {
  const shown = spans.filter((span) => span.startNs <= endNs && span.startNs + span.durationNs >= startNs);
  const sources = [...new Set(spans.map(({ source }) => source))].sort(bySource);
  const placed: Placed[] = [];
  const bands: Band[] = [];
  let firstLane = 0;
  for (const source of sources) {
    const ends: number[] = [];
    const own = shown.filter((span) => span.source === source).sort(byStart);
    for (const span of own) {
      const free = ends.findIndex((endedNs) => endedNs <= span.startNs);
      const lane = Math.min(free < 0 ? ends.length : free, mostLanes - 1);
      ends[lane] = Math.max(ends[lane] ?? 0, span.startNs + span.durationNs);
      placed.push({ span, lane: firstLane + lane });
    }
    const lanes = Math.max(1, ends.length);
    bands.push({ source, firstLane, lanes });
    firstLane += lanes;
  }
  return { placed: placed.sort((a, b) => byStart(a.span, b.span)), bands, lanes: firstLane };
}

/** The longer first, so that it stands above what it holds. */
function byStart(a: SpanState, b: SpanState): number {
  return a.startNs - b.startNs || b.durationNs - a.durationNs;
}

/** `4711.2` before `4711.10`. */
function bySource(a: string, b: string): number {
  const [pidA = 0, threadA = 0] = a.split('.').map(Number);
  const [pidB = 0, threadB = 0] = b.split('.').map(Number);
  return pidA - pidB || threadA - threadB || Number(a > b) - Number(a < b);
}
