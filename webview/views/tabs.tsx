/** What lies below the charts, one tab at a time: a row of the table is one tab. */
import type { VNode } from 'preact';
import { whole } from '../../src/core/format.ts';
import type { BenchmarkState } from '../../src/protocol/benchmark-state.ts';
import type { Snapshot } from '../../src/protocol/snapshot.ts';
import type { Tab } from '../tab-names.ts';
import type { TimeWindow } from '../time-window.ts';
import { filter, tab } from '../ui-state.ts';
import { Compare } from './benchmark/compare.tsx';
import { History } from './benchmark/history.tsx';
import { Icon } from './icon.tsx';
import { Files } from './tables/files-table.tsx';
import { Operations } from './tables/operations-table.tsx';
import { Processes } from './tables/processes-table.tsx';
import { Timeline } from './timeline.tsx';

export interface TabsProps {
  /** Absent where nothing has run yet: benchmarks can be looked at all the same. */
  readonly run?: { readonly snapshot: Snapshot; readonly window: TimeWindow };
  readonly benchmarks: BenchmarkState;
}

interface TabRow {
  readonly id: Tab;
  readonly title: string;
  /** Of what it lists; absent where there is nothing to count. */
  readonly count?: number;
  readonly filters?: true;
  readonly view: () => VNode;
}

function rowsOf({ run, benchmarks }: TabsProps): readonly TabRow[] {
  return [...(run ? runRows(run) : []), ...benchmarkRows(benchmarks)];
}

function runRows({ snapshot, window }: NonNullable<TabsProps['run']>): readonly TabRow[] {
  const { operations, operationsOmitted, items, spans, processes } = snapshot;
  return [
    {
      id: 'operations',
      title: 'Operations',
      count: operations.length + operationsOmitted,
      filters: true,
      view: () => <Operations snapshot={snapshot} />,
    },
    { id: 'files', title: 'Files', count: items.length, filters: true, view: () => <Files snapshot={snapshot} /> },
    {
      id: 'timeline',
      title: 'Timeline',
      count: spans.length,
      view: () => <Timeline snapshot={snapshot} window={window} />,
    },
    { id: 'processes', title: 'Processes', count: processes.length, view: () => <Processes snapshot={snapshot} /> },
  ];
}

function benchmarkRows({ comparison, history }: BenchmarkState): readonly TabRow[] {
  const runs = Math.max(0, ...(history?.cases ?? []).map(({ points }) => points.length));
  return [
    {
      id: 'compare',
      title: 'Compare',
      ...(comparison ? { count: comparison.rows.length + comparison.omitted } : {}),
      view: () => <Compare comparison={comparison} />,
    },
    {
      id: 'history',
      title: 'History',
      ...(runs > 0 ? { count: runs } : {}),
      view: () => <History history={history} />,
    },
  ];
}

export function Tabs(props: TabsProps) {
  const rows = rowsOf(props);
  const current = rows.find(({ id }) => id === tab.value) ?? rows[0];
  if (!current) return null;
  return (
    <section class="below" aria-label="Details">
      <div class="tabs">
        <div role="tablist" aria-label="Details">
          {rows.map(({ id, title, count }, at) => (
            <button
              type="button"
              role="tab"
              key={id}
              id={`tab-${id}`}
              aria-selected={id === current.id}
              aria-controls="tab-panel"
              tabIndex={id === current.id ? 0 : -1}
              onClick={() => {
                tab.value = id;
              }}
              onKeyDown={(event) => {
                const to = moved(rows, event.key, at);
                if (!to) return;
                event.preventDefault();
                tab.value = to.id;
                document.getElementById(`tab-${to.id}`)?.focus();
              }}
            >
              {title} {count !== undefined && <span class="count">{whole(count)}</span>}
            </button>
          ))}
        </div>
        <span class="grow" />
        {current.filters && (
          <label class="filter">
            <Icon sign="search" />
            <input
              type="search"
              placeholder="filter"
              aria-label={`Filter ${current.title.toLowerCase()}`}
              value={filter.value}
              onInput={(event) => {
                filter.value = event.currentTarget.value;
              }}
            />
          </label>
        )}
      </div>
      <div class="card" role="tabpanel" id="tab-panel" aria-labelledby={`tab-${current.id}`}>
        {current.view()}
      </div>
    </section>
  );
}

function moved(rows: readonly TabRow[], key: string, at: number): TabRow | undefined {
  switch (key) {
    case 'ArrowRight':
      return rows[(at + 1) % rows.length];
    case 'ArrowLeft':
      return rows[(at - 1 + rows.length) % rows.length];
    case 'Home':
      return rows[0];
    case 'End':
      return rows.at(-1);
    default:
      return undefined;
  }
}
