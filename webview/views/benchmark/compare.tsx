/** The comparison of a benchmark with a reference: a row for each metric, and the samples of the selected row. */
import { signal } from '@preact/signals';
import { change, duration, quantity, whole } from '../../../src/core/format.ts';
import type { ComparisonState, ComparisonViewRow } from '../../../src/protocol/panel/benchmark-state.ts';
import { DataTable, type TableColumn } from '../tables/data-table.tsx';
import { initialRowCount, moveRowFocus, ShowMore, SourceLink } from '../tables/table-cells.tsx';
import { CommandButton } from '../top-bar.tsx';
import { IntervalBar, ScaleTicks } from './interval.tsx';
import { Samples } from './samples.tsx';
import { RegressionList, VerdictLabel } from './verdict-label.tsx';

/** Key of the row whose samples are shown. */
const selectedKey = signal('');
const showsAll = signal(false);

export function Compare({ comparison }: { readonly comparison: ComparisonState | undefined }) {
  if (!comparison) return <EmptyComparison />;
  const { rows, omitted, scale, regressions, warnings, notes, against } = comparison;
  const visible = showsAll.value ? rows : rows.slice(0, initialRowCount);
  const selected = rows.find(({ key }) => key === selectedKey.value) ?? defaultRow(comparison);
  return (
    <div class="compare">
      <Head comparison={comparison} />
      <RegressionList list={regressions} />
      <div class="pair">
        <div>
          <div class="scroll">
            <DataTable
              class="grid compared"
              aria-label="Comparison"
              onKeyDown={moveRowFocus}
              columns={columnsFor(scale, selected)}
              rows={visible}
              rowKey={({ key }) => key}
              rowProps={(row) => ({
                class: row === selected ? 'selected' : '',
                title: describeRow(row),
                onClick: () => {
                  selectedKey.value = row.key;
                },
              })}
            />
          </div>
          <ShowMore hidden={rows.length - visible.length} showsAll={showsAll} />
          {omitted > 0 && <p class="hint">{whole(omitted)} more operations. Export the comparison to see all.</p>}
          {[...notes, ...warnings].map((sentence) => (
            <p class="hint" key={sentence}>
              {sentence}
            </p>
          ))}
        </div>
        {selected && <Samples row={selected} against={against} />}
      </div>
    </div>
  );
}

/** Returns the first row with the overall verdict. */
function defaultRow({ rows, verdict }: ComparisonState): ComparisonViewRow | undefined {
  return rows.find((row) => row.verdict === verdict) ?? rows[0];
}

function EmptyComparison() {
  return (
    <div class="empty-state">
      <p>
        No comparison yet. Run a benchmark against another commit to see what became slower, and how certain that is.
      </p>
      <CommandButton command="pipescope.benchmarkAgainst" label="Benchmark Against…" primary />{' '}
      <CommandButton command="pipescope.benchmark" label="Run Benchmark…" />
    </div>
  );
}

function Head({ comparison }: { readonly comparison: ComparisonState }) {
  const { benchmark, against, verdict, before, after } = comparison;
  return (
    <div class="compare-head">
      <div class="summary">
        <h2>
          {benchmark} against {against}: <VerdictLabel verdict={verdict} />
        </h2>
        <p class="dim">
          before: {before} — now: {after}
        </p>
      </div>
      <div class="actions">
        <CommandButton command="pipescope.benchmarkAgainst" label="Benchmark Against…" />
        <CommandButton command="pipescope.exportBenchmark" label="Export…" />
        <CommandButton command="pipescope.clearComparison" label="Clear" />
      </div>
    </div>
  );
}

function columnsFor(
  scale: ComparisonState['scale'],
  selected: ComparisonViewRow | undefined,
): readonly TableColumn<ComparisonViewRow>[] {
  return [
    ...textColumns,
    {
      id: 'verdict',
      title: 'verdict',
      align: 'start',
      cell: (row) => <SamplesButton row={row} isSelected={row === selected} />,
    },
    ...numberColumns,
    {
      id: 'interval',
      title: (
        <>
          <span class="visually-hidden">95 % interval</span>
          <ScaleTicks scale={scale} />
        </>
      ),
      align: 'start',
      cell: (row) => <IntervalBar row={row} scale={scale} />,
    },
  ];
}

const textColumns: readonly TableColumn<ComparisonViewRow>[] = [
  { id: 'metric', title: 'metric', align: 'start', cell: (row) => <Metric row={row} /> },
  { id: 'case', title: 'case', align: 'start', cell: (row) => row.case },
];

const numberColumns: readonly TableColumn<ComparisonViewRow>[] = [
  {
    id: 'before',
    title: 'before',
    align: 'end',
    help: 'Median. For operations, of the mean time per call, or of the total time if sampled.',
    cell: ({ before, unit }) => quantity(before, unit),
  },
  { id: 'now', title: 'now', align: 'end', cell: ({ after, unit }) => quantity(after, unit) },
  { id: 'change', title: 'change', align: 'end', cell: ({ ratio }) => change(ratio - 1) },
  {
    id: 'impact',
    title: 'per run',
    align: 'end',
    help: 'Time that the change of an operation adds to one run',
    cell: ({ impactNs }) => (impactNs === undefined ? '' : `${impactNs > 0 ? '+' : ''}${duration(impactNs)}`),
  },
];

function Metric({ row: { operation, what } }: { readonly row: ComparisonViewRow }) {
  if (!operation) return <>{what}</>;
  const { file, line, source, component } = operation;
  return (
    <>
      <SourceLink file={file} line={line} text={`${source === 'measured' ? '' : '~'}${what}`} />
      <span class="dim"> {component}</span>
    </>
  );
}

interface SamplesButtonProps {
  readonly row: ComparisonViewRow;
  readonly isSelected: boolean;
}

/** Makes the row selectable by keyboard. Its click is handled by the row. */
function SamplesButton({ row: { case: name, what, verdict }, isSelected }: SamplesButtonProps) {
  return (
    <button
      type="button"
      class="quiet"
      aria-pressed={isSelected}
      aria-label={`Samples of ${name}: ${what}, ${verdict}`}
    >
      <VerdictLabel verdict={verdict} />
    </button>
  );
}

function describeRow({ p, n, noiseFloor, minimumDetectable, reason }: ComparisonViewRow): string {
  return [
    reason,
    p < 0.0001 ? 'p < 0.0001' : `p = ${p.toFixed(4)}`,
    `${n[0]} and ${n[1]} runs`,
    `noise floor ${change(noiseFloor)}`,
    `smallest detectable change ${change(minimumDetectable)}`,
  ].join('; ');
}
