/** What a benchmark came to against another: every row with its certainty, and the samples of the one that is chosen. */
import { signal } from '@preact/signals';
import { change, duration, quantity, whole } from '../../../src/core/format.ts';
import type { ComparedRow, ComparisonState } from '../../../src/protocol/benchmark-state.ts';
import { firstRows, More, Place, stepRows } from '../tables/table-cells.tsx';
import { Button } from '../top-bar.tsx';
import { Interval, Ticks } from './interval.tsx';
import { Samples } from './samples.tsx';
import { Regressions, VerdictWord } from './verdict-label.tsx';

/** Key of the row whose samples are shown. */
const chosen = signal('');
const all = signal(false);

export function Compare({ comparison }: { readonly comparison: ComparisonState | undefined }) {
  if (!comparison) return <Nothing />;
  const { rows, omitted, scale, regressions, warnings } = comparison;
  const shown = all.value ? rows : rows.slice(0, firstRows);
  const selected = rows.find(({ key }) => key === chosen.value) ?? leading(comparison);
  return (
    <div class="compare">
      <Head comparison={comparison} />
      <Regressions list={regressions} />
      <div class="pair">
        <div>
          <div class="scroll">
            <table class="grid compared" aria-label="Comparison" onKeyDown={stepRows}>
              <thead>
                <tr>
                  {heads.map(({ title, align, help }) => (
                    <th scope="col" key={title} class={align} title={help}>
                      {title}
                    </th>
                  ))}
                  <th scope="col" class="start">
                    <span class="unseen">95 % interval</span>
                    <Ticks scale={scale} />
                  </th>
                </tr>
              </thead>
              <tbody>
                {shown.map((row) => (
                  <Row key={row.key} row={row} scale={scale} isChosen={row === selected} />
                ))}
              </tbody>
            </table>
          </div>
          <More hidden={rows.length - shown.length} all={all} />
          {omitted > 0 && <p class="hint">{whole(omitted)} more operations are in the export.</p>}
          {warnings.map((warning) => (
            <p class="hint" key={warning}>
              {warning}
            </p>
          ))}
        </div>
        {selected && <Samples row={selected} against={comparison.against} />}
      </div>
    </div>
  );
}

/** The row that the verdict is of. */
function leading({ rows, verdict }: ComparisonState): ComparedRow | undefined {
  return rows.find((row) => row.verdict === verdict) ?? rows[0];
}

function Nothing() {
  return (
    <div class="nothing">
      <p>
        Nothing was compared yet. “Benchmark Against…” runs what you choose beside another commit, in turns, and says
        what became slower and how sure that is.
      </p>
      <Button command="pipescope.benchmarkAgainst" label="Benchmark Against…" primary />{' '}
      <Button command="pipescope.benchmark" label="Run Benchmark…" />
    </div>
  );
}

function Head({ comparison }: { readonly comparison: ComparisonState }) {
  const { benchmark, against, verdict, before, after } = comparison;
  return (
    <div class="compare-head">
      <div class="what">
        <h2>
          {benchmark} against {against}: <VerdictWord verdict={verdict} />
        </h2>
        <p class="dim">
          before: {before} — now: {after}
        </p>
      </div>
      <div class="actions">
        <Button command="pipescope.benchmarkAgainst" label="Benchmark Against…" />
        <Button command="pipescope.exportBenchmark" label="Export…" />
        <Button command="pipescope.clearComparison" label="Clear" />
      </div>
    </div>
  );
}

const heads: readonly { readonly title: string; readonly align: 'start' | 'end'; readonly help?: string }[] = [
  { title: 'what', align: 'start' },
  { title: 'case', align: 'start' },
  { title: 'verdict', align: 'start' },
  {
    title: 'before',
    align: 'end',
    help: 'Median; of an operation that of its mean time a call, or of all its time where it was sampled',
  },
  { title: 'now', align: 'end' },
  { title: 'change', align: 'end' },
  { title: 'a run', align: 'end', help: 'What the change of an operation comes to in one run' },
];

interface RowProps {
  readonly row: ComparedRow;
  readonly scale: ComparisonState['scale'];
  readonly isChosen: boolean;
}

function Row({ row, scale, isChosen }: RowProps) {
  const { key, what, case: name, operation, verdict, before, after, ratio, unit, impactNs } = row;
  const choose = () => {
    chosen.value = key;
  };
  const text = `${operation && operation.source !== 'measured' ? '~' : ''}${what}`;
  return (
    <tr class={isChosen ? 'chosen' : ''} title={detail(row)} onClick={choose}>
      <th scope="row">
        {operation ? <Place file={operation.file} line={operation.line} text={text} /> : text}
        {operation && <span class="dim"> {operation.component}</span>}
      </th>
      <td class="start">{name}</td>
      <td class="start">
        <button
          type="button"
          class="quiet"
          aria-pressed={isChosen}
          aria-label={`Samples of ${name}: ${what}, ${verdict}`}
        >
          <VerdictWord verdict={verdict} />
        </button>
      </td>
      <td class="end">{quantity(before, unit)}</td>
      <td class="end">{quantity(after, unit)}</td>
      <td class="end">{change(ratio - 1)}</td>
      <td class="end">{impactNs === undefined ? '' : `${impactNs > 0 ? '+' : ''}${duration(impactNs)}`}</td>
      <td class="start">
        <Interval row={row} scale={scale} />
      </td>
    </tr>
  );
}

function detail({ p, n, noiseFloor, minimumDetectable, reason }: ComparedRow): string {
  const sure = p < 0.0001 ? 'p < 0.0001' : `p = ${p.toFixed(4)}`;
  const least = `would show a change of ${change(minimumDetectable)}`;
  return `${reason}; ${sure}, ${n[0]} and ${n[1]} runs, noise up to ${change(noiseFloor)}, ${least}`;
}
