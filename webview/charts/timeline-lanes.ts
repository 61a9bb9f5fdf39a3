/** Layout of the timeline: one band per source; overlapping spans go to lower lanes of the band. */
import type { SpanState } from '../../src/protocol/snapshot.ts';

export interface PlacedSpan {
  readonly span: SpanState;
  /** Index from 0, counted across all bands. */
  readonly lane: number;
}

interface SourceBand {
  readonly source: string;
  readonly firstLane: number;
  readonly laneCount: number;
}

export interface LaneLayout {
  /** Sorted by start time. */
  readonly placedSpans: readonly PlacedSpan[];
  readonly bands: readonly SourceBand[];
  readonly laneCount: number;
}

/** Spans that are nested deeper share the last lane. */
const maxLanesPerSource = 6;

/** Lays out the spans that overlap the time range. A nested span is placed below the span that contains it. */
export function layOutLanes(spans: readonly SpanState[], startNs: number, endNs: number): LaneLayout {
  const visible = spans.filter((span) => span.startNs <= endNs && span.startNs + span.durationNs >= startNs);
  const sources = [...new Set(spans.map(({ source }) => source))].sort(compareSources);
  const placedSpans: PlacedSpan[] = [];
  const bands: SourceBand[] = [];
  let firstLane = 0;
  for (const source of sources) {
    const laneEndsNs: number[] = [];
    for (const span of visible.filter((candidate) => candidate.source === source).sort(compareStarts)) {
      const free = laneEndsNs.findIndex((endNs) => endNs <= span.startNs);
      const lane = Math.min(free < 0 ? laneEndsNs.length : free, maxLanesPerSource - 1);
      laneEndsNs[lane] = Math.max(laneEndsNs[lane] ?? 0, span.startNs + span.durationNs);
      placedSpans.push({ span, lane: firstLane + lane });
    }
    const laneCount = Math.max(1, laneEndsNs.length);
    bands.push({ source, firstLane, laneCount });
    firstLane += laneCount;
  }
  placedSpans.sort((a, b) => compareStarts(a.span, b.span));
  return { placedSpans, bands, laneCount: firstLane };
}

/** Orders by start time. The longer span comes first, so that it is placed above the spans it contains. */
function compareStarts(a: SpanState, b: SpanState): number {
  return a.startNs - b.startNs || b.durationNs - a.durationNs;
}

/** Orders sources by process id and thread id: `4711.2` before `4711.10`. */
function compareSources(a: string, b: string): number {
  const [pidA = 0, threadA = 0] = a.split('.').map(Number);
  const [pidB = 0, threadB = 0] = b.split('.').map(Number);
  return pidA - pidB || threadA - threadB || Number(a > b) - Number(a < b);
}
