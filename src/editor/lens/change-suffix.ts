/** What a lens adds where a function became slower or faster: `▲ +38 %`; and a place for it where there is no lens yet. */
import { change } from '../../core/format.ts';
import type { ComparedRow, ComparisonState } from '../../protocol/benchmark-state.ts';
import type { Mark } from './lens-anchors.ts';
import { plain } from './lens-text.ts';
import type { Choice } from './select-lenses.ts';

/** Marks of a comparison are told apart from those of any run by this name. */
export const comparisonPipeline = 'comparison';

/** Each function of which the comparison is sure, once: by the case in which its change has the greatest impact. */
export function changeChoices(
  { rows, against }: Pick<ComparisonState, 'rows' | 'against'>,
  locate: (file: string) => string | undefined,
): readonly Choice[] {
  const found = new Map<string, Choice>();
  for (const row of rows) {
    const choice = choiceOf(row, against, locate);
    const name = `${choice?.path}\0${choice?.key}`;
    if (choice && choice.weightNs > (found.get(name)?.weightNs ?? -1)) found.set(name, choice);
  }
  return [...found.values()];
}

function choiceOf(row: ComparedRow, against: string, locate: (file: string) => string | undefined): Choice | undefined {
  const { operation, verdict } = row;
  const mark = marks[verdict];
  if (mark === undefined || operation?.file === undefined || operation.line === undefined) return undefined;
  const path = locate(operation.file);
  if (path === undefined) return undefined;
  const interval = `${change(row.lowRatio - 1)} to ${change(row.highRatio - 1)}`;
  const sampled = operation.source === 'sampled' ? '~' : '';
  return {
    path,
    key: `${operation.component}/${operation.name}`,
    pipeline: comparisonPipeline,
    line: operation.line - 1,
    weightNs: Math.abs(row.impactNs ?? 0),
    worthy: true,
    warmth: 0,
    text: `${mark} ${sampled}${change(row.ratio - 1)}`,
    tooltip: plain(
      `${verdict} against ${against} (${row.case}): 95 % interval ${interval}, ${row.n[0]} and ${row.n[1]} runs.`,
    ),
  };
}

const marks: { readonly [verdict in ComparedRow['verdict']]?: string } = {
  slower: '▲',
  regressed: '▲',
  improved: '▼',
};

/** The marks of runs with what a comparison adds to them, and after them what it alone knows; from the head down. */
export function joined(own: readonly Mark[], changes: readonly Mark[]): readonly Mark[] {
  if (changes.length === 0) return own;
  const byKey = new Map(changes.map((mark) => [mark.key, mark]));
  const added = own.map((mark) => {
    const found = byKey.get(mark.key);
    if (!found) return mark;
    byKey.delete(mark.key);
    return { ...mark, text: `${mark.text} · ${found.text}`, tooltip: `${mark.tooltip} ${found.tooltip}` };
  });
  return [...added, ...byKey.values()].sort((a, b) => a.line - b.line);
}
