/** A benchmark over its runs: for each case the medians, where the level changed, and a sentence that says so. */
import { signal } from '@preact/signals';
import { useRef } from 'preact/hooks';
import { quantity } from '../../../src/core/format.ts';
import type { HistoryState, PastCase, PastPoint } from '../../../src/protocol/benchmark-state.ts';
import { pastPicture, stepText } from '../../charts/history-chart.ts';
import type { Brush } from '../../charts/xy-chart.ts';
import { post } from '../../host.ts';
import { theme } from '../../theme.ts';
import { asTable } from '../../ui-state.ts';
import { Paper } from '../canvas-chart.tsx';
import { TableSwitch } from '../table-switch.tsx';
import { Button } from '../top-bar.tsx';
import { Regressions, VerdictWord } from './verdict-label.tsx';

/** The run that is pointed at, and in which case. */
const pointed = signal<{ readonly name: string; readonly at: number } | undefined>(undefined);

export function History({ history }: { readonly history: HistoryState | undefined }) {
  if (!history || history.cases.length === 0) return <Nothing />;
  const { choices, chosen, cases, declines } = history;
  const detail = choices.find(({ key }) => key === chosen)?.detail;
  return (
    <div class="history">
      <div class="compare-head">
        <label>
          Benchmark{' '}
          <select value={chosen} onChange={(event) => post({ type: 'history', key: event.currentTarget.value })}>
            {choices.map(({ key, title, detail: more }) => (
              <option key={key} value={key}>
                {isAlone(title, choices) ? title : `${title} (${more})`}
              </option>
            ))}
          </select>
        </label>
        <p class="dim">{detail}</p>
      </div>
      <Regressions list={declines} />
      <div class="past-cases">
        {cases.map((one) => (
          <Case key={one.name} one={one} />
        ))}
      </div>
    </div>
  );
}

function isAlone(title: string, choices: HistoryState['choices']): boolean {
  return choices.filter((other) => other.title === title).length === 1;
}

function Nothing() {
  return (
    <div class="nothing">
      <p>
        No benchmark was run here yet. Each that is run is kept, and shown here over the commits that it was run on.
      </p>
      <Button command="pipescope.benchmark" label="Run Benchmark…" primary />
    </div>
  );
}

function Case({ one }: { readonly one: PastCase }) {
  const { name, sentence } = one;
  const id = `past-${name.replaceAll(/\W+/g, '-')}`;
  return (
    <section class="card chart" aria-label={`History of ${name}`}>
      <div class="head">
        <h2>{name}</h2>
        <TableSwitch id={id} title={`the history of ${name}`} />
      </div>
      {asTable.value.includes(id) ? <PastTable one={one} id={id} /> : <Past one={one} id={id} />}
      <p class="hint">{sentence}</p>
    </section>
  );
}

interface PastProps {
  readonly one: PastCase;
  readonly id: string;
}

/** The picture, and over it an unseen slider: by pointer as by keys it goes from run to run. */
function Past({ one, id }: PastProps) {
  const brush = useRef<Brush>(undefined);
  const { name, points } = one;
  const last = points.length - 1;
  const place = pointed.value?.name === name ? Math.min(pointed.value.at, last) : undefined;
  const point = points[place ?? last];
  const away = () => {
    pointed.value = undefined;
  };
  return (
    <>
      <p class="hint">{point && pointText(point, one.unit)}</p>
      <div class="canvas">
        <Paper
          id={id}
          label={`Median of each of ${points.length} runs of ${name}`}
          picture={pastPicture({ one, theme: theme.value, pointed: place })}
          onBrush={(made) => {
            brush.current = made;
          }}
        />
        <input
          type="range"
          min={0}
          max={last}
          value={place ?? last}
          aria-label={`Run of ${name}`}
          aria-valuetext={point && pointText(point, one.unit)}
          onInput={(event) => {
            pointed.value = { name, at: Number(event.currentTarget.value) };
          }}
          onPointerMove={(event) => {
            const at = Math.round(brush.current?.valueAt(event.offsetX) ?? last);
            pointed.value = { name, at: Math.min(last, Math.max(0, at)) };
          }}
          onPointerLeave={away}
          onBlur={away}
          onKeyDown={(event) => {
            if (event.key === 'Escape') away();
          }}
        />
      </div>
    </>
  );
}

function pointText(point: PastPoint, unit: PastCase['unit']): string {
  const { median, low, high, n, at, verdict, step } = point;
  return [
    commitText(point),
    `${at.slice(0, 16).replace('T', ' ')} UTC`,
    `${quantity(median, unit)} (${quantity(low, unit)} to ${quantity(high, unit)}), ${n} runs`,
    ...(verdict ? [verdict] : []),
    ...(step === undefined ? [] : [stepText(step)]),
  ].join(' · ');
}

function commitText({ commit, branch, dirty }: PastPoint): string {
  if (commit === undefined) return 'not under git';
  return `${commit}${branch === undefined ? '' : ` on ${branch}`}${dirty ? ' with changes' : ''}`;
}

/** What scrolls must be reachable by keyboard. */
const scrollable = { tabIndex: 0 } as const;

/** The newest first. */
function PastTable({ one: { name, points, unit }, id }: PastProps) {
  return (
    <section class="canvas values" {...scrollable} aria-label={`Runs of ${name}`}>
      <table id={`table-${id}`}>
        <thead>
          <tr>
            <th scope="col">when</th>
            <th scope="col">commit</th>
            <th scope="col">median</th>
            <th scope="col">95 % interval</th>
            <th scope="col">runs</th>
            <th scope="col">verdict</th>
            <th scope="col">level</th>
          </tr>
        </thead>
        <tbody>
          {points.toReversed().map((point) => (
            <tr key={point.at}>
              <th scope="row">{point.at.slice(0, 16).replace('T', ' ')}</th>
              <td>{commitText(point)}</td>
              <td>{quantity(point.median, unit)}</td>
              <td>
                {quantity(point.low, unit)} to {quantity(point.high, unit)}
              </td>
              <td>{point.n}</td>
              <td>{point.verdict ? <VerdictWord verdict={point.verdict} /> : ''}</td>
              <td>{point.step === undefined ? '' : stepText(point.step)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
