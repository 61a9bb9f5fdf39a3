/** What the profiler costs a program, in a sentence and as a document. */

import * as format from '../format.ts';
import { cell, tableRow } from './report-document.ts';

export interface Ratio {
  readonly ratio: number;
  readonly low: number;
  readonly high: number;
}

export interface Cost {
  readonly case: string;
  /** Median of the ratios of neighbouring runs, with over without, and its 95 % bootstrap interval. */
  readonly wall: Ratio;
  /** Processor time; absent where the system does not tell that of ended processes. */
  readonly processor?: Ratio;
  readonly pairs: number;
  /** What the probe told of, a run: none, and nothing was measured. */
  readonly events: number;
  readonly withoutNs: number;
  readonly withNs: number;
}

/** `run: wall time × 1.052 (95 % interval 1.031 to 1.070); 1.23 s without, 1.29 s with the probe; 10 pairs in turns`. */
export function costLine({ case: name, wall, processor, pairs, withoutNs, withNs }: Cost): string {
  const times = `${format.duration(withoutNs)} without, ${format.duration(withNs)} with the probe`;
  const processorTime = processor ? `, processor time ${ratioText(processor)}` : '';
  return `${name}: wall time ${ratioText(wall)}${processorTime}; ${times}; ${pairs} pairs in turns`;
}

export function costDocument(title: string, costs: readonly Cost[]): string {
  const rows = costs.map(({ case: name, wall, processor, pairs, withoutNs, withNs }) =>
    tableRow([
      name,
      format.duration(withoutNs),
      format.duration(withNs),
      ratioText(wall),
      processor ? ratioText(processor) : format.unknown,
      String(pairs),
    ]),
  );
  return [
    `# What the profiler costs: ${cell(title)}`,
    '',
    'Whole-process runs with and without the probe, in turns, measured from outside in the same way. The ratio is the median of those of neighbouring runs, so that what slows the machine for a while hits both.',
    '',
    '| case | without | with | wall time | processor time | pairs |',
    '|---|---:|---:|---:|---:|---:|',
    ...rows,
    '',
  ].join('\n');
}

function ratioText({ ratio, low, high }: Ratio): string {
  return `× ${ratio.toFixed(3)} (95 % interval ${low.toFixed(3)} to ${high.toFixed(3)})`;
}
