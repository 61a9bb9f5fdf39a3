/** The tabs below the charts. */
import type { VNode } from 'preact';
import { whole } from '../../src/core/format.ts';
import { defined } from '../../src/protocol/defined.ts';
import type { BenchmarkState } from '../../src/protocol/panel/benchmark-state.ts';
import type { StackView } from '../../src/protocol/panel/stack-view.ts';
import type { Snapshot } from '../../src/protocol/snapshot.ts';
import { CallTree } from '../stacks/call-tree.tsx';
import { FlameGraph } from '../stacks/flame-graph.tsx';
import type { TabName } from '../tab-names.ts';
import type { TimeWindow } from '../time-window.ts';
import { filter, selectTab, tab } from '../ui-state.ts';
import { Compare } from './benchmark/compare.tsx';
import { History } from './benchmark/history.tsx';
import { Icon } from './icon.tsx';
import { BlocksTable } from './tables/blocks-table.tsx';
import { FilesTable } from './tables/files-table.tsx';
import { OperationsTable } from './tables/operations-table.tsx';
import { ProcessesTable } from './tables/processes-table.tsx';
import { Timeline } from './timeline.tsx';

interface TabsProps {
  /** Absent before the first run, when only the benchmark tabs are shown. */
  readonly run?: {
    readonly snapshot: Snapshot;
    readonly window: TimeWindow;
    readonly stacks: StackView | undefined;
  };
  readonly benchmarks: BenchmarkState;
}

interface TabDefinition {
  readonly id: TabName;
  readonly title: string;
  /** Number of listed entries, shown next to the title if present. */
  readonly count?: number;
  readonly hasFilter?: true;
  readonly render: () => VNode;
}

function listTabs({ run, benchmarks }: TabsProps): readonly TabDefinition[] {
  return [...(run ? runTabs(run) : []), ...benchmarkTabs(benchmarks)];
}

function runTabs({ snapshot, window, stacks }: NonNullable<TabsProps['run']>): readonly TabDefinition[] {
  const { operations, operationsOmitted, items, spans, processes } = snapshot;
  return [
    ...(hasStacks(snapshot) ? stackTabs(snapshot, stacks) : []),
    {
      id: 'operations',
      title: 'Operations',
      count: operations.length + operationsOmitted,
      hasFilter: true,
      render: () => <OperationsTable snapshot={snapshot} />,
    },
    {
      id: 'files',
      title: 'Files',
      count: items.length,
      hasFilter: true,
      render: () => <FilesTable snapshot={snapshot} />,
    },
    {
      id: 'timeline',
      title: 'Timeline',
      count: spans.length,
      render: () => <Timeline snapshot={snapshot} window={window} />,
    },
    ...(snapshot.eventLoopBlocks
      ? [
          {
            id: 'blocks' as const,
            title: 'Event-loop blocks',
            count: snapshot.eventLoopBlocks.count,
            render: () => <BlocksTable snapshot={snapshot} />,
          },
        ]
      : []),
    {
      id: 'processes',
      title: 'Processes',
      count: processes.length,
      render: () => <ProcessesTable snapshot={snapshot} />,
    },
  ];
}

/** Returns the tab that shows most about a run: the stacks of a program, or the operations of a pipeline with a unit. */
export function leadingTabOf(snapshot: Snapshot): TabName {
  return hasSamples(snapshot) && !snapshot.run.unit ? 'flames' : 'operations';
}

function hasSamples({ processes }: Snapshot): boolean {
  return processes.some(({ sampledNs, launcher }) => sampledNs !== undefined && launcher === undefined);
}

function hasStacks(snapshot: Snapshot): boolean {
  return hasSamples(snapshot) || snapshot.processes.some(({ hasSpans }) => hasSpans === true);
}

function stackTabs(snapshot: Snapshot, view: StackView | undefined): readonly TabDefinition[] {
  const whenReady = (render: (view: StackView) => VNode) => () =>
    view ? render(view) : <p class="hint">Loading the call stacks.</p>;
  return [
    {
      id: 'flames',
      title: 'Flame graph',
      render: whenReady((stacks) => <FlameGraph snapshot={snapshot} view={stacks} />),
    },
    { id: 'calls', title: 'Call tree', render: whenReady((stacks) => <CallTree view={stacks} />) },
  ];
}

function benchmarkTabs({ comparison, history }: BenchmarkState): readonly TabDefinition[] {
  const runs = Math.max(0, ...(history?.cases ?? []).map(({ points }) => points.length));
  return [
    {
      id: 'compare',
      title: 'Compare',
      ...defined({ count: comparison && comparison.rows.length + comparison.omitted }),
      render: () => <Compare comparison={comparison} />,
    },
    {
      id: 'history',
      title: 'History',
      ...defined({ count: runs > 0 ? runs : undefined }),
      render: () => <History history={history} />,
    },
  ];
}

export function Tabs(props: TabsProps) {
  const tabs = listTabs(props);
  const current = tabs.find(({ id }) => id === tab.value) ?? tabs.find(({ id }) => id === 'operations') ?? tabs[0];
  if (!current) return null;
  return (
    <section class="below" aria-label="Details">
      <div class="tabs">
        <div role="tablist" aria-label="Details">
          {tabs.map(({ id, title, count }, index) => (
            <button
              type="button"
              role="tab"
              key={id}
              id={`tab-${id}`}
              aria-selected={id === current.id}
              aria-controls="tab-panel"
              tabIndex={id === current.id ? 0 : -1}
              onClick={() => selectTab(id)}
              onKeyDown={(event) => {
                const next = tabForKey(tabs, event.key, index);
                if (!next) return;
                event.preventDefault();
                selectTab(next.id);
                document.getElementById(`tab-${next.id}`)?.focus();
              }}
            >
              {title} {count !== undefined && <span class="count">{whole(count)}</span>}
            </button>
          ))}
        </div>
        <span class="grow" />
        {current.hasFilter && (
          <label class="filter">
            <Icon name="search" />
            <input
              type="search"
              placeholder="Filter"
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
        {current.render()}
      </div>
    </section>
  );
}

/** Returns the tab that a navigation key leads to, or undefined for any other key. */
function tabForKey(tabs: readonly TabDefinition[], key: string, index: number): TabDefinition | undefined {
  switch (key) {
    case 'ArrowRight':
      return tabs[(index + 1) % tabs.length];
    case 'ArrowLeft':
      return tabs[(index - 1 + tabs.length) % tabs.length];
    case 'Home':
      return tabs[0];
    case 'End':
      return tabs.at(-1);
    default:
      return undefined;
  }
}
