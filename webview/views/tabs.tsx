/** What lies below the charts, one tab at a time: a row of the table is one tab. */
import type { FunctionComponent } from 'preact';
import { whole } from '../../src/core/format.ts';
import type { Snapshot } from '../../src/protocol/snapshot.ts';
import { filter, tab } from '../choice.ts';
import type { Tab } from '../tabs.ts';
import type { TimeWindow } from '../time.ts';
import { Files } from './files.tsx';
import { Icon } from './icon.tsx';
import { Operations } from './operations.tsx';
import { Processes } from './processes.tsx';
import { Timeline } from './timeline.tsx';

export interface TabProps {
  readonly snapshot: Snapshot;
  readonly window: TimeWindow;
}

interface TabRow {
  readonly id: Tab;
  readonly title: string;
  readonly count: (snapshot: Snapshot) => number;
  readonly filters: boolean;
  readonly View: FunctionComponent<TabProps>;
}

const rows: readonly TabRow[] = [
  {
    id: 'operations',
    title: 'Operations',
    count: ({ operations, operationsOmitted }) => operations.length + operationsOmitted,
    filters: true,
    View: Operations,
  },
  { id: 'files', title: 'Files', count: ({ items }) => items.length, filters: true, View: Files },
  { id: 'timeline', title: 'Timeline', count: ({ spans }) => spans.length, filters: false, View: Timeline },
  { id: 'processes', title: 'Processes', count: ({ processes }) => processes.length, filters: false, View: Processes },
];

export function Tabs({ snapshot, window }: TabProps) {
  const current = rows.find(({ id }) => id === tab.value) ?? rows[0];
  if (!current) return null;
  const { View } = current;
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
                const to = moved(event.key, at);
                if (!to) return;
                event.preventDefault();
                tab.value = to.id;
                document.getElementById(`tab-${to.id}`)?.focus();
              }}
            >
              {title} <span class="count">{whole(count(snapshot))}</span>
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
        <View snapshot={snapshot} window={window} />
      </div>
    </section>
  );
}

function moved(key: string, at: number): TabRow | undefined {
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
