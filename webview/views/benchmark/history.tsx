/** The history of a benchmark: for each case, the medians of all runs and a sentence about changes of the level. */
import { signal } from '@preact/signals';
import { useRef } from 'preact/hooks';
import { missing, quantity } from '../../../src/core/format.ts';
import type { HistoryCase, HistoryPoint, HistoryState } from '../../../src/protocol/panel/benchmark-state.ts';
import { plural } from '../../../src/protocol/plural.ts';
import { formatLevelChange, historyChartSpec } from '../../charts/history-chart.ts';
import type { ChartPainter } from '../../charts/xy-chart.ts';
import { post } from '../../host.ts';
import { theme } from '../../theme.ts';
import { idsShownAsTable } from '../../ui-state.ts';
import { CanvasChart } from '../canvas-chart.tsx';
import { TableSwitch } from '../table-switch.tsx';
import { ChartTable } from '../tables/chart-table.tsx';
import type { TableColumn } from '../tables/data-table.tsx';
import { CommandButton } from '../top-bar.tsx';
import { RegressionList, VerdictLabel } from './verdict-label.tsx';

/** The run under the cursor: the name of its case and its index. */
const selectedRun = signal<{ readonly name: string; readonly index: number } | undefined>(undefined);

export function History({ history }: { readonly history: HistoryState | undefined }) {
  if (!history || history.cases.length === 0) return <EmptyHistory />;
  const { choices, chosen, cases, declines } = history;
  return (
    <div class="history">
      <div class="compare-head">
        <label>
          Benchmark{' '}
          <select value={chosen} onChange={(event) => post({ type: 'history', key: event.currentTarget.value })}>
            {choices.map(({ key, title, detail }) => (
              <option key={key} value={key}>
                {isUnique(title, choices) ? title : `${title} (${detail})`}
              </option>
            ))}
          </select>
        </label>
        <p class="dim">{choices.find(({ key }) => key === chosen)?.detail}</p>
      </div>
      <RegressionList list={declines} />
      <div class="history-cases">
        {cases.map((historyCase) => (
          <CaseCard key={historyCase.name} historyCase={historyCase} />
        ))}
      </div>
    </div>
  );
}

function isUnique(title: string, choices: HistoryState['choices']): boolean {
  return choices.filter((choice) => choice.title === title).length === 1;
}

function EmptyHistory() {
  return (
    <div class="empty-state">
      <p>No benchmark history yet. Run a benchmark on this machine to see its results across commits.</p>
      <CommandButton command="pipescope.benchmark" label="Run Benchmark…" primary />
    </div>
  );
}

interface CaseProps {
  readonly historyCase: HistoryCase;
}

function CaseCard({ historyCase }: CaseProps) {
  const { name, sentence } = historyCase;
  const id = `history-${name.replaceAll(/\W+/g, '-')}`;
  return (
    <section class="card chart" aria-label={`History of ${name}`}>
      <div class="head">
        <h2>{name}</h2>
        <TableSwitch id={id} title={`the history of ${name}`} />
      </div>
      {idsShownAsTable.value.includes(id) ? (
        <CaseTable historyCase={historyCase} id={id} />
      ) : (
        <CaseChart historyCase={historyCase} id={id} />
      )}
      <p class="hint">{sentence}</p>
    </section>
  );
}

/** The chart under an invisible slider, which selects a run by pointer and by keyboard. */
function CaseChart({ historyCase, id }: CaseProps & { readonly id: string }) {
  const painter = useRef<ChartPainter>(undefined);
  const { name, points, unit } = historyCase;
  const last = points.length - 1;
  const selectedIndex = selectedRun.value?.name === name ? Math.min(selectedRun.value.index, last) : undefined;
  const point = points[selectedIndex ?? last];
  const clearSelection = () => {
    selectedRun.value = undefined;
  };
  return (
    <>
      <p class="hint">{point && describePoint(point, unit)}</p>
      <div class="canvas">
        <CanvasChart
          id={id}
          label={`Medians of ${plural(points.length, 'run')} of ${name}`}
          spec={historyChartSpec({ historyCase, theme: theme.value, selectedIndex })}
          onReady={(newPainter) => {
            painter.current = newPainter;
          }}
        />
        <input
          type="range"
          min={0}
          max={last}
          value={selectedIndex ?? last}
          aria-label={`Run of ${name}`}
          aria-valuetext={point && describePoint(point, unit)}
          onInput={(event) => {
            selectedRun.value = { name, index: Number(event.currentTarget.value) };
          }}
          onPointerMove={(event) => {
            const index = Math.round(painter.current?.valueAt(event.offsetX) ?? last);
            selectedRun.value = { name, index: Math.min(last, Math.max(0, index)) };
          }}
          onPointerLeave={clearSelection}
          onBlur={clearSelection}
          onKeyDown={(event) => {
            if (event.key === 'Escape') clearSelection();
          }}
        />
      </div>
    </>
  );
}

function describePoint(point: HistoryPoint, unit: HistoryCase['unit']): string {
  const { median, low, high, n, at, verdict, step } = point;
  return [
    formatCommit(point),
    `${formatTime(at)} UTC`,
    `${quantity(median, unit)}${low === undefined ? '' : ` (${quantity(low, unit)} to ${quantity(high, unit)})`}, ${plural(n, 'run')}`,
    ...(verdict ? [verdict] : []),
    ...(step === undefined ? [] : [formatLevelChange(step)]),
  ].join(' · ');
}

function formatCommit({ commit, branch, dirty }: HistoryPoint): string {
  if (commit === undefined) return 'no git commit';
  return `${commit}${branch === undefined ? '' : ` on ${branch}`}${dirty ? ' with changes' : ''}`;
}

function formatTime(iso: string): string {
  return iso.slice(0, 16).replace('T', ' ');
}

/** Table of all runs, newest first. */
function CaseTable({ historyCase: { name, points, unit }, id }: CaseProps & { readonly id: string }) {
  const columns: readonly TableColumn<HistoryPoint>[] = [
    { id: 'time', title: 'time (UTC)', cell: ({ at }) => formatTime(at) },
    { id: 'commit', title: 'commit', cell: formatCommit },
    { id: 'median', title: 'median', cell: ({ median }) => quantity(median, unit) },
    {
      id: 'interval',
      title: '95 % interval',
      cell: ({ low, high }) => (low === undefined ? missing : `${quantity(low, unit)} to ${quantity(high, unit)}`),
    },
    { id: 'runs', title: 'runs', cell: ({ n }) => n },
    { id: 'verdict', title: 'verdict', cell: ({ verdict }) => (verdict ? <VerdictLabel verdict={verdict} /> : '') },
    { id: 'level', title: 'level', cell: ({ step }) => (step === undefined ? '' : formatLevelChange(step)) },
  ];
  return (
    <ChartTable
      id={id}
      label={`Runs of ${name}`}
      columns={columns}
      rows={points.toReversed()}
      rowKey={({ at }) => at}
    />
  );
}
