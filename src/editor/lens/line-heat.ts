/** Heat of single lines: their share of the CPU time of all stacks, moved along with edits. */
import { duration, percent } from '../../core/format.ts';
import type { FileLines } from '../../core/stacks/file-lines.ts';
import { heatOf } from './heat.ts';
import { type Edit, shiftLine } from './line-tracking.ts';

export interface LineHeat {
  /** Current line, from 0. */
  readonly line: number;
  /** Ranges from 0 to 1. */
  readonly heat: number;
  readonly text: string;
}

/** Lines with a smaller share are not marked. */
const minShare = 0.001;

const origins: Readonly<Record<FileLines['source'], string>> = {
  ticks: 'Fine sampling: the line that ran in each sample.',
  checks:
    'Approximate: the line of a call or of the end of a loop, where the program could be interrupted. “Profile with Fine Sampling…” names the exact line.',
};

/**
 * Returns the lines of a file that take time themselves, in the order of the lines.
 *
 * @param edits changes of the file since it was measured; a line that was changed has no heat any more
 */
export function lineHeats({ lines, totalNs, source }: FileLines, edits: readonly Edit[] = []): readonly LineHeat[] {
  return lines.flatMap(({ line, selfNs, totalNs: withCalleesNs, samples }) => {
    const share = totalNs > 0 ? selfNs / totalNs : 0;
    const current = edits.reduce(shiftUnchanged, (line - 1) as number | undefined);
    if (share < minShare || current === undefined) return [];
    const callees = withCalleesNs > selfNs ? `, with callees ~${duration(withCalleesNs)}` : '';
    const times = `~${percent(share)} of CPU time in this line · ~${duration(selfNs)}${callees} · ${samples} samples`;
    return { line: current, heat: heatOf(selfNs, totalNs), text: `${times}\n${origins[source]}` };
  });
}

function shiftUnchanged(line: number | undefined, edit: Edit): number | undefined {
  if (line === undefined) return undefined;
  const isInLine = edit.startLine <= line && edit.endLine >= line;
  const endsBefore = edit.endLine === line && edit.endCharacter === 0 && (edit.text === '' || edit.text.endsWith('\n'));
  return isInLine && !endsBefore ? undefined : shiftLine(line, 0, edit);
}
