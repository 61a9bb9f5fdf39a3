/** The numbers that people ask for first: one row of the table is one tile. */
import { bytes, count, rate, share, timing, unknown, whole } from '../../src/core/format.ts';
import type { OperationState, Snapshot } from '../../src/protocol/snapshot.ts';
import { Spark } from '../charts/sparkline.tsx';
import type { Color } from '../colors.ts';
import { latest, type TimeWindow } from '../time-window.ts';
import { type Verdict, verdictOf } from '../validation-verdict.ts';
import { Icon, signOfLevel } from './icon.tsx';

export interface Tile {
  readonly title: string;
  readonly series: string;
  readonly color: Color;
  /** What counts now while the pipeline runs, and the whole once it has ended. */
  readonly value: (snapshot: Snapshot) => string;
  readonly note: (snapshot: Snapshot) => string;
}

/** Most counters that get a tile of their own. */
const mostCounters = 2;
const counterColors: readonly Color[] = ['blue', 'cyan'];

const fixed: readonly Tile[] = [
  {
    title: 'p95',
    series: 'latency.p95',
    color: 'purple',
    value: (snapshot) => timing(isLive(snapshot) ? now(snapshot, 'latency.p95') : unit(snapshot)?.p95Ns),
    note: (snapshot) => {
      const live = isLive(snapshot);
      const p50Ns = live ? now(snapshot, 'latency.p50') : unit(snapshot)?.p50Ns;
      const p99Ns = live ? now(snapshot, 'latency.p99') : unit(snapshot)?.p99Ns;
      return `p50 ${timing(p50Ns)} · p99 ${timing(p99Ns)}`;
    },
  },
  {
    title: 'Cache hits',
    series: 'cache.hitRatio',
    color: 'green',
    value: (snapshot) => {
      const { hits, lookups } = total(snapshot);
      return share(isLive(snapshot) ? now(snapshot, 'cache.hitRatio') : lookups > 0 ? hits / lookups : undefined);
    },
    note: (snapshot) => {
      const { hits, lookups } = total(snapshot);
      return lookups > 0 ? `${count(hits)} of ${count(lookups)}` : 'no lookups';
    },
  },
  {
    title: 'Errors',
    series: 'error.ratio',
    color: 'red',
    value: (snapshot) => {
      const { errors, calls } = total(snapshot);
      return share(isLive(snapshot) ? now(snapshot, 'error.ratio') : calls > 0 ? errors / calls : undefined);
    },
    note: (snapshot) => `${whole(total(snapshot).errors)} in all`,
  },
  {
    title: 'CPU · memory',
    series: 'process.cpu',
    color: 'yellow',
    value: ({ resources: { cpuRatio, rssBytes } }) =>
      `${share(cpuRatio)} · ${rssBytes > 0 ? bytes(rssBytes) : unknown}`,
    note: ({ resources: { peakRssBytes } }) => (peakRssBytes > 0 ? `peak ${bytes(peakRssBytes)}` : ''),
  },
];

/** Checks fail and look up nothing in the way that calls do: their own numbers stand instead. */
const checked: Readonly<Record<string, Tile | undefined>> = {
  'cache.hitRatio': undefined,
  'error.ratio': {
    title: 'Failed',
    series: 'error.ratio',
    color: 'red',
    value: (snapshot) => whole(verdictOf(snapshot)?.failed),
    note: (snapshot) => {
      const { warned, skipped } = verdictOf(snapshot) ?? {};
      return `${whole(warned)} warned · ${whole(skipped)} skipped`;
    },
  },
};

export function tilesOf(snapshot: Snapshot): readonly Tile[] {
  const isValidation = verdictOf(snapshot) !== undefined;
  const counters = Object.entries(snapshot.series).filter(([, { metric }]) => metric === 'counter.rate');
  return [
    ...counters.slice(0, mostCounters).map(([key, { scope = '' }], at): Tile => {
      const sum = counted(snapshot, scope);
      return {
        title: scope.charAt(0).toUpperCase() + scope.slice(1),
        series: key,
        color: counterColors[at] ?? 'blue',
        value: (current) => (isLive(current) ? rate(now(current, key)) : whole(sum)),
        note: (current) => (isLive(current) ? `${whole(sum)} in all` : 'in all'),
      };
    }),
    ...fixed.flatMap((tile) => (isValidation && tile.series in checked ? (checked[tile.series] ?? []) : tile)),
  ];
}

export function Tiles({ snapshot, window }: { readonly snapshot: Snapshot; readonly window: TimeWindow }) {
  const verdict = verdictOf(snapshot);
  return (
    <section class="tiles" aria-label="Key figures">
      {verdict ? <VerdictTile verdict={verdict} /> : <HealthTile snapshot={snapshot} />}
      {tilesOf(snapshot).map(({ title, series, color, value, note }) => (
        <div class="tile" key={series}>
          <h2>{title}</h2>
          <p class="value">{value(snapshot)}</p>
          <p class="note">{note(snapshot)}</p>
          <Spark series={snapshot.series[series]} window={window} color={color} />
        </div>
      ))}
    </section>
  );
}

function VerdictTile({
  verdict: { word, sign, score, passed, failed, warned, skipped },
}: {
  readonly verdict: Verdict;
}) {
  return (
    <div class="tile health">
      <h2>
        Verdict{' '}
        <span class="level">
          <Icon sign={sign} />
          {word}
        </span>
      </h2>
      <p class="value">{score === undefined ? unknown : `${whole(score)} of 100`}</p>
      <p class="note">
        {whole(passed)} of {whole(passed + failed + warned)} checks passed, {whole(skipped)} skipped
      </p>
    </div>
  );
}

function HealthTile({ snapshot: { health } }: { readonly snapshot: Snapshot }) {
  return (
    <div class="tile health">
      <h2>
        Health{' '}
        {health.level && (
          <span class="level">
            <Icon sign={signOfLevel[health.level]} />
            {health.level}
          </span>
        )}
      </h2>
      <p class="value">{health.score === undefined ? unknown : health.score.toFixed(1)}</p>
      <p class="note parts">
        {health.parts.length === 0
          ? 'not enough data yet'
          : health.parts.map(({ name, points, available }) => (
              <span key={name}>
                {name} {points.toFixed(1)}/{available}
              </span>
            ))}
      </p>
    </div>
  );
}

function isLive(snapshot: Snapshot): boolean {
  return snapshot.run.result === 'running';
}

function now(snapshot: Snapshot, key: string): number | undefined {
  return latest(snapshot.series[key], { live: isLive(snapshot) });
}

/** What the unit's component counted; several may count the same things, such as the files that pass through them. */
function counted({ run, components }: Snapshot, counter: string): number {
  const own = components.find(({ name }) => name === run.unit?.component)?.counters[counter];
  return own ?? components.reduce((all, { counters }) => all + (counters[counter] ?? 0), 0);
}

/** The operation whose latency is the pipeline's. */
function unit({ run, operations }: Snapshot): OperationState | undefined {
  return operations.find(({ component, name }) => component === run.unit?.component && name === run.unit.operation);
}

function total({ components }: Snapshot) {
  const sum = { hits: 0, lookups: 0, errors: 0, calls: 0 };
  for (const { cacheHits, cacheMisses, errors, count } of components) {
    sum.hits += cacheHits;
    sum.lookups += cacheHits + cacheMisses;
    sum.errors += errors;
    sum.calls += count;
  }
  return sum;
}
