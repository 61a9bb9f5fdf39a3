/** Shows how a comparison changed a function: `▲ +38 %` at the end of its lens, or a new lens if it has none. */
import { formatChangeInterval } from '../../core/benchmark/interval-text.ts';
import { change } from '../../core/format.ts';
import type { ComparisonState, ComparisonViewRow } from '../../protocol/panel/benchmark-state.ts';
import { escapeLabel, separator } from '../escape-label.ts';
import type { LensAnchor } from './lens-anchors.ts';
import type { LensCandidate } from './select-lenses.ts';

/** Pipeline id of anchors that come from a comparison. */
export const comparisonPipeline = 'comparison';

/** Returns one candidate per changed function: that of the benchmark case in which the change has the largest impact. */
export function changeCandidates(
  { rows, against }: Pick<ComparisonState, 'rows' | 'against'>,
  locate: (file: string) => string | undefined,
): readonly LensCandidate[] {
  const byFunction = new Map<string, LensCandidate>();
  for (const row of rows) {
    const candidate = changeCandidate(row, against, locate);
    const id = `${candidate?.path}\0${candidate?.key}`;
    if (candidate && candidate.weightNs > (byFunction.get(id)?.weightNs ?? -1)) byFunction.set(id, candidate);
  }
  return [...byFunction.values()];
}

function changeCandidate(
  row: ComparisonViewRow,
  against: string,
  locate: (file: string) => string | undefined,
): LensCandidate | undefined {
  const { operation, verdict } = row;
  const symbol = changeSymbols[verdict];
  if (symbol === undefined || operation?.file === undefined || operation.line === undefined) return undefined;
  const path = locate(operation.file);
  if (path === undefined) return undefined;
  const interval = formatChangeInterval(row);
  const sampled = operation.source === 'sampled' ? '~' : '';
  return {
    path,
    key: `${operation.component}/${operation.name}`,
    pipeline: comparisonPipeline,
    line: operation.line - 1,
    weightNs: Math.abs(row.impactNs ?? 0),
    isSlowEnough: true,
    heat: 0,
    text: `${symbol} ${sampled}${change(row.ratio - 1)}`,
    tooltip: escapeLabel(
      `${verdict} against ${against} (${row.case}): 95 % interval ${interval}, ${row.n[0]} and ${row.n[1]} runs.`,
    ),
  };
}

const changeSymbols: { readonly [verdict in ComparisonViewRow['verdict']]?: string } = {
  slower: '▲',
  regressed: '▲',
  improved: '▼',
};

/** Appends changes to the anchors of the same functions and adds the other changes. Sorts all by line. */
export function addChanges(anchors: readonly LensAnchor[], changes: readonly LensAnchor[]): readonly LensAnchor[] {
  if (changes.length === 0) return anchors;
  const byKey = new Map(changes.map((anchor) => [anchor.key, anchor]));
  const extended = anchors.map((anchor) => {
    const changed = byKey.get(anchor.key);
    if (!changed) return anchor;
    byKey.delete(anchor.key);
    const text = [anchor.text, changed.text].join(separator);
    return { ...anchor, text, tooltip: `${anchor.tooltip} ${changed.tooltip}` };
  });
  return [...extended, ...byKey.values()].sort((a, b) => a.line - b.line);
}
