/** Formats profiler overhead as one line and as a Markdown document. */
import { escapeMarkdown } from '../../protocol/escape/escape-markdown.ts';
import { plural } from '../../protocol/plural.ts';
import * as format from '../format.ts';
import { formatTableRow } from './report-document.ts';

export interface RatioInterval {
  readonly ratio: number;
  /** Low end of the 95 % interval; absent, like the high end, if there are too few pairs for one. */
  readonly low?: number;
  readonly high?: number;
}

export interface OverheadResult {
  readonly case: string;
  /** Median ratio of adjacent runs, with the probe to without, and its 95 % interval. */
  readonly wall: RatioInterval;
  /** CPU time; absent if the system does not report that of ended processes. */
  readonly processor?: RatioInterval;
  readonly pairs: number;
  /** Number of events that the probe reported per run; 0 means that the probe did not measure. */
  readonly events: number;
  readonly withoutNs: number;
  readonly withNs: number;
}

/** Returns a line such as `run: wall time × 1.05 (95 % interval …); 1.23 s without, 1.29 s with the probe; 10 pairs`. */
export function formatOverheadLine({ case: name, wall, processor, pairs, withoutNs, withNs }: OverheadResult): string {
  const times = `${format.duration(withoutNs)} without, ${format.duration(withNs)} with the probe`;
  const cpuTime = processor ? `, CPU time ${formatRatio(processor)}` : '';
  return `${name}: wall time ${formatRatio(wall)}${cpuTime}; ${times}; ${plural(pairs, 'interleaved pair')}`;
}

export function formatOverheadDocument(title: string, costs: readonly OverheadResult[]): string {
  const rows = costs.map(({ case: name, wall, processor, pairs, withoutNs, withNs }) =>
    formatTableRow([
      name,
      format.duration(withoutNs),
      format.duration(withNs),
      formatRatio(wall),
      processor ? formatRatio(processor) : format.missing,
      String(pairs),
    ]),
  );
  return [
    `# Profiler overhead: ${escapeMarkdown(title)}`,
    '',
    'Whole-process runs with and without the probe, interleaved and measured from outside in the same way. Each ratio is the median over pairs of adjacent runs, so that a temporary slowdown of the machine affects both sides.',
    '',
    '| case | without | with | wall time | CPU time | pairs |',
    '|---|---:|---:|---:|---:|---:|',
    ...rows,
    '',
  ].join('\n');
}

function formatRatio({ ratio, low, high }: RatioInterval): string {
  if (low === undefined || high === undefined) return `× ${ratio.toFixed(3)}`;
  return `× ${ratio.toFixed(3)} (95 % interval ${low.toFixed(3)} to ${high.toFixed(3)})`;
}
