/** What a lens says: numbers of one operation or one file as a short line that keeps its order. */
import { count, duration, percent, timing } from '../../core/format.ts';
import type { ItemState, OperationState, Run } from '../../protocol/snapshot.ts';

export interface Levels {
  readonly slowNs: number;
  readonly verySlowNs: number;
}

const separator = ' · ';

/** Of a function that only looks at the stack know: no word of it is about one call. */
const sampledTemplate = `\${self} self${separator}\${total} total`;

/** Words that a template may name; a part of the template whose word has no value is left out. */
export const words: Readonly<Record<string, (operation: OperationState) => string | undefined>> = {
  avg: (operation) => timed(operation, operation.count > 0 ? operation.totalNs / operation.count : undefined),
  p50: (operation) => timed(operation, operation.p50Ns),
  p95: (operation) => timed(operation, operation.p95Ns),
  p99: (operation) => timed(operation, operation.p99Ns),
  max: (operation) => timed(operation, operation.maxNs),
  total: (operation) => timed(operation, operation.totalNs),
  // No look that ended in it is no time that could be told.
  self: (operation) => timed(operation, operation.selfNs === 0 && isSampled(operation) ? undefined : operation.selfNs),
  share: ({ selfNs, totalNs }) => (selfNs === undefined || totalNs === 0 ? undefined : percent(selfNs / totalNs)),
  calls: ({ count: calls, partial }) => (partial ? `≥ ${count(calls)}` : count(calls)),
  cache: (operation) => ratioText(operation.cacheHits, operation.cacheMisses),
  errors: (operation) => (operation.errors > 0 ? count(operation.errors) : undefined),
};

/** Fills a template such as `${p95} p95 · ${calls} calls`; flames before it tell the level of the p95. */
export function operationText(operation: OperationState, template: string, levels: Levels): string {
  const parts = (isSampled(operation) ? sampledTemplate : template)
    .split(separator)
    .map((part) => fill(part, operation));
  return flames(operation.p95Ns, levels) + plain(parts.filter((part) => part !== undefined).join(separator));
}

/** `parse 4.2 ms · extract 3.1 ms · 214 calls · 63% cache`: what one file cost, at its head. */
export function itemText(item: ItemState, levels: Levels): string {
  const { cacheHits = 0, cacheMisses = 0, ...counts } = item.counts;
  const parts = [
    ...Object.entries(item.parts).map(([name, ns]) => `${shortName(name)} ${duration(ns)}`),
    ...Object.entries(counts)
      .filter(([, number]) => number > 0)
      .map(([name, number]) => singular(`${count(number)} ${name.replaceAll('_', ' ')}`)),
  ];
  const cache = ratioText(cacheHits, cacheMisses);
  if (cache) parts.push(`${cache} cache`);
  return flames(item.totalNs, levels) + plain(parts.join(separator));
}

/** Puts in brackets what is no longer quite true, with the reason. */
export function staleText(text: string, reason: 'edited' | 'earlier run'): string {
  return `(${text}${separator}${reason})`;
}

/** How the numbers were got, for the tooltip. */
export function originText(run: Run, source: string, overheadPercent: number): string {
  return `${run.title}, run of ${run.startedAt}, ${duration(run.durationNs)}; ${source}, profiler overhead ${overheadPercent.toFixed(1)} %. Click for details.`;
}

/** `sampled: seen on 48 of 1.2k looks at the stack; an estimate`: how much such a number is worth. */
export function sampledOrigin(samples: number, looks: number): string {
  return `sampled: seen on ${count(samples)} of ${count(looks)} looks at the stack; an estimate`;
}

/** Text from a program is no markup: `$(` would draw an icon, a line break would break the lens. */
export function plain(text: string): string {
  return text.replaceAll('$(', '$\u200b(').replace(/\s+/g, ' ');
}

function fill(part: string, operation: OperationState): string | undefined {
  let missing = false;
  const text = part.replace(/\$\{(\w+)\}/g, (_, word: string) => {
    const value = words[word]?.(operation);
    if (value === undefined) missing = true;
    return value ?? '';
  });
  return missing ? undefined : singular(text);
}

/** One of a thing is not several: `1 calls` is `1 call`. */
function singular(text: string): string {
  return text.replace(/^1 (\w+)s$/, '1 $1');
}

/** A duration of one call, which is unknown where no call was timed. */
function timed(operation: OperationState, ns: number | undefined): string | undefined {
  if (ns === undefined) return undefined;
  return (operation.source === 'measured' ? '' : '~') + timing(ns);
}

function isSampled({ count: calls, source }: OperationState): boolean {
  return calls === 0 && source === 'sampled';
}

function ratioText(hits: number, misses: number): string | undefined {
  return hits + misses > 0 ? percent(hits / (hits + misses)) : undefined;
}

function flames(ns: number | undefined, levels: Levels): string {
  if (ns === undefined) return '';
  if (ns >= levels.verySlowNs) return '$(flame)$(flame)\u00a0';
  return ns >= levels.slowNs ? '$(flame)\u00a0' : '';
}

/** `extract_file` is `extract` at the head of a file. */
function shortName(name: string): string {
  return name.replace(/_file$/, '').replaceAll('_', ' ');
}
