/** Texts of lenses: the numbers of one operation or one file in a short line with a fixed order. */
import { count, duration, percent, timing } from '../../core/format.ts';
import { averageNsOf } from '../../core/snapshot/operation-times.ts';
import type { ItemState, OperationState, Run } from '../../protocol/snapshot.ts';
import { escapeLabel, separator } from '../escape-label.ts';

export interface SlowThresholds {
  readonly slowNs: number;
  readonly verySlowNs: number;
}

/** Template for functions that were only sampled, if it is not known what the time is a share of. */
const sampledTemplate = `\${self} self${separator}\${total} total`;

/** Placeholders of templates. A part of a template is omitted if the value of its placeholder is undefined. */
export const placeholders: Readonly<Record<string, (operation: OperationState) => string | undefined>> = {
  avg: (operation) => callDuration(operation, averageNsOf(operation)),
  p50: (operation) => callDuration(operation, operation.p50Ns),
  p95: (operation) => callDuration(operation, operation.p95Ns),
  p99: (operation) => callDuration(operation, operation.p99Ns),
  max: (operation) => callDuration(operation, operation.maxNs),
  total: (operation) => callDuration(operation, operation.totalNs),
  // If no sample was taken in the function itself, its self time is unknown rather than 0.
  self: (operation) =>
    callDuration(operation, operation.selfNs === 0 && isSampled(operation) ? undefined : operation.selfNs),
  share: ({ selfNs, totalNs }) => (selfNs === undefined || totalNs === 0 ? undefined : percent(selfNs / totalNs)),
  calls: ({ count: calls, partial }) => (partial ? `≥ ${count(calls)}` : count(calls)),
  cache: (operation) => hitRatio(operation.cacheHits, operation.cacheMisses),
  errors: (operation) => (operation.errors > 0 ? count(operation.errors) : undefined),
};

/**
 * Fills a template such as `${p95} p95 · ${calls} calls`. Flames before the text show that the p95 is slow. For a function
 * that was only sampled, durations of single calls are unknown, so the text is `~12 % self · ~1.30 s · ~40 % total`.
 *
 * @param sampledNs CPU time of all stacks
 */
export function operationText(
  operation: OperationState,
  template: string,
  thresholds: SlowThresholds,
  sampledNs?: number,
): string {
  const parts =
    isSampled(operation) && sampledNs
      ? sampledParts(operation, sampledNs)
      : (isSampled(operation) ? sampledTemplate : template).split(separator).map((part) => fillPart(part, operation));
  return (
    flameIcons(operation.p95Ns, thresholds) + escapeLabel(parts.filter((part) => part !== undefined).join(separator))
  );
}

/** Returns self time and total time as shares of all stacks. Without a sample in the function itself, only the latter. */
function sampledParts({ selfNs = 0, totalNs }: OperationState, sampledNs: number): readonly string[] {
  const total = `~${percent(totalNs / sampledNs)} total`;
  if (selfNs === 0) return [total, `~${duration(totalNs)}`];
  return [`~${percent(selfNs / sampledNs)} self`, `~${duration(selfNs)}`, total];
}

/** Formats the cost of one file: `parse 4.2 ms · extract 3.1 ms · 214 calls · 63 % cache`. */
export function itemText(item: ItemState, thresholds: SlowThresholds): string {
  const { cacheHits = 0, cacheMisses = 0, ...counts } = item.counts;
  const parts = [
    ...Object.entries(item.parts).map(([name, ns]) => `${shortName(name)} ${duration(ns)}`),
    ...Object.entries(counts)
      .filter(([, number]) => number > 0)
      .map(([name, number]) => singularize(`${count(number)} ${name.replaceAll('_', ' ')}`)),
  ];
  const cache = hitRatio(cacheHits, cacheMisses);
  if (cache) parts.push(`${cache} cache`);
  return flameIcons(item.totalNs, thresholds) + escapeLabel(parts.join(separator));
}

/** Puts outdated numbers in parentheses, with the reason. */
export function staleText(text: string, reason: 'edited' | 'earlier run'): string {
  return `(${text}${separator}${reason})`;
}

/** Describes for the tooltip how the numbers were obtained. */
export function provenanceText(run: Run, source: string, overheadPercent: number): string {
  return `${run.title}, run of ${run.startedAt}, ${duration(run.durationNs)}; ${source}, profiler overhead ${overheadPercent.toFixed(1)} %. Click for details.`;
}

/** Describes how the durations of counted calls were obtained, such as `estimated: 640 of 40k calls were timed`. */
export function measuredProvenance({ count: calls, partial, source, timed }: OperationState): string {
  if (partial) return 'counted only in part, because counting all calls was too slow';
  if (timed === undefined || source === 'measured') return source;
  return `${source}: ${count(timed)} of ${count(calls)} calls were timed`;
}

/**
 * Shows how reliable a sampled number is: `sampled: in 48 of 1.2k stack samples, every 9.0 ms; an estimate`.
 *
 * @param intervalNs time between two samples; undefined if it is not known
 */
export function sampledProvenance(samples: number, allSamples: number, intervalNs?: number): string {
  const interval = intervalNs ? `, every ${duration(intervalNs)}` : '';
  return `sampled: in ${count(samples)} of ${count(allSamples)} stack samples${interval}; an estimate`;
}

/** Returns the CPU times behind the shares of a sampled function, such as `self ~1.30 s, with callees ~4.10 s of ~10.2 s`. */
export function sampledTimes({ selfNs = 0, totalNs }: OperationState, sampledNs: number): string {
  return `self ~${duration(selfNs)}, with callees ~${duration(totalNs)} of ~${duration(sampledNs)} CPU time`;
}

function fillPart(part: string, operation: OperationState): string | undefined {
  let isMissing = false;
  const text = part.replace(/\$\{(\w+)\}/g, (_, name: string) => {
    const value = placeholders[name]?.(operation);
    if (value === undefined) isMissing = true;
    return value ?? '';
  });
  return isMissing ? undefined : singularize(text);
}

/** Turns `1 calls` into `1 call`. */
function singularize(text: string): string {
  return text.replace(/^1 (\w+)s$/, '1 $1');
}

function callDuration(operation: OperationState, ns: number | undefined): string | undefined {
  if (ns === undefined) return undefined;
  return (operation.source === 'measured' ? '' : '~') + timing(ns);
}

function isSampled({ count: calls, source }: OperationState): boolean {
  return calls === 0 && source === 'sampled';
}

function hitRatio(hits: number, misses: number): string | undefined {
  return hits + misses > 0 ? percent(hits / (hits + misses)) : undefined;
}

function flameIcons(ns: number | undefined, { slowNs, verySlowNs }: SlowThresholds): string {
  if (ns === undefined) return '';
  if (ns >= verySlowNs) return '$(flame)$(flame)\u00a0';
  return ns >= slowNs ? '$(flame)\u00a0' : '';
}

/** Shortens `extract_file` to `extract`, because the lens is at the top of the file. */
function shortName(name: string): string {
  return name.replace(/_file$/, '').replaceAll('_', ' ');
}
