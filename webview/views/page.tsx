/** The whole page for one state: before a first run, an invitation; then what is known, whatever went wrong. */
import type { BenchmarkState } from '../../src/protocol/benchmark-state.ts';
import type { PanelState } from '../../src/protocol/panel-message.ts';
import { Announcements } from '../announcer.tsx';
import { ChartCard } from '../charts/chart-card.tsx';
import { charts } from '../charts/charts.ts';
import { windowOf } from '../time-window.ts';
import { range } from '../ui-state.ts';
import { Components } from './components.tsx';
import { Icon } from './icon.tsx';
import { Tabs } from './tabs.tsx';
import { Tiles } from './tiles.tsx';
import { Button, Top } from './top-bar.tsx';

export interface PageProps {
  readonly state: PanelState;
  readonly benchmarks: BenchmarkState;
}

export function Page({ state, benchmarks }: PageProps) {
  const { snapshot } = state;
  const hasBenchmarks = benchmarks.comparison !== undefined || (benchmarks.history?.cases.length ?? 0) > 0;
  return (
    <>
      <Top state={state} />
      <main>
        <Notice state={state} />
        {snapshot ? (
          <Known state={state} snapshot={snapshot} benchmarks={benchmarks} />
        ) : (
          <>
            <Welcome state={state} />
            {hasBenchmarks && <Tabs benchmarks={benchmarks} />}
          </>
        )}
      </main>
      <Announcements />
    </>
  );
}

type KnownProps = PageProps & { readonly snapshot: NonNullable<PanelState['snapshot']> };

function Known({ state, snapshot, benchmarks }: KnownProps) {
  const window = windowOf(snapshot, range.value);
  return (
    <>
      <Tiles snapshot={snapshot} window={window} />
      <div class="overview">
        <Components snapshot={snapshot} window={window} />
        <div class="charts">
          {charts.map((chart) => (
            <ChartCard key={chart.id} chart={chart} snapshot={snapshot} window={window} budgets={state.budgets} />
          ))}
        </div>
      </div>
      <Tabs run={{ snapshot, window }} benchmarks={benchmarks} />
    </>
  );
}

/** What went wrong stands above what was recorded. */
function Notice({ state: { problem, snapshot, trusted } }: { readonly state: PanelState }) {
  // Who stopped it knows: that is no fault.
  const stopped = problem === undefined && snapshot?.run.result === 'cancellation';
  const message = problem ?? (snapshot?.run.result === 'running' ? undefined : snapshot?.run.message);
  return (
    <>
      {message !== undefined && (
        <div class="notice" role={stopped ? 'status' : 'alert'}>
          <Icon sign={stopped ? 'off' : 'error'} />
          <p>{message}</p>
          <Button command="pipescope.showLog" label="Show Log" />
        </div>
      )}
      {!trusted && snapshot && (
        <div class="notice">
          <Icon sign="warning" />
          <p>{howToTrust}</p>
        </div>
      )}
    </>
  );
}

const howToTrust =
  'This folder is in Restricted Mode, so nothing in it is run. To profile it, run “Workspaces: Manage Workspace Trust” from the Command Palette and trust it.';

function Welcome({ state: { trusted, phase } }: { readonly state: PanelState }) {
  const waits = phase === 'starting' || phase === 'stopping';
  return (
    <div class="welcome">
      <h2>See where your pipeline’s time goes, while it runs</h2>
      {trusted ? (
        <>
          <p>
            {waits
              ? 'The pipeline is starting; its first numbers arrive in a moment.'
              : 'Pipescope runs a pipeline on this workspace and draws its throughput, latency, cache hits and health live, with timings on your functions.'}
          </p>
          {!waits && <Button command="pipescope.profile" label="Profile" sign="play" primary />}
        </>
      ) : (
        <p>{howToTrust}</p>
      )}
    </div>
  );
}
