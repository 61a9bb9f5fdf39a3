/** Source code of the selected function with the cost of its lines. */
import { duration } from '../../src/core/format.ts';
import type { FunctionDetails, LineTimes, ViewedFunction } from '../../src/protocol/panel/stack-view.ts';
import type { LineSource } from '../../src/protocol/stacks.ts';
import { post } from '../host.ts';
import { ShareBar } from '../views/tables/table-cells.tsx';

interface SourceLinesProps {
  readonly called: ViewedFunction;
  readonly details: FunctionDetails;
  readonly lineSource: LineSource | undefined;
}

/** Origin of the costs of lines, for users. */
const notes: Readonly<Record<LineSource, string>> = {
  ticks: 'Time of each line with what it called, sampled.',
  checks:
    'Approximate: a sample names the nearest call or end of a loop. Profile with fine sampling for the cost of each line.',
};

export function SourceLines({ called, details, lineSource }: SourceLinesProps) {
  const { lines: costs = [], source, totalNs, selfNs } = details;
  const { file } = called;
  if (file === undefined || (costs.length === 0 && !source)) return null;
  const costOf = new Map(costs.map((cost) => [cost.line, cost]));
  const lines = source?.lines ?? costs.map(({ line }) => ({ line, text: '' }));
  const indent = Math.min(...lines.filter(({ text }) => text.trim() !== '').map(({ text }) => text.search(/\S/)));
  const unknownNs = selfNs - costs.reduce((sum, cost) => sum + cost.selfNs, 0);
  return (
    <>
      <h4>Lines</h4>
      {source?.isChanged && <p class="hint">The file has changed since the run started, so lines may have moved.</p>}
      <ol class="lines">
        {lines.map(({ line, text }, index) => (
          <SourceLine
            key={line}
            file={file}
            line={line}
            text={text.slice(Number.isFinite(indent) ? indent : 0).trimEnd()}
            cost={costOf.get(line)}
            totalNs={totalNs}
            isAfterGap={index > 0 && line - (lines[index - 1]?.line ?? line) > 1}
          />
        ))}
      </ol>
      {costs.length > 0 && unknownNs >= 0.01 * totalNs && (
        <p class="hint">~{duration(unknownNs)} could not be assigned to a line.</p>
      )}
      {costs.length > 0 && lineSource && <p class="hint">{notes[lineSource]}</p>}
    </>
  );
}

interface SourceLineProps {
  readonly file: string;
  readonly line: number;
  readonly text: string;
  readonly cost: LineTimes | undefined;
  /** Time of the function. */
  readonly totalNs: number;
  readonly isAfterGap: boolean;
}

function SourceLine({ file, line, text, cost, totalNs, isAfterGap }: SourceLineProps) {
  const ratio = cost && totalNs > 0 ? cost.totalNs / totalNs : 0;
  const title = cost ? `Line ${line}: ~${duration(cost.totalNs)}, self ~${duration(cost.selfNs)}` : `Line ${line}`;
  return (
    <li class={isAfterGap ? 'gap' : undefined}>
      <button type="button" class="quiet" title={title} onClick={() => post({ type: 'reveal', file, line })}>
        <ShareBar ratio={ratio} />
        <span class="number">{line}</span>
        <code>{text}</code>
        <span class="cost">{cost ? `~${duration(cost.totalNs)}` : ''}</span>
      </button>
    </li>
  );
}
