/** The top line: what runs and for how long, what the profiler itself costs, and the few actions. */
import { clock, percent, whole } from '../../src/core/format.ts';
import type { PanelCommand, PanelState } from '../../src/protocol/panel-message.ts';
import type { Dropped, Git, Run, RunResult, Snapshot } from '../../src/protocol/snapshot.ts';
import { post } from '../host.ts';
import { isWhole } from '../time-window.ts';
import { range } from '../ui-state.ts';
import { type Verdict, verdictOf } from '../validation-verdict.ts';
import { Icon, type Sign, signOfResult } from './icon.tsx';

interface Action {
  readonly command: PanelCommand;
  readonly label: string;
  readonly sign?: Sign;
  readonly primary?: true;
}

const profile: Action = { command: 'pipescope.profile', label: 'Profile', sign: 'play', primary: true };
const stop: Action = { command: 'pipescope.stop', label: 'Stop', sign: 'stop' };
const pause: Action = { command: 'pipescope.pause', label: 'Pause', sign: 'pause' };
const resume: Action = { command: 'pipescope.resume', label: 'Resume', sign: 'play' };
const benchmark: Action = { command: 'pipescope.benchmark', label: 'Benchmark' };
const exportSnapshot: Action = { command: 'pipescope.exportSnapshot', label: 'Export…' };

/** What can be done now; what cannot is not there. */
export function actionsOf({ phase, paused, trusted, snapshot }: PanelState): readonly Action[] {
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

export function Button({ command, label, sign, primary }: Action) {
  return (
    <button type="button" class={primary ? 'primary' : ''} onClick={() => post({ type: 'run', command })}>
      {sign && <Icon sign={sign} />}
      {label}
    </button>
  );
}

export function Top({ state }: { readonly state: PanelState }) {
  const { snapshot } = state;
  const verdict = snapshot && verdictOf(snapshot);
  return (
    <header class="top">
      <h1>
        <Icon sign={snapshot ? signOf(snapshot.run, verdict) : 'live'} />
        {snapshot?.run.title ?? 'Pipescope'}
      </h1>
      {snapshot && (
        <p class="facts">
          <span>run {timeOfDay(snapshot.run.startedAt)}</span>
          {snapshot.run.git && <span>{commit(snapshot.run.git)}</span>}
          <span class="lasted">{lasted(state, snapshot.run, verdict)}</span>
          <RangeChoice live={snapshot.run.result === 'running'} />
        </p>
      )}
      <span class="grow" />
      {snapshot && <Cost snapshot={snapshot} />}
      <span class="actions">
        {actionsOf(state).map((action) => (
          <Button key={action.command} {...action} />
        ))}
      </span>
    </header>
  );
}

function RangeChoice({ live }: { readonly live: boolean }) {
  return (
    <span>
      <span class="choice">
        <select
          aria-label="Stretch of time shown"
          value={isWhole(range.value, live) ? 'whole' : 'minute'}
          onChange={(event) => {
            range.value = event.currentTarget.value === 'whole' ? 'whole' : 'minute';
          }}
        >
          <option value="minute">last minute</option>
          <option value="whole">whole run</option>
        </select>
      </span>
    </span>
  );
}

function Cost({ snapshot: { overhead, dropped } }: { readonly snapshot: Snapshot }) {
  return (
    <p class="facts">
      <span title={`${whole(overhead.events)} events recorded`}>overhead {percent(overhead.percent / 100)}</span>
      <span>{droppedText(dropped)}</span>
    </p>
  );
}

function droppedText({ spans, items, batches }: Dropped): string {
  const parts = [
    batches > 0 ? `${whole(batches)} batches lost` : '',
    spans > 0 ? `${whole(spans)} spans left out` : '',
    items > 0 ? `${whole(items)} items left out` : '',
  ].filter((part) => part !== '');
  return parts.join(', ') || 'nothing dropped';
}

const endings: Readonly<Record<Exclude<RunResult, 'running'>, string>> = {
  success: 'succeeded after',
  failure: 'failed after',
  error: 'ended with an error after',
  cancellation: 'stopped after',
};

/** That it ran well says nothing of what it found. */
function signOf({ result }: Run, verdict: Verdict | undefined): Sign {
  return verdict && result === 'success' ? verdict.sign : signOfResult[result];
}

function lasted({ phase, paused }: PanelState, { result, durationNs }: Run, verdict: Verdict | undefined): string {
  if (verdict && result === 'success') return `${verdict.word} after ${clock(durationNs)}`;
  if (result !== 'running') return `${endings[result]} ${clock(durationNs)}`;
  if (paused) return `view paused at ${clock(durationNs)}`;
  return `${phase === 'idle' ? 'running' : phase} ${clock(durationNs)}`;
}

function commit({ commit, branch, dirty }: Git): string {
  const short = commit.slice(0, 7);
  return `${branch ? `${branch} @ ` : ''}${short}${dirty ? ' with changes' : ''}`;
}

function timeOfDay(iso: string): string {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return iso;
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map((part) => String(part).padStart(2, '0')).join(':');
}
