/** The key figures of a run, one tile each. */
import { bytes, count, missing, rate, share, timing, whole } from '../../src/core/format.ts';
import type { OperationState, Snapshot } from '../../src/protocol/snapshot.ts';
import { mayHaveData } from '../charts/charts.ts';
import { Sparkline } from '../charts/sparkline.tsx';
import type { Color } from '../colors.ts';
import type { TabName } from '../tab-names.ts';
import { latestValue, type TimeWindow } from '../time-window.ts';
import { selectTab } from '../ui-state.ts';
import { type Verdict, verdictOf } from '../validation-verdict.ts';
import { Icon, levelIcons } from './icon.tsx';

interface Tile {
  readonly title: string;
  readonly series: string;
  readonly color: Color;
  /** Returns the current value while the run is live, and the value of the whole run after it has ended. */
  readonly value: (snapshot: Snapshot) => string;
  readonly note: (snapshot: Snapshot) => string;
  /** Returns true for a run that has something to show. By default, one whose series has data. */
  readonly hasData?: (snapshot: Snapshot) => boolean;
  /** Tab that the note leads to. */
  readonly tab?: TabName;
}

const maxCounterTiles = 2;
const counterColors: readonly Color[] = ['blue', 'cyan'];

const fixedTiles: readonly Tile[] = [
  {
    title: 'p95',
    series: 'latency.p95',
    color: 'purple',
    value: (snapshot) =>
      timing(isLive(snapshot) ? currentValue(snapshot, 'latency.p95') : findUnitOperation(snapshot)?.p95Ns),
    note: (snapshot) => {
      const live = isLive(snapshot);
      const p50Ns = live ? currentValue(snapshot, 'latency.p50') : findUnitOperation(snapshot)?.p50Ns;
      const p99Ns = live ? currentValue(snapshot, 'latency.p99') : findUnitOperation(snapshot)?.p99Ns;
      return `p50 ${timing(p50Ns)} · p99 ${timing(p99Ns)}`;
    },
  },
  {
    title: 'Cache hits',
    series: 'cache.hitRatio',
    color: 'green',
    value: (snapshot) => {
      const { hits, lookups } = sumComponents(snapshot);
      return share(
        isLive(snapshot) ? currentValue(snapshot, 'cache.hitRatio') : lookups > 0 ? hits / lookups : undefined,
      );
    },
    note: (snapshot) => {
      const { hits, lookups } = sumComponents(snapshot);
      return lookups > 0 ? `${count(hits)} of ${count(lookups)}` : 'no lookups';
    },
  },
  {
    title: 'Errors',
    series: 'error.ratio',
    color: 'red',
    value: (snapshot) => {
      const { errors, calls } = sumComponents(snapshot);
      return share(isLive(snapshot) ? currentValue(snapshot, 'error.ratio') : calls > 0 ? errors / calls : undefined);
    },
    note: (snapshot) => `${whole(sumComponents(snapshot).errors)} in total`,
  },
  {
    title: 'Event loop blocked',
    series: 'process.eventLoopDelay',
    color: 'red',
    value: ({ eventLoopBlocks }) => `${whole(eventLoopBlocks?.count)} ×`,
    note: ({ eventLoopBlocks }) => {
      const { functions = [], longestNs } = eventLoopBlocks ?? {};
      const longest = functions.find((blocked) => blocked.longestNs === longestNs);
      return `longest ~${timing(longestNs)}${longest ? ` in ${longest.name}` : ''}`;
    },
    hasData: ({ eventLoopBlocks }) => eventLoopBlocks !== undefined,
    tab: 'blocks',
  },
  {
    title: 'CPU · memory',
    series: 'process.cpu',
    color: 'yellow',
    value: ({ resources: { cpuRatio, rssBytes } }) => `${share(cpuRatio)} · ${rssBytes ? bytes(rssBytes) : missing}`,
    note: ({ resources: { peakRssBytes } }) => (peakRssBytes ? `peak ${bytes(peakRssBytes)}` : ''),
  },
];

/**
 * Replacements for `fixedTiles` in a validation run, by series. Checks have no cache lookups, and their failures are
 * counted by the verdict.
 */
const validationTiles: Readonly<Record<string, Tile | undefined>> = {
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

function selectTiles(snapshot: Snapshot): readonly Tile[] {
  const isValidation = verdictOf(snapshot) !== undefined;
  const counters = Object.entries(snapshot.series).filter(([, { metric }]) => metric === 'counter.rate');
  return [
    ...counters.slice(0, maxCounterTiles).map(([key, { scope = '' }], index): Tile => {
      const sum = counterTotal(snapshot, scope);
      return {
        title: scope.charAt(0).toUpperCase() + scope.slice(1),
        series: key,
        color: counterColors[index] ?? 'blue',
        value: (current) => (isLive(current) ? rate(currentValue(current, key)) : whole(sum)),
        note: (current) => (isLive(current) ? `${whole(sum)} in total` : 'in total'),
      };
    }),
    ...fixedTiles.flatMap((tile) => {
      if (isValidation && tile.series in validationTiles) return validationTiles[tile.series] ?? [];
      return (tile.hasData?.(snapshot) ?? mayHaveData(snapshot, [tile.series])) ? tile : [];
    }),
  ];
}

export function Tiles({ snapshot, window }: { readonly snapshot: Snapshot; readonly window: TimeWindow }) {
  const verdict = verdictOf(snapshot);
  return (
    <section class="tiles" aria-label="Key figures">
      {verdict ? <VerdictTile verdict={verdict} /> : hasHealth(snapshot) && <HealthTile snapshot={snapshot} />}
      {selectTiles(snapshot).map(({ title, series, color, value, note, tab }) => (
        <div class="tile" key={series}>
          <h2>{title}</h2>
          <p class="value">{value(snapshot)}</p>
          <p class="note">
            {tab === undefined ? (
              note(snapshot)
            ) : (
              <button type="button" class="quiet" onClick={() => selectTab(tab)}>
                {note(snapshot)}
              </button>
            )}
          </p>
          <Sparkline series={snapshot.series[series]} window={window} color={color} />
        </div>
      ))}
    </section>
  );
}

/** Returns false for a program of which only the code is known: its health cannot be judged without calls. */
function hasHealth({ code, health }: Snapshot): boolean {
  return !code || health.level !== undefined || health.parts.length > 0;
}

function VerdictTile({
  verdict: { label, sign, score, passed, failed, warned, skipped },
}: {
  readonly verdict: Verdict;
}) {
  return (
    <div class="tile health">
      <h2>
        Verdict{' '}
        <span class="level">
          <Icon name={sign} />
          {label}
        </span>
      </h2>
      <p class="value">{score === undefined ? missing : `${whole(score)} of 100`}</p>
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
            <Icon name={levelIcons[health.level]} />
            {health.level}
          </span>
        )}
      </h2>
      <p class="value">{health.score === undefined ? missing : formatScore(health.score)}</p>
      {health.reason && (
        <p class="note cause" title={health.reason}>
          {health.reason}
        </p>
      )}
      <p class="note parts">
        {health.parts.length === 0
          ? 'Not enough data yet'
          : health.parts.map(({ name, points, available }) => (
              <span key={name}>
                {name} {points.toFixed(1)}/{available}
              </span>
            ))}
      </p>
    </div>
  );
}

/** Rounds down, so that the number is in the range of its level. */
function formatScore(score: number): string {
  return (Math.floor(score * 10) / 10).toFixed(1);
}

function isLive(snapshot: Snapshot): boolean {
  return snapshot.run.result === 'running';
}

function currentValue(snapshot: Snapshot, key: string): number | undefined {
  return latestValue(snapshot.series[key], { isLive: isLive(snapshot) });
}

/**
 * Returns a counter of the component that defines the unit of work. Only if it has none are all components summed,
 * because several components may count the same files.
 */
function counterTotal({ run, components }: Snapshot, counter: string): number {
  const unitCount = components.find(({ name }) => name === run.unit?.component)?.counters[counter];
  return unitCount ?? components.reduce((all, { counters }) => all + (counters[counter] ?? 0), 0);
}

/** Returns the operation whose latency represents the pipeline. */
function findUnitOperation({ run, operations }: Snapshot): OperationState | undefined {
  return operations.find(({ component, name }) => component === run.unit?.component && name === run.unit.operation);
}

function sumComponents({ components }: Snapshot) {
  const sum = { hits: 0, lookups: 0, errors: 0, calls: 0 };
  for (const { cacheHits, cacheMisses, errors, count } of components) {
    sum.hits += cacheHits;
    sum.lookups += cacheHits + cacheMisses;
    sum.errors += errors;
    sum.calls += count;
  }
  return sum;
}
