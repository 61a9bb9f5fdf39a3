/** The top bar: the run and its duration, the overhead of the profiler, and the available actions. */
import { clock, duration, percent } from '../../src/core/format.ts';
import type { PanelCommand } from '../../src/protocol/panel/panel-commands.ts';
import type { PanelState } from '../../src/protocol/panel/panel-message.ts';
import { plural } from '../../src/protocol/plural.ts';
import type { Dropped, GitCommit, Run, RunResult, Snapshot } from '../../src/protocol/snapshot.ts';
import { post } from '../host.ts';
import { showsWholeRun } from '../time-window.ts';
import { range } from '../ui-state.ts';
import { type Verdict, verdictOf } from '../validation-verdict.ts';
import { Icon, type IconName, resultIcons } from './icon.tsx';

interface Action {
  readonly command: PanelCommand;
  readonly label: string;
  readonly icon?: IconName;
  readonly primary?: true;
}

const profile: Action = { command: 'pipescope.profile', label: 'Profile', icon: 'play', primary: true };
const stop: Action = { command: 'pipescope.stop', label: 'Stop', icon: 'stop' };
const pause: Action = { command: 'pipescope.pause', label: 'Pause', icon: 'pause' };
const resume: Action = { command: 'pipescope.resume', label: 'Resume', icon: 'play' };
const benchmark: Action = { command: 'pipescope.benchmark', label: 'Benchmark' };
const exportSnapshot: Action = { command: 'pipescope.exportSnapshot', label: 'Export…' };

/** Returns the actions available in a state. Unavailable actions are not shown at all. */
function availableActions({ phase, paused, trusted, snapshot }: PanelState): readonly Action[] {
  const data = snapshot ? [exportSnapshot] : [];
  if (!trusted) return data;
  switch (phase) {
    case 'idle':
    case 'failed':
      return snapshot ? [profile, benchmark, ...data] : [];
    case 'starting':
      return [stop];
    case 'running':
      return [paused ? resume : pause, stop, ...data];
    case 'stopping':
      return data;
  }
}

export function CommandButton({ command, label, icon, primary }: Action) {
  return (
    <button type="button" class={primary ? 'primary' : ''} onClick={() => post({ type: 'run', command })}>
      {icon && <Icon name={icon} />}
      {label}
    </button>
  );
}

export function TopBar({ state }: { readonly state: PanelState }) {
  const { snapshot } = state;
  const verdict = snapshot && verdictOf(snapshot);
  const isProfile = snapshot?.run.kind === 'profile';
  return (
    <header class="top">
      <h1>
        <Icon name={snapshot && !isProfile ? runIcon(snapshot.run, verdict) : 'live'} />
        {snapshot?.run.title ?? 'Pipescope'}
      </h1>
      {isProfile && (
        <p class="facts">
          <span>profile of another tool</span>
          <span>{duration(snapshot.run.durationNs)} in all call paths</span>
        </p>
      )}
      {snapshot && !isProfile && (
        <p class="facts">
          <span>started {formatTimeOfDay(snapshot.run.startedAt)}</span>
          {snapshot.run.git && <span>{formatCommit(snapshot.run.git)}</span>}
          <span>{formatStatus(state, snapshot.run, verdict)}</span>
          <RangePicker isLive={snapshot.run.result === 'running'} />
        </p>
      )}
      <span class="grow" />
      {snapshot && !isProfile && <Overhead snapshot={snapshot} />}
      <span class="actions">
        {availableActions(state).map((action) => (
          <CommandButton key={action.command} {...action} />
        ))}
      </span>
    </header>
  );
}

function RangePicker({ isLive }: { readonly isLive: boolean }) {
  return (
    <span>
      <span class="range-picker">
        <select
          aria-label="Time range"
          value={showsWholeRun(range.value, isLive) ? 'whole' : 'minute'}
          onChange={(event) => {
            range.value = event.currentTarget.value === 'whole' ? 'whole' : 'minute';
          }}
        >
          <option value="minute">Last minute</option>
          <option value="whole">Whole run</option>
        </select>
      </span>
    </span>
  );
}

function Overhead({ snapshot: { overhead, dropped } }: { readonly snapshot: Snapshot }) {
  return (
    <p class="facts">
      <span title={`${plural(overhead.events, 'event')} recorded`}>overhead {percent(overhead.percent / 100)}</span>
      <span>{formatDropped(dropped)}</span>
    </p>
  );
}

function formatDropped({ spans, items, batches, calls, values }: Dropped): string {
  const parts = [
    calls > 0 ? `${plural(calls, 'call')} not counted` : '',
    batches > 0 ? `${plural(batches, 'batch', 'batches')} lost` : '',
    values > 0 ? `${plural(values, 'value')} dropped` : '',
    spans > 0 ? `${plural(spans, 'span')} dropped` : '',
    items > 0 ? `${plural(items, 'item')} dropped` : '',
  ].filter((part) => part !== '');
  return parts.join(', ') || 'no data dropped';
}

const resultTexts: Readonly<Record<Exclude<RunResult, 'running'>, string>> = {
  success: 'succeeded after',
  failure: 'failed after',
  error: 'ended with an error after',
  cancellation: 'stopped after',
};

/** Returns the icon of the verdict if the validation ran to its end, otherwise the icon of the run's result. */
function runIcon({ result }: Run, verdict: Verdict | undefined): IconName {
  return verdict && result === 'success' ? verdict.sign : resultIcons[result];
}

function formatStatus(
  { phase, paused }: PanelState,
  { result, durationNs }: Run,
  verdict: Verdict | undefined,
): string {
  if (verdict && result === 'success') return `${verdict.label} after ${clock(durationNs)}`;
  if (result !== 'running') return `${resultTexts[result]} ${clock(durationNs)}`;
  if (paused) return `view paused at ${clock(durationNs)}`;
  return `${phase === 'idle' ? 'running' : phase} ${clock(durationNs)}`;
}

function formatCommit({ commit, branch, dirty }: GitCommit): string {
  const short = commit.slice(0, 7);
  return `${branch ? `${branch} @ ` : ''}${short}${dirty ? ' with changes' : ''}`;
}

function formatTimeOfDay(iso: string): string {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return iso;
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map((part) => String(part).padStart(2, '0')).join(':');
}
