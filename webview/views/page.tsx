/** The whole page for one state: a welcome view before the first run, then the data of the run. */
import type { BenchmarkState } from '../../src/protocol/panel/benchmark-state.ts';
import type { PanelState } from '../../src/protocol/panel/panel-message.ts';
import { plural } from '../../src/protocol/plural.ts';
import { Announcer } from '../announcer.tsx';
import { ChartCard } from '../charts/chart-card.tsx';
import { chartsOf } from '../charts/charts.ts';
import { selectWindow } from '../time-window.ts';
import { range } from '../ui-state.ts';
import { CodeList } from './code-list.tsx';
import { Components } from './components.tsx';
import { Icon } from './icon.tsx';
import { Tabs } from './tabs.tsx';
import { Tiles } from './tiles.tsx';
import { CommandButton, TopBar } from './top-bar.tsx';

interface PageProps {
  readonly state: PanelState;
  readonly benchmarks: BenchmarkState;
}

export function Page({ state, benchmarks }: PageProps) {
  const { snapshot } = state;
  const hasBenchmarks = benchmarks.comparison !== undefined || (benchmarks.history?.cases.length ?? 0) > 0;
  return (
    <>
      <TopBar state={state} />
      <main>
        <Notices state={state} />
        {snapshot ? (
          <RunView state={state} snapshot={snapshot} benchmarks={benchmarks} />
        ) : (
          <>
            <Welcome state={state} />
            {hasBenchmarks && <Tabs benchmarks={benchmarks} />}
          </>
        )}
      </main>
      <Announcer />
    </>
  );
}

type RunViewProps = PageProps & { readonly snapshot: NonNullable<PanelState['snapshot']> };

function RunView({ state, snapshot, benchmarks }: RunViewProps) {
  const window = selectWindow(snapshot, range.value);
  return (
    <>
      <Tiles snapshot={snapshot} window={window} />
      <div class="overview">
        <div class="lists">
          {snapshot.code && <CodeList code={snapshot.code} />}
          <Components snapshot={snapshot} window={window} />
        </div>
        <div class="charts">
          {chartsOf(snapshot).map((chart) => (
            <ChartCard key={chart.id} chart={chart} snapshot={snapshot} window={window} budgets={state.budgets} />
          ))}
        </div>
      </div>
      <Tabs run={{ snapshot, window, stacks: state.stacks }} benchmarks={benchmarks} />
    </>
  );
}

/** Problems, shown above the recorded data. */
function Notices({ state: { problem, snapshot, trusted } }: { readonly state: PanelState }) {
  // A run that the user stopped is not an error, so it needs no alert.
  const isStopped = problem === undefined && snapshot?.run.result === 'cancellation';
  const message = problem ?? (snapshot?.run.result === 'running' ? undefined : snapshot?.run.message);
  return (
    <>
      {message !== undefined && (
        <div class="notice" role={isStopped ? 'status' : 'alert'}>
          <Icon name={isStopped ? 'off' : 'error'} />
          <p>{message}</p>
          <CommandButton command="pipescope.showLog" label="Show Log" />
        </div>
      )}
      {snapshot && <MeasurementNotices notices={snapshot.notices} />}
      {!trusted && snapshot && (
        <div class="notice">
          <Icon name="warning" />
          <p>{restrictedModeText}</p>
        </div>
      )}
    </>
  );
}

/** Sentences about what could not be measured. They are folded, because the numbers are more important. */
function MeasurementNotices({ notices }: { readonly notices: readonly string[] }) {
  if (notices.length === 0) return null;
  return (
    <div class="notice">
      <Icon name="warning" />
      <details>
        <summary>{plural(notices.length, 'note')} about this measurement</summary>
        <ul>
          {notices.map((notice) => (
            <li key={notice}>{notice}</li>
          ))}
        </ul>
      </details>
    </div>
  );
}

const restrictedModeText =
  'Running programs is disabled in Restricted Mode. Run “Workspaces: Manage Workspace Trust” and trust this workspace to profile it.';

function Welcome({ state: { trusted, phase } }: { readonly state: PanelState }) {
  const isBusy = phase === 'starting' || phase === 'stopping';
  return (
    <div class="welcome">
      <h2>See where your pipeline spends its time, while it runs</h2>
      {trusted ? (
        <>
          <p>
            {isBusy
              ? 'The pipeline is starting. First results will appear in a moment.'
              : 'Pipescope runs a pipeline on this workspace and shows its throughput, latency, cache hits and health live, with timings next to your functions. Select Profile to start.'}
          </p>
          {!isBusy && <CommandButton command="pipescope.profile" label="Profile" icon="play" primary />}
        </>
      ) : (
        <p>{restrictedModeText}</p>
      )}
    </div>
  );
}
