/** One row of a comparison in full: both sides drawn over each other, and the numbers that its verdict stands on. */
import { change, percent, quantity } from '../../../src/core/format.ts';
import type { ComparedRow } from '../../../src/protocol/benchmark-state.ts';
import { sideColors, spreadPicture } from '../../charts/density-chart.ts';
import { theme } from '../../theme.ts';
import { asTable } from '../../ui-state.ts';
import { Paper } from '../canvas-chart.tsx';
import { TableSwitch } from '../table-switch.tsx';
import { Block } from '../tables/table-cells.tsx';
import { intervalText } from './interval.tsx';
import { VerdictWord } from './verdict-label.tsx';

const id = 'samples';

export function Samples({ row, against }: { readonly row: ComparedRow; readonly against: string }) {
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
          <Block color={sideColors.before} /> <span class="label">{against}</span> <b>{quantity(before, unit)}</b>
        </li>
        <li>
          <Block color={sideColors.after} /> <span class="label">now</span> <b>{quantity(after, unit)}</b>
        </li>
      </ul>
      {asTable.value.includes(id) ? (
        <SampleTable row={row} against={against} />
      ) : (
        <div class="canvas">
          <Paper id="spread" label={spoken(row, against)} picture={spreadPicture(row, theme.value)} />
        </div>
      )}
      <dl>
        {factsOf(row).map(([term, text]) => (
          <div key={term}>
            <dt>{term}</dt>
            <dd>{text}</dd>
          </div>
        ))}
        <div>
          <dt>verdict</dt>
          <dd>
            <VerdictWord verdict={row.verdict} />
            {row.severity && `, ${row.severity}`}
          </dd>
        </div>
      </dl>
    </section>
  );
}

function factsOf(row: ComparedRow): readonly (readonly [string, string])[] {
  const { ratio, p, n, noiseFloor, minimumDetectable, reason } = row;
  return [
    ['change', `${change(ratio - 1)} (× ${ratio.toFixed(3)})`],
    ['95 % interval', intervalText(row)],
    ['p (Mann–Whitney, Holm)', p < 0.0001 ? '< 0.0001' : p.toFixed(4)],
    ['runs', `${n[0]} and ${n[1]}`],
    ['noise floor', percent(noiseFloor)],
    ['would show a change of', percent(minimumDetectable)],
    ['why', reason],
  ];
}

function spoken({ spread, unit, before, after }: ComparedRow, against: string): string {
  const range = `from ${quantity(spread.low, unit)} to ${quantity(spread.high, unit)}`;
  return `How the samples lie ${range}: median of ${against} ${quantity(before, unit)}, now ${quantity(after, unit)}`;
}

/** What scrolls must be reachable by keyboard. */
const scrollable = { tabIndex: 0 } as const;

function SampleTable({ row, against }: { readonly row: ComparedRow; readonly against: string }) {
  const { before, after } = row.spread;
  const runs = Array.from({ length: Math.max(before.samples.length, after.samples.length) }, (_, at) => at);
  return (
    <section class="canvas values" {...scrollable} aria-label="Samples as a table">
      <table id={`table-${id}`}>
        <thead>
          <tr>
            <th scope="col">run</th>
            <th scope="col">{against}</th>
            <th scope="col">now</th>
          </tr>
        </thead>
        <tbody>
          {runs.map((at) => (
            <tr key={at}>
              <th scope="row">{at + 1}</th>
              <td>{quantity(before.samples[at], row.unit)}</td>
              <td>{quantity(after.samples[at], row.unit)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
