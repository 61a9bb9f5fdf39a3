/** Details of one row of a comparison: the samples of both sides as a chart or table, and the facts behind the verdict. */
import { formatChangeInterval } from '../../../src/core/benchmark/interval-text.ts';
import { change, percent, quantity } from '../../../src/core/format.ts';
import type { ComparisonViewRow } from '../../../src/protocol/panel/benchmark-state.ts';
import { densityChartSpec, sideColors } from '../../charts/density-chart.ts';
import { theme } from '../../theme.ts';
import { idsShownAsTable } from '../../ui-state.ts';
import { CanvasChart } from '../canvas-chart.tsx';
import { type Fact, FactList } from '../fact-list.tsx';
import { TableSwitch } from '../table-switch.tsx';
import { ChartTable } from '../tables/chart-table.tsx';
import type { TableColumn } from '../tables/data-table.tsx';
import { ColorSwatch } from '../tables/table-cells.tsx';
import { VerdictLabel } from './verdict-label.tsx';

const id = 'samples';

interface SamplesProps {
  readonly row: ComparisonViewRow;
  /** Name of the reference side. */
  readonly against: string;
}

export function Samples({ row, against }: SamplesProps) {
  const { what, case: name, unit, before, after } = row;
  const title = `${name}: ${what}`;
  return (
    <section class="samples" aria-label={`Samples of ${title}`}>
      <div class="head">
        <h2>{title}</h2>
        <TableSwitch id={id} title={title} />
      </div>
      <ul class="legend">
        <li>
          <ColorSwatch color={sideColors.before} /> <span class="label">{against}</span> <b>{quantity(before, unit)}</b>
        </li>
        <li>
          <ColorSwatch color={sideColors.after} /> <span class="label">now</span> <b>{quantity(after, unit)}</b>
        </li>
      </ul>
      {idsShownAsTable.value.includes(id) ? (
        <SamplesTable row={row} against={against} />
      ) : (
        <div class="canvas">
          <CanvasChart id="density" label={describeDensity(row, against)} spec={densityChartSpec(row, theme.value)} />
        </div>
      )}
      <FactList facts={factsOf(row)} />
    </section>
  );
}

function factsOf(row: ComparisonViewRow): readonly Fact[] {
  const { ratio, p, n, noiseFloor, minimumDetectable, reason, verdict, severity } = row;
  return [
    ['change', `${change(ratio - 1)} (× ${ratio.toFixed(3)})`],
    ['95 % interval', formatChangeInterval(row)],
    ['p (Mann–Whitney, Holm)', p < 0.0001 ? '< 0.0001' : p.toFixed(4)],
    ['runs', `${n[0]} and ${n[1]}`],
    ['noise floor', percent(noiseFloor)],
    ['smallest detectable change', percent(minimumDetectable)],
    ['reason', reason],
    [
      'verdict',
      <>
        <VerdictLabel verdict={verdict} />
        {severity && `, ${severity}`}
      </>,
    ],
  ];
}

function describeDensity({ spread, unit, before, after }: ComparisonViewRow, against: string): string {
  const range = `${quantity(spread.low, unit)} to ${quantity(spread.high, unit)}`;
  return `Distribution of samples from ${range}; median of ${against} ${quantity(before, unit)}, now ${quantity(after, unit)}`;
}

function SamplesTable({ row, against }: SamplesProps) {
  const { before, after } = row.spread;
  const runCount = Math.max(before.samples.length, after.samples.length);
  const columns: readonly TableColumn<number>[] = [
    { id: 'run', title: 'run', cell: (index) => index + 1 },
    { id: 'before', title: against, cell: (index) => quantity(before.samples[index], row.unit) },
    { id: 'after', title: 'now', cell: (index) => quantity(after.samples[index], row.unit) },
  ];
  return (
    <ChartTable
      id={id}
      label="Table of samples"
      columns={columns}
      rows={Array.from({ length: runCount }, (_, index) => index)}
      rowKey={(index) => index}
    />
  );
}
